internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import Synchronization

/// Follows a dry-run: its states, its trades and what it decided, as the records come to the coordinator.
struct DryRunFollow {
    let client: ControlClient
    let job: JobID
    let asJSON: Bool
    /// Set from a signal.
    let isInterrupted: Interruption
    private var narrator: DryRunNarrator
    private var nextRecord: UInt64 = 1
    private var state: JobState?

    /// Whether the person has had enough.
    final class Interruption: Sendable {
        private let flag = Atomic<Bool>(false)
        var isSet: Bool { flag.load(ordering: .relaxed) }
        func set() { flag.store(true, ordering: .relaxed) }
    }

    init(_ client: ControlClient, job: JobID, stakeCurrency: String, asJSON: Bool, isInterrupted: Interruption) {
        self.client = client
        self.job = job
        self.asJSON = asJSON
        self.isInterrupted = isInterrupted
        narrator = DryRunNarrator(job: job.rawValue, stakeCurrency: stakeCurrency)
    }

    /// Returns the job's last line when it has ended; nil: interrupted, and the job goes on.
    mutating func untilEnd() throws(FleetError) -> JobLine? {
        try client.subscribe()
        let clock = ContinuousClock()
        var askAt = clock.now
        while !isInterrupted.isSet {
            let events = try client.events(timeout: .milliseconds(200))
            guard clock.now >= askAt || events.contains(where: concerns) else { continue }
            askAt = clock.now + .seconds(1)
            let line = try ask()
            tell(line)
            try tellRecords()
            if line.state.isTerminal { return line }
        }
        return nil
    }

    private func concerns(_ event: JobEvent) -> Bool {
        if case .job(let id, _, _) = event.body { return id == job }
        return false
    }

    private func ask() throws(FleetError) -> JobLine {
        guard case .watching(_, _, let lines) = try client.query(.watch([job])), let line = lines.first else {
            throw FleetError(.refused, "there is no job \(job)")
        }
        return line
    }

    private mutating func tell(_ line: JobLine) {
        guard line.state != state else { return }
        state = line.state
        print(
            TradingEvent(
                event: "state", job: job.rawValue, time: WallTime.text(milliseconds: line.changedAtMilliseconds),
                kind: line.state.rawValue, text: "job \(job) is \(line.state.rawValue)"))
    }

    private mutating func tellRecords() throws(FleetError) {
        while !isInterrupted.isSet {
            let page = try FleetBooks.page(of: job, from: nextRecord) { query throws(FleetError) in try client.query(query) }
            for record in page.records {
                if let event = narrator.take(record) { print(event) }
            }
            nextRecord += UInt64(page.records.count)
            if !page.hasMore || page.records.isEmpty { return }
        }
    }

    private func print(_ event: TradingEvent) {
        if asJSON { Terminal.jsonLine(event) } else { Terminal.line(event.line) }
    }
}

/// Why a dry-run or live job that was just submitted does not start, and what would help.
enum DryRunWaiting {
    /// Why a job that was submitted waits; nil: it does not, or a worker has room for it.
    static func reason(_ job: JobID, of kind: JobKind, _ client: ControlClient) throws(FleetError) -> String? {
        guard case .status(let status) = try client.query(.status), case .job(let answer) = try client.query(.show(job)),
            answer.line.state == .queued
        else { return nil }
        return reason(status, of: kind)
    }

    /// Nil: a worker has room.
    static func reason(_ status: StatusAnswer, of kind: JobKind = .dryRun) -> String? {
        let (word, key) = kind == .live ? ("live", "live-worker") : ("dry-run", "dry-worker")
        if !status.holdReason.isEmpty { return "the job waits, nothing is dispatched: \(status.holdReason)" }
        let workers = status.workers.filter { $0.workerClass == kind && $0.isConnected && !$0.isSilent && !$0.isDraining }
        if workers.isEmpty {
            return
                "the job waits in the queue: this fleet has no \(word) worker; start it with 'pragma up --\(word)-workers 1', or add "
                + "one to it with 'pragma worker --class \(word) --name \(key)-1'"
        }
        if !workers.contains(where: \.executableMatches) {
            return "the job waits in the queue: every \(word) worker is of another build of pragma"
        }
        if workers.allSatisfy(\.isHalted) {
            return "the job waits in the queue: the \(word) workers are stopped; see 'pragma status'"
        }
        guard workers.allSatisfy({ $0.unitsHeld > 0 }) else { return nil }
        let busy =
            workers.count == 1 ? "the one \(word) worker has a job" : "all \(workers.count) \(word) workers have a job each"
        return
            "the job waits in the queue: \(busy); add one with 'pragma worker --class \(word) --name NAME', its name beginning with "
            + "\(key), or end a job with 'pragma jobs cancel'"
    }
}
