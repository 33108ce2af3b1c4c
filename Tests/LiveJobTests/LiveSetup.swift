import Backtesting
import Exchange
import LiveJob
import Market
import Money
import Orders
import Risk
import Strategies
import SyntheticMarket
import Trading
import TradingLoop

/// Buys at most candles and sells soon, so that trades come quickly.
struct Flicker: Strategy {
    static let name = "Flicker"
    static let parameters: [Parameter] = []
    static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "1m")
        rules.startupCandleCount = 5
        rules.minimalROI = [0: 0.001]
        rules.stoploss = -0.004
        return rules
    }()

    init(values: ParameterValues) {}

    func signals(on frame: Frame) -> Signals {
        var signals = Signals(count: frame.count)
        signals.enterLong(tag: "flicker") { $0 % 5 != 4 }
        signals.exitLong(tag: "flacker") { $0 % 5 == 4 }
        return signals
    }
}

/// What a run of the simulation trades with.
struct LiveSetup {
    var trading: TradingSettings
    var policy = RiskPolicy()
    var endsHalted: Bool
    /// The venue's dead-man timer, where it has one.
    var deadMan: DeadManSettings?

    init(_ random: inout SplitMix64) {
        trading = TradingSettings(rules: BacktestSettings(rules: Flicker.rules))
        trading.rules.stakeAmount = .fixed([60, 150, 400][random.below(3)])
        trading.rules.maxOpenTrades = 1 + random.below(2)
        let isMarket = random.chance(40)
        trading.rules.entryOrderType = isMarket ? .market : .limit
        trading.rules.exitOrderType = random.chance(50) ? .market : .limit
        trading.orderTypes.stoploss = random.chance(50) ? .market : .limit
        trading.entryPricing.side = isMarket || random.chance(50) ? .other : .same
        trading.exitPricing.side = trading.rules.exitOrderType == .market || random.chance(50) ? .other : .same
        trading.orderTypes.stoplossOnExchange = random.chance(50)
        trading.orderTypes.stoplossOnExchangeInterval = 5000
        trading.rules.trailingStop = random.chance(40)
        trading.rules.unfilledTimeout.entry = Int64(20_000 + random.below(60_000))
        trading.rules.unfilledTimeout.exit = 30_000
        trading.exitTimeoutCount = random.below(3)
        trading.cancelOpenOrdersOnExit = random.chance(60)
        endsHalted = random.chance(50)
        policy.maxOrdersPerMinute = random.chance(80) ? 200 : 6
        policy.maxDrawdown = .percent(random.chance(90) ? 10 : 1)
        policy.maxCorrelatedExposure = .percent(80)
        policy.maxPositionRisk = .percent(5)
    }

    func instance(_ venue: SimExchange, _ seed: UInt64, token: UInt32 = 3) throws -> LiveInstance {
        var trading = trading
        trading.rules.stakeCurrency = venue.dialect == .binance ? "USDT" : "USD"
        var settings = LiveInstance.Settings()
        settings.orders.backendTimeout = venue.trading.backendTimeout
        settings.entryLifetime = .milliseconds(2000)
        settings.deadMan = deadMan
        return try LiveInstance(
            settings: settings, trading: trading, strategy: Flicker(values: ParameterValues(defaultsOf: [])),
            whitelist: venue.instruments.map(\.pair).sorted(), instruments: venue.instruments,
            identity: OrderIdentity(owner: 0xABCD_0001, job: 7, token: token), account: "paper-sim/a", policy: policy,
            budget: .policyOnly)
    }
}

/// The process's clock.
struct RiskInstantOfWorld {
    let time: Timestamp
    init(_ time: Timestamp) { self.time = time }
    var risk: RiskInstant { RiskInstant(time: time, clock: time.milliseconds * 1_000_000) }
}

extension Candles {
    init(_ list: [Candle]) {
        self.init(
            times: Column(list.map(\.time.milliseconds)), open: Column(list.map(\.open)), high: Column(list.map(\.high)),
            low: Column(list.map(\.low)), close: Column(list.map(\.close)), volume: Column(list.map(\.volume)))
    }
}

extension SplitMix64 {
    mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// Events by time; those of one time in the order in which they came.
struct EventHeap<Event> {
    private var items: [(time: Int64, order: Int, event: Event)] = []
    private var count = 0

    mutating func push(_ event: Event, at time: Timestamp) {
        count += 1
        items.append((time.milliseconds, count, event))
        var place = items.count - 1
        while place > 0, isBefore(place, (place - 1) / 2) {
            items.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func pop() -> (Timestamp, Event)? {
        guard let first = items.first else { return nil }
        items.swapAt(0, items.count - 1)
        items.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < items.count && isBefore(child, least) { least = child }
            guard least != place else { break }
            items.swapAt(place, least)
            place = least
        }
        return (Timestamp(milliseconds: first.time), first.event)
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool { (items[a].time, items[a].order) < (items[b].time, items[b].order) }
}
