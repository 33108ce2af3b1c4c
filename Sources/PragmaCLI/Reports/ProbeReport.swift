internal import Coordination
internal import Fleet
internal import FleetProtocol

/// What a probe's results, attempts and lines say about a fleet. A value without I/O.
struct ProbeReport {
    /// Some durations in milliseconds, summed up.
    struct Figures: Hashable {
        var minimum: Int64
        var median: Int64
        /// 99 of 100 are not above it.
        var percentile99: Int64
        var maximum: Int64

        /// nil: there is none.
        init?(_ values: [Int64]) {
            let sorted = values.sorted()
            guard let first = sorted.first, let last = sorted.last else { return nil }
            minimum = first
            maximum = last
            median = sorted[(sorted.count - 1) / 2]
            percentile99 = sorted[(sorted.count * 99 + 99) / 100 - 1]
        }
    }

    /// A worker and what it did.
    struct Worker: Hashable {
        var name: String
        /// The processes of this name that ran tasks: more than one where it was started anew meanwhile.
        var processes: [Int32]
        var tasks: Int
        var tookMilliseconds: Int64
    }

    /// One run of a task, from its lines.
    struct Run: Hashable {
        var token: String
        var worker: String
        var process: Int32
        var startedAtMilliseconds: Int64
        /// nil: its process ended before it did.
        var end: ProbeLine?
        /// Its result is the task's result.
        var isRecorded: Bool
    }

    /// A task that was started more than once.
    struct Repetition: Hashable {
        var unit: UInt64
        var runs: [Run]
    }

    let tasks: UInt64
    /// Results, one for each recorded task, in their order.
    let recorded: [ProbeResult]
    /// Tasks without a result.
    let lost: [UInt64]
    let workers: [Worker]
    /// From the submission to the start at a worker.
    let queueing: Figures?
    /// What the fleet adds to a task: from its dispatch (or the end of the task before it at that worker) to its start, and from its
    /// end to the record of its result.
    let roundTrip: Figures?
    /// How many tasks `roundTrip` covers: the coordinator tells of the last 200 attempts.
    let timed: Int
    let task: Figures?
    /// nil: this machine has no lines.
    let repetitions: [Repetition]?
    /// Results that came too late and were refused.
    let lateReports: UInt64

    /// - Parameters:
    ///   - answer: what the coordinator says of the job.
    ///   - lines: the lines that workers of this home wrote; nil: there are none here.
    init(tasks: UInt64, results: [ProbeResult], answer: JobAnswer, lines: [ProbeLine]?) {
        self.tasks = tasks
        var byUnit: [UInt64: ProbeResult] = [:]
        for result in results where result.unit < tasks { byUnit[result.unit] = result }
        let recorded = byUnit.values.sorted { $0.unit < $1.unit }
        self.recorded = recorded
        lost = (0..<tasks).filter { byUnit[$0] == nil }
        workers = Self.workers(recorded)
        queueing = Figures(recorded.map { $0.startedAtMilliseconds - answer.line.submittedAtMilliseconds })
        task = Figures(recorded.map { $0.endedAtMilliseconds - $0.startedAtMilliseconds })
        let added = Self.added(recorded, answer.attempts)
        roundTrip = Figures(added)
        timed = added.count
        repetitions = lines.map { Self.repetitions($0, byUnit) }
        lateReports = answer.lateReports
    }

    private static func workers(_ results: [ProbeResult]) -> [Worker] {
        Dictionary(grouping: results, by: \.worker).map { name, results in
            Worker(
                name: name, processes: Set(results.map(\.processID)).sorted(), tasks: results.count,
                tookMilliseconds: results.reduce(0) { $0 + $1.endedAtMilliseconds - $1.startedAtMilliseconds })
        }.sorted { $0.name < $1.name }
    }

    /// Two clocks are compared, the worker's and the coordinator's: what lies before a task and what lies after it are off by the same
    /// amount in opposite directions.
    private static func added(_ results: [ProbeResult], _ attempts: [JobAnswer.AttemptLine]) -> [Int64] {
        let known = Dictionary(attempts.map { ($0.token.description, $0) }, uniquingKeysWith: { first, _ in first })
        var added: [Int64] = []
        for (_, results) in Dictionary(grouping: results, by: { "\($0.processID) \($0.worker)" }) {
            var previousEnd = Int64.min
            for result in results.sorted(by: { $0.startedAtMilliseconds < $1.startedAtMilliseconds }) {
                defer { previousEnd = result.endedAtMilliseconds }
                guard let attempt = known[result.token], let recorded = attempt.endedAtMilliseconds else { continue }
                let free = max(attempt.dispatchedAtMilliseconds, previousEnd)
                added.append(max(0, result.startedAtMilliseconds - free + recorded - result.endedAtMilliseconds))
            }
        }
        return added
    }

    private static func repetitions(_ lines: [ProbeLine], _ recorded: [UInt64: ProbeResult]) -> [Repetition] {
        let ends = Dictionary(
            lines.filter { $0.event != .start }.map { ($0.token, $0) }, uniquingKeysWith: { first, _ in first })
        return Dictionary(grouping: lines.filter { $0.event == .start }, by: \.unit).filter { $0.value.count > 1 }
            .map { unit, starts in
                Repetition(
                    unit: unit,
                    runs: starts.map { start in
                        Run(
                            token: start.token, worker: start.worker, process: start.processID,
                            startedAtMilliseconds: start.milliseconds, end: ends[start.token],
                            isRecorded: recorded[unit]?.token == start.token)
                    })
            }.sorted { $0.unit < $1.unit }
    }
}
