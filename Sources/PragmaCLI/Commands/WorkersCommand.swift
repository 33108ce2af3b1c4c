internal import ArgumentParser
internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import Halt

/// `pragma workers`.
struct WorkersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "Drains workers, and declares them dead.",
        discussion: """
            'pragma status' shows the workers.

            Example: pragma workers drain worker-1
            """,
        subcommands: [Drain.self, DeclareDead.self])

    struct Drain: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drain", abstract: "Lets workers finish what they run, take nothing more, and end.",
            discussion: """
                What waits at the worker goes back to the queue; no attempt is counted. The process ends with exit code 0 when its \
                last result is recorded. Whoever supervises it ('pragma up', systemd) starts a new one: a way to a fresh process \
                without a lost unit. To have fewer workers, end the supervisor's part too.

                Exit code 4: there is no such worker.

                Example: pragma workers drain worker-1

                JSON keys: drained (names).
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The workers' names.") var name: [String]

        func run() throws {
            let client = try ControlClient(FleetSetup.client(global))
            let known = try WorkersCommand.workers(client).map(\.id.name)
            // All or none: a wrong name among several drains nobody.
            for name in name where !known.contains(name) { throw WorkersCommand.unknown(name, known) }
            for name in name { try WorkersCommand.change(client, .drain(WorkerID(name))) }
            if output.json { return Terminal.json(["drained": name]) }
            for name in name { Terminal.line("worker \(name) takes nothing more, and ends when it is done") }
        }
    }

    struct DeclareDead: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "declare-dead",
            abstract: "States that a worker's process is no more, so that its work goes on elsewhere and no stop waits for it.",
            discussion: """
                For a worker whose machine is gone, where waiting for its lease is not wanted. What it had begun counts as one failed \
                attempt and goes to others at once, and 'pragma stop' is proved without its acknowledgement. The statement is \
                believed: where the process lives after all, it works on something that another now has, too; the coordinator \
                refuses its reports and never takes this process back, so it must be ended by hand. Monitors count it again as soon \
                as they hear of it. Exactly this process is meant: one of the same name that was started later is not. Under \
                'pragma up' the supervisor reports deaths by itself.

                With the coordinator gone the monitors are told all the same; 'coordinator' names its own process.

                Exit code 1: not everybody could be told; 4: there is no such worker; 130: it was not confirmed.

                Example: pragma workers declare-dead worker-7 --reason "host b lost its power supply"

                JSON keys: worker, pid (its number on its own machine; missing where no monitor knows it), silent_ms, coordinator \
                (whether it was told), monitors (monitor, told, message).
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The worker's name.") var name: String
        @Option(name: .long, help: "How it is known; stands in the log of every job that it had and in the audit log.")
        var reason: String
        @Flag(name: .long, help: "Do not ask.") var yes = false

        func validate() throws {
            if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say how it is known") }
        }

        func run() throws {
            let node = try FleetSetup.client(global)
            let guards = try GuardClient(node)
            let answers = (try? guards.status(timeout: .seconds(1))) ?? []
            let member = answers.lazy.compactMap { $0.status }.flatMap { $0.members }.first { $0.member.name == name }
            let (client, worker) = try coordinator(node, member)
            if !yes { try confirm(worker, member) }
            // Also where the coordinator knows it no more: a hello of it may still be on its way.
            if let client, let session = worker?.session ?? member?.run.map(SessionID.init) {
                let proof = DeathProof(supervisor: "\(FleetSetup.person), who declares it dead: \(reason)")
                try WorkersCommand.change(client, .workerDied(session, proof))
            }
            let told = try tellMonitors(guards, worker.map { MemberRun($0.session) } ?? member?.run)
            let report = DeclaredDead(
                name: name, coordinatorAnswers: client != nil, worker: worker, member: member, monitors: told)
            report.print(asJSON: output.json)
            if !report.isComplete { throw ExitCode(FleetError.Code.negative.rawValue) }
        }

        /// The coordinator, and what it knows of the worker; nil where it is gone and a monitor knows the name.
        private func coordinator(
            _ node: ClientNode, _ member: MemberStatus?
        ) throws(FleetError) -> (ControlClient?, StatusAnswer.WorkerLine?) {
            // The coordinator's own process is no worker.
            if let member, member.role == .coordinator { return (nil, nil) }
            let client: ControlClient
            let workers: [StatusAnswer.WorkerLine]
            do throws(FleetError) {
                client = try ControlClient(node)
                workers = try WorkersCommand.workers(client)
            } catch {
                guard member != nil, error.code == .noFleet || error.code == .timeout else { throw error }
                return (nil, nil)
            }
            guard let worker = workers.first(where: { $0.id.name == name }) else {
                if member != nil { return (client, nil) }
                throw WorkersCommand.unknown(name, workers.map(\.id.name))
            }
            return (client, worker)
        }

        private func tellMonitors(_ guards: GuardClient, _ run: MemberRun?) throws -> [DeclaredDead.Monitor] {
            guard let run else {
                return guards.monitors.map {
                    .init(
                        monitor: $0, told: false, message: "the run of \(name) is not known: its program is of an earlier version"
                    )
                }
            }
            let death = MemberDeath(
                request: GuardClient.newRequest(), run: run, witnessed: false, reason: reason, operator: FleetSetup.person)
            return try guards.declareDead(death, timeout: .seconds(3)).map { answer in
                let message = answer.failure?.message ?? (answer.isDone ? "" : "did not answer in time")
                return .init(monitor: answer.monitor, told: answer.isDone, message: message)
            }
        }

        private func confirm(_ worker: StatusAnswer.WorkerLine?, _ member: MemberStatus?) throws(FleetError) {
            guard Terminal.canAsk else { throw FleetError(.input, "there is no terminal to confirm on: add --yes") }
            if let worker {
                Terminal.note(DeathWarning(worker: worker, process: member?.processID).text)
            } else if let member {
                let silence = Format.duration(milliseconds: Int64(clamping: member.silentMilliseconds))
                Terminal.note("\(name) (process \(member.processID) on its machine) was last heard \(silence) ago.")
            }
            guard Terminal.confirm("Type the worker's name to declare it dead: ", expected: name) else {
                throw FleetError(.interrupted, "nobody was declared dead")
            }
        }
    }

    // MARK: - What both need

    static func workers(_ client: ControlClient) throws(FleetError) -> [StatusAnswer.WorkerLine] {
        guard case .status(let status) = try client.query(.status) else {
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        return status.workers
    }

    static func unknown(_ name: String, _ known: [String]) -> FleetError {
        let list = known.isEmpty ? "none is known to the coordinator" : "known are \(known.sorted().joined(separator: ", "))"
        return FleetError(.refused, "there is no worker \(name); \(list)")
    }

    static func change(_ client: ControlClient, _ request: ClientRequest) throws(FleetError) {
        switch try client.request(request) {
        case .done: break
        case .refused(let refusal): throw FleetError(.refused, refusal.message)
        case .accepted, .job, .confirmation: throw FleetError(.system, "the coordinator answered something else than was asked")
        }
    }
}

