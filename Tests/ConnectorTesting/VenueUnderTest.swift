package import Connectors
package import Exchange
package import Market
package import Money

/// A venue on which the conformance suite runs: how its clients are made, what to trade, and how it is made to fail.
package struct VenueUnderTest: Sendable {
    /// The ways in which the suite makes it fail. One that is nil is left out.
    package struct Faults: Sendable {
        /// Makes the market move: at least one trade, and a change of candle and book.
        package var move: @Sendable () async -> Void = {}
        /// Breaks all streams, as a network does.
        package var breakStreams: (@Sendable () async -> Void)?
        /// The next messages of streams are lost, doubled, damaged.
        package var loseMessages: (@Sendable (Int) async -> Void)?
        package var doubleMessages: (@Sendable (Int) async -> Void)?
        package var damageMessages: (@Sendable (Int) async -> Void)?
        /// The next order is placed and its answer lost.
        package var loseOrderAnswer: (@Sendable () async -> Void)?
        /// The next order is cut off before the venue acts on it, without the client knowing.
        package var cutOrder: (@Sendable () async -> Void)?
        /// The next request for the server's time is refused for too many requests.
        package var refuseTime: (@Sendable () async -> Void)?
        /// The answer to the next request for balances is damaged.
        package var damageBalances: (@Sendable () async -> Void)?
        /// What the venue's book is.
        package var book: (@Sendable () async -> OrderBook)?

        package init() {}
    }

    package var name: String
    package var market: @Sendable () -> MarketDataClient
    /// Nil: the venue is tested without a key.
    package var trading: (@Sendable (MarketDataClient) async throws -> TradingClient)?
    package var pair: Pair
    package var timeframe: Timeframe
    /// A buy at this price rests, and costs less than there is.
    package var restingPrice: Price
    package var quantity: Quantity
    /// A quantity that the account cannot pay.
    package var hugeQuantity: Quantity
    package var bookDepth: Int
    /// The time between two movements of the market.
    package var pace = Duration.milliseconds(3)
    /// Settings of streams, with short waits.
    package var stream: MarketStream.Settings
    package var accountStream: AccountStream.Settings
    package var faults: Faults
    /// A client order id that was never used.
    package var freshID: @Sendable () -> ClientOrderID

    package init(
        name: String, pair: Pair, timeframe: Timeframe, restingPrice: Price, quantity: Quantity, hugeQuantity: Quantity,
        bookDepth: Int,
        faults: Faults, freshID: @escaping @Sendable () -> ClientOrderID, market: @escaping @Sendable () -> MarketDataClient,
        trading: (@Sendable (MarketDataClient) async throws -> TradingClient)?
    ) {
        self.name = name
        self.pair = pair
        self.timeframe = timeframe
        self.restingPrice = restingPrice
        self.quantity = quantity
        self.hugeQuantity = hugeQuantity
        self.bookDepth = bookDepth
        self.faults = faults
        self.freshID = freshID
        self.market = market
        self.trading = trading
        stream = MarketStream.Settings()
        stream.session.reconnect.first = .milliseconds(5)
        stream.session.fillPause = .milliseconds(20)
        stream.session.spacing = .milliseconds(1)
        stream.book.firstWait = .milliseconds(5)
        accountStream = AccountStream.Settings()
        accountStream.session.reconnect.first = .milliseconds(5)
    }
}

/// What a connector did not do.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw ConformanceFailure(what()) }
}

func failure(of body: () async throws -> Void) async throws -> VenueError {
    do {
        try await body()
    } catch let error as VenueError {
        return error
    }
    throw ConformanceFailure("an error was expected, and there was none")
}
