import Backtesting
import DryRun
import DryRunJob
import Exchange
import Market
import Money
import Orders
import Strategies
import SyntheticMarket
import Trading
import TradingJournal
import TradingLoop

/// A synthetic market in front of a dry-run: a book at each candle's open, extremes and close, and the candle when it is over.
struct DryRunRig {
    struct Step {
        enum What {
            case book(bid: Price, ask: Price)
            case candle(Candle)
            case tick
        }
        var pair: Pair
        var time: Timestamp
        var what: What
    }

    let settings: TradingSettings
    let strategy: any Strategy
    let instruments: [TradedInstrument]
    let history: [Pair: Candles]
    let steps: [Step]
    let begin: Timestamp

    static let names = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
    /// Candles before the first step: as many as a loop keeps, which is what a venue is asked for.
    let historyRows: Int

    init(
        seed: UInt64, days: Int = 3, strategy type: any Strategy.Type = EmaCross.self,
        _ change: (inout TradingSettings) -> Void = { _ in }
    ) throws {
        let pairs = Self.names.compactMap { Pair($0) }
        let market = try SyntheticMarket(seed: seed, pairs: pairs, start: Timestamp(seconds: 1_700_000_000), days: days)
        var settings = TradingSettings(rules: BacktestSettings(rules: type.rules))
        settings.rules.timeframe = .fiveMinutes
        settings.rules.stakeAmount = .fixed(300)
        settings.rules.maxOpenTrades = 2
        settings.candleLimit = 160
        change(&settings)
        self.settings = settings
        strategy = type.init(values: ParameterValues(defaultsOf: type.parameters))
        instruments = pairs.map(Self.listing)
        let timeframe = settings.rules.timeframe
        historyRows = settings.candleLimit
        var history: [Pair: Candles] = [:]
        var steps: [Step] = []
        for pair in pairs {
            let candles = try market.candles(pair, timeframe)
            history[pair] = candles.slice(0..<historyRows)
            for row in historyRows..<candles.count { steps += Self.steps(candles.candle(at: row), pair, timeframe) }
        }
        self.history = history
        self.steps = steps.sorted { ($0.time.milliseconds, $0.pair.description) < ($1.time.milliseconds, $1.pair.description) }
        begin = self.steps.first?.time ?? Timestamp(milliseconds: 0)
    }

    private static func steps(_ candle: Candle, _ pair: Pair, _ timeframe: Timeframe) -> [Step] {
        let length = timeframe.milliseconds
        let path =
            candle.close >= candle.open
            ? [candle.open, candle.low, candle.high, candle.close] : [candle.open, candle.high, candle.low, candle.close]
        var steps: [Step] = []
        for (place, price) in path.enumerated() {
            let time = candle.time.advanced(byMilliseconds: Int64(place) * length / 5 + 1000)
            steps.append(Step(pair: pair, time: time, what: .book(bid: cents(price, -1), ask: cents(price, 1))))
            steps.append(Step(pair: pair, time: time.advanced(byMilliseconds: 500), what: .tick))
        }
        steps.append(Step(pair: pair, time: candle.time.advanced(byMilliseconds: length), what: .candle(candle)))
        return steps
    }

    private static func cents(_ price: Double, _ offset: Int64) -> Price {
        Price(units: max(Int64((price * 10_000).rounded()) + offset, 1), decimals: 4)
    }

    private static func listing(_ pair: Pair) -> TradedInstrument {
        let symbol = pair.base + pair.quote
        var listing = TradedInstrument(
            pair: pair, symbol: symbol, streamSymbol: symbol, priceTick: Price(units: 1, decimals: 4),
            quantityStep: Quantity(units: 1, decimals: 6))
        listing.minimumNotional = Amount("5")
        listing.makerFee = Amount("0.001")
        listing.takerFee = Amount("0.0015")
        return listing
    }

    /// A process at its start: nothing but the settings.
    func bare() throws -> DryRunInstance {
        try DryRunInstance(
            settings: settings, strategy: strategy, whitelist: instruments.map(\.pair), instruments: instruments,
            wallet: DryRunWallet(["USDT": Amount("1000") ?? .zero]), rules: DryRunRules(), gate: .active)
    }

    /// The first process, with the history before the first step.
    func make() throws -> DryRunInstance {
        var instance = try bare()
        for (pair, candles) in history.sorted(by: { $0.key < $1.key }) { _ = instance.history(pair, candles, now: begin) }
        return instance
    }

    static func feed(_ step: Step, to instance: inout DryRunInstance) -> DryRunInstance.Output {
        switch step.what {
        case .book(let bid, let ask):
            let depth = Quantity(units: 1_000_000, decimals: 0)
            return instance.book(step.pair, bids: [BookLevel(bid, depth)], asks: [BookLevel(ask, depth)], now: step.time)
        case .candle(let candle): return instance.candle(step.pair, candle, now: step.time)
        case .tick: return instance.tick(now: step.time)
        }
    }
}
