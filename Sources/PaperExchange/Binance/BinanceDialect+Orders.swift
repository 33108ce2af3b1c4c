import Exchange
import Matching

// New orders.

extension BinanceDialect {
    mutating func placeOrder(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let request = try newOrder(parameters, account, venue)
        let detail = try Self.detail(parameters)
        return try place(request, detail, &venue)
    }

    mutating func place(
        _ request: OrderRequest, _ detail: BinanceOrderText.Detail, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        switch venue.place(request) {
        case .success(let placed): return BinanceOrderText(venue: venue).placed(placed.order, placed.fills, detail)
        case .failure(let rejection): throw Self.failure(rejection)
        }
    }

    /// Everything of an order is checked, nothing is changed.
    mutating func testOrder(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let request = try newOrder(parameters, account, venue)
        var engine = venue.engine
        do throws(Rejection) { _ = try engine.place(request) } catch { throw Self.failure(error) }
        guard try parameters.flag("computeCommissionRates") == true else { return [:] }
        return Self.commission(venue.instrument(request.instrument), discount: false)
    }

    /// The order that the parameters describe; refused where they or the instrument's filters do not allow it.
    mutating func newOrder(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> OrderRequest {
        let instrument = try Self.instrument(parameters, venue)
        guard account.settings.canTrade else {
            throw BinanceFailure(-2010, "This account may not place or cancel orders.")
        }
        let side = try parameters.side()
        let (kind, isPostOnly) = try Self.kind(parameters)
        try Self.checkShape(parameters, kind, isPostOnly: isPostOnly)
        var request = OrderRequest(account: account.id, instrument: instrument.id, side: side, kind: kind)
        request.isPostOnly = isPostOnly
        if kind.hasLimit { request.price = try parameters.price("price", instrument) }
        if kind.hasTrigger { request.triggerPrice = try parameters.price("stopPrice", instrument) }
        request.quantity = try parameters.quantity("quantity", instrument)
        request.quoteQuantity = try parameters.amount("quoteOrderQty", venue.asset(instrument.rules.quote))
        request.timeInForce = try parameters.timeInForce("timeInForce") ?? .goodTillCanceled
        request.selfTrade = try parameters.selfTrade()
        request.clientID = try parameters.clientID("newClientOrderId") ?? newClientID()
        try Self.checkFilters(request, instrument, venue)
        return request
    }

    private static func kind(_ parameters: BinanceParameters) throws(BinanceFailure) -> (Matching.OrderKind, isPostOnly: Bool) {
        switch try parameters.required("type") {
        case "LIMIT": (.limit, false)
        case "LIMIT_MAKER": (.limit, true)
        case "MARKET": (.market, false)
        case "STOP_LOSS": (.stopLoss, false)
        case "STOP_LOSS_LIMIT": (.stopLossLimit, false)
        case "TAKE_PROFIT": (.takeProfit, false)
        case "TAKE_PROFIT_LIMIT": (.takeProfitLimit, false)
        default: throw BinanceFailure(-1116, "Invalid orderType.")
        }
    }

    /// Which parameters an order must have, and which it must not have.
    private static func checkShape(
        _ parameters: BinanceParameters, _ kind: Matching.OrderKind, isPostOnly: Bool
    ) throws(BinanceFailure) {
        let needsTime = kind.hasLimit && !isPostOnly
        for (name, isNeeded) in [("timeInForce", needsTime), ("price", kind.hasLimit), ("stopPrice", kind.hasTrigger)] {
            let isSent = parameters[name] != nil
            if isNeeded { _ = try parameters.required(name) } else if isSent { throw .notRequired(name) }
        }
        let isByQuote = parameters["quoteOrderQty"] != nil
        if kind == .market {
            guard isByQuote || parameters["quantity"] != nil else { throw .missing("quantity") }
            guard !isByQuote || parameters["quantity"] == nil else { throw .notRequired("quoteOrderQty") }
        } else {
            if isByQuote { throw .notRequired("quoteOrderQty") }
            _ = try parameters.required("quantity")
        }
    }

    static func detail(_ parameters: BinanceParameters) throws(BinanceFailure)
        -> BinanceOrderText.Detail
    {
        switch try parameters.text("newOrderRespType") {
        case nil: ["LIMIT", "MARKET"].contains(parameters["type"]) ? .full : .ack
        case "ACK": .ack
        case "RESULT": .result
        case "FULL": .full
        default: throw .invalid("newOrderRespType")
        }
    }
}

// MARK: - Filters

extension BinanceDialect {
    static func checkFilters(_ request: OrderRequest, _ instrument: PaperInstrument, _ venue: PaperVenue) throws(BinanceFailure) {
        let average = averageTicks(instrument, venue)
        for price in [request.price, request.triggerPrice].compactMap({ $0 }) {
            guard let average, average > 0 else { break }
            let highest = average.multipliedReportingOverflow(by: priceFactor)
            guard highest.overflow || price <= highest.partialValue, price >= average / priceFactor else {
                throw .filter("PERCENT_PRICE_BY_SIDE")
            }
        }
        try checkNotional(request, instrument, average)
        guard request.kind.hasTrigger else { return }
        let waiting = venue.engine.openOrders(of: request.account, instrument.id).count { $0.kind.hasTrigger }
        guard waiting < maximumWaitingOrders else { throw .filter("MAX_NUM_ALGO_ORDERS") }
    }

    /// The engine knows the notional of orders with a price only; of the others it is that at the average price.
    private static func checkNotional(
        _ request: OrderRequest, _ instrument: PaperInstrument, _ average: Int64?
    ) throws(BinanceFailure) {
        let rules = instrument.rules
        if let amount = request.quoteQuantity {
            guard rules.notional ~= amount else { throw .filter("NOTIONAL") }
        } else if let quantity = request.quantity, let price = request.price ?? average {
            let notional = rules.notional(price: price, quantity: quantity)
            guard notional >= rules.notional.lowerBound, request.price == nil || rules.notional ~= notional else {
                throw .filter("NOTIONAL")
            }
        }
    }

    /// Why the engine refused a new order.
    static func failure(_ rejection: Rejection) -> BinanceFailure {
        switch rejection {
        case .unknownAccount: .key
        case .unknownInstrument, .unknownAsset: .symbol
        case .unknownOrder, .unknownList: .unknownOrder
        case .invalidCombination, .deadlinePassed: .combination
        case .priceOutOfRange, .triggerPriceOutOfRange: .filter("PRICE_FILTER")
        case .quantityOutOfRange: .filter("LOT_SIZE")
        case .quoteQuantityOutOfRange, .notionalOutOfRange, .amountOutOfRange: .filter("NOTIONAL")
        case .duplicateClientID: BinanceFailure(-2010, "Duplicate order sent.")
        case .tooManyOpenOrders: .filter("MAX_NUM_ORDERS")
        case .accountTooLarge: .filter("MAX_POSITION")
        case .insufficientBalance: BinanceFailure(-2010, "Account has insufficient balance for requested action.")
        case .wouldTake: BinanceFailure(-2010, "Order would immediately match and take.")
        case .wouldTrigger: BinanceFailure(-2010, "Stop price would trigger immediately.")
        case .pricesOutOfOrder: BinanceFailure(-2010, "The relationship of the prices for the orders is not correct.")
        case .noLiquidity:
            BinanceFailure(-2010, "Order book liquidity is less than LOT_SIZE filter minimum quantity.")
        case .notAmendable, .noChange: BinanceFailure(-2038, "The requested action would change no state; rejecting.")
        }
    }
}
