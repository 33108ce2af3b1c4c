package import Market

/// The public half of a venue: requests and streams without a key. Pure; a shell sends what it makes.
///
/// A market-data client is built from this alone, so that it has no way to a signed endpoint.
package protocol MarketDataVenue: Sendable {
    /// What the venue is called in `configs/venues` as its `protocol`: `binance`, `binance-usdm`, `kraken`.
    static var protocolName: String { get }

    /// The budgets of REST and streams, before the venue's own answers correct them.
    var budgetLimits: [BudgetLimit] { get }
    /// What an answer's headers tell about used budgets.
    func usage(in response: WebResponse) -> [BudgetUsage]
    /// Budgets that the market list tells (Binance `rateLimits`), empty where it does not.
    func budgetLimits(inMarketList response: WebResponse) -> [BudgetLimit]

    func serverTime() -> PublicCall<Timestamp>
    /// One or more calls whose answers, in their order, make the list. (Kraken needs its assets, too.)
    func marketList() -> [PublicCall<WebResponse>]
    func instruments(from responses: [WebResponse]) throws(VenueError) -> [TradedInstrument]
    /// Candles that open at or after `from`, oldest first, at most `limit`; the last may still be open.
    func candles(_ instrument: TradedInstrument, _ timeframe: Timeframe, from: Timestamp?, limit: Int) -> PublicCall<[Candle]>
    /// The timeframes that the venue's candles come in.
    var timeframes: [Timeframe] { get }
    /// The most candles in one answer.
    var candleLimit: Int { get }
    /// Kraken only ever gives the newest 720: nothing older can be downloaded candle by candle.
    var candlesReachBack: Bool { get }
    func recentTrades(_ instrument: TradedInstrument, limit: Int) -> PublicCall<[MarketTrade]>
    func book(_ instrument: TradedInstrument, depth: Int) -> PublicCall<BookUpdate>

    /// Where market streams connect; the part of the URL behind the origin.
    var marketStreamPath: String { get }
    /// Where this subscription connects, for venues that serve streams at several paths: each path is a connection of its own.
    func marketStreamPath(of subscription: MarketSubscription) -> String
    /// Messages that subscribe; `id` is the first request number to use.
    func subscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String]
    func unsubscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String]
    /// Reads one message. Acknowledgements and heartbeats are inputs, too.
    func decode(_ message: [UInt8]) throws(VenueError) -> StreamInput
    /// How the book of a stream is put together.
    var bookRule: BookRule { get }
    /// The checksum of a book's upper ten levels (best first) under the rule `checksum`; nil where the venue has none.
    func bookChecksum(bids: [BookLevel], asks: [BookLevel], of instrument: TradedInstrument) -> UInt32?
    /// Without any message for this long the stream is dead.
    var streamSilenceLimit: Duration { get }
    /// Streams in one connection at most.
    var subscriptionsPerConnection: Int { get }
}

extension MarketDataVenue {
    package func marketStreamPath(of subscription: MarketSubscription) -> String { marketStreamPath }
    package func bookChecksum(bids: [BookLevel], asks: [BookLevel], of instrument: TradedInstrument) -> UInt32? { nil }
}

/// One message of a market stream.
package enum StreamInput: Hashable, Sendable {
    case events([MarketEvent])
    /// The answer to request `id`; nil error: accepted.
    case acknowledged(id: Int64?, error: VenueError?)
    case heartbeat
    /// The venue announces that it will close the connection: open the next one first.
    case closingSoon
    /// Known and of no use to us.
    case ignored
}

