import Backtesting
import Exchange
import Market
import Money
import Orders
import Risk
import TradingJournal
import TradingLoop

/// What the account has, as far as its value goes.
struct AccountView: Sendable {
    /// All balances at one moment. The single messages of a stream tell one currency after the other: between two of them a trade looks like
    /// money that came or went.
    struct Reading: Sendable {
        var balances: [Balance]
        var time: Timestamp
    }

    var reading: Reading?
    /// What the loop was told last.
    var told: [Balance] = []
}

/// What of risk is to be recorded.
struct RiskNote: Sendable {
    var last: RiskState?
    var time: Timestamp?
    var isDue = false
}

extension LiveInstance {
    /// An order as the limits see it.
    func proposal(_ request: OrderRequest) -> OrderProposal {
        var limit: Price?
        switch request.kind {
        case .limit(let price), .postOnly(let price), .stopLossLimit(_, let price), .takeProfitLimit(_, let price): limit = price
        case .market, .marketByCost, .stopLoss, .takeProfit: limit = nil
        }
        let reference = risk.marks[request.pair]
        return OrderProposal(
            id: request.ticket.number, pair: request.pair, side: request.side == .buy ? .buy : .sell, quantity: request.quantity,
            limit: limit, reference: reference, stop: request.purpose == .entry ? stop(at: limit ?? reference, request.pair) : nil
        )
    }

    /// Where the loop will put the stop of an entry at this price; nil: it loses everything before it stops.
    private func stop(at price: Price?, _ pair: Pair) -> Price? {
        let distance = abs(trading.rules.stoploss)
        guard let price, distance < 1, let tick = instruments[pair]?.priceTick else { return nil }
        let rate = ExactDecimal(price) * ExactDecimal(1 - distance)
        return rate.fixedPoint(inStepsOf: tick, .up).flatMap { $0.isPositive && $0 < price ? $0 : nil }
    }

    // MARK: - Events

    mutating func tellBreaker(_ event: BreakerEvent) {
        let change = risk.apply(event, at: now.time, policy: policy)
        if case .tradeClosed = event { riskNote.isDue = true }
        if let change { tell(change) }
        refreshRooms()
    }

    private mutating func tell(_ change: BreakerChange) {
        riskNote.isDue = true
        switch change.to {
        case .open(let trip):
            ask { $0.pauseEntries(Self.breakerPause, now: $1) }
            out.alarms.append(
                "the circuit breaker of \(risk.account) is open (\(trip.reasons)): no entries "
                    + (trip.needsReset ? "until somebody resets it" : "before \(trip.until)"))
        case .halfOpen:
            ask { $0.resumeEntries(Self.breakerPause, now: $1) }
            out.alarms.append("the circuit breaker of \(risk.account) is half-open: one small trade at a time")
        case .closed:
            ask { $0.resumeEntries(Self.breakerPause, now: $1) }
            out.alarms.append("the circuit breaker of \(risk.account) is closed again")
        }
    }

    static let breakerPause = "circuit_breaker"

    mutating func takeReturn(_ candle: Candle, of pair: Pair) {
        risk.closed(ReturnHistory.Close(time: candle.time, price: candle.close), of: pair, policy: policy)
    }

    mutating func watchVolatility(of pair: Pair) {
        volatilities[pair] = volatility(of: pair)
        if let deviation = volatilities[pair] { tellBreaker(.volatility(deviation, pair)) }
    }

    /// Of a candle, as a part of the price; nil: there are too few candles.
    func volatility(of pair: Pair) -> Double? {
        let closes = (risk.returns.closes[pair] ?? []).suffix(settings.volatilityCandles + 1).map(\.price)
        return closes.count > settings.volatilityCandles ? LogReturns.deviation(closes) : nil
    }

    // MARK: - Equity

