import Exchange
import Matching

/// Orders, fills and lists as REST writes them.
struct BinanceOrderText {
    let venue: PaperVenue

    private func instrument(_ order: Order) -> PaperInstrument { venue.instrument(order.instrument) }

    /// What every answer about an order begins with.
    private func head(_ order: Order, clientID: String? = nil) -> [JSONValue.Member] {
        [
            .init("symbol", .string(instrument(order).binanceSymbol)), .init("orderId", .integer(order.id.rawValue)),
            .init("orderListId", .integer(BinanceText.listID(order.list))),
            .init("clientOrderId", .string(clientID ?? order.clientID.description)),
        ]
    }

    /// Prices, quantities, status and kind.
    private func state(_ order: Order) -> [JSONValue.Member] {
        let instrument = instrument(order)
        let quote = venue.asset(instrument.rules.quote)
        return [
            .init("price", .string(instrument.binancePrice(order.price))),
            .init("origQty", .string(instrument.binanceQuantity(order.quantity))),
            .init("executedQty", .string(instrument.binanceQuantity(order.filled))),
            .init("origQuoteOrderQty", .string(BinanceText.number(order.quoteQuantity, decimals: quote.decimals))),
            .init("cummulativeQuoteQty", .string(venue.binanceCost(order.quoteFilled, instrument))),
            .init("status", .string(BinanceText.status(order))),
            .init("timeInForce", .string(BinanceText.timeInForce(order.timeInForce))),
            .init("type", .string(BinanceText.type(order))), .init("side", .string(BinanceText.side(order.side))),
        ]
    }

    private func stop(_ order: Order) -> [JSONValue.Member] {
        guard order.kind.hasTrigger else { return [] }
        return [.init("stopPrice", .string(instrument(order).binancePrice(order.triggerPrice)))]
    }

    private func selfTrade(_ order: Order) -> JSONValue.Member {
        .init("selfTradePreventionMode", .string(BinanceText.selfTrade(order.selfTrade)))
    }

    /// The answer of `GET order`.
    func query(_ order: Order) -> JSONValue {
        // A stop that waits is not in the book; one that was triggered came into it then.
        let isWorking = !order.kind.hasTrigger || order.isTriggered
        return .object(
            head(order) + state(order) + [
                .init("stopPrice", .string(instrument(order).binancePrice(order.triggerPrice))),
                .init("icebergQty", "0.00000000"),
                .init("time", .integer(order.placedAt)), .init("updateTime", .integer(order.updatedAt)),
                .init("isWorking", .bool(isWorking)),
                .init("workingTime", .integer(isWorking ? (order.kind.hasTrigger ? order.updatedAt : order.placedAt) : -1)),
                selfTrade(order),
            ])
    }

    enum Detail { case ack, result, full }

    /// The answer to a new order.
    func placed(_ order: Order, _ fills: [Matching.Fill], _ detail: Detail) -> JSONValue {
        var members = head(order) + [.init("transactTime", .integer(venue.clock))]
        guard detail != .ack else { return .object(members) }
        members += state(order) + stop(order)
        if !order.kind.hasTrigger || order.isTriggered { members.append(.init("workingTime", .integer(venue.clock))) }
        if detail == .full { members.append(.init("fills", .array(fills.map { fill($0, order) }))) }
        members.append(selfTrade(order))
        return .object(members)
    }

    private func fill(_ fill: Matching.Fill, _ order: Order) -> JSONValue {
        [
            "price": .string(instrument(order).binancePrice(fill.price)),
            "qty": .string(instrument(order).binanceQuantity(fill.quantity)),
            "commission": .string(venue.binanceAmount(fill.fee, fill.feeAsset)),
            "commissionAsset": .string(venue.asset(fill.feeAsset).name), "tradeId": .integer(fill.number),
        ]
    }

    /// The answer to a cancel, which has a name of its own.
    func canceled(_ order: Order, name: String) -> JSONValue {
        var members = head(order, clientID: name)
        members.insert(.init("origClientOrderId", .string(order.clientID.description)), at: 1)
        members.append(.init("transactTime", .integer(venue.clock)))
        return .object(members + state(order) + stop(order) + [selfTrade(order)])
    }

    /// A trade of the account.
    func trade(_ fill: Matching.Fill, _ list: OrderListID) -> JSONValue {
        let instrument = venue.instrument(fill.instrument)
        return [
            "symbol": .string(instrument.binanceSymbol), "id": .integer(fill.number),
            "orderId": .integer(fill.order.rawValue), "orderListId": .integer(BinanceText.listID(list)),
            "price": .string(instrument.binancePrice(fill.price)), "qty": .string(instrument.binanceQuantity(fill.quantity)),
            "quoteQty": .string(venue.binanceCost(fill.notional, instrument)),
            "commission": .string(venue.binanceAmount(fill.fee, fill.feeAsset)),
            "commissionAsset": .string(venue.asset(fill.feeAsset).name), "time": .integer(fill.time),
            "isBuyer": .bool(fill.side == .buy), "isMaker": .bool(fill.isMaker), "isBestMatch": true,
        ]
    }
}

// MARK: - Lists

extension BinanceOrderText {
    /// A list with its orders, and with `reports` where there are any.
    func list(_ list: OrderList, reports: [JSONValue]? = nil) -> JSONValue {
        let symbol = JSONValue.string(venue.instrument(list.instrument).binanceSymbol)
        var members: [JSONValue.Member] = [
            .init("orderListId", .integer(list.id.rawValue)), .init("contingencyType", "OCO"),
            .init("listStatusType", list.isOpen ? "EXEC_STARTED" : "ALL_DONE"),
            .init("listOrderStatus", list.isOpen ? "EXECUTING" : "ALL_DONE"),
            .init("listClientOrderId", .string(list.clientID.description)),
            .init("transactionTime", .integer(list.updatedAt)), .init("symbol", symbol), .init("orders", orders(of: list)),
        ]
        if let reports { members.append(.init("orderReports", .array(reports))) }
        return .object(members)
    }

    private func orders(of list: OrderList) -> JSONValue {
        let symbol = JSONValue.string(venue.instrument(list.instrument).binanceSymbol)
        return .array(
            legs(of: list).map {
                ["symbol": symbol, "orderId": .integer($0.id.rawValue), "clientOrderId": .string($0.clientID.description)]
            })
    }

    /// The stop first, as Binance has them.
    func legs(of list: OrderList) -> [Order] {
        [list.stopOrder, list.limitOrder].compactMap { venue.engine.order(.id($0), of: list.account) }
    }

    /// The event `listStatus`.
    func listEvent(_ list: OrderList) -> JSONValue {
        let symbol = JSONValue.string(venue.instrument(list.instrument).binanceSymbol)
        let orders = legs(of: list).map { order -> JSONValue in
            ["s": symbol, "i": .integer(order.id.rawValue), "c": .string(order.clientID.description)]
        }
        return [
            "e": "listStatus", "E": .integer(venue.clock), "s": symbol, "g": .integer(list.id.rawValue), "c": "OCO",
            "l": list.isOpen ? "EXEC_STARTED" : "ALL_DONE", "L": list.isOpen ? "EXECUTING" : "ALL_DONE", "r": "NONE",
            "C": .string(list.clientID.description), "T": .integer(list.updatedAt), "O": .array(orders),
        ]
    }
}
