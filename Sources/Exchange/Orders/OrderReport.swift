package import Market
package import Money

/// What the venue says an order is now.
package struct OrderReport: Hashable, Sendable {
    package enum Status: String, Sendable, CaseIterable {
        /// Accepted, not yet in the book: a stop that waits for its trigger, or an order under way inside the venue.
        case pending
        case open, partiallyFilled, filled, canceled, expired, rejected
        package var isFinal: Bool { self == .filled || self == .canceled || self == .expired || self == .rejected }
    }

    package var venueOrderID: VenueOrderID
    package var clientOrderID: ClientOrderID?
    /// The venue's symbol as it stands in the answer.
    package var symbol: String
    package var status: Status
    package var side: OrderSide?
    /// The venue's own word for the type, for display.
    package var type: String
    /// Nil where the answer does not tell (an acknowledgement).
    package var price: Price?
    package var triggerPrice: Price?
    package var quantity: Quantity?
    package var filled: Quantity?
    /// What was paid or received so far, in quote currency, without fees.
    package var filledCost: Amount?
    /// Fee so far where the venue tells it with the order (Kraken).
    package var fee: Amount?
    /// Fills that came with the answer (Binance: `newOrderRespType=FULL`).
    package var fills: [Fill] = []
    package var createdAt: Timestamp?
    package var updatedAt: Timestamp?
    /// The venue's reason for an end that nobody asked for.
    package var reason: String?

    package init(
        venueOrderID: VenueOrderID, clientOrderID: ClientOrderID?, symbol: String, status: Status, side: OrderSide?, type: String
    ) {
        self.venueOrderID = venueOrderID
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.status = status
        self.side = side
        self.type = type
    }
}

/// One execution of an order.
package struct Fill: Hashable, Sendable {
    /// Unique per symbol at the venue.
    package var tradeID: String
    package var venueOrderID: VenueOrderID?
    package var clientOrderID: ClientOrderID?
    package var symbol: String
    package var side: OrderSide
    package var price: Price
    package var quantity: Quantity
    /// What the fill cost beyond its price; negative is a rebate.
    package var fee: Amount
    /// The currency of the fee, in the venue's normal spelling (BTC).
    package var feeAsset: String
    package var isMaker: Bool?
    package var time: Timestamp

    package init(
        tradeID: String, venueOrderID: VenueOrderID?, clientOrderID: ClientOrderID?, symbol: String, side: OrderSide,
        price: Price,
        quantity: Quantity, fee: Amount, feeAsset: String, isMaker: Bool?, time: Timestamp
    ) {
        self.tradeID = tradeID
        self.venueOrderID = venueOrderID
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.feeAsset = feeAsset
        self.isMaker = isMaker
        self.time = time
    }
}

/// What an account has of one currency.
package struct Balance: Hashable, Sendable {
    /// Normal spelling: BTC, not XXBT.
    package var asset: String
    package var free: Amount
    /// In open orders.
    package var locked: Amount
    /// False where the venue told the total only (Kraken's stream): `free` is then the total, what of it is in orders is not known.
    package var lockedIsKnown = true

    package init(asset: String, free: Amount, locked: Amount) {
        self.asset = asset
        self.free = free
        self.locked = locked
    }
}

/// What a key may do, as far as the venue tells.
package struct AccountRights: Hashable, Sendable {
    package var canRead: Bool?
    package var canTrade: Bool?
    /// A trading key has no need of it: the user is warned.
    package var canWithdraw: Bool?

    package init(canRead: Bool?, canTrade: Bool?, canWithdraw: Bool?) {
        self.canRead = canRead
        self.canTrade = canTrade
        self.canWithdraw = canWithdraw
    }
}
