import Foundation
import Glibc

/// One test's surroundings: a folder, a home in it, and every process that was started.
final class Rig {
    let folder: String
    let home: String
    private var children: [Child] = []

    fileprivate init() throws {
        folder = Program.folder + "/\(Serial.next())"
        home = folder + "/home"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Variables of every process: few, so that the machine's own do not reach them.
    func environment(_ extra: [String: String] = [:]) -> [String: String] {
        var result = ["HOME": folder, "PRAGMA_HOME": home]
        for name in ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG"] { result[name] = ProcessInfo.processInfo.environment[name] }
        return result.merging(extra) { $1 }
    }

    // MARK: - Processes

    /// Starts `pragma` with these arguments.
    func start(_ arguments: [String], _ extra: [String: String] = [:]) throws -> Child {
        let name = arguments.prefix { !$0.hasPrefix("-") && !$0.contains("/") }.joined(separator: "-")
        let child = try Child(name, arguments: arguments, environment: environment(extra), folder: folder)
        children.append(child)
        return child
    }

    /// Runs a command to its end.
    func run(_ arguments: [String], _ extra: [String: String] = [:], within limit: Duration = .seconds(60)) async throws
        -> Outcome
    {
        let child = try start(arguments, extra)
        let ending = try await child.ending(within: limit)
        children.removeAll { $0 === child }
        return Outcome(ending: ending, output: child.output, errors: child.errors)
    }

    /// Runs a command that must end with 0, and returns its output.
    @discardableResult
    func succeed(_ arguments: [String], _ extra: [String: String] = [:], within limit: Duration = .seconds(60)) async throws
        -> String
    {
        let outcome = try await run(arguments, extra, within: limit)
        guard outcome.ending == .code(0) else {
            throw Unexpected(
                description: "\(arguments.joined(separator: " ")): \(outcome.ending)\n\(outcome.output)\(outcome.errors)")
        }
        return outcome.output
    }

    /// Starts a whole fleet and waits until it is ready.
    func up(workers: Int, _ extra: [String: String] = [:]) async throws -> Child {
        let fleet = try start(["up", "--workers", "\(workers)"], extra)
        try await fleet.says("is ready after", within: .seconds(60))
        return fleet
    }

    /// Ends a fleet as Ctrl-C does, and waits until none of its processes is left.
    func end(_ fleet: Child) async throws {
        fleet.signal(SIGTERM)
        let ending = try await fleet.ending(within: .seconds(40))
        guard ending == .code(0) else {
            throw Unexpected(description: "up ended with \(ending): \(fleet.output) \(fleet.errors)")
        }
        try await nothingRuns()
    }

    /// Waits until no process of the home is left.
    func nothingRuns(within limit: Duration = .seconds(30)) async throws {
        try await eventually(
            "the end of \(ProcessTable.processes(ofHome: home).map { "\($0) \(ProcessTable.arguments(of: $0))" })", within: limit
        ) { ProcessTable.processes(ofHome: home).isEmpty }
    }

    /// Kills everything that the test has started and what that has started.
    fileprivate func clear() {
        for child in children { child.signal(SIGCONT) }
        for child in children { child.signal(SIGKILL) }
        // Children of a killed `up` end by themselves; none is left to chance.
        for _ in 0..<100 {
            let rest = ProcessTable.processes(ofHome: home)
            if rest.isEmpty { break }
            for pid in rest {
                kill(pid, SIGCONT)
                kill(pid, SIGKILL)
            }
            usleep(10_000)
        }
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// Something that a test's preparation did not expect.
struct Unexpected: Error, CustomStringConvertible {
    var description: String
}

/// Runs a test in surroundings of its own, and clears them away however it ends.
func withRig(_ body: (Rig) async throws -> Void) async throws {
    let rig = try Rig()
    defer { rig.clear() }
    try await body(rig)
}
