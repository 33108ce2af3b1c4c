import Coordination
import Foundation

/// A home in a temporary folder and the processes that run on it: the real ones.
final class Fleet {
    let home: String
    let executable: ExecutableHash
    private let pragma: String
    private let folder: String
    private var running: [Process] = []

    /// Connections are encrypted, each role with its key.
    let isEncrypted: Bool

    /// - Parameter base: where the home is made; nil: where temporary files are.
    init(_ options: Options, isEncrypted: Bool = false, in base: String? = nil) throws {
        pragma = options.pragma
        self.isEncrypted = isEncrypted
        folder = try Self.temporaryFolder(in: base)
        home = folder + "/home"
        executable = try Self.hash(of: pragma)
        _ = try Command.output(pragma, ["init", "--home", home])
        if isEncrypted { _ = try Command.output(pragma, ["keys", "new", "--home", home]) }
    }

    static func temporaryFolder(in base: String? = nil) throws -> String {
        let base = base ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let path = "\(base)/pragma-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// The endpoint of a socket of the home.
    func endpoint(_ name: String) -> String { "ipc://\(home)/run/\(name).sock" }

    /// Starts a role and returns its process id. Its log goes to a file of the home.
    @discardableResult
    func start(_ role: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws -> pid_t {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: pragma)
        process.arguments = [role, "--home", home] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if isEncrypted { process.environment?["PRAGMA__ENCRYPTION"] = "on" }
        let log = log(of: role, running.count)
        try Data().write(to: URL(fileURLWithPath: log))
        let file = FileHandle(forWritingAtPath: log)
        process.standardOutput = file
        process.standardError = file
        try process.run()
        running.append(process)
        return process.processIdentifier
    }

    private func log(of role: String, _ number: Int) -> String { "\(folder)/\(role)-\(number).log" }

    /// Waits until a role that was started has said something.
    func wait(until role: String, _ number: Int = 0, says text: String, atMost seconds: Double = 60) throws {
        let end = Machine.now + seconds
        var said = ""
        while Machine.now < end {
            said = (try? String(contentsOfFile: log(of: role, number), encoding: .utf8)) ?? ""
            if said.contains(text) { return }
            guard running[number].isRunning else { break }
            usleep(50_000)
        }
        throw BenchError("'pragma \(role)' did not say '\(text)': \(said)")
    }

    /// A command on the home, run to its end; what it printed.
    func command(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: pragma)
        process.arguments = arguments + ["--home", home]
        process.environment = ProcessInfo.processInfo.environment
        if isEncrypted { process.environment?["PRAGMA__ENCRYPTION"] = "on" }
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError("pragma \(arguments.first ?? ""): \(String(decoding: said, as: UTF8.self))")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// A file of the home, for its owner alone.
    func write(_ text: String, to path: String) throws {
        let full = home + "/" + path
        try FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: full, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: full)
    }

    /// A coordinator and the monitor without whose word it dispatches nothing; returns the coordinator's process id.
    func startCore(durable: Bool) throws -> pid_t {
        try start("monitor")
        return try start("coordinator", environment: Self.coordinatorEnvironment(durable: durable))
    }

    static func coordinatorEnvironment(durable: Bool) -> [String: String] {
        ["PRAGMA__STORE__DURABILITY": durable ? "full" : "volatile"]
    }

    func kill(_ id: pid_t) {
        guard let process = running.first(where: { $0.processIdentifier == id }) else { return }
        _ = Glibc.kill(id, SIGKILL)
        process.waitUntilExit()
    }

    /// Ends everything and removes the folder.
    func end() {
        for process in running.reversed() where process.isRunning { process.terminate() }
        for process in running { process.waitUntilExit() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func hash(of path: String) throws -> ExecutableHash {
        let text = try Command.output("/usr/bin/sha256sum", [path])
        var bytes: [UInt8] = []
        var digits = text.prefix(64)
        while let byte = UInt8(digits.prefix(2), radix: 16) {
            bytes.append(byte)
            digits = digits.dropFirst(2)
        }
        guard let hash = ExecutableHash(bytes: bytes) else { throw BenchError("sha256sum said '\(text)'") }
        return hash
    }
}

/// Programs that are run to their end.
enum Command {
    static func output(_ path: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError("\(path) ended with \(process.terminationStatus)") }
        return String(decoding: data, as: UTF8.self)
    }

    /// What a C reference printed.
    static func reference(_ options: Options, _ name: String, _ arguments: [String]) throws -> [String: Double] {
        let text = try output("\(options.reference)/\(name)", arguments)
        return try JSONDecoder().decode([String: Double].self, from: Data(text.utf8))
    }
}
