internal import ArgumentParser
internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import Halt

/// `pragma status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows processes, workers, jobs and the halt state.",
        discussion: """
            Exit code 0: coordinator and every monitor answer; 1: one of them does not; 3: no fleet is running.

            Example: pragma status
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "Seconds to wait for an answer.") var timeout = 3.0

    func validate() throws { try TimeoutOption.check(timeout) }

    func run() throws {
        let node = try FleetSetup.client(global)
        let status = try coordinator(node)
        let monitors = try GuardClient(node).status(timeout: .seconds(timeout))
        guard status != nil || monitors.contains(where: { $0.status != nil }) else {
            throw FleetError(
                .noFleet, "no fleet is running at \(node.homePath); start one with 'pragma up --home \(node.homePath)'")
        }
        let report = StatusReport(node: node, coordinator: status, monitors: monitors)
        if output.json { Terminal.json(report.answer) } else { report.print() }
        if status == nil || monitors.contains(where: { $0.status == nil }) { throw ExitCode(FleetError.Code.negative.rawValue) }
    }

    private func coordinator(_ node: ClientNode) throws -> StatusAnswer? {
        do throws(FleetError) {
            let answer = try ControlClient(node).query(.status, timeout: .seconds(timeout))
            if case .status(let status) = answer { return status }
            return nil
        } catch {
            if error.code == .noFleet || error.code == .timeout { return nil }
            throw error
        }
    }
}

/// The state of a fleet, for people and programs.
struct StatusReport {
    let node: ClientNode
    let coordinator: StatusAnswer?
    let monitors: [(monitor: String, status: HaltStatus?)]

    struct Answer: Encodable {
        struct Process: Encodable {
            var name: String
            var role: String
            var pid: Int32?
            var answers: Bool
            var memory_bytes: UInt64?
            var cpu_ms: UInt64?
            var silent_ms: UInt64?
        }
        struct Worker: Encodable {
            var name: String
            var worker_class: String
            var connected: Bool
            var units_held: Int
            var units_completed: UInt64
            var errors: UInt64
            var halted: Bool
            var draining: Bool
            var executable_matches: Bool
            var memory_bytes: UInt64
            var cpu_ms: UInt64
        }
        struct Entry: Encodable {
            var scope: String
            var action: String
            var reason: String
            var by: String
            var time: String
        }
        struct Monitor: Encodable {
            var name: String
            var answers: Bool
            var epoch: String?
            var durable: Bool?
            var entries: [Entry]
        }
        var fleet: String
        var home: String
        var halted: Bool
        var hold_reason: String
        var halt_file: Bool
        var version: String?
        var uptime_ms: Int64?
        var jobs: [String: UInt64]
        var processes: [Process]
        var workers: [Worker]
        var monitors: [Monitor]
    }

    var answer: Answer {
        Answer(
            fleet: node.fleetName, home: node.homePath, halted: isHalted, hold_reason: coordinator?.holdReason ?? "",
            halt_file: Files.exists(node.haltFile), version: coordinator?.version, uptime_ms: coordinator?.uptimeMilliseconds,
            jobs: Dictionary(uniqueKeysWithValues: (coordinator?.jobCounts ?? [:]).map { ($0.key.rawValue, $0.value) }),
            processes: processes, workers: workers, monitors: monitorLines)
    }

    private var isHalted: Bool {
        monitors.contains { !($0.status?.state.entries.isEmpty ?? true) } || Files.exists(node.haltFile)
    }

    private var processes: [Answer.Process] {
        var result = [
            Answer.Process(
                name: "coordinator", role: "coordinator", pid: coordinator?.processID, answers: coordinator != nil,
                memory_bytes: coordinator?.residentBytes, cpu_ms: coordinator.map { $0.cpuNanoseconds / 1_000_000 },
                silent_ms: nil)
        ]
        for (name, status) in monitors {
            result.append(
                .init(
                    name: name, role: "monitor", pid: status.flatMap { $0.processID > 0 ? $0.processID : nil },
                    answers: status != nil, memory_bytes: nil, cpu_ms: nil, silent_ms: nil)
            )
        }
        for member in monitors.lazy.compactMap(\.status).first?.members ?? [] where member.role == .worker {
            result.append(
                .init(
                    name: member.member.name, role: "worker", pid: member.processID, answers: !member.lost,
                    memory_bytes: member.health?.residentBytes, cpu_ms: member.health?.processorMilliseconds,
                    silent_ms: member.silentMilliseconds))
        }
        return result
    }

    private var workers: [Answer.Worker] {
        (coordinator?.workers ?? []).map { worker in
            .init(
                name: worker.id.name, worker_class: worker.workerClass.name,
                connected: worker.isConnected && !worker.isSilent,
                units_held: worker.unitsHeld, units_completed: worker.health.unitsCompleted, errors: worker.health.errorCount,
                halted: worker.isHalted, draining: worker.isDraining, executable_matches: worker.executableMatches,
                memory_bytes: worker.health.residentBytes, cpu_ms: worker.health.cpuNanoseconds / 1_000_000)
        }
    }

    private var monitorLines: [Answer.Monitor] {
        monitors.map { name, status in
            .init(
                name: name, answers: status != nil, epoch: status?.state.epoch.description, durable: status?.durable,
                entries: (status?.state.entries ?? []).map {
                    .init(
                        scope: "\($0.scope)", action: "\($0.action)", reason: $0.reason, by: $0.operator,
                        time: WallTime.text(milliseconds: $0.wallMilliseconds))
                })
        }
    }

    func print() {
        let answer = answer
        Terminal.line("fleet '\(answer.fleet)' at \(answer.home)")
        printHalt(answer)
        if let coordinator {
            let jobs = coordinator.jobCounts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
            Terminal.line(
                "coordinator: up \(Format.duration(milliseconds: coordinator.uptimeMilliseconds)), \(coordinator.unitsOut) units out"
            )
            Terminal.line("jobs: " + (jobs.isEmpty ? "none" : jobs.joined(separator: ", ")))
        } else {
            Terminal.line("coordinator: does not answer")
        }
        printTables(answer)
    }

    private func printHalt(_ answer: Answer) {
        for monitor in answer.monitors {
            guard monitor.answers, let epoch = monitor.epoch else {
                Terminal.line("monitor \(monitor.name): does not answer")
                continue
            }
            Terminal.line("monitor \(monitor.name): epoch \(epoch), \(monitor.entries.isEmpty ? "nothing stopped" : "STOPPED")")
            for entry in monitor.entries {
                Terminal.line("  \(entry.action) \(entry.scope) since \(entry.time) by \(entry.by): \(entry.reason)")
            }
        }
        if answer.halt_file { Terminal.line("there is a HALT file in the home") }
        if !answer.hold_reason.isEmpty { Terminal.line("nothing is dispatched: \(answer.hold_reason)") }
    }

    private func printTables(_ answer: Answer) {
        var table = TextTable([
            .left("process"), .left("role"), .right("pid"), .left("state"), .right("memory"), .right("cpu"), .right("units"),
            .right("done"),
        ])
        for process in answer.processes {
            let worker = answer.workers.first { $0.name == process.name }
            var state = process.answers ? "up" : "silent"
            if let worker {
                if worker.halted { state = "held" } else if worker.draining { state = "draining" }
                if !worker.executable_matches { state += ", other build" }
            }
            table.add([
                process.name, process.role, process.pid.map(String.init) ?? "-", state,
                process.memory_bytes.map(Format.mebibytes) ?? "-",
                process.cpu_ms.map { Format.duration(milliseconds: Int64($0)) } ?? "-",
                worker.map { String($0.units_held) } ?? "-",
                worker.map { String($0.units_completed) } ?? "-",
            ])
        }
        Terminal.line(table.text)
    }
}
