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

            Exit code 0: proved by every member; 1: not proved, the table says by whom; 3: no fleet found.

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
        try HaltFileProbe.create(
            node.haltFile, action: .halt, reason: reason, operator: person,
            wall: WallTime.text(milliseconds: FleetSetup.wallClock()))
        let client = try GuardClient(node)
        let request = StopRequest(
            request: GuardClient.newRequest(), scope: .fleet, action: .halt, reason: reason, operator: person)
        let results: [(monitor: String, progress: HaltProgress?)]
        do throws(FleetError) { results = try client.stop(request, timeout: .seconds(timeout)) { _, _ in } } catch {
            // Whoever can write the home can stop its processes; the key only decides about the others.
            throw FleetError(
                error.code, "\(error.message). The HALT file in \(node.homePath) stops the processes of that home all the same")
        }
        HaltReport(fleet: node.fleetName, home: node.homePath, results: results).print(asJSON: output.json)
        let isProved = results.allSatisfy { $0.progress?.complete == true }
        if !isProved { throw ExitCode(FleetError.Code.negative.rawValue) }
    }
}

/// `pragma rearm`.
struct RearmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rearm", abstract: "Ends a stop: a named, reasoned act that names each monitor's epoch.",
        discussion: """
            Without --epoch the present epochs are shown and, on a terminal, must be typed. A stop that comes meanwhile has another \
            epoch and is not lifted.

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
    }

    func run() throws {
        let node = try FleetSetup.client(global)
        let client = try GuardClient(node)
        let statuses = try client.status(timeout: .seconds(timeout))
        var requests: [String: RearmRequest] = [:]
        for (monitor, status) in statuses {
            guard let status else {
                throw FleetError(
                    .timeout, "monitor \(monitor) does not answer: a fleet is re-armed only with all of its monitors")
            }
            requests[monitor] = RearmRequest(
                request: GuardClient.newRequest(), monitor: status.state.monitor, epoch: try chosenEpoch(monitor, status),
                selection: .all, reason: reason, operator: FleetSetup.person)
        }
        var answers: [RearmAnswer] = []
        for (monitor, outcome) in try client.rearm(requests, timeout: .seconds(timeout)) {
            switch outcome {
            case .success(let progress)?:
                answers.append(RearmAnswer(monitor: monitor, epoch: progress.epoch.description, rearmed: true, message: ""))
            case .failure(let error)?:
                answers.append(RearmAnswer(monitor: monitor, epoch: "", rearmed: false, refused: true, message: error.message))
            case nil:
                answers.append(RearmAnswer(monitor: monitor, epoch: "", rearmed: false, message: "did not answer in time"))
            }
        }
        report(answers)
        if answers.contains(where: \.refused) { throw ExitCode(FleetError.Code.refused.rawValue) }
        if !answers.allSatisfy(\.rearmed) { throw ExitCode(FleetError.Code.negative.rawValue) }
    }

    private struct RearmAnswer: Encodable {
        var monitor: String
        var epoch: String
        var rearmed: Bool
        /// A monitor said no: another epoch, or no right.
        var refused = false
        var message: String
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
    let results: [(monitor: String, progress: HaltProgress?)]

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
        }
    }

    private var members: [Member] {
        results.flatMap { monitor, progress in
            (progress?.members ?? []).map { member in
                Member(
                    monitor: monitor, member: member.member.name, memberClass: "\(member.memberClass)",
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
        let monitors = results.map { monitor, progress in
            Answer.Monitor(
                monitor: monitor, epoch: progress?.epoch.description, durable: progress?.durable ?? false,
                complete: progress?.complete ?? false)
        }
        let proved = monitors.allSatisfy(\.complete)
        if asJSON {
            return Terminal.json(Answer(fleet: fleet, home: home, proved: proved, monitors: monitors, members: members))
        }
        Terminal.line("fleet '\(fleet)' at \(home)")
        for monitor in monitors {
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
