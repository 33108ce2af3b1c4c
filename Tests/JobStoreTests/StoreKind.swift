import Foundation
import JobStore
import Testing

/// The implementations that pass the conformance suite.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory
    case sqlite

    var testDescription: String { rawValue }

    /// Runs `body` with a new store in a folder of its own.
    func run(_ body: (any JobStore) throws -> Void) throws {
        switch self {
        case .memory: try body(InMemoryJobStore())
        case .sqlite:
            try withFolder { folder in
                let store = try SQLiteJobStore(path: folder + "/jobs.sqlite")
                try body(store)
                try store.close()
            }
        }
    }
}

/// Makes a folder, hands over its path and removes it.
func withFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
    let path = NSTemporaryDirectory() + "pragma-store-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}
