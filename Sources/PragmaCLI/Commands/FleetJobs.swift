internal import ArgumentParser
internal import Coordination
internal import Fleet
internal import FleetProtocol

/// `pragma jobs`.
struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Lists, shows, watches, cancels and retries jobs.",
        discussion: "Example: pragma jobs list",
        subcommands: [List.self, Show.self, Watch.self, Cancel.self, Retry.self, DeclareDead.self])

    /// A job's number.
    struct JobArgument: ParsableArguments {
        @Argument(help: "The job's number.") var job: Int64

        func validate() throws {
            if job < 1 { throw ValidationError("a job's number is 1 or more") }
        }

        var id: JobID { JobID(job) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists jobs, newest first.",
            discussion: """
                Example: pragma jobs list --state failed --limit 20

                JSON: a list of jobs: job, address, kind, group, state, combinations, units, units_completed, units_failed, \
                units_out, submitted, changed.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @Option(name: .long, help: "Only jobs in this state; may be given more than once.") var state: [String] = []
        @Option(name: .long, help: "At most this many.") var limit = 50
        @Option(name: .long, help: "Only jobs below this number: the way to the next page.") var before: Int64?

        func validate() throws {
            for name in state where JobState(rawValue: name) == nil {
                throw ValidationError(
                    "'\(name)' is no state; known are \(JobState.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            if !(1...10_000).contains(limit) { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() throws {
            let client = try ControlClient(FleetSetup.client(global))
            let filter = JobFilter(
                states: state.compactMap(JobState.init(rawValue:)), before: before.map(JobID.init), limit: limit)
            guard case .jobs(let lines) = try client.query(.list(filter)) else { return }
            if output.json { return Terminal.json(lines.map(JobLineJSON.init)) }
            if lines.isEmpty { return Terminal.line("no jobs") }
            var table = TextTable([
                .right("job"), .left("kind"), .left("group"), .left("state"), .right("done"), .right("of"), .right("failed"),
                .left("submitted"),
            ])
            for line in lines {
                table.add([
                    line.id.description, line.kindName, line.group,
                    line.state.rawValue,
                    String(line.completedUnits), String(line.unitCount), String(line.failedUnits),
                    WallTime.text(milliseconds: line.submittedAtMilliseconds),
                ])
            }
            Terminal.line(table.text)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Shows one job: its states, attempts and failures.",
            discussion: """
                Exit code 4: there is no such job.

                Example: pragma jobs show 12

                JSON keys: job (as in 'pragma jobs list'), log (time, state, reason, message), attempts (unit, attempt, token, \
                worker, dispatched, ended, ending, message; the last 200), late_reports.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var argument: JobArgument

        func run() throws {
            let client = try ControlClient(FleetSetup.client(global))
            guard case .job(let answer) = try client.query(.show(argument.id)) else { return }
            if output.json { return Terminal.json(JobAnswerJSON(answer)) }
            let line = answer.line
            Terminal.line(
                "job \(line.id): \(line.kindName), \(line.state.rawValue), \(line.completedUnits) of \(line.unitCount) units done, \(line.failedUnits) failed"
            )
            Terminal.line("address \(line.address)")
            for entry in answer.log {
                let why = entry.reason.message.isEmpty ? entry.reason.code.rawValue : entry.reason.message
                Terminal.line("  \(WallTime.text(milliseconds: entry.wallMilliseconds))  \(entry.state.rawValue): \(why)")
            }
            if answer.lateReports > 0 { Terminal.line("\(answer.lateReports) late reports were refused") }
            guard !answer.attempts.isEmpty else { return }
            var table = TextTable([
                .right("unit"), .right("attempt"), .left("token"), .left("worker"), .right("took"), .left("end"), .left(""),
            ])
            for attempt in answer.attempts {
                let took =
                    attempt.endedAtMilliseconds.map { Format.duration(milliseconds: $0 - attempt.dispatchedAtMilliseconds) }
                    ?? "-"
                table.add([
                    String(attempt.unit), String(attempt.attempt), attempt.token.description, attempt.worker.name, took,
                    attempt.ending,
                    attempt.message,
                ])
            }
            Terminal.line(table.text)
        }
    }

    struct Watch: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "watch", abstract: "Follows a job to its end.",
            discussion: """
                Exit code 0: succeeded; 1: failed, canceled or expired; 4: there is no such job.

                Example: pragma jobs watch 12

                JSON: no progress, and at the end the job with the keys of 'pragma jobs list'.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var argument: JobArgument

        func run() throws {
            let client = try ControlClient(FleetSetup.client(global))
            let line = try JobWatch(client, job: argument.id, quiet: output.json).untilEnd()
            if output.json { Terminal.json(JobLineJSON(line)) } else { Terminal.line("job \(line.id) \(line.state.rawValue)") }
            if line.state != .succeeded { throw ExitCode(FleetError.Code.negative.rawValue) }
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel", abstract: "Cancels a job.",
            discussion: """
                A job that runs is canceling until its workers have stopped; 'pragma jobs watch' waits for that. Exit code 4: \
                there is no such job, or it has ended already.

                Example: pragma jobs cancel 12

                JSON keys: job, state.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var argument: JobArgument

        func run() throws { try JobsCommand.change(global, .cancel(argument.id), output) }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Runs again what failed, was canceled or expired; recorded results stay.",
            discussion: """
                Exit code 4: there is no such job, or it is not one that failed, was canceled or expired.

                Example: pragma jobs retry 12

                JSON keys: job, state.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var argument: JobArgument

        func run() throws { try JobsCommand.change(global, .retry(argument.id), output) }
    }

    static func change(_ global: GlobalOptions, _ request: ClientRequest, _ output: OutputOptions) throws {
        switch try ControlClient(FleetSetup.client(global)).request(request) {
        case .job(let id, let state):
            if output.json { return Terminal.json(JobStateJSON(job: id.rawValue, state: state.rawValue)) }
            Terminal.line("job \(id) is \(state.rawValue)")
        case .refused(let refusal): throw FleetError(.refused, refusal.message)
        case .accepted, .done, .confirmation: throw FleetError(.system, "the coordinator answered something else than was asked")
        }
    }
}

/// The state of a job after a change, with documented keys.
struct JobStateJSON: Encodable {
    var job: Int64
    var state: String
}

extension JobKind {
    /// The kind as it is written everywhere outside of the code.
    var name: String { self == .dryRun ? "dry-run" : rawValue }
}

extension JobLine {
    /// What users know the job as, in lists and in JSON: several backtests are a sweep.
    var kindName: String { combinationCount > 1 ? "sweep" : kind.name }
}

/// A job's line with documented keys.
struct JobLineJSON: Encodable {
    var job: Int64
    var address: String
    var kind: String
    var group: String
    var state: String
    var combinations: UInt64
    var units: UInt64
    var units_completed: UInt64
    var units_failed: UInt64
    var units_out: UInt64
    var submitted: String
    var changed: String

    init(_ line: JobLine) {
        job = line.id.rawValue
        address = line.address.description
        kind = line.kindName
        group = line.group
        state = line.state.rawValue
        combinations = line.combinationCount
        units = line.unitCount
        units_completed = line.completedUnits
        units_failed = line.failedUnits
        units_out = line.unitsOut
        submitted = WallTime.text(milliseconds: line.submittedAtMilliseconds)
        changed = WallTime.text(milliseconds: line.changedAtMilliseconds)
    }
}

/// Everything about a job with documented keys.
struct JobAnswerJSON: Encodable {
    struct Log: Encodable {
        var time: String
        var state: String
        var reason: String
        var message: String
    }
    struct Attempt: Encodable {
        var unit: UInt64
        var attempt: Int
        var token: String
        var worker: String
        var dispatched: String
        var ended: String?
        var ending: String
        var message: String
    }
    var job: JobLineJSON
    var log: [Log]
    var attempts: [Attempt]
    var late_reports: UInt64

    init(_ answer: JobAnswer) {
        job = JobLineJSON(answer.line)
        log = answer.log.map {
            Log(
                time: WallTime.text(milliseconds: $0.wallMilliseconds), state: $0.state.rawValue, reason: $0.reason.code.rawValue,
                message: $0.reason.message)
        }
        attempts = answer.attempts.map {
            Attempt(
                unit: $0.unit, attempt: $0.attempt, token: $0.token.description, worker: $0.worker.name,
                dispatched: WallTime.text(milliseconds: $0.dispatchedAtMilliseconds),
                ended: $0.endedAtMilliseconds.map { WallTime.text(milliseconds: $0) }, ending: $0.ending, message: $0.message)
        }
        late_reports = answer.lateReports
    }
}
