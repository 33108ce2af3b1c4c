internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import LiveGates

/// Looks among a fleet's newest jobs for what a strategy was tried with. The coordinator checks what is found, and decides.
struct LiveEvidenceSearch {
    let subject: PromotionSubject
    let ask: (ClientQuery) throws(FleetError) -> QueryAnswer

    /// Jobs of a kind that are looked at, newest first.
    private static let limit = 100

    /// The newest single backtest that succeeded; nil: there is none.
    func backtest() throws(FleetError) -> JobID? {
        for line in try lines(JobFilter(states: [.succeeded], kinds: [.backtest], limit: Self.limit))
        where line.combinationCount == 1 {
            if try answer(line.id) != nil { return line.id }
        }
        return nil
    }

    /// The dry-run that ran longest; nil: there is none. `wall`: milliseconds since 1970.
    func dryRun(until wall: Int64) throws(FleetError) -> JobID? {
        var longest: (job: JobID, time: Int64)?
        for line in try lines(JobFilter(kinds: [.dryRun], limit: Self.limit)) {
            guard let found = try answer(line.id) else { continue }
            let time = found.attempts.reduce(Int64(0)) {
                $0 &+ max(0, ($1.endedAtMilliseconds ?? wall) &- $1.dispatchedAtMilliseconds)
            }
            if longest.map({ time > $0.time }) ?? true { longest = (line.id, time) }
        }
        return longest?.job
    }

    private func lines(_ filter: JobFilter) throws(FleetError) -> [JobLine] {
        guard case .jobs(let lines) = try ask(.list(filter)) else { return [] }
        return lines
    }

    /// The job, if it ran the same.
    private func answer(_ job: JobID) throws(FleetError) -> JobAnswer? {
        guard case .job(let answer) = try ask(.show(job)), let specification = try? JobSpecification(decoding: answer.payload),
            LiveSubject.of(configuration: specification.configuration, executable: specification.executable) == subject
        else { return nil }
        return answer
    }
}
