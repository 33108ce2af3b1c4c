internal import ArgumentParser
internal import Fleet
internal import Foundation
internal import Halt

/// `pragma stop`.
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stops the whole fleet until it is re-armed.",
        discussion: """
            Creates HALT in the home first, which every local process obeys even if the monitor is dead, then tells every monitor and \
            waits for each worker's acknowledgement. The stop outlasts restarts of everything.

            Exit code 0: proved by every member; 1: not proved, the table says by whom; 3: no fleet found; 4: a monitor refused it.

            Example: pragma stop --all --reason "exchange misbehaves"
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .long, help: "The whole fleet (the only scope of this version).") var all = false
    @Option(name: .long, help: "Why; goes into the audit log and to everybody who asks.") var reason: String
    @Flag(name: .long, help: "Do not ask.") var yes = false
    @Option(name: .long, help: "Seconds to wait for acknowledgements.") var timeout = 10.0

    func validate() throws {
        if !all { throw ValidationError("say --all: this version stops the whole fleet or nothing") }
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why") }
        try TimeoutOption.check(timeout)
    }

    func run() throws {
        let node = try FleetSetup.client(global)
        if !yes {
            guard Terminal.canAsk else { throw FleetError(.input, "there is no terminal to confirm on: add --yes") }
            guard
                Terminal.confirm(
                    "This stops fleet '\(node.fleetName)' at \(node.homePath). Type STOP to go on: ", expected: "STOP")
            else {
                throw FleetError(.interrupted, "nothing was stopped")
            }
        }
        let person = FleetSetup.person
        // First the file: it works with every process but the workers dead.
        // A full disk is no reason not to tell the monitors.
        let failure = HaltFileProbe.create(
            node.haltFile, action: .halt, reason: reason, operator: person,
            wall: WallTime.text(milliseconds: FleetSetup.wallClock()))
        let request = StopRequest(
            request: GuardClient.newRequest(), scope: .fleet, action: .halt, reason: reason, operator: person)
        defer { tell(failure, of: node) }
        let answers: [MonitorAnswer]
        do throws(FleetError) {
            answers = try GuardClient(node).stop(request, timeout: .seconds(timeout)) { _, _ in }
        } catch {
            guard HaltFileProbe(node.haltFile).look() != nil else { throw error }
            // Whoever can write the home can stop its processes; the key only decides about the others.
            throw FleetError(
                error.code, "\(error.message). The HALT file in \(node.homePath) stops the processes of that home all the same")
        }
        HaltReport(fleet: node.fleetName, home: node.homePath, answers: answers).print(asJSON: output.json)
        if let code = HaltReport.exitCode(of: answers) { throw ExitCode(code.rawValue) }
    }

    private func tell(_ failure: FleetError?, of node: ClientNode) {
        guard let failure else { return }
        let rest =
            HaltFileProbe(node.haltFile).look() == nil
            ? "there is NO HALT file: only the monitors have stopped local processes"
            : "an older or empty HALT file is there and stops the local processes"
        Terminal.note("\(failure.message); \(rest)")
    }
}

/// `pragma rearm`.
struct RearmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rearm", abstract: "Ends a stop: a named, reasoned act that names each monitor's epoch.",
        discussion: """
            Without --epoch the present epochs are shown and, on a terminal, must be typed. A stop that comes meanwhile has another \
            epoch and is not lifted. When every monitor has said that it is done, the HALT file of this home is removed, if it still is \
            the one that was there when the command began.

            Example: pragma rearm --reason "exchange is back" --epoch monitor=814629377.3
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "Why; goes into the audit log.") var reason: String
    @Option(name: .long, help: "MONITOR=EPOCH, for each monitor.") var epoch: [String] = []
    @Flag(name: .long, help: "Do not ask: take the epochs that the monitors show.") var yes = false
    @Option(name: .long, help: "Seconds to wait for the monitors.") var timeout = 10.0

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why") }
        try TimeoutOption.check(timeout)
    }

    func run() throws {
        let node = try FleetSetup.client(global)
        let file = HaltFileProbe(node.haltFile).look()
        let client = try GuardClient(node)
        let statuses = try client.status(timeout: .seconds(timeout))
        var requests: [String: RearmRequest] = [:]
        for (monitor, status) in statuses {
            guard let status else {
                throw FleetError(
                    .timeout,
                    "monitor \(monitor) does not answer, or not to this key: a fleet is re-armed only with all of its monitors")
            }
            requests[monitor] = RearmRequest(
                request: GuardClient.newRequest(), monitor: status.state.monitor, epoch: try chosenEpoch(monitor, status),
                selection: .all, reason: reason, operator: FleetSetup.person)
        }
        var answers: [RearmAnswer] = []
        for one in try client.rearm(requests, timeout: .seconds(timeout)) { answers.append(RearmAnswer(one)) }
        report(answers)
        if answers.allSatisfy(\.rearmed), let file { try HaltFileProbe.remove(node.haltFile, identity: file.identity) }
        if answers.contains(where: \.refused) { throw ExitCode(FleetError.Code.refused.rawValue) }
        if !answers.allSatisfy(\.rearmed) { throw ExitCode(FleetError.Code.negative.rawValue) }
    }

    private struct RearmAnswer: Encodable {
        var monitor: String
        var epoch: String
        var rearmed: Bool
        /// A monitor said no: another epoch, or no right.
        var refused: Bool
        var message: String

        init(_ answer: MonitorAnswer) {
            monitor = answer.monitor
            rearmed = answer.failure == nil && answer.progress?.durable == true
            epoch = rearmed ? answer.progress?.epoch.description ?? "" : ""
            refused = answer.failure?.code == .refused
            message = answer.failure?.message ?? (rearmed ? "" : "did not answer in time")
        }
    }

    private func report(_ answers: [RearmAnswer]) {
        if output.json { return Terminal.json(answers) }
        for answer in answers {
            Terminal.line(
                answer.rearmed
                    ? "monitor \(answer.monitor) is re-armed, epoch \(answer.epoch)"
                    : "monitor \(answer.monitor) is NOT re-armed: \(answer.message)")
        }
    }

    private func chosenEpoch(_ monitor: String, _ status: HaltStatus) throws -> HaltEpoch {
        if let named = epoch.first(where: { $0.hasPrefix(monitor + "=") }) {
            guard let value = HaltEpoch(String(named.dropFirst(monitor.count + 1))) else {
                throw FleetError(
                    .input,
                    "--epoch \(named): an epoch is written INCARNATION.COUNTER; monitor \(monitor) is at \(status.state.epoch)")
            }
            return value
        }
        if yes { return status.state.epoch }
        guard Terminal.canAsk else {
            throw FleetError(
                .input,
                "monitor \(monitor) is at epoch \(status.state.epoch): name it with --epoch \(monitor)=\(status.state.epoch), or add --yes"
            )
        }
        for entry in status.state.entries {
            Terminal.note("  \(entry.action) \(entry.scope): \(entry.reason) (\(entry.operator))")
        }
        guard
            Terminal.confirm(
                "Monitor \(monitor) is at epoch \(status.state.epoch). Type the epoch to re-arm: ",
                expected: status.state.epoch.description)
        else { throw FleetError(.interrupted, "nothing was re-armed") }
        return status.state.epoch
    }
}