/// Who was told of a death, for people and programs.
struct DeclaredDead {
    struct Monitor: Encodable {
        var monitor: String
        var told: Bool
        var message: String
    }

    private struct Answer: Encodable {
        var worker: String
        var pid: Int32?
        var silent_ms: Int64?
        var coordinator: Bool
        var monitors: [Monitor]
    }

    let name: String
    let coordinatorAnswers: Bool
    /// What the coordinator knew of it.
    let worker: StatusAnswer.WorkerLine?
    let member: MemberStatus?
    let monitors: [Monitor]

    /// Everybody knows it whom it concerns.
    var isComplete: Bool { monitors.allSatisfy(\.told) && (coordinatorAnswers || member?.role == .coordinator) }

    func print(asJSON: Bool) {
        let silence = worker?.sinceLastHeardMilliseconds ?? member.map { Int64(clamping: $0.silentMilliseconds) }
        if asJSON {
            return Terminal.json(
                Answer(
                    worker: name, pid: member?.processID, silent_ms: silence, coordinator: coordinatorAnswers,
                    monitors: monitors))
        }
        if let worker {
            Terminal.line("worker \(name) is declared dead; its \(Format.count(worker.unitsHeld, "unit")) go to others")
        } else if member?.role != .coordinator {
            Terminal.line(
                coordinatorAnswers
                    ? "the coordinator has no worker \(name) any more" : "the coordinator does not answer: it was NOT told")
        }
        for monitor in monitors {
            Terminal.line(
                monitor.told
                    ? "monitor \(monitor.monitor): no stop waits for \(name) any more"
                    : "monitor \(monitor.monitor) was NOT told, its stops wait for \(name): \(monitor.message)")
        }
    }
}

/// What somebody who declares a worker dead should know before.
struct DeathWarning {
    let worker: StatusAnswer.WorkerLine
    /// Its number on its own machine; nil: not known.
    let process: Int32?

    /// A worker that was heard so lately is most likely alive.
    private static let recently: Int64 = 5_000

    var text: String {
        let silence = worker.sinceLastHeardMilliseconds
        var lines = ["Worker \(worker.id.name) holds \(Format.count(worker.unitsHeld, "unit"))."]
        if silence < Self.recently {
            lines.append(
                "It was heard \(Format.duration(milliseconds: silence)) ago: most likely it LIVES. 'pragma workers drain' ends it in order."
            )
        } else {
            lines.append("It was last heard \(Format.duration(milliseconds: silence)) ago.")
        }
        lines.append(
            "Its work goes to others at once. If its process\(process.map { " (\($0) on its machine)" } ?? "") lives, its reports are "
                + "refused from now on and it is never taken back: end it.")
        return lines.joined(separator: "\n")
    }
}
