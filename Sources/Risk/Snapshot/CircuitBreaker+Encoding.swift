import Market
import Money

extension RiskState {
    func write(_ breaker: CircuitBreaker, _ writer: inout RiskByteWriter) {
        write(breaker.phase, &writer)
        let ledger = breaker.ledger
        writer.append(ledger.equity) { $0.append($1) }
        writer.append(ledger.reported) { $0.append($1) }
        writer.append(ledger.peak) { $0.append($1) }
        writer.append(ledger.day) { $0.append($1) }
        writer.append(ledger.dayStart) { $0.append($1) }
        writer.append(ledger.dayBase) { $0.append($1) }
        writer.append(ledger.trialStart) { $0.append($1) }
        writer.append(list: breaker.volatility.series.sorted { $0.key < $1.key }) { writer, entry in
            writer.append(entry.key.description)
            writer.append(list: entry.value.values) { $0.append($1) }
            writer.append(entry.value.isSpiking)
        }
        writer.append(Int64(clamping: breaker.lossRun))
        writer.append(breaker.lastReset) { writer, reset in
            writer.append(reset.by)
            writer.append(reset.reason)
            writer.append(reset.time)
        }
        writer.append(breaker.latest) { $0.append($1) }
    }

    private func write(_ phase: BreakerPhase, _ writer: inout RiskByteWriter) {
        switch phase {
        case .closed: writer.append(UInt8(1))
        case .open(let trip):
            writer.append(UInt8(2))
            writer.append(trip.reasons.rawValue)
            writer.append(trip.since)
            writer.append(trip.until)
            writer.append(Int64(clamping: trip.count))
        case .halfOpen(let trial):
            writer.append(UInt8(3))
            writer.append(trial.since)
            writer.append(Int64(clamping: trial.wins))
            writer.append(Int64(clamping: trial.count))
        }
    }

    static func readBreaker(_ reader: inout RiskByteReader) throws(RiskSnapshotError) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        breaker.phase = try readPhase(&reader)
        breaker.ledger = try readLedger(&reader)
        breaker.volatility.series = try reader.table("the volatilities", limit: RiskBounds.pairs) {
            reader throws(RiskSnapshotError) in
            let pair = try reader.pair("a volatility")
            var series = VolatilityWatch.Series()
            series.values = try reader.list("a volatility", limit: RiskBounds.volatilities) { reader throws(RiskSnapshotError) in
                let value = try reader.double("a volatility")
                guard value.isFinite, value >= 0 else { throw .invalidValue(what: "a volatility") }
                return value
            }
            series.isSpiking = try reader.bool("a spike")
            return (pair, series)
        }
        breaker.lossRun = try readCount(&reader, "the losses in a row", from: 0)
        breaker.lastReset = try reader.optional("the last reset") { reader throws(RiskSnapshotError) in
            let by = try reader.text("the last reset")
            let reason = try reader.text("the last reset")
            return CircuitBreaker.Reset(by: by, reason: reason, time: try reader.time("the last reset"))
        }
        breaker.latest = try reader.optional("the latest instant") { reader throws(RiskSnapshotError) in
            try reader.time("the latest instant")
        }
        return breaker
    }

    private static func readCount(_ reader: inout RiskByteReader, _ what: String, from least: Int) throws(RiskSnapshotError)
        -> Int
    {
        guard let count = Int(exactly: try reader.number(what, as: Int64.self)), count >= least else {
            throw .invalidValue(what: what)
        }
        return count
    }

    private static func readPhase(_ reader: inout RiskByteReader) throws(RiskSnapshotError) -> BreakerPhase {
        switch try reader.number("the breaker", as: UInt8.self) {
        case 1: return .closed
        case 2:
            let reasons = BreakerReasons(rawValue: try reader.number("the breaker's reasons"))
            // An open breaker without a reason would be one that nothing has opened.
            guard !reasons.isEmpty, BreakerReasons.all.isSuperset(of: reasons) else {
                throw .invalidValue(what: "the breaker's reasons")
            }
            let since = try reader.time("the breaker")
            let until = try reader.time("the breaker")
            return .open(
                BreakerTrip(reasons: reasons, since: since, until: until, count: try readCount(&reader, "the breaker", from: 1)))
        case 3:
            let since = try reader.time("the breaker")
            let wins = try readCount(&reader, "the breaker", from: 0)
            return .halfOpen(BreakerTrial(since: since, wins: wins, count: try readCount(&reader, "the breaker", from: 1)))
        default: throw .invalidValue(what: "the breaker")
        }
    }

    private static func readLedger(_ reader: inout RiskByteReader) throws(RiskSnapshotError) -> EquityLedger {
        func amount(_ what: String) throws(RiskSnapshotError) -> Amount? {
            try reader.optional(what) { reader throws(RiskSnapshotError) in try reader.amount(what) }
        }
        var ledger = EquityLedger()
        ledger.equity = try amount("the equity")
        ledger.reported = try reader.optional("the equity's time") { reader throws(RiskSnapshotError) in
            try reader.time("the equity's time")
        }
        ledger.peak = try amount("the peak")
        ledger.day = try reader.optional("the day") { reader throws(RiskSnapshotError) in try reader.number("the day") }
        ledger.dayStart = try amount("the day's start")
        ledger.dayBase = try amount("the day's base")
        ledger.trialStart = try amount("the trial's start")
        return ledger
    }
}
