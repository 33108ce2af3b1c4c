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
            abstract: "States that a worker's process is no more, so that its work goes on elsewhere.",
            discussion: """
                For a worker whose machine is gone, where waiting for its lease is not wanted. What it had begun counts as one failed \
                attempt and goes to others at once. The statement is believed: where the process lives after all, it works on \
                something that another now has, too; the coordinator refuses its reports and never takes this process back, so it \
                must be ended by hand. Under 'pragma up' the supervisor reports deaths by itself.

                Exit code 4: there is no such worker; 130: it was not confirmed.

                Example: pragma workers declare-dead worker-7 --reason "host b lost its power supply"

                JSON keys: worker, pid (its number on its own machine; missing where no monitor knows it), silent_ms.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The worker's name.") var name: String
        @Option(name: .long, help: "How it is known; stands in the log of every job that it had.") var reason: String
        @Flag(name: .long, help: "Do not ask.") var yes = false

        func validate() throws {
            if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say how it is known") }
        }

        func run() throws {
            let node = try FleetSetup.client(global)
            let client = try ControlClient(node)
            let workers = try WorkersCommand.workers(client)
            guard let worker = workers.first(where: { $0.id.name == name }) else {
                throw WorkersCommand.unknown(name, workers.map(\.id.name))
            }
            let process = WorkersCommand.processNumber(of: name, node)
            if !yes { try confirm(worker, process) }
            let proof = DeathProof(supervisor: "\(FleetSetup.person), who declares it dead: \(reason)")
            try WorkersCommand.change(client, .workerDied(worker.session, proof))
            if output.json {
                return Terminal.json(Answer(worker: name, pid: process, silent_ms: worker.sinceLastHeardMilliseconds))
            }
            Terminal.line("worker \(name) is declared dead; its \(Format.count(worker.unitsHeld, "unit")) go to others")
        }

        private struct Answer: Encodable {
            var worker: String
            var pid: Int32?
            var silent_ms: Int64
        }

        private func confirm(_ worker: StatusAnswer.WorkerLine, _ process: Int32?) throws(FleetError) {
            guard Terminal.canAsk else { throw FleetError(.input, "there is no terminal to confirm on: add --yes") }
            Terminal.note(DeathWarning(worker: worker, process: process).text)
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
        case .accepted, .job: throw FleetError(.system, "the coordinator answered something else than was asked")
        }
    }

    /// The process number that the worker has told the monitors; nil where none of them answers.
    static func processNumber(of name: String, _ node: ClientNode) -> Int32? {
        let answers = (try? GuardClient(node).status(timeout: .seconds(1))) ?? []
        let members = answers.lazy.compactMap { $0.status }.flatMap { $0.members }
        return members.first { $0.role == .worker && $0.member.name == name }?.processID
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
