import Foundation
import Glibc
import Synchronization

/// The executable under test: `PRAGMA_BIN`, else the release build below the package root.
enum Program {
    /// The folder of `Package.swift`.
    static let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private static let built = ProcessInfo.processInfo.environment["PRAGMA_BIN"] ?? packageRoot + "/.build/release/pragma"

    /// Whether there is something to test. Every suite is skipped where there is not.
    static let isThere = FileManager.default.isExecutableFile(atPath: built)

    /// What a skipped suite says.
    static let remedy = "there is no executable: build it with 'swift build -c release', or name it with PRAGMA_BIN"

    /// A folder of this test run; removed when the test process ends.
    static let folder: String = {
        let path = "/tmp/pragma-e2e-\(getpid())"
        try? FileManager.default.removeItem(atPath: path)
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: "/tmp/pragma-e2e-\(getpid())") }
        return path
    }()

    /// A copy of the executable: a build that runs meanwhile must not change what the processes of one fleet are.
    static let path: String = {
        let copy = folder + "/pragma"
        do { try FileManager.default.copyItem(atPath: built, toPath: copy) } catch { return built }
        return copy
    }()
}

/// Numbers of tests and homes within the run.
enum Serial {
    private static let last = Atomic<Int>(0)
    static func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
