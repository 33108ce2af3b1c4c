import Backtesting
package import Exchange
package import Market
import Money
package import Orders
package import Strategies
import Trading

/// The decision loop of one job: one strategy, one account or dry-run wallet, many pairs. The same for dry-run and live.
///
/// Pure: a shell feeds inputs in, commits the `record` directives of the answer, then carries the others out in their order. Everything
/// means what it means in freqtrade (`docs/trading-loop.md` says what differs). Orders are asked for, never assumed: what is held follows
/// from the `OrderUpdate`s alone.
package struct TradingInstance: Sendable {
    let settings: TradingSettings
    let strategy: any Strategy
    let roi: ROITable
    let wallet: WalletRules<ExactDecimal>
    /// Pairs that may be entered, in the order in which they get slots.
    let whitelist: [Pair]
    let pairRules: [Pair: PairRules]

    var markets: [Pair: MarketState] = [:]
    /// Open trades in the order of opening.
    var trades: [LiveTrade] = []
    var balances = WalletView()
    var gate: GateMode
    var pauses: Set<String> = []
    /// What an entry of each pair may cost at most by the account's limits; nil: they are not asked.
    var rooms: [Pair: Amount]?
    /// Before `start` market data is only kept.
    var isStarted = false
    var isStopping = false
    var isFinished = false

    // State that outlives a restart, beside the trades.
    var nextTicket: UInt64 = 1
    var nextTrade: UInt64 = 1
    /// Pairs that may not be entered before a time: they were left during this candle.
    var locks: [Pair: Timestamp] = [:]
    /// The candle on which an entry of a pair was refused; it is not tried again before the next.
    var refusedEntries: [Pair: Timestamp] = [:]
    var closedProfit = Amount.zero

    // What one input works with.
    var now = Timestamp(milliseconds: 0)
    var inputs: UInt64 = 0
    var out: [TradingDirective] = []
    var dirtyTrades: [TradeNumber] = []
    /// Records of trades that ended with this input.
    var endRecords: [TradingRecord] = []
    var jobIsDirty = false
    /// A trade ended with this input.
    var slotFreed = false
    /// Decisions told during the current candle, so that none is repeated at every tick.
    var told: Set<Told> = []
    var toldSince = Timestamp(milliseconds: 0)

    struct Told: Hashable, Sendable {
        var kind: Decision.Kind
        var pair: Pair?
        var trade: TradeNumber?
    }

    /// A loop that has not started. `whitelist`: the pairs to enter, in their order; `instruments` may list more (pairs of trades that
    /// are still open). `gate`: what the account's order gate is now; a live job comes up halted.
    package init(
        settings: TradingSettings, strategy: any Strategy, whitelist: [Pair], instruments: [TradedInstrument], gate: GateMode
    ) throws(TradingError) {
        let problems = settings.problems
        guard problems.isEmpty else { throw .settings(problems) }
        self.settings = settings
        self.strategy = strategy
        self.whitelist = whitelist
        roi = ROITable(settings.rules.minimalROI)
        let rules = settings.rules
        wallet = WalletRules(
            stake: rules.stakeAmount, maxOpenTrades: rules.maxOpenTrades, tradableBalanceRatio: rules.tradableBalanceRatio,
            availableCapital: rules.availableCapital, amendLastStakeAmount: rules.amendLastStakeAmount,
            lastStakeAmountMinRatio: rules.lastStakeAmountMinRatio)
        // Without steps nothing can be rounded: such an instrument cannot be traded.
        let usable = instruments.filter { $0.priceTick.isPositive && $0.quantityStep.isPositive }
        pairRules = Dictionary(usable.map { ($0.pair, PairRules($0)) }, uniquingKeysWith: { first, _ in first })
        self.gate = gate
        let limit = max(settings.candleLimit, rules.startupCandleCount + 1)
        for pair in pairRules.keys { markets[pair] = MarketState(timeframe: rules.timeframe, limit: limit) }
    }
}

// MARK: - Around every input

extension TradingInstance {
    mutating func begin(_ time: Timestamp) {
        // A clock that was set back must not make orders young again.
        now = max(now, time)
        inputs += 1
        out = []
    }

    /// Records first, then what they allow to be sent.
    mutating func end() -> [TradingDirective] {
        finishIfDone()
        var result: [TradingDirective] = []
        if jobIsDirty { result.append(.record(jobRecord)) }
        result += endRecords.map { .record($0) }
        for number in dirtyTrades {
            guard let trade = trades.first(where: { $0.number == number }) else { continue }
            result.append(.record(record(of: trade, state: trade.state)))
            out.append(.trade(trade.report(trade.state, at: now)))
        }
        result += out
        jobIsDirty = false
        dirtyTrades = []
        endRecords = []
        out = []
        return result
    }

    mutating func touch(_ index: Int) {
        let number = trades[index].number
        if !dirtyTrades.contains(number) { dirtyTrades.append(number) }
    }

    /// Tells a decision, once a candle.
    mutating func tell(_ kind: Decision.Kind, _ pair: Pair?, _ trade: TradeNumber? = nil, _ text: String) {
        let candle = settings.rules.timeframe.floor(now)
        if candle != toldSince {
            told = []
            toldSince = candle
        }
        guard told.insert(Told(kind: kind, pair: pair, trade: trade)).inserted else { return }
        out.append(.decision(Decision(kind: kind, pair: pair, trade: trade, text: text, time: now)))
    }

    /// Tells something that happens once.
    mutating func report(_ kind: Decision.Kind, _ pair: Pair?, _ trade: TradeNumber?, _ text: String) {
        out.append(.decision(Decision(kind: kind, pair: pair, trade: trade, text: text, time: now)))
    }

    func index(of pair: Pair) -> Int? { trades.firstIndex { $0.pair == pair } }
    func index(of number: TradeNumber) -> Int? { trades.firstIndex { $0.number == number } }

    /// Whether the strategy's orders that reduce may be sent.
    var mayReduce: Bool { gate != .halted && !isStopping }

    private mutating func finishIfDone() {
        guard isStopping, !isFinished, !trades.contains(where: { $0.working?.canceling != nil }) else { return }
        isFinished = true
        out.append(.finished)
    }
}

// MARK: - What can be seen

extension TradingInstance {
    /// The open trades.
    package var openTrades: [TradeReport] { trades.map { $0.report($0.state, at: now) } }
    /// How many trades are open, those whose entry has not filled included.
    package var openTradeCount: Int { trades.count }
    /// Tickets of the loop's orders that are not over.
    package var workingTickets: [OrderTicket] { trades.flatMap(\.orders).filter { !$0.isOver }.map(\.ticket).sorted() }
    /// After `stopRequested`: nothing more is to be waited for.
    package var hasFinished: Bool { isFinished }
    /// The sum of the cash flows of all closed trades in stake currency.
    package var realizedProfit: String { closedProfit.description }
}
