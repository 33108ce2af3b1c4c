internal import ArgumentParser
internal import Coordination
internal import Fleet
internal import FleetProtocol

/// `pragma probe`.
struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Tests that a fleet works from end to end, with tasks that only wait.",
        discussion: """
            Each task waits in a worker's executor and writes a line at its start and one at its end into the folder 'probes' of the \
            worker's home. So it shows which workers work, how long tasks wait and what a round trip costs; and, while processes are \
            killed on purpose, that every task has its result and which of them were started again.

            Exit code 0: every task has its result; 1: a task was lost; 5: not within --timeout, the probe is canceled.

            Example: pragma probe --tasks 20 --duration 500ms

            JSON keys: job, state, tasks, recorded, lost (numbers of tasks), seconds, workers (worker, tasks, processes), \
            queueing_ms, round_trip_ms, task_ms (minimum, median, p99, maximum), timed, results (task, attempt, token, worker, pid, \
            start_ms, end_ms), repeated (task, runs (token, worker, pid, start_ms, end_ms, ending, recorded)), late_reports, lines.
            """)

    /// A duration as people write it.
    struct Span: ExpressibleByArgument {
        var duration: Duration

        init(_ duration: Duration) { self.duration = duration }

        /// `500ms`, `2s`, `1m`; at most ten minutes.
        init?(argument: String) {
            // "ms" before "s": the longer unit first.
            for (unit, milliseconds) in [("ms", 1), ("s", 1000), ("m", 60_000)] where argument.hasSuffix(unit) {
                guard let count = UInt32(argument.dropLast(unit.count)) else { return nil }
                duration = .milliseconds(Int64(count) * Int64(milliseconds))
                return
            }
            return nil
        }

        var defaultValueDescription: String { "\(duration.wholeNanoseconds / 1_000_000)ms" }
    }

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "How many tasks: 1 to 10000.") var tasks: UInt64 = 20
    @Option(name: .long, help: "How long each task waits: 0ms to 10m.") var duration = Span(.milliseconds(500))
    @Option(name: .long, help: "After how many seconds it is given up; default: 60, and the time of all tasks on one worker.")
    var timeout: Int?
    @Option(name: .long, help: ArgumentHelp("Also copy the lines to this file.", valueName: "path")) var file: String?

    func validate() throws {
        if !(1...10_000).contains(tasks) { throw ValidationError("--tasks must be 1 to 10000") }
        if duration.duration > ProbeConfiguration.longest { throw ValidationError("--duration must be 0ms to 10m") }
        if let timeout, timeout < 1 { throw ValidationError("--timeout must be 1 or more") }
    }

    func run() throws {
        let client = try ControlClient(FleetSetup.client(global))
        let folder = try FleetSetup.home(global).probeFolder
        let submission = SubmissionID(UInt128.random(in: .min ... .max)).bytes
        let built = try JobBuilder.probe(ProbeConfiguration(duration: duration.duration), tasks: tasks, submission: submission)
        try sayWhatHolds(client)
        let clock = ContinuousClock()
        let started = clock.now
        let job = try JobSubmission.submit(built, to: client).id
        if !output.json { Terminal.line("job \(job): \(tasks) tasks of \(duration.defaultValueDescription)") }
        let patience = timeout.map { Duration.seconds($0) } ?? .seconds(60) + duration.duration * Int(tasks)
        let line = try untilEnd(of: job, client, by: started + patience, patience)
        let path = ProbeConfiguration.file(of: job.rawValue, submission: submission, in: folder)
        let bytes = try Files.readIfPresent(path)
        if let file {
            guard let bytes else {
                throw FleetError(.input, "there are no lines at \(path): the workers of this probe have other homes")
            }
            try Files.write(bytes, to: FleetSetup.absolute(file), mode: 0o644)
        }
        guard case .job(let answer) = try client.query(.show(job)) else {
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        let report = ProbeReport(
            tasks: tasks, results: try JobSubmission.results(of: job, from: client).compactMap(ProbeResult.init(decoding:)),
            answer: answer, lines: bytes.map(ProbeLine.lines))
        if output.json {
            let seconds = Double((clock.now - started).wholeNanoseconds) / 1e9
            Terminal.json(
                ProbeJSON(
                    report, job: job.rawValue, state: line.state.rawValue, seconds: seconds, lines: bytes == nil ? nil : path))
        } else {
            Terminal.line(report.text)
            if bytes != nil { Terminal.line("lines: \(path)") }
        }
        guard line.state == .succeeded, report.lost.isEmpty else {
            throw FleetError(
                .negative,
                "job \(job) is \(line.state.rawValue), \(report.lost.count) of \(tasks) tasks have no result; see 'pragma jobs show \(job)'"
            )
        }
    }

    /// A probe of a fleet that is stopped, or has no workers, waits; people shall know why.
    private func sayWhatHolds(_ client: ControlClient) throws(FleetError) {
        guard case .status(let status) = try client.query(.status) else { return }
        if !status.holdReason.isEmpty { Terminal.note("the fleet is held, the tasks wait: \(status.holdReason)") }
        if !status.workers.contains(where: { $0.isConnected && $0.workerClass == .backtest }) {
            Terminal.note("no worker is connected, the tasks wait for one; see 'pragma status'")
        }
    }

    /// Waits for the end of the job; cancels it when that does not come in time.
    private func untilEnd(
        of job: JobID, _ client: ControlClient, by deadline: ContinuousClock.Instant, _ patience: Duration
    ) throws(FleetError) -> JobLine {
        try client.subscribe()
        while true {
            guard case .watching(_, _, let lines) = try client.query(.watch([job])), let line = lines.first else {
                throw FleetError(.refused, "there is no job \(job)")
            }
            if line.state.isTerminal { return line }
            guard ContinuousClock.now < deadline else {
                _ = try client.request(.cancel(job))
                let done = "\(line.completedUnits) of \(tasks)"
                throw FleetError(
                    .timeout,
                    "after \(patience) \(done) tasks have their result: the probe is canceled; see 'pragma status' and 'pragma jobs show \(job)'"
                )
            }
            try waitForEnd(of: job, client)
        }
    }

    /// Until an event says that the job has ended, a second at most: events may be lost.
    private func waitForEnd(of job: JobID, _ client: ControlClient) throws(FleetError) {
        let askAgain = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < askAgain {
            for event in try client.events(timeout: .milliseconds(200)) {
                if case .job(let id, let state, _) = event.body, id == job, state.isTerminal { return }
            }
        }
    }
}
