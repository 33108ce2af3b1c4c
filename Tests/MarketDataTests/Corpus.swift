import Foundation

/// The corpus of golden data outside of the repository, and the Python that serves as an oracle.
enum Corpus {
    /// `PRAGMA_CORPUS`, or the folder beside the repository; nil where there is none.
    static let folder: String? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["PRAGMA_CORPUS"]
            ?? package.appending(path: "../shared/corpus").standardizedFileURL.path
        return FileManager.default.fileExists(atPath: path + "/freqtrade") ? path : nil
    }()

    /// All `.feather` files below `part` of the corpus, sorted; prints and returns nothing where the corpus is absent.
    static func featherFiles(_ part: String) -> [String] {
        guard let folder else {
            print("corpus absent (set PRAGMA_CORPUS): skipped")
            return []
        }
        let root = folder + "/" + part
        guard let walker = FileManager.default.enumerator(atPath: root) else { return [] }
        return walker.compactMap { $0 as? String }.filter { $0.hasSuffix(".feather") }.sorted().map { root + "/" + $0 }
    }
}

/// Runs the Python of `PRAGMA_PYTHON` or of the repository's `.venv`.
enum Python {
    static let interpreter: String? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["PRAGMA_PYTHON"] ?? package.path + "/.venv/bin/python"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    struct Failed: Error { var output: String }

    /// The standard output of `script`; nil (and a line in the log) where there is no interpreter.
    static func run(_ script: String, arguments: [String] = []) throws -> String? {
        guard let interpreter else {
            print("no Python (set PRAGMA_PYTHON): skipped")
            return nil
        }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = ["-c", script] + arguments
        process.standardOutput = output
        // Warnings go to a file of their own, so that they neither mix with the answer nor fill a pipe that nobody reads.
        let log = FileManager.default.temporaryDirectory.appending(path: "pragma-\(UUID().uuidString).log")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(output: text + (try String(contentsOf: log, encoding: .utf8))) }
        return text
    }
}

/// A folder that is removed at the end of its life.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "pragma-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
