internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import TradingJournal

/// Reads the records of a fleet's trading jobs and adds them up, one job after the other: only one job's books are in memory at a time,
/// and nothing is kept between two commands.
struct FleetBooks {
    /// Which jobs are looked at.
    struct Scope: Equatable {
        var job: JobID?
        var exchange: String?
        var strategy: String?

        func includes(_ job: TradingJob) -> Bool {
            (self.job == nil || self.job == job.id) && (exchange == nil || exchange == job.exchange)
                && (strategy == nil || strategy == job.strategy)
        }
    }

    /// Asks the coordinator.
    typealias Ask = (ClientQuery) throws(FleetError) -> QueryAnswer

    let ask: Ask
    let scope: Scope

    private static let jobsPerPage = 1000

    /// Calls `body` with every job of the scope that `isMeant`, newest first, and its books. The jobs that cannot be read come back.
    func each(
        where isMeant: (TradingJob) -> Bool = { _ in true }, _ body: (TradingJob, TradingBooks) -> Void
    ) throws(FleetError) -> [JobProblem] {
        var problems: [JobProblem] = []
        try eachJob { id throws(FleetError) in
            guard case .job(let answer) = try ask(.show(id)) else { throw Self.oddAnswer }
            let job: TradingJob
            do throws(TradingJob.Problem) { job = try TradingJob(answer) } catch {
                return problems.append(JobProblem(job: id.rawValue, problem: "\(error.description); it is left out"))
            }
            guard scope.includes(job), isMeant(job) else { return }
            switch try Self.books(of: id, ask) {
            case .success(let books): body(job, books)
            // Not the part before the damage: a position that it shows may be closed by what cannot be read.
            case .failure(let error): problems.append(JobProblem(job: id.rawValue, problem: "\(error); it is left out"))
            }
        }
        return problems
    }

    private static let oddAnswer = FleetError(.system, "the coordinator answered something else than was asked")

    private func eachJob(_ body: (JobID) throws(FleetError) -> Void) throws(FleetError) {
        if let job = scope.job { return try body(job) }
        var before: JobID?
        while true {
            let filter = JobFilter(kinds: [.dryRun, .live], before: before, limit: Self.jobsPerPage)
            guard case .jobs(let lines) = try ask(.list(filter)) else { throw Self.oddAnswer }
            for line in lines { try body(line.id) }
            guard lines.count == Self.jobsPerPage, let last = lines.last else { return }
            before = last.id
        }
    }

    /// What the records of a job add up to; with `keepsCandles` also the market that it saw.
    static func books(
        of job: JobID, keepsCandles: Bool = false, _ ask: Ask
    ) throws(FleetError) -> Result<TradingBooks, TradingBooksError> {
        var books = TradingBooks(keepsCandles: keepsCandles)
        var next: UInt64 = 1
        while true {
            let page = try page(of: job, from: next, ask)
            for record in page.records {
                do throws(TradingBooksError) { try books.take(record) } catch { return .failure(error) }
            }
            next += UInt64(page.records.count)
            if !page.hasMore || page.records.isEmpty { return .success(books) }
        }
    }

    /// The records of a job from number `first` on, as many as go into one answer.
    static func page(of job: JobID, from first: UInt64, _ ask: Ask) throws(FleetError) -> RecordsPage {
        guard case .records(let page) = try ask(.records(job, from: first)), page.job == job,
            page.first == first || page.records.isEmpty
        else { throw oddAnswer }
        return page
    }
}

/// The newest of many values: older ones are let go of.
struct Newest<Value> {
    private let limit: Int
    private let isOlder: (Value, Value) -> Bool
    private var kept: [Value] = []
    private(set) var total = 0

    init(_ limit: Int, isOlder: @escaping (Value, Value) -> Bool) {
        self.limit = limit
        self.isOlder = isOlder
    }

    mutating func add(_ value: Value) {
        total += 1
        kept.append(value)
        // Sorted only now and then: so it costs a few comparisons a value.
        if kept.count >= limit * 2 { kept = values }
    }

    /// Oldest first.
    var values: [Value] { Array(kept.sorted(by: isOlder).suffix(limit)) }
}
