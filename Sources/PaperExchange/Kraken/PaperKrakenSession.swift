import Exchange
import Matching

/// One stream and what it is subscribed to.
struct PaperKrakenSession: Sendable {
    /// A market channel of one pair.
    struct Channel: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            case trade, ohlc(minutes: Int64), book(depth: Int), ticker(onQuotes: Bool)

            var name: String {
                switch self {
                case .trade: "trade"
                case .ohlc: "ohlc"
                case .book: "book"
                case .ticker: "ticker"
                }
            }
        }

        let kind: Kind
        let pair: InstrumentID
    }

    /// A channel of an account.
    struct Private: Sendable {
        let account: AccountID
        let token: String
        var sequence: Int64 = 0
        /// Of balances: what was told last.
        var totals: [AssetID: Int128] = [:]
    }

    /// In the order in which they were asked for.
    var channels: [Channel] = []
    /// What a subscriber of a book knows of it.
    var books: [Channel: PaperKrakenBook] = [:]
    /// The best prices that a ticker told last.
    var quotes: [InstrumentID: PaperKrakenQuote] = [:]
    var executions: Private?
    var balances: Private?
    var isToldInstruments = false
    /// When something was sent last, in real milliseconds.
    var lastSent: Int64 = 0

    var isSubscribed: Bool { !channels.isEmpty || executions != nil || balances != nil || isToldInstruments }
    static let mostChannels = 1000
}

/// The best levels.
struct PaperKrakenQuote: Hashable, Sendable {
    let bid: DepthLevel?
    let ask: DepthLevel?
}

/// The upper levels of a book as a subscriber has them.
struct PaperKrakenBook: Sendable {
    private(set) var bids: [DepthLevel]
    private(set) var asks: [DepthLevel]

    init(_ depth: Depth) {
        bids = depth.bids
        asks = depth.asks
    }

    /// What a subscriber must be told of changes, given the book as it is now: changed levels within its depth, ones that left, and
    /// ones that moved up into it. What fell out below it, the subscriber cuts off.
    mutating func update(_ changes: DepthChanges, now: Depth) -> (bids: [DepthLevel], asks: [DepthLevel]) {
        let result = (
            bids: Self.told(bids, changes.bids, now.bids), asks: Self.told(asks, changes.asks, now.asks)
        )
        bids = now.bids
        asks = now.asks
        return result
    }

    private static func told(_ before: [DepthLevel], _ changed: [DepthLevel], _ now: [DepthLevel]) -> [DepthLevel] {
        let old = Set(before.map(\.price))
        let new = Set(now.map(\.price))
        let touched = Set(changed.map(\.price))
        let left = changed.filter { $0.quantity == 0 && old.contains($0.price) && !new.contains($0.price) }
        return left + now.filter { touched.contains($0.price) || !old.contains($0.price) }
    }

    /// CRC-32 over the digits of the ten best levels, asks first, without points and leading zeros.
    func checksum(_ instrument: PaperInstrument) -> UInt32 {
        var state = UInt32.max
        for level in asks.prefix(10) + bids.prefix(10) {
            for text in [instrument.priceText(level.price), instrument.volumeText(level.quantity)] {
                for byte in text.utf8.filter({ $0 != UInt8(ascii: ".") }).drop(while: { $0 == UInt8(ascii: "0") }) {
                    state = Self.table[Int((state ^ UInt32(byte)) & 255)] ^ state >> 8
                }
            }
        }
        return ~state
    }

    /// CRC-32 of IEEE 802.3, a byte at a time.
    private static let table: [UInt32] = (0..<256).map { start in
        (0..<8).reduce(UInt32(start)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }
}
