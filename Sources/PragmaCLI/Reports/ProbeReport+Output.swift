internal import Fleet

extension ProbeReport {
    /// For people: a table of workers, figures, and what ran more than once.
    var text: String {
        var table = TextTable([.left("worker"), .right("tasks"), .right("mean task"), .left("processes")])
        for worker in workers {
            table.add([
                worker.name, String(worker.tasks), Format.duration(milliseconds: worker.tookMilliseconds / Int64(worker.tasks)),
                worker.processes.map { "\($0)" }.joined(separator: ", "),
            ])
        }
        var lines = [table.text, "", "\(recorded.count) of \(tasks) tasks have their result"]
        for (name, figures) in [("queueing  ", queueing), ("round trip", roundTrip)] {
            guard let figures else { continue }
            lines.append(
                "\(name)  median \(figures.median) ms, 99 % up to \(figures.percentile99) ms, \(figures.minimum) to \(figures.maximum) ms"
            )
        }
        if !lost.isEmpty { lines.append("lost: \(lost.prefix(20).map(String.init).joined(separator: ", "))") }
        if lateReports > 0 { lines.append("\(lateReports) late results were refused") }
        return (lines + repetitionLines).joined(separator: "\n")
    }

    private var repetitionLines: [String] {
        guard let repetitions else { return ["started more than once: not known here, the lines are with the workers' homes"] }
        if repetitions.isEmpty { return ["no task was started more than once"] }
        return repetitions.map { repetition in
            let runs = repetition.runs.map { run in
                let end =
                    switch run.end?.event {
                    case .end?: run.isRecorded ? "recorded" : "ran to its end, not recorded"
                    case .stop?: "stopped"
                    case .start?, nil: "cut off"
                    }
                return "\(run.worker) \(run.token) \(end)"
            }
            return "task \(repetition.unit) was started \(repetition.runs.count) times: " + runs.joined(separator: "; ")
        }
    }
}

/// A probe's report with documented keys.
struct ProbeJSON: Encodable {
    struct Figures: Encodable {
        var minimum: Int64
        var median: Int64
        var p99: Int64
        var maximum: Int64

        init?(_ figures: ProbeReport.Figures?) {
            guard let figures else { return nil }
            minimum = figures.minimum
            median = figures.median
            p99 = figures.percentile99
            maximum = figures.maximum
        }
    }
    struct Worker: Encodable {
        var worker: String
        var tasks: Int
        var processes: [Int32]
    }
    struct Result: Encodable {
        var task: UInt64
        var attempt: Int
        var token: String
        var worker: String
        var pid: Int32
        var start_ms: Int64
        var end_ms: Int64
    }
    struct Run: Encodable {
        var token: String
        var worker: String
        var pid: Int32
        var start_ms: Int64
        var end_ms: Int64?
        var ending: String
        var recorded: Bool
    }
    struct Repetition: Encodable {
        var task: UInt64
        var runs: [Run]
    }
    var job: Int64
    var state: String
    var tasks: UInt64
    var recorded: Int
    var lost: [UInt64]
    var seconds: Double
    var workers: [Worker]
    var queueing_ms: Figures?
    var round_trip_ms: Figures?
    var task_ms: Figures?
    var timed: Int
    var results: [Result]
    var repeated: [Repetition]?
    var late_reports: UInt64
    var lines: String?

    /// - Parameter lines: the file of the lines; nil: it is not on this machine.
    init(_ report: ProbeReport, job: Int64, state: String, seconds: Double, lines: String?) {
        self.job = job
        self.state = state
        self.seconds = seconds
        self.lines = lines
        tasks = report.tasks
        recorded = report.recorded.count
        lost = report.lost
        workers = report.workers.map { Worker(worker: $0.name, tasks: $0.tasks, processes: $0.processes) }
        queueing_ms = Figures(report.queueing)
        round_trip_ms = Figures(report.roundTrip)
        task_ms = Figures(report.task)
        timed = report.timed
        late_reports = report.lateReports
        results = report.recorded.map {
            Result(
                task: $0.unit, attempt: $0.attempt, token: $0.token, worker: $0.worker, pid: $0.processID,
                start_ms: $0.startedAtMilliseconds, end_ms: $0.endedAtMilliseconds)
        }
        repeated = report.repetitions?.map { repetition in
            Repetition(
                task: repetition.unit,
                runs: repetition.runs.map { run in
                    Run(
                        token: run.token, worker: run.worker, pid: run.process, start_ms: run.startedAtMilliseconds,
                        end_ms: run.end?.milliseconds, ending: run.end?.event.rawValue ?? "none", recorded: run.isRecorded)
                })
        }
    }
}
