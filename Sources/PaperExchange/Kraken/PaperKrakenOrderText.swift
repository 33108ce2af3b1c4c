import Exchange
import Matching
import Money

/// An order in Kraken's words.
struct PaperKrakenOrderText {
    private let order: Order
    private let pair: PaperKrakenNames.PairNames
    private let instrument: PaperInstrument
    private let quoteVolume: String?

    init(_ order: Order, _ pair: PaperKrakenNames.PairNames, _ venue: PaperVenue) {
        self.order = order
        self.pair = pair
        instrument = venue.instrument(order.instrument)
        quoteVolume = order.quoteQuantity > 0 ? venue.quoteText(order.quoteQuantity, instrument) : nil
    }

    static func type(_ kind: Matching.OrderKind) -> String {
        switch kind {
        case .limit: "limit"
        case .market: "market"
        case .stopLoss: "stop-loss"
        case .stopLossLimit: "stop-loss-limit"
        case .takeProfit: "take-profit"
        case .takeProfitLimit: "take-profit-limit"
        }
    }

    var type: String { Self.type(order.kind) }
    var side: String { order.side == .buy ? "buy" : "sell" }
    /// In quote currency where the order is by value.
    var volume: String { quoteVolume ?? instrument.volumeText(order.quantity) }

    var status: String {
        switch order.status {
        case .new, .partiallyFilled: "open"
        case .filled: "closed"
        case .canceled: "canceled"
        case .expired: order.reason == .deadline ? "expired" : "canceled"
        case .rejected: "canceled"
        }
    }

    /// Why it ended other than by being filled.
    var reason: String? {
        switch order.reason {
        case .none: nil
        case .request: "User requested"
        case .otherLeg: "Other order of the list"
        case .nothingLeft: order.timeInForce == .immediateOrCancel ? "IOC order" : "Insufficient liquidity"
        case .notFillable: "FOK order"
        case .selfTrade: "Self trade prevention"
        case .deadline: "Order expired"
        case .insufficientBalance: "Insufficient funds"
        case .rejected: "Rejected"
        }
    }

    var misc: String {
        var words: [String] = []
        if order.isTriggered { words.append(order.kind == .stopLoss || order.kind == .stopLossLimit ? "stopped" : "touched") }
        if !order.status.isOpen, order.filled > 0, order.status != .filled { words.append("partial") }
        return words.joined(separator: ",")
    }

    var prices: (first: String?, second: String?) {
        switch order.kind {
        case .market: (nil, nil)
        case .limit: (instrument.priceText(order.price), nil)
        case .stopLoss, .takeProfit: (instrument.priceText(order.triggerPrice), nil)
        case .stopLossLimit, .takeProfitLimit: (instrument.priceText(order.triggerPrice), instrument.priceText(order.price))
        }
    }

    /// `sell 0.28002676 ETHUSDT @ stop loss 0.0123 -> limit 0.0122`
    var sentence: String {
        let (first, second) = prices
        var words = ["\(side) \(volume) \(pair.altname) @"]
        switch order.kind {
        case .market: words.append("market")
        case .limit: words.append("limit")
        case .stopLoss, .stopLossLimit: words.append("stop loss")
        case .takeProfit, .takeProfitLimit: words.append("take profit")
        }
        if let first { words.append(first) }
        if let second { words.append("-> limit " + second) }
        return words.joined(separator: " ")
    }

    var description: JSONValue {
        let (first, second) = prices
        return [
            "pair": .string(pair.altname), "type": .string(side), "ordertype": .string(type), "price": .string(first ?? "0"),
            "price2": .string(second ?? "0"), "leverage": "none", "order": .string(sentence), "close": "",
        ]
    }
}
