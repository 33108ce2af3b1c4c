import Exchange
import Matching

/// Orders over streams: the same functions as REST's, other names.
extension KrakenDialect {
    mutating func trade(_ method: String, _ call: inout PaperKrakenStreamCall, _ venue: inout PaperVenue) {
        do throws(PaperKrakenRefusal) {
            guard Self.methods.contains(method) else { throw PaperKrakenRefusal("Unsupported method") }
            let account = try account(token: call.parameters["token"]?.text, venue, using: false)
            guard account.settings.canTrade else { throw .permissionDenied }
            switch method {
            case "add_order": try call.answer(addOrder(call.parameters, account.id, &venue), venue)
            case "amend_order":
                let form = Self.amendment(call.parameters)
                let (order, amendment) = try amend(form, account.id, &venue)
                call.answer(["amend_id": .string(amendment), "order_id": .string(PaperKrakenID.text(order.id))], venue)
            case "cancel_order": try cancelOrders(&call, account.id, &venue)
            case "cancel_all": call.answer(["count": .integer(Int64(venue.cancelAll(of: account.id).count))], venue)
            default:
                try call.answer(setTimer(PaperKrakenForm(call.parameters), account.id, venue), venue)
            }
        } catch { call.refuse(error.text, venue) }
    }

    private static let methods: Set<String> = [
        "add_order", "amend_order", "cancel_order", "cancel_all", "cancel_all_orders_after",
    ]

    private mutating func addOrder(
        _ parameters: JSONValue, _ account: AccountID, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) -> JSONValue {
        let form = try Self.order(parameters)
        let order = try read(form, account, venue)
        let id = try place(order, isTrial: form.flag("validate"), &venue)
        return .members([
            ("order_id", id.map { .string(PaperKrakenID.text($0)) }), ("cl_ord_id", parameters["cl_ord_id"]),
            ("order_userref", parameters["order_userref"]),
        ])
    }

    /// One answer for each order, as Kraken gives them.
    private mutating func cancelOrders(
        _ call: inout PaperKrakenStreamCall, _ account: AccountID, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) {
        let texts = (call.parameters["order_id"]?.elements ?? []).prefix(50).compactMap(\.text)
        let clients = (call.parameters["cl_ord_id"]?.elements ?? []).prefix(50).compactMap(\.text)
        let references = (call.parameters["order_userref"]?.elements ?? []).prefix(50).compactMap(\.integer)
        guard !texts.isEmpty || !clients.isEmpty || !references.isEmpty else { throw .arguments("order_id") }
        for text in texts {
            let order = PaperKrakenID.order(text).map { [Matching.OrderReference.id($0)] } ?? []
            cancel(order, ["order_id": .string(text)], &call, account, &venue)
        }
        for text in clients {
            let order = ClientID(text).map { [Matching.OrderReference.client($0)] } ?? []
            cancel(order, ["cl_ord_id": .string(text)], &call, account, &venue)
        }
        for reference in references {
            let orders = (try? self.references(String(reference), account, venue)) ?? []
            cancel(orders, ["order_userref": .integer(reference)], &call, account, &venue)
        }
    }

    private mutating func cancel(
        _ orders: [Matching.OrderReference], _ name: JSONValue, _ call: inout PaperKrakenStreamCall, _ account: AccountID,
        _ venue: inout PaperVenue
    ) {
        do throws(PaperKrakenRefusal) {
            guard !orders.isEmpty else { throw .unknownOrder }
            try cancel(orders, account, &venue)
            call.answer(name, venue)
        } catch { call.refuse(error.text, venue) }
    }

    // MARK: Parameters in REST's names

    private static func order(_ parameters: JSONValue) throws(PaperKrakenRefusal) -> PaperKrakenForm {
        var values: [String: JSONValue] = [:]
        let names = [
            "symbol": "pair", "side": "type", "order_type": "ordertype", "order_qty": "volume", "time_in_force": "timeinforce",
            "cl_ord_id": "cl_ord_id", "order_userref": "userref", "deadline": "deadline", "validate": "validate",
            "stp_type": "stptype", "reduce_only": "reduce_only", "display_qty": "displayvol",
        ]
        for (from, to) in names { if let value = parameters[from] { values[to] = value } }
        var flags: [JSONValue] = []
        if parameters["post_only"]?.bool ?? false { flags.append("post") }
        if let cash = parameters["cash_order_qty"] {
            values["volume"] = cash
            flags.append("viqc")
        }
        if !flags.isEmpty { values["oflags"] = .array(flags) }
        if let trigger = parameters["triggers"]?["price"] {
            values["price"] = trigger
            values["price2"] = parameters["limit_price"]
            values["trigger"] = parameters["triggers"]?["reference"]
            if let type = parameters["triggers"]?["price_type"]?.text, type != "static" { throw .arguments("price_type") }
        } else if let price = parameters["limit_price"] {
            values["price"] = price
        }
        if parameters["conditional"]?.members != nil { throw .arguments("conditional") }
        if let text = parameters["expire_time"]?.text {
            guard let time = PaperKrakenTime.parse(text) else { throw .arguments("expire_time") }
            values["expiretm"] = .integer((time + 999) / 1000)
        }
        return PaperKrakenForm(values)
    }

    private static func amendment(_ parameters: JSONValue) -> PaperKrakenForm { PaperKrakenForm(parameters) }
}
