package import Market
package import Money

/// What can be subscribed to without a key.
package enum MarketSubscription: Hashable, Sendable {
    case trades(TradedInstrument)
    case candles(TradedInstrument, Timeframe)
    /// The whole book or its upper levels, kept up to date.
    case book(TradedInstrument, depth: Int)
    /// Best bid and ask.
    case quote(TradedInstrument)
}

/// Something that happened in the market. Symbols are the stream's.
package enum MarketEvent: Hashable, Sendable {
    case trade(MarketTrade)
    case candle(MarketCandle)
    case bookUpdate(BookUpdate)
    case quote(MarketQuote)
}

package struct MarketTrade: Hashable, Sendable {
    package var symbol: String
    package var tradeID: Int64
    package var price: Price
    package var quantity: Quantity
    /// The side of the taker.
    package var takerSide: OrderSide
    package var time: Timestamp

    package init(symbol: String, tradeID: Int64, price: Price, quantity: Quantity, takerSide: OrderSide, time: Timestamp) {
        self.symbol = symbol
        self.tradeID = tradeID
        self.price = price
        self.quantity = quantity
        self.takerSide = takerSide
        self.time = time
    }
}

package struct MarketCandle: Hashable, Sendable {
    package var symbol: String
    package var timeframe: Timeframe
    package var candle: Candle
    /// Whether the candle is over. Kraken does not say: a candle is closed when the next one comes.
    package var isClosed: Bool?

    package init(symbol: String, timeframe: Timeframe, candle: Candle, isClosed: Bool?) {
        self.symbol = symbol
        self.timeframe = timeframe
        self.candle = candle
        self.isClosed = isClosed
    }
}

package struct MarketQuote: Hashable, Sendable {
    package var symbol: String
    package var bid: BookLevel
    package var ask: BookLevel

    package init(symbol: String, bid: BookLevel, ask: BookLevel) {
        self.symbol = symbol
        self.bid = bid
        self.ask = ask
    }
}

/// A price and how much is offered at it; a quantity of zero removes the level.
package struct BookLevel: Hashable, Sendable {
    package var price: Price
    package var quantity: Quantity

    package init(_ price: Price, _ quantity: Quantity) {
        self.price = price
        self.quantity = quantity
    }
}

/// A snapshot or a change of a book, as the venue sends it.
package struct BookUpdate: Hashable, Sendable {
    package var symbol: String
    package var isSnapshot: Bool
    /// Binance: first and last update id of the event (a snapshot: both the same). 0 where the venue has none.
    package var firstID: Int64
    package var lastID: Int64
    /// Binance futures: the last id of the event before (`pu`).
    package var previousID: Int64?
    /// Best first is not promised.
    package var bids: [BookLevel]
    package var asks: [BookLevel]
    /// Kraken: CRC-32 over the upper ten levels after this change.
    package var checksum: UInt32?

    package init(
        symbol: String, isSnapshot: Bool, firstID: Int64 = 0, lastID: Int64 = 0, previousID: Int64? = nil, bids: [BookLevel],
        asks: [BookLevel], checksum: UInt32? = nil
    ) {
        self.symbol = symbol
        self.isSnapshot = isSnapshot
        self.firstID = firstID
        self.lastID = lastID
        self.previousID = previousID
        self.bids = bids
        self.asks = asks
        self.checksum = checksum
    }
}

/// What a user stream tells about one's own account.
package enum AccountEvent: Hashable, Sendable {
    /// An order changed; `fill` is the execution that this message is about.
    case order(OrderReport, fill: Fill?)
    /// New totals of these currencies.
    case balances([Balance])
    /// The venue ended the stream: subscribe again, and read what was missed over REST.
    case ended(reason: String)
}
