package import Market
package import Matching
package import Money

/// What a paper venue is made of.
package struct PaperVenueSettings: Sendable {
    /// One instrument: its rules and where its prices come from.
    package struct Instrument: Sendable {
        package var pair: Pair
        package var tick: Price
        package var lot: Quantity
        package var minimumQuantity: Quantity
        package var minimumNotional: Amount
        /// Fees in parts of 100,000,000.
        package var makerFee: Int64
        package var takerFee: Int64
        package var feed: CandleFeed

        package init(
            pair: Pair, tick: Price, lot: Quantity, minimumQuantity: Quantity, minimumNotional: Amount, makerFee: Int64,
            takerFee: Int64,
            feed: CandleFeed
        ) {
            self.pair = pair
            self.tick = tick
            self.lot = lot
            self.minimumQuantity = minimumQuantity
            self.minimumNotional = minimumNotional
            self.makerFee = makerFee
            self.takerFee = takerFee
            self.feed = feed
        }
    }

    /// One account with its key. Keys of paper venues begin with `paper`.
    package struct Account: Sendable {
        package var name: String
        package var key: String
        package var secret: String
        package var balances: [String: Amount]
        package var canTrade = true
        package var canWithdraw = false

        package init(name: String, key: String, secret: String, balances: [String: Amount]) {
            self.name = name
            self.key = key
            self.secret = secret
            self.balances = balances
        }
    }

    /// `paper-binance`, for example.
    package var name: String
    package var instruments: [Instrument]
    package var accounts: [Account]
    /// The timeframe of the feeds.
    package var base = Timeframe.oneMinute
    /// The venue's time at the start: candles of the feeds that open before are history.
    package var start: Timestamp
    /// The market moves each so many milliseconds of the venue's time.
    package var stepMilliseconds: Int64 = 1000
    /// Candles of the base timeframe kept for each instrument.
    package var historyCandles = 200_000
    /// How many price levels the house offers on each side, and the value of each in quote currency.
    package var depthLevels = 20
    package var levelValue: Amount = Amount(units: 20_000, decimals: 0)
    package var feesPaidIn = FeeSchedule.PaidIn.received
    /// What all chance follows from.
    package var seed: UInt64
    /// Times as fast as real time; limits of time windows are stretched alike. 1: clocks are checked as the venue does.
    package var speed: Double = 1
    package var enforcesRateLimits = true

    package init(name: String, instruments: [Instrument], accounts: [Account], start: Timestamp, seed: UInt64) {
        self.name = name
        self.instruments = instruments
        self.accounts = accounts
        self.start = start
        self.seed = seed
    }
}

/// Why a paper venue cannot be made of its settings.
package struct PaperSetupError: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
