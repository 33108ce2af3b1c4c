package import Exchange
package import Market
import Money
import Orders
package import Risk
import TradingJournal
package import TradingLoop

/// The market, time and the gate.
extension LiveInstance {
    /// The closed candles of a pair before the first `candle`.
    package mutating func history(_ pair: Pair, _ candles: Candles, now instant: RiskInstant) -> Output {
        begin(instant)
        for row in 0..<candles.count { takeReturn(candles.candle(at: row), of: pair) }
        volatilities[pair] = volatility(of: pair)
        ask { $0.history(pair, candles, now: $1) }
        return end()
    }

    /// A candle of a pair is over.
    package mutating func candle(_ pair: Pair, _ candle: Candle, now instant: RiskInstant) -> Output {
        begin(instant)
        out.records.append(JournalNote.candle(pair, candle).record)
        takeReturn(candle, of: pair)
        watchVolatility(of: pair)
        valueAccount()
        ask { $0.candle(pair, candle, now: $1) }
        return end()
    }

    /// The upper levels of a pair's book, best first.
    package mutating func book(_ pair: Pair, bids: [BookLevel], asks: [BookLevel], now instant: RiskInstant) -> Output {
        begin(instant)
        if let bid = bids.first?.price { risk.mark(pair, at: bid) }
        ask { $0.book(pair, bids: bids, asks: asks, now: $1) }
        return end()
    }

    package mutating func tick(now instant: RiskInstant) -> Output {
        begin(instant)
        guard isStarted else { return end() }
        manage { $0.tick(now: $1) }
        drain()
        if loopWake.map({ $0 <= now.time }) ?? true {
            valueAccount()
            ask { $0.tick(now: $1) }
        }
        return end()
    }

    /// What the account's order gate lets through from now on. Entries at the venue are canceled unless it is active.
    package mutating func gate(_ mode: GateMode, now instant: RiskInstant) -> Output {
        begin(instant)
        guard mode != gate else { return end() }
        gate = mode
        // Somebody armed it again: what is placed from now on is to stay.
        if mode != .halted { (cancelReading, isCanceling) = (nil, false) }
        guard isStarted else { return end() }
        if mode != .active { manage { $0.cancelAll(keeping: Self.allButEntries, now: $1) } }
        openGate()
        return end()
    }

    private static let allButEntries = Set(OrderPurpose.allCases.filter { $0 != .entry })

    /// The loop decides by the gate once the venue was read.
    mutating func openGate() {
        guard hasRead else { return }
        let mode = gate
        ask { $0.gate(mode, now: $1) }
    }

    /// The job is to end: `cancel_open_orders_on_exit` says whether entries and exits are canceled. Answers that are on their way are waited for.
    package mutating func stop(now instant: RiskInstant) -> Output {
        begin(instant)
        guard stopping == nil else { return end() }
        stopping = now.time
        guard isStarted else { return end() }
        if trading.cancelOpenOrdersOnExit, !hasRead { manage { $0.cancelAll(keeping: [.stopLoss], now: $1) } }
        ask { $0.stopRequested(now: $1) }
        return end()
    }

    // MARK: - The breaker, by hand

    /// A named person forgives what opened the breaker.
    package mutating func resetBreaker(by name: String, reason: String, now instant: RiskInstant) -> Output {
        begin(instant)
        tellBreaker(.reset(by: name, reason: reason))
        // Who did it is kept also where it changed nothing.
        riskNote.isDue = true
        return end()
    }

    package mutating func tripBreaker(now instant: RiskInstant) -> Output {
        begin(instant)
        tellBreaker(.trip)
        return end()
    }
}