/// The private half: signed requests. Only a trading client is built from it.
package protocol TradingVenue: Sendable {
    func sign(_ draft: RequestDraft, with credentials: Credentials, at moment: SigningMoment) throws(VenueError) -> WebRequest

    /// Why these credentials cannot be right (form, paper keys at a real venue); nil where nothing speaks against them. Never shows them.
    func problem(of credentials: Credentials) -> String?

    func balances() -> SignedCall<[Balance]>
    func accountRights() -> SignedCall<AccountRights>?
    func place(_ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp) throws(VenueError) -> SignedCall<
        OrderReport
    >
    /// Nil where the venue has no such order.
    func place(_ oco: OCOIntent, _ instrument: TradedInstrument) -> SignedCall<[OrderReport]>?
    /// Checks an order without placing it.
    func validate(_ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp) throws(VenueError) -> SignedCall<
        Void
    >
    /// `age` of the order where it is known: Kraken charges young ones more.
    func cancel(_ order: OrderReference, _ instrument: TradedInstrument, age: Duration?) -> SignedCall<OrderReport?>
    /// All orders of the instrument; nil: of the account, where the venue can. Answers how many, where it tells.
    func cancelAll(_ instrument: TradedInstrument?) -> SignedCall<Int?>?
    func order(_ order: OrderReference, _ instrument: TradedInstrument) -> SignedCall<OrderReport>
    /// The calls that together decide whether the venue has this order, to be made one after the other until one finds it. Only the last one's
    /// `orderNotFound` is conclusive. (Kraken lists open and closed orders apart.) By default the one call `order`.
    func orderLookups(_ order: OrderReference, _ instrument: TradedInstrument) -> [SignedCall<OrderReport>]
    func openOrders(_ instrument: TradedInstrument?) -> SignedCall<[OrderReport]>
    /// Fills after this trade id (nil: the newest), oldest first.
    func fills(_ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?) -> SignedCall<[Fill]>
    /// As `fills`, a page at a time where the venue pages from the newest backwards (Kraken: 50): `offset` is 0, then the page's `nextOffset`.
    /// By default everything in one page.
    func fillPage(_ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?, offset: Int) -> SignedCall<FillPage>
    /// Cancels everything unless renewed within `timeout`; zero switches it off. Nil where the venue has none. Binance USD-M: per symbol.
    func deadManTimer(_ timeout: Duration, _ instrument: TradedInstrument?) -> SignedCall<Void>?
    /// Whether requests of one key must arrive in the order of their nonces (Kraken): then only one is under way at a time.
    var requestsAreOrdered: Bool { get }
    /// How long after its end a request of unknown outcome may still come to effect (Binance: 10 s).
    var backendTimeout: Duration { get }

    /// The call that yields a token or listen key for the user stream; nil where the subscription itself is signed.
    func streamToken() -> SignedCall<String>?
    /// How often the token wants renewal, and the call for it.
    func renewStreamToken(_ token: String) -> (every: Duration, call: SignedCall<Void>)?
    /// Where the user stream connects, behind its origin.
    func accountStreamPath(token: String?) -> String
    /// Messages that subscribe to one's own orders and balances.
    func subscribeToAccount(
        token: String?, credentials: Credentials, at moment: SigningMoment, id: Int64
    ) throws(VenueError) -> [String]
    /// Reads one message of the user stream.
    func decodeAccount(_ message: [UInt8]) throws(VenueError) -> AccountInput
}

/// Some of the fills that were asked for.
package struct FillPage: Hashable, Sendable {
    /// Oldest first; each page is older than the one before.
    package var fills: [Fill]
    /// Where the next page begins; nil: this was the last.
    package var nextOffset: Int?

    package init(fills: [Fill], nextOffset: Int?) {
        self.fills = fills
        self.nextOffset = nextOffset
    }
}

extension TradingVenue {
    package func orderLookups(_ reference: OrderReference, _ instrument: TradedInstrument) -> [SignedCall<OrderReport>] {
        [order(reference, instrument)]
    }

    package func fillPage(
        _ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?, offset: Int
    ) -> SignedCall<FillPage> {
        let call = fills(instrument, after: tradeID, from: from)
        return SignedCall(call.draft, charges: call.charges, changesState: false) { response throws(VenueError) in
            FillPage(fills: try call.decode(response), nextOffset: nil)
        }
    }

    package var requestsAreOrdered: Bool { false }
}

/// One message of a user stream.
package enum AccountInput: Hashable, Sendable {
    case events([AccountEvent])
    case acknowledged(id: Int64?, error: VenueError?)
    case heartbeat
    case closingSoon
    case ignored
}

/// How the parts of a book belong together.
package enum BookRule: Hashable, Sendable {
    /// Binance spot: snapshot over REST, then events with `U` and `u`, each beginning where the last ended.
    case updateIDs
    /// Binance futures: as before, linked by `pu`.
    case previousIDs
    /// Kraken: snapshot in the stream, checked by CRC-32 over the upper ten levels, cut to the subscribed depth.
    case checksum
}
