internal import Configuration
internal import Coordination
internal import Market
internal import Money
internal import Risk

/// What `pragma risk` answers, with documented keys: the limits of a live job, and what its records say of its account. Left out is what nobody knows yet.
struct AccountRisk: Encodable {
    struct Breaker: Encodable {
        /// `closed`, `open`, `half_open`.
        var state: String
        var reasons: [String] = []
        var since: String?
        /// Not half-open before; of one that is open.
        var until: String?
        var needs_reset: Bool?
        /// How often it has opened since it was closed.
        var trips: Int?
        /// Trades won since it is half-open.
        var wins: Int?
    }

    struct Reset: Encodable {
        var by: String
        var reason: String
        var time: String
    }

    var job: Int64
    var state: String
    var exchange: String
    var account: String
    var currency: String
    var limits: [String: JSONNumber]
    var equity: String?
    var equity_time: String?
    var peak: String?
    /// The fall from the peak as a part of it.
    var drawdown: JSONNumber?
    /// Equity at the beginning of the UTC day, and the fall since as a part of it.
    var day_start: String?
    var daily_loss: JSONNumber?
    var consecutive_losses: Int?
    var breaker: Breaker?
    var last_reset: Reset?

    init(_ job: TradingJob, account: String, limits: [String: Double], _ breaker: CircuitBreaker?) {
        self.job = job.id.rawValue
        state = job.state.rawValue
        exchange = job.exchange
        self.account = account
        currency = job.stakeCurrency
        self.limits = limits.mapValues { JSONNumber($0) }
        guard let breaker else { return }
        let ledger = breaker.ledger
        equity = ledger.equity?.description
        equity_time = ledger.reported?.iso8601
        peak = ledger.peak?.description
        drawdown = Self.fall(ledger.equity, from: ledger.peak)
        day_start = ledger.dayStart?.description
        daily_loss = Self.fall(ledger.equity, from: ledger.dayStart)
        consecutive_losses = breaker.lossRun
        self.breaker = Breaker(breaker.phase)
        last_reset = breaker.lastReset.map { Reset(by: $0.by, reason: $0.reason, time: $0.time.iso8601) }
    }

    /// A rise is no fall: 0.
    private static func fall(_ equity: Amount?, from base: Amount?) -> JSONNumber? {
        guard let equity, let base, base > .zero else { return nil }
        return JSONNumber(max(1 - equity.approximation / base.approximation, 0))
    }

    // MARK: - For people

    var text: String {
        var lines = ["job \(job) (live, \(state)): account \(account) at \(exchange)"]
        guard let breaker else { return (lines + ["nothing is recorded yet: the account was not read"]).joined(separator: "\n") }
        lines.append(
            "equity             \(equity ?? "unknown") \(currency)\(equity_time.map { " at \(Format.shortTime($0))" } ?? "")")
        lines.append("drawdown           \(part(drawdown, "max_drawdown"))\(peak.map { ", from \($0)" } ?? "")")
        lines.append("loss of the day    \(part(daily_loss, "max_daily_loss"))\(day_start.map { ", from \($0)" } ?? "")")
        let most = limits["max_consecutive_losses"].map { " of at most \(Int($0.value))" } ?? ""
        lines.append("losses in a row    \(consecutive_losses ?? 0)\(most)")
        lines.append("circuit breaker    \(breaker.text)")
        if breaker.needs_reset == true { lines.append("                   pragma risk reset \(job) --reason TEXT") }
        if let reset = last_reset {
            lines.append("last reset         by \(reset.by) at \(Format.shortTime(reset.time)): \(reset.reason)")
        }
        let others = limits.keys.sorted().filter { !["max_drawdown", "max_daily_loss", "max_consecutive_losses"].contains($0) }
        lines += others.map { "\($0) \(limits[$0]?.value ?? 0)" }
        return lines.joined(separator: "\n")
    }

    private func part(_ value: JSONNumber?, _ key: String) -> String {
        let limit = limits[key].map { " of at most \(Format.percent($0.value))" } ?? ""
        return (value.map { Format.percent($0.value) } ?? "unknown") + limit
    }
}

extension AccountRisk.Breaker {
    init(_ phase: BreakerPhase) {
        switch phase {
        case .closed: self.init(state: "closed")
        case .open(let trip):
            self.init(
                state: "open", reasons: trip.reasons.description.split(separator: ", ").map(String.init),
                since: trip.since.iso8601, until: trip.until.iso8601, needs_reset: trip.needsReset, trips: trip.count)
        case .halfOpen(let trial):
            self.init(state: "half_open", since: trial.since.iso8601, trips: trial.count, wins: trial.wins)
        }
    }

    fileprivate var text: String {
        let since = since.map { " since \(Format.shortTime($0))" } ?? ""
        switch state {
        case "open":
            let end = needs_reset == true ? "until somebody resets it" : "until \(Format.shortTime(until ?? ""))"
            return "open\(since) (\(reasons.joined(separator: ", "))): no entries \(end)"
        case "half_open": return "half-open\(since): one small trade at a time, \(Format.count(wins ?? 0, "win")) so far"
        default: return "closed"
        }
    }
}
