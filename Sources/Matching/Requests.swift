/// An order that a client wants to place. Prices in ticks, quantities in lots; any value is allowed here, the engine rejects what its
/// rules do not.
package struct OrderRequest: Sendable {
    package var account: AccountID
    package var instrument: InstrumentID
    package var side: Side
    package var kind: OrderKind
    package var price: Int64?
    package var triggerPrice: Int64?
    package var quantity: Int64?
    /// Instead of a quantity, market orders only: quote units to spend or to receive.
    package var quoteQuantity: Int128?
    package var timeInForce: TimeInForce = .goodTillCanceled
    package var isPostOnly = false
    package var selfTrade: SelfTradePrevention = .none
    package var clientID: ClientID = .none
    /// When the order expires, on the engine's clock; only with `goodTillCanceled`.
    package var deadline: Int64?

    package init(account: AccountID, instrument: InstrumentID, side: Side, kind: OrderKind) {
        self.account = account
        self.instrument = instrument
        self.side = side
        self.kind = kind
    }

    package static func limit(
        _ account: AccountID, _ instrument: InstrumentID, _ side: Side, price: Int64, quantity: Int64
    ) -> OrderRequest {
        var result = OrderRequest(account: account, instrument: instrument, side: side, kind: .limit)
        result.price = price
        result.quantity = quantity
        return result
    }

    package static func market(_ account: AccountID, _ instrument: InstrumentID, _ side: Side, quantity: Int64) -> OrderRequest {
        var result = OrderRequest(account: account, instrument: instrument, side: side, kind: .market)
        result.quantity = quantity
        return result
    }

    package static func market(
        _ account: AccountID, _ instrument: InstrumentID, _ side: Side, quoteQuantity: Int128
    ) -> OrderRequest {
        var result = OrderRequest(account: account, instrument: instrument, side: side, kind: .market)
        result.quoteQuantity = quoteQuantity
        return result
    }
}

/// One cancels the other: a post-only limit order and a stop-loss of the same side and quantity, which lock money once.
package struct OCORequest: Sendable {
    package var account: AccountID
    package var instrument: InstrumentID
    package var side: Side
    package var quantity: Int64
    /// Of the limit order: above the last price for a sale, below it for a purchase.
    package var price: Int64
    package var triggerPrice: Int64
    /// Nil: the stop is a market order.
    package var stopLimitPrice: Int64?
    /// Of the stop with a limit.
    package var stopTimeInForce: TimeInForce = .goodTillCanceled
    package var selfTrade: SelfTradePrevention = .none
    package var clientID: ClientID = .none
    package var limitClientID: ClientID = .none
    package var stopClientID: ClientID = .none

    package init(
        account: AccountID, instrument: InstrumentID, side: Side, quantity: Int64, price: Int64, triggerPrice: Int64,
        stopLimitPrice: Int64? = nil
    ) {
        self.account = account
        self.instrument = instrument
        self.side = side
        self.quantity = quantity
        self.price = price
        self.triggerPrice = triggerPrice
        self.stopLimitPrice = stopLimitPrice
    }

    var limitLeg: OrderRequest {
        var result = OrderRequest.limit(account, instrument, side, price: price, quantity: quantity)
        result.isPostOnly = true
        result.selfTrade = selfTrade
        result.clientID = limitClientID
        return result
    }

    var stopLeg: OrderRequest {
        let kind: OrderKind = stopLimitPrice == nil ? .stopLoss : .stopLossLimit
        var result = OrderRequest(account: account, instrument: instrument, side: side, kind: kind)
        result.quantity = quantity
        result.price = stopLimitPrice
        result.triggerPrice = triggerPrice
        result.timeInForce = stopLimitPrice == nil ? .goodTillCanceled : stopTimeInForce
        result.selfTrade = selfTrade
        result.clientID = stopClientID
        return result
    }
}

/// Why the engine refused a request. Nothing was changed by it.
package enum Rejection: UInt8, Error, Hashable, Sendable, CaseIterable {
    case unknownAccount, unknownInstrument, unknownAsset, unknownOrder, unknownList
    /// Parts that do not go together: a limit order without a price, a post-only order that is immediate, and the like.
    case invalidCombination
    case priceOutOfRange, triggerPriceOutOfRange, quantityOutOfRange, quoteQuantityOutOfRange, notionalOutOfRange
    case deadlinePassed
    /// Another open order of the account has this client id.
    case duplicateClientID
    case tooManyOpenOrders
    /// The account, or the fee account, holds more than `Bounds.account` of an asset.
    case accountTooLarge
    case insufficientBalance
    /// A post-only order would take.
    case wouldTake
    /// A stop's trigger price is reached already.
    case wouldTrigger
    /// The prices of an OCO are on the wrong side of the last price or of each other.
    case pricesOutOfOrder
    /// A market order found an empty book.
    case noLiquidity
    /// Orders of a list, and stops that wait (but for less quantity), cannot be amended.
    case notAmendable
    /// The amendment changes nothing.
    case noChange
    case amountOutOfRange
}
