import Exchange
import Matching

// Cancels, replacements and amendments.

extension BinanceDialect {
    /// An order of the account by its number or by its client id, in the instrument that was named.
    static func order(
        _ parameters: BinanceParameters, number: String = "orderId", name: String = "origClientOrderId", _ account: AccountID,
        _ instrument: PaperInstrument, _ venue: PaperVenue
    ) throws(BinanceFailure) -> Order? {
        let (id, client) = (try parameters.integer(number), try parameters.text(name))
        let reference: Matching.OrderReference
        if let id {
            reference = .id(OrderID(id))
        } else if let client {
            // A name that no order can have names no order.
            guard let client = ClientID(client) else { return nil }
            reference = .client(client)
        } else {
            throw BinanceFailure(-1102, "Param '\(name)' or '\(number)' must be sent, but both were empty/null!")
        }
        guard let order = venue.engine.order(reference, of: account), order.instrument == instrument.id else { return nil }
        if id != nil, let client, order.clientID.description != client { return nil }
        return order
    }

    mutating func cancelOrder(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let name = try parameters.clientID("newClientOrderId") ?? newClientID()
        let order = try Self.order(parameters, account.id, instrument, venue)
        return try cancel(order, parameters, name, &venue)
    }

    private mutating func cancel(
        _ order: Order?, _ parameters: BinanceParameters, _ name: ClientID, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let isAllowed: (Order) -> Bool =
            switch try parameters.text("cancelRestrictions") {
            case nil: { _ in true }
            case "ONLY_NEW": { $0.status == .new }
            case "ONLY_PARTIALLY_FILLED": { $0.status == .partiallyFilled }
            default: throw BinanceFailure(-1145, "cancelRestrictions has to be either ONLY_NEW or ONLY_PARTIALLY_FILLED.")
            }
        guard let order, order.status.isOpen else { throw .unknownOrder }
        guard isAllowed(order) else { throw BinanceFailure(-2011, "Order was not canceled due to cancel restrictions.") }
        changeNames[order.id] = name.description
        guard case .success(let ended) = venue.cancel(.id(order.id), of: order.account) else { throw .unknownOrder }
        return BinanceOrderText(venue: venue).canceled(ended, name: name.description)
    }

    mutating func cancelOpenOrders(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let open = venue.engine.openOrders(of: account.id, instrument.id)
        guard !open.isEmpty else { throw .unknownOrder }
        let names = Dictionary(uniqueKeysWithValues: open.map { ($0.id, newClientID()) })
        for (id, name) in names { changeNames[id] = name.description }
        _ = venue.cancelAll(of: account.id, instrument.id)
        let text = BinanceOrderText(venue: venue)
        var result: [JSONValue] = []
        var lists: Set<OrderListID> = []
        for order in open {
            if order.list == .none {
                guard let ended = venue.engine.order(.id(order.id), of: account.id) else { continue }
                result.append(text.canceled(ended, name: (names[order.id] ?? .none).description))
            } else if lists.insert(order.list).inserted, let list = venue.engine.list(order.list, of: account.id) {
                result.append(canceledList(list, names[order.id] ?? .none, venue))
            }
        }
        return .array(result)
    }

    /// A list that was canceled, with both orders as they ended.
    func canceledList(_ list: OrderList, _ name: ClientID, _ venue: PaperVenue) -> JSONValue {
        let text = BinanceOrderText(venue: venue)
        return text.list(list, reports: text.legs(of: list).map { text.canceled($0, name: name.description) })
    }

    mutating func amendOrder(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        guard let quantity = try parameters.quantity("newQty", instrument) else { throw .missing("newQty") }
        _ = try parameters.clientID("newClientOrderId")
        guard let order = try Self.order(parameters, account.id, instrument, venue), order.status.isOpen else {
            throw BinanceFailure(-2039, "Unknown order sent.")
        }
        guard quantity < order.quantity, quantity > order.filled else {
            throw BinanceFailure(-2038, "Order amend (quantity increase) is not supported.")
        }
        switch venue.amend(.id(order.id), of: account.id, price: nil, quantity: quantity) {
        case .failure(let rejection): throw Self.failure(rejection)
        case .success(let amended):
            return [
                "transactTime": .integer(venue.clock), "executionId": .integer(amended.updatedAt),
                "amendedOrder": BinanceOrderText(venue: venue).query(amended),
            ]
        }
    }
}

// MARK: - Replacements

extension BinanceDialect {
    /// Cancels an order and places another. What is wrong with the parameters of the new one stops both; what the engine says afterwards
    /// leaves a half done.
    mutating func cancelReplace(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let mode = try parameters.required("cancelReplaceMode")
        guard mode == "STOP_ON_FAILURE" || mode == "ALLOW_FAILURE" else { throw .invalid("cancelReplaceMode") }
        let name = try parameters.clientID("cancelNewClientOrderId") ?? newClientID()
        let old = try Self.order(
            parameters, number: "cancelOrderId", name: "cancelOrigClientOrderId", account.id, instrument, venue)
        let request = try newOrder(parameters, account, venue)
        let detail = try Self.detail(parameters)
        let canceled = outcome { dialect throws(BinanceFailure) in try dialect.cancel(old, parameters, name, &venue) }
        guard canceled.isDone || mode == "ALLOW_FAILURE" else {
            throw Self.replaceFailure(canceled, nil)
        }
        let placed = outcome { dialect throws(BinanceFailure) in try dialect.place(request, detail, &venue) }
        guard canceled.isDone, placed.isDone else { throw Self.replaceFailure(canceled, placed) }
        return [
            "cancelResult": "SUCCESS", "newOrderResult": "SUCCESS", "cancelResponse": canceled.value,
            "newOrderResponse": placed.value,
        ]
    }

    private struct Half {
        var isDone: Bool
        var value: JSONValue
    }

    private mutating func outcome(_ body: (inout Self) throws(BinanceFailure) -> JSONValue) -> Half {
        do throws(BinanceFailure) { return Half(isDone: true, value: try body(&self)) } catch {
            return Half(isDone: false, value: error.json)
        }
    }

    private static func replaceFailure(_ canceled: Half, _ placed: Half?) -> BinanceFailure {
        let isPartial = canceled.isDone || placed?.isDone == true
        let result = placed.map { $0.isDone ? "SUCCESS" : "FAILURE" } ?? "NOT_ATTEMPTED"
        let data: JSONValue = [
            "cancelResult": canceled.isDone ? "SUCCESS" : "FAILURE", "newOrderResult": .string(result),
            "cancelResponse": canceled.value, "newOrderResponse": placed?.value ?? .null,
        ]
        return isPartial
            ? BinanceFailure(-2021, "Order cancel-replace partially failed.", status: 409, data: data)
            : BinanceFailure(-2022, "Order cancel-replace failed.", data: data)
    }
}