    /// Tells the breaker what the account is worth: the balances of one reading at the prices of now. Without a price of something that is
    /// held nothing is told, and in time the limits take the equity for unknown. Currencies outside of the job's pairs do not count.
    mutating func valueAccount() {
        guard isStarted else { return }
        if let equity { tellBreaker(.equity(equity)) } else { tellBreaker(.tick) }
    }

    private var equity: Amount? {
        guard let reading = account.reading else { return nil }
        let age = now.time.milliseconds.subtractingReportingOverflow(reading.time.milliseconds)
        guard !age.overflow, age.partialValue <= policy.maxEquityAge else { return nil }
        var sum = Amount.zero
        for balance in reading.balances {
            guard let total = balance.free.adding(balance.locked), let value = value(total, of: balance.asset),
                let next = sum.adding(value)
            else { return nil }
            sum = next
        }
        return sum
    }

    func value(_ amount: Amount, of asset: String) -> Amount? {
        if asset == risk.currency { return amount }
        let pairs = instruments.keys.filter { $0.base == asset && $0.quote == risk.currency }
        guard let pair = pairs.min(), !amount.isZero else { return .zero }
        return risk.marks[pair].flatMap { amount.multiplied(by: Amount($0)) }
    }

    // MARK: - Sizes

    /// Tells the loop how large an entry of each pair may be.
    mutating func refreshRooms() {
        let isMarket = trading.rules.entryOrderType == .market
        var rooms: [Pair: Amount] = [:]
        let byRisk = sizeByStop(isMarket: isMarket)
        for pair in whitelist {
            let bound = PositionSizing.bound(
                policy, equity: risk.breaker.ledger.equity, record: tradeRecord, volatility: volatilities[pair])
            let wanted = min(byRisk, bound ?? byRisk)
            rooms[pair] = risk.capped(wanted, pair: pair, isMarket: isMarket, policy: policy, budget: budget)
        }
        configureLoop { $0.limitEntries(to: rooms) }
        tellNoEdge()
    }

    /// Kelly's formula stops a job that loses without any breaker: nothing that comes later would tell why.
    private mutating func tellNoEdge() {
        guard policy.sizing == .kelly, !toldNoEdge else { return }
        let verdict = KellySizing.estimate(tradeRecord, policy: policy).verdict
        guard verdict == .noEdge || verdict == .noWins else { return }
        toldNoEdge = true
        out.alarms.append(
            "\(tradeRecord.count) closed trades of this job lost on average: with risk.sizing \"kelly\" nothing more is bought; "
                + "stop the job, or start one anew where the strategy was changed")
    }

    /// The position that loses no more than `max_position_risk` until its stop. A market order may be filled as far away as the collar; a limit
    /// order's price may differ from the market's by a little until it is checked.
    private func sizeByStop(isMarket: Bool) -> Amount {
        guard let equity = risk.breaker.ledger.equity else { return .zero }
        let slack = isMarket ? policy.priceCollar.millionths : 2_000
        let distance = min(RiskRatio(notAbove: abs(trading.rules.stoploss)).millionths + slack, 999_999)
        let (whole, stop) = (Price(units: 1_000_000, decimals: 6), Price(units: 1_000_000 - distance, decimals: 6))
        return PositionSizing.stopDistance(equity: equity, risk: policy.maxPositionRisk, side: .buy, price: whole, stop: stop)
    }

    // MARK: - Records

    /// At once where something must not be forgotten, otherwise now and then.
    mutating func noteRisk() {
        guard isStarted else { return }
        let interval = settings.riskInterval
        let isTime = riskNote.time.map { $0.later(interval) <= now.time } ?? true
        guard riskNote.isDue || isTime else { return }
        let essence = risk.essence
        guard essence != riskNote.last else {
            riskNote.isDue = false
            return
        }
        out.records.append(JournalNote.risk(essence.snapshot(savedAt: now.time)).record)
        riskNote = RiskNote(last: essence, time: now.time, isDue: false)
    }
}
