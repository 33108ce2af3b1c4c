import Exchange
import Matching

// OCO: a limit order and a stop of which one cancels the other.

extension BinanceDialect {
    /// The parameters as `above` and `below` are: the limit order is above the price for a sale and below it for a purchase.
    mutating func placeList(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let isSell = try parameters.side() == .sell
        let (limit, stop) = isSell ? ("above", "below") : ("below", "above")
        guard try parameters.required(limit + "Type") == "LIMIT_MAKER" else {
            throw BinanceFailure(-1158, "The \(limit) order of an OCO must be LIMIT_MAKER here.")
        }
        let stopType = try parameters.required(stop + "Type")
        guard stopType == "STOP_LOSS" || stopType == "STOP_LOSS_LIMIT" else {
            throw BinanceFailure(-1158, "The \(stop) order of an OCO must be STOP_LOSS or STOP_LOSS_LIMIT here.")
        }
        for name in [limit + "StopPrice", limit + "TimeInForce"] where parameters[name] != nil { throw .notRequired(name) }
        if stopType == "STOP_LOSS_LIMIT" {
            _ = try parameters.required(stop + "Price")
            _ = try parameters.required(stop + "TimeInForce")
        } else {
            for name in [stop + "Price", stop + "TimeInForce"] where parameters[name] != nil { throw .notRequired(name) }
        }
        let names = [
            "symbol": "symbol", "listClientOrderId": "listClientOrderId", "side": "side", "quantity": "quantity",
            "limitClientOrderId": limit + "ClientOrderId", "price": limit + "Price", "stopClientOrderId": stop + "ClientOrderId",
            "stopPrice": stop + "StopPrice", "stopLimitPrice": stop + "Price", "stopLimitTimeInForce": stop + "TimeInForce",
            "newOrderRespType": "newOrderRespType", "selfTradePreventionMode": "selfTradePreventionMode",
        ]
        return try placeOldList(parameters.renamed(names), account, &venue)
    }

    mutating func placeOldList(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let request = try newList(parameters, account, venue)
        let detail = parameters["newOrderRespType"] == nil ? .result : try Self.detail(parameters)
        switch venue.place(request) {
        case .failure(let rejection): throw Self.failure(rejection)
        case .success(let list):
            let text = BinanceOrderText(venue: venue)
            return text.list(list, reports: text.legs(of: list).map { text.placed($0, [], detail == .full ? .result : detail) })
        }
    }

    private mutating func newList(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> OCORequest {
        let instrument = try Self.instrument(parameters, venue)
        guard account.settings.canTrade else { throw BinanceFailure(-2010, "This account may not place or cancel orders.") }
        let side = try parameters.side()
        guard let quantity = try parameters.quantity("quantity", instrument) else { throw .missing("quantity") }
        guard let price = try parameters.price("price", instrument) else { throw .missing("price") }
        guard let trigger = try parameters.price("stopPrice", instrument) else { throw .missing("stopPrice") }
        let stopLimit = try parameters.price("stopLimitPrice", instrument)
        let time = try parameters.timeInForce("stopLimitTimeInForce")
        if stopLimit != nil, time == nil { throw .missing("stopLimitTimeInForce") }
        var request = OCORequest(
            account: account.id, instrument: instrument.id, side: side, quantity: quantity, price: price, triggerPrice: trigger,
            stopLimitPrice: stopLimit)
        request.stopTimeInForce = time ?? .goodTillCanceled
        request.selfTrade = try parameters.selfTrade()
        request.clientID = try parameters.clientID("listClientOrderId") ?? newClientID()
        request.limitClientID = try parameters.clientID("limitClientOrderId") ?? newClientID()
        request.stopClientID = try parameters.clientID("stopClientOrderId") ?? newClientID()
        var legs = [OrderRequest.limit(account.id, instrument.id, side, price: price, quantity: quantity)]
        legs.append(OrderRequest(account: account.id, instrument: instrument.id, side: side, kind: .stopLoss))
        legs[1].triggerPrice = trigger
        legs[1].price = stopLimit
        legs[1].quantity = quantity
        for leg in legs { try Self.checkFilters(leg, instrument, venue) }
        return request
    }

    /// A list by its number or by its client id.
    private static func list(
        _ parameters: BinanceParameters, name: String, _ account: AccountID, _ venue: PaperVenue
    ) throws(BinanceFailure) -> OrderList? {
        if let id = try parameters.integer("orderListId") { return venue.engine.list(OrderListID(id), of: account) }
        guard let text = try parameters.text(name) else {
            throw BinanceFailure(-1102, "Param '\(name)' or 'orderListId' must be sent, but both were empty/null!")
        }
        return ClientID(text).flatMap { venue.engine.list($0, of: account) }
    }

    func queryList(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        guard let list = try Self.list(parameters, name: "origClientOrderId", account.id, venue) else {
            throw BinanceFailure(-2018, "Order list does not exist.")
        }
        return BinanceOrderText(venue: venue).list(list)
    }

    mutating func cancelList(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let name = try parameters.clientID("newClientOrderId") ?? newClientID()
        guard let list = try Self.list(parameters, name: "listClientOrderId", account.id, venue), list.isOpen,
            list.instrument == instrument.id
        else { throw BinanceFailure(-2011, "Unknown order list sent.") }
        changeNames[list.limitOrder] = name.description
        changeNames[list.stopOrder] = name.description
        guard case .success = venue.cancelList(list.id, of: account.id), let ended = venue.engine.list(list.id, of: account.id)
        else { throw BinanceFailure(-2011, "Unknown order list sent.") }
        return canceledList(ended, name, venue)
    }

    /// The open lists, or all that the account's kept orders belong to.
    func lists(
        _ call: BinanceCall, _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let text = BinanceOrderText(venue: venue)
        guard call == .allLists else { return .array(venue.engine.openLists(of: account.id).map { text.list($0) }) }
        let (first, start, end) = (
            try parameters.integer("fromId"), try parameters.integer("startTime"), try parameters.integer("endTime")
        )
        if first != nil, start != nil || end != nil { throw .combination }
        let limit = try parameters.limit(500, most: 1000)
        let orders = venue.engine.endedOrders(of: account.id) + venue.engine.openOrders(of: account.id)
        let ids = Set(orders.map(\.list)).subtracting([.none]).map(\.rawValue).sorted()
        let lists = ids.compactMap { venue.engine.list(OrderListID($0), of: account.id) }.filter {
            $0.id.rawValue >= first ?? 0 && $0.placedAt >= start ?? .min && $0.placedAt <= end ?? .max
        }
        return .array((first == nil && start == nil ? lists.suffix(limit) : lists.prefix(limit)).map { text.list($0) })
    }
}
