package import Backtesting
import Market

/// What the trading loop depends on beside candles, quotes and what becomes of its orders. Names and defaults are freqtrade's.
///
/// `rules` holds all that a backtest has, too: one value drives a dry-run, a live job and the backtest that they are compared with.
package struct TradingSettings: Hashable, Sendable {
    /// Whose price an order takes.
    package enum PriceSide: String, Hashable, Sendable, CaseIterable { case same, other, bid, ask }

    /// How a rate is found: freqtrade's `entry_pricing` and `exit_pricing`.
    package struct Pricing: Hashable, Sendable {
        package var side = PriceSide.same
        /// Whether the rate is a level of the book rather than the best quote.
        package var usesOrderBook = false
        /// Which level, from 1.
        package var orderBookTop = 1
        /// How far the rate moves from the quote toward the last price, 0 to 1, where the last price is the better one.
        package var lastBalance = 0.0
        package init() {}
    }

    /// How long an order may rest: freqtrade's `order_time_in_force`.
    package enum TimeInForceRule: String, Hashable, Sendable, CaseIterable {
        case goodTilCanceled = "GTC", fillOrKill = "FOK", immediateOrCancel = "IOC", postOnly = "PO"
    }

    /// The order types beside entry and exit, which `rules` has.
    package struct OrderTypes: Hashable, Sendable {
        /// Stops: those that the loop sells on, and those at the venue.
        package var stoploss = BacktestSettings.OrderType.limit
        package var emergencyExit = BacktestSettings.OrderType.market
        /// Nil: as `exit`.
        package var forceExit: BacktestSettings.OrderType?
        /// Whether a protective stop rests at the venue.
        package var stoplossOnExchange = false
        /// The least time between two moves of that stop, in milliseconds.
        package var stoplossOnExchangeInterval: Int64 = 60_000
        /// Limit price over trigger price of that stop.
        package var stoplossOnExchangeLimitRatio = 0.99
        package init() {}
    }

    /// Exits, stops, ROI, stakes, time-outs, types of entry and exit orders.
    package var rules: BacktestSettings
    package var entryPricing = Pricing()
    package var exitPricing = Pricing()
    package var orderTypes = OrderTypes()
    package var entryTimeInForce = TimeInForceRule.goodTilCanceled
    package var exitTimeInForce = TimeInForceRule.goodTilCanceled
    /// After so many canceled exit orders a trade is closed at the market; 0: never.
    package var exitTimeoutCount = 0
    /// Milliseconds after a candle's end from which its entry signal does not count any more; nil: until the next candle.
    package var ignoreBuyingExpiredCandleAfter: Int64?
    /// Milliseconds beyond two timeframes after which candles are too old to act on (freqtrade: `exchange.outdated_offset`, 5 minutes).
    package var outdatedOffset: Int64 = 300_000
    /// Whether the end of a job cancels entry and exit orders.
    package var cancelOpenOrdersOnExit = false
    /// Milliseconds between two looks at everything (freqtrade: `internals.process_throttle_secs`).
    package var processThrottle: Int64 = 5000
    /// Whether exits are looked at with every quote, too; otherwise only with candles and at the ticks, as freqtrade does.
    package var checksExitsOnQuotes = true
    /// Whether the loop also sells at the stop while a stop of the same trade works at the venue (freqtrade in dry-run).
    package var checksStopBesideVenue = false
    /// Candles of a pair that are kept for the strategy, at least the startup candles.
    package var candleLimit = 1500

    package init(rules: BacktestSettings) { self.rules = rules }
}

extension TradingSettings {
    /// What keeps a loop from running with these settings: the key and what to do; empty: nothing. The rules' own checks are the backtest's.
    package var problems: [String] {
        var result: [String] = []
        func require(_ holds: Bool, _ text: String) { if !holds { result.append(text) } }
        do { try rules.validate() } catch { result.append("\(error)") }
        require(rules.tradingMode == .spot && !rules.canShort, "trading_mode: only spot, and no short trades; use spot")
        for (name, type, pricing, goodSides) in [
            ("entry", rules.entryOrderType, entryPricing, [PriceSide.other, .ask]),
            ("exit", rules.exitOrderType, exitPricing, [PriceSide.other, .bid]),
        ] {
            require(
                type == .limit || goodSides.contains(pricing.side),
                "order_types.\(name): market orders need \(name)_pricing.price_side = \"other\"")
            require(
                (1...50).contains(pricing.orderBookTop), "\(name)_pricing.order_book_top: \(pricing.orderBookTop) is not 1 to 50")
            require((0...1).contains(pricing.lastBalance), "\(name)_pricing.price_last_balance: use a number from 0 to 1")
        }
        require(
            orderTypes.stoplossOnExchangeLimitRatio > 0 && orderTypes.stoplossOnExchangeLimitRatio <= 1,
            "order_types.stoploss_on_exchange_limit_ratio: use a ratio above 0 and up to 1")
        require(orderTypes.stoplossOnExchangeInterval >= 0, "order_types.stoploss_on_exchange_interval: use 0 or more")
        require(exitTimeoutCount >= 0, "unfilledtimeout.exit_timeout_count: use 0 or more")
        require((100...3_600_000).contains(processThrottle), "internals.process_throttle_secs: use 0.1 to 3600 seconds")
        require((1...100_000).contains(candleLimit), "candle limit: use 1 to 100000")
        return result
    }
}