/// How far a stop has come, for people and programs.
struct HaltReport {
    let fleet: String
    let home: String
    let answers: [MonitorAnswer]

    /// What the command ends with; nil: every monitor has said that the stop is complete.
    static func exitCode(of answers: [MonitorAnswer]) -> FleetError.Code? {
        if answers.contains(where: { $0.failure?.code == .refused }) { return .refused }
        return answers.allSatisfy(isProved) ? nil : .negative
    }

    private static func isProved(_ answer: MonitorAnswer) -> Bool {
        answer.failure == nil && answer.progress?.complete == true
    }

    private struct Member: Encodable {
        var monitor: String
        var member: String
        var memberClass: String
        var stage: String
        var lost: Bool
        var leaseMilliseconds: UInt32

        private enum CodingKeys: String, CodingKey {
            case monitor, member, stage, lost
            case memberClass = "class"
            case leaseMilliseconds = "lease_ms"
        }
    }

    private struct Answer: Encodable {
        var fleet: String
        var home: String
        var proved: Bool
        var monitors: [Monitor]
        var members: [Member]

        struct Monitor: Encodable {
            var monitor: String
            var epoch: String?
            var durable: Bool
            var complete: Bool
            /// Why the monitor did not do it; left out where it did not refuse.
            var refusal: String?
        }
    }

    private var members: [Member] {
        answers.flatMap { answer in
            (answer.progress?.members ?? []).map { member in
                Member(
                    monitor: answer.monitor, member: member.member.name, memberClass: "\(member.memberClass)",
                    stage: Self.text(member.stage),
                    lost: member.lost, leaseMilliseconds: member.leaseMilliseconds)
            }
        }
    }

    private static func text(_ stage: AckStage?) -> String {
        switch stage {
        case nil: "nothing"
        case .received?: "received"
        case .blocked?: "blocked"
        case .notDurable(let why)?: "blocked, not durable: \(why)"
        case .durable?: "durable"
        case .ordersCanceled?: "orders canceled"
        case .flat?: "flat"
        }
    }

    func print(asJSON: Bool) {
        let monitors = answers.map { answer in
            Answer.Monitor(
                monitor: answer.monitor, epoch: answer.progress?.epoch.description, durable: answer.progress?.durable ?? false,
                complete: Self.isProved(answer), refusal: answer.failure?.message)
        }
        let proved = monitors.allSatisfy(\.complete)
        if asJSON {
            return Terminal.json(Answer(fleet: fleet, home: home, proved: proved, monitors: monitors, members: members))
        }
        Terminal.line("fleet '\(fleet)' at \(home)")
        for monitor in monitors {
            if let refusal = monitor.refusal {
                Terminal.line("monitor \(monitor.monitor) did NOT take the stop: \(refusal)")
                continue
            }
            guard let epoch = monitor.epoch else {
                Terminal.line("monitor \(monitor.monitor) does not answer; the HALT file in the home stops every local process")
                continue
            }
            Terminal.line("monitor \(monitor.monitor): epoch \(epoch), \(monitor.durable ? "on disk" : "NOT on disk")")
        }
        var table = TextTable([.left("member"), .left("class"), .left("stage"), .right("lease"), .left("")])
        for member in members {
            table.add([
                member.member, member.memberClass, member.stage,
                member.leaseMilliseconds == 0 ? "-" : "\(member.leaseMilliseconds) ms",
                member.lost ? "silent" : "",
            ])
        }
        if !members.isEmpty { Terminal.line(table.text) }
        Terminal.line(proved ? "STOPPED: proved by every member" : "NOT PROVED: see above who has not acknowledged")
    }
}
