import Foundation
import Glibc
import Synchronization

/// How a process ended.
enum Ending: Equatable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    var description: String {
        switch self {
        case .code(let code): "exit code \(code)"
        case .signal(let number): "signal \(number)"
        }
    }
}

/// A process that a test has started. Its output goes to files, so that it never waits for a reader.
final class Child {
    let name: String
    private let process = Process()
    private let outputPath: String
    private let errorPath: String

    init(_ name: String, arguments: [String], environment: [String: String], folder: String) throws {
        self.name = name
        let stem = folder + "/\(Serial.next())-\(name)"
        outputPath = stem + ".out"
        errorPath = stem + ".err"
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(outputPath)
        process.standardError = try Self.file(errorPath)
        try process.run()
    }

    private static func file(_ path: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// What it has written to standard output.
    var output: String { Self.text(outputPath) }
    /// What it has written to standard error.
    var errors: String { Self.text(errorPath) }

    private static func text(_ path: String) -> String {
        String(decoding: ProcessTable.bytes(path) ?? [], as: UTF8.self)
    }

    func signal(_ number: Int32) {
        if isRunning { _ = Glibc.kill(pid, number) }
    }

    /// Waits for its end.
    func ending(within limit: Duration = .seconds(60)) async throws -> Ending {
        try await eventually("the end of '\(name)'; it said: \(output.suffix(600)) \(errors.suffix(600))", within: limit) {
            !process.isRunning
        }
        return process.terminationReason == .exit ? .code(process.terminationStatus) : .signal(process.terminationStatus)
    }

    /// Waits until standard output holds the text.
    func says(_ text: String, within limit: Duration = .seconds(30)) async throws {
        try await eventually("'\(text)' from '\(name)'; it said: \(output.suffix(600)) \(errors.suffix(600))", within: limit) {
            if output.contains(text) { return true }
            if !isRunning { throw TimedOut(description: "'\(name)' ended: \(output.suffix(600)) \(errors.suffix(600))") }
            return false
        }
    }
}

extension Child {
    /// The children that an `up` has started and not seen end, by its own lines.
    var living: [String: Int32] {
        var result: [String: Int32] = [:]
        for line in output.split(separator: "\n") {
            guard let name = line.split(separator: ":").first.map(String.init) else { continue }
            if let range = line.range(of: ": started (pid ") {
                result[name] = Int32(line[range.upperBound...].prefix { $0.isNumber })
            } else if line.contains(": ended (pid ") {
                result[name] = nil
            }
        }
        return result
    }

    /// Kills a child of an `up` that has one of that name; false: it was not there any more. Waits for the supervisor's own line, not
    /// for a guess, so that the same process is not killed twice.
    func killChild(_ name: String) async throws -> Bool {
        guard let pid = living[name], Glibc.kill(pid, SIGKILL) == 0 else { return false }
        try await eventually("the supervisor's knowledge of the death of \(name)") {
            output.contains("\(name): ended (pid \(pid),")
        }
        return true
    }
}

/// What a command that has ended left.
struct Outcome {
    var ending: Ending
    var output: String
    var errors: String
}

/// The processes of a home, by their environment.
enum ProcessTable {
    /// Everything that runs with `PRAGMA_HOME` set to this folder.
    static func processes(ofHome home: String) -> [Int32] {
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int32.init)
        let known = all.filter { environment(of: $0).contains("PRAGMA_HOME=\(home)") }
        // A monitor lets nobody but root look into its memory, where the variables lie: it is known by its parent.
        let monitors = all.filter { pid in
            arguments(of: pid).contains("monitor") && !known.contains(pid) && parent(of: pid).map(known.contains) ?? false
        }
        return known + monitors
    }

    /// What a file holds now; nil: it cannot be opened. Files of `/proc` have no size, and change or vanish while they are read: they are read
    /// piece by piece until there is nothing more.
    static func bytes(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var (result, piece) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while true {
            let count = read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return result }
            result += piece.prefix(count)
        }
    }

    /// The parent of a process; nil for one that has ended.
    private static func parent(of pid: Int32) -> Int32? {
        guard let data = bytes("/proc/\(pid)/stat") else { return nil }
        // State and parent follow the name, which stands in brackets and may hold anything.
        return String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ").dropFirst().first
            .flatMap { Int32($0) }
    }

    /// The variables of a process, `NAME=VALUE`; none for one that has ended.
    static func environment(of pid: Int32) -> [String] {
        guard let data = bytes("/proc/\(pid)/environ") else { return [] }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a signal has stopped every thread of a process.
    static func isStopped(_ pid: Int32) -> Bool {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return !tasks.isEmpty
            && tasks.allSatisfy { task in
                let text = String(decoding: bytes("/proc/\(pid)/task/\(task)/stat") ?? [], as: UTF8.self)
                // The state follows the name, which stands in brackets and may hold anything.
                return text.split(separator: ")").last?.first { $0 != " " } == "T"
            }
    }

    /// The arguments of a process.
    static func arguments(of pid: Int32) -> [String] {
        guard let data = bytes("/proc/\(pid)/cmdline") else { return [] }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
