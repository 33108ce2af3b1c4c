internal import Configuration
internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import Market
internal import Risk
internal import TradingJournal

/// Reads what a live job's records say of its account's risk; again and again it reads only what is new.
struct FleetRisk {
    let job: TradingJob
    private let account: String
    private let limits: [String: Double]
    private let ask: FleetBooks.Ask
    private var books = TradingBooks()
    /// As it was recorded last; nil: not yet.
    private(set) var breaker: CircuitBreaker?

    init(_ id: JobID, _ ask: @escaping FleetBooks.Ask) throws(FleetError) {
        guard case .job(let answer) = try ask(.show(id)) else {
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        do throws(TradingJob.Problem) { job = try TradingJob(answer) } catch {
            throw FleetError(.input, "job \(id): \(error.description)")
        }
        guard job.kind == .live else {
            throw FleetError(.input, "job \(id) is a \(job.kind.rawValue): only live jobs have an account with limits")
        }
        let specification = try? JobSpecification(decoding: answer.payload)
        let value = specification.flatMap { try? JSONReader.read($0.configuration, origin: .none, options: .strict).value }
        account = value?["account", "name"]?.string ?? ""
        var limits: [String: Double] = [:]
        for key in RiskLimits.keys + RiskLimits.optionalKeys { limits[key] = value?["risk", key]?.number?.value }
        self.limits = limits
        self.ask = ask
        try update()
    }

    var answer: AccountRisk { AccountRisk(job, account: account, limits: limits, breaker) }

    mutating func update() throws(FleetError) {
        while true {
            let page = try FleetBooks.page(of: job.id, from: books.recordCount + 1, ask)
            for record in page.records {
                do throws(TradingBooksError) { try books.take(record) } catch {
                    throw FleetError(.negative, "the records of job \(job.id) cannot be read: \(error)")
                }
            }
            if !page.hasMore || page.records.isEmpty { break }
        }
        guard let bytes = books.risk else { return }
        do throws(RiskSnapshotError) {
            // When it was saved is the venue's time, which may run ahead of ours.
            breaker = try RiskState.restore(
                bytes, account: job.exchange + "/" + account, currency: job.stakeCurrency,
                at: Timestamp(milliseconds: .max)
            ).breaker
        } catch { throw FleetError(.negative, "what job \(job.id) recorded of its account's risk cannot be read: \(error)") }
    }

    /// Resets the breaker in the name of a person, and waits until the job has recorded it.
    ///
    /// - Parameter wait: between two looks; false: the time is over.
    mutating func reset(
        by person: String, reason: String, _ request: (ClientRequest) throws(FleetError) -> Reply, wait: () -> Bool
    ) throws(FleetError) {
        let before = breaker?.lastReset
        switch try request(.resetBreaker(job.id, by: person, reason: reason)) {
        case .job: break
        case .refused(let refusal): throw FleetError(.refused, refusal.message)
        case .accepted, .done, .confirmation:
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        while true {
            try update()
            if breaker?.lastReset != before { return }
            guard wait() else {
                throw FleetError(
                    .timeout,
                    "the worker of job \(job.id) was told, and has recorded no reset yet: look with 'pragma risk \(job.id)', and ask again"
                )
            }
        }
    }
}
