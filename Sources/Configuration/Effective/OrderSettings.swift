/// How orders are placed, priced and given up. Names and defaults are freqtrade's; a backtest uses entry, exit and the two timeouts.
package struct OrderSettings: Hashable, Sendable {
    /// Limit or market.
    package enum Kind: String, Sendable, CaseIterable { case limit, market }

    /// How long an order stands.
    package enum TimeInForce: String, Sendable, CaseIterable {
        case goodTilCanceled = "GTC"
        case fillOrKill = "FOK"
        case immediateOrCancel = "IOC"
        /// Refused by the venue where it would take.
        case postOnly = "PO"
    }

    /// Which side of the book a price is taken from. `same`: where our order will stand; `other`: what it will meet.
    package enum PriceSide: String, Sendable, CaseIterable { case same, other, bid, ask }

    /// Where the price of a limit order comes from.
    package struct Pricing: Hashable, Sendable {
        package var side = PriceSide.same
        /// Whether the price is that of a level of the book and not the ticker's.
        package var usesOrderBook = false
        /// Which level that is, 1...50, counted from the best.
        package var orderBookTop = 1
        /// How far the ticker's price is moved towards the last trade, 0...1.
        package var lastBalance = 0.0
    }

    /// How an entry is ordered.
    package var entry = Kind.limit
    /// How an exit is ordered.
    package var exit = Kind.limit
    /// How a stop at the venue is made: a stop-limit or a stop-market order.
    package var stoploss = Kind.limit
    /// How an exit is ordered that could not be had otherwise.
    package var emergencyExit = Kind.market
    /// How an entry by hand is ordered; nil: as `entry`.
    package var forceEntry: Kind?
    /// How an exit by hand is ordered; nil: as `exit`.
    package var forceExit: Kind?
    /// Whether the stop rests at the venue.
    package var stoplossOnExchange = false
    /// Seconds between two moves of a trailing stop at the venue.
    package var stoplossOnExchangeInterval: Int64 = 60
    /// The limit of a stop-limit order as a part of its trigger; for long positions below it.
    package var stoplossOnExchangeLimitRatio = 0.99
    /// How long an entry stands.
    package var entryTimeInForce = TimeInForce.goodTilCanceled
    /// How long an exit stands.
    package var exitTimeInForce = TimeInForce.goodTilCanceled
    /// How an entry is priced.
    package var entryPricing = Pricing()
    /// How an exit is priced, and at which price stops and ROI are looked at.
    package var exitPricing = Pricing()
    /// Seconds after which an unfilled entry order is given up; nil: never.
    package var entryTimeout: Int64?
    /// Seconds after which an unfilled exit order is given up; nil: never.
    package var exitTimeout: Int64?
    /// After how many timed-out exits the trade is sold at market price; 0: never.
    package var exitTimeoutCount = 0
    /// Seconds after a candle's end at which its entry signal is too old; 0: never.
    package var ignoreExpiredCandleAfter: Int64 = 0
    /// Whether unfilled orders are canceled when the job ends.
    package var cancelOpenOrdersOnExit = false
    /// Milliseconds between two looks at stops, ROI and timeouts.
    package var throttleMilliseconds: Int64 = 5000
}
