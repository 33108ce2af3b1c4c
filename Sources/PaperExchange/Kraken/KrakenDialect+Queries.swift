import Exchange
import Matching
import Money

/// Orders and fills of an account.
extension KrakenDialect {
    static let page = 50

    func openOrders(_ caller: PrivateRequest, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let open = try matching(venue.engine.openOrders(of: caller.id), caller.form)
        return ["open": .object(members(Array(open.reversed()), caller, venue))]
    }

    /// Those that ended, the last one first.
    func closedOrders(_ caller: PrivateRequest, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let form = caller.form
        let byOpening = form.text("closetime") == "open"
        let start = try bound(form, "start", caller, venue)
        let end = try bound(form, "end", caller, venue)
        let chosen = try matching(venue.engine.endedOrders(of: caller.id), form).filter { order in
            let time = byOpening ? order.placedAt : order.updatedAt
            return start.map { time > $0 } ?? true && end.map { time <= $0 } ?? true
        }
        let page = try Self.page(Array(chosen.reversed()), form)
        return ["closed": .object(members(page, caller, venue)), "count": .integer(Int64(chosen.count))]
    }

    func queryOrders(_ caller: PrivateRequest, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let ids = caller.form.list("txid")
        guard ids.count <= Self.page else { throw .arguments("txid") }
        guard !ids.isEmpty || caller.form["cl_ord_id"] != nil || caller.form["userref"] != nil else { throw .arguments("txid") }
        var found: [Order] = []
        for text in ids {
            guard let id = PaperKrakenID.order(text) else { throw PaperKrakenRefusal("EOrder:Invalid order") }
            if let order = venue.engine.order(.id(id), of: caller.id) { found.append(order) }
        }
        if ids.isEmpty {
            found = try matching(
                venue.engine.openOrders(of: caller.id) + venue.engine.endedOrders(of: caller.id).suffix(1000), caller.form)
        } else if let reference = caller.form.integer("userref") {
            found = found.filter { notes[$0.id].reference == reference }
        }
        return .object(members(Array(found.prefix(Self.page)), caller, venue))
    }

    /// Fills, the last one first.
    func tradesHistory(_ caller: PrivateRequest, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let form = caller.form
        let fills = venue.engine.fills(of: caller.id)
        let start = try fillBound(form, "start", fills)
        let end = try fillBound(form, "end", fills)
        let chosen = fills.filter { fill in
            start.map { $0.isBefore(fill) } ?? true && end.map { !$0.isBefore(fill) } ?? true
        }
        let page = try Self.page(Array(chosen.reversed()), form)
        return [
            "trades": .object(page.map { .init(PaperKrakenID.text($0.trade), fillDescription($0, caller.id, venue)) }),
            "count": .integer(Int64(chosen.count)),
        ]
    }

    func queryTrades(_ caller: PrivateRequest, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let ids = caller.form.list("txid")
        guard (1...20).contains(ids.count) else { throw .arguments("txid") }
        let wanted = Set(ids.compactMap { PaperKrakenID.trade($0) })
        let found = venue.engine.fills(of: caller.id).filter { wanted.contains($0.trade) }
        return .object(found.map { .init(PaperKrakenID.text($0.trade), fillDescription($0, caller.id, venue)) })
    }

    // MARK: Filters

    private func matching(_ orders: [Order], _ form: PaperKrakenForm) throws(PaperKrakenRefusal) -> [Order] {
        var result = orders
        if let client = form.text("cl_ord_id") {
            guard let id = ClientID(client) else { throw .arguments("cl_ord_id") }
            result = result.filter { $0.clientID == id }
        }
        if form["userref"] != nil {
            guard let reference = form.integer("userref") else { throw .arguments("userref") }
            result = result.filter { notes[$0.id].reference == reference }
        }
        return result
    }

    private static func page<Element>(_ all: [Element], _ form: PaperKrakenForm) throws(PaperKrakenRefusal) -> [Element] {
        guard form["ofs"] != nil else { return Array(all.prefix(page)) }
        guard let offset = form.integer("ofs"), offset >= 0 else { throw .arguments("ofs") }
        return Array(all.dropFirst(Int(min(offset, 1_000_000_000))).prefix(page))
    }

    /// Milliseconds of a Unix time in seconds, or of when an order was placed.
    private func bound(
        _ form: PaperKrakenForm, _ name: String, _ caller: PrivateRequest, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) -> Int64? {
        guard let text = form.text(name) else { return nil }
        if let id = PaperKrakenID.order(text) {
            guard let order = venue.engine.order(.id(id), of: caller.id) else { throw .arguments(name) }
            return order.placedAt
        }
        return try Self.milliseconds(text, name)
    }

    private static func milliseconds(_ text: String, _ name: String) throws(PaperKrakenRefusal) -> Int64 {
        guard let value = Amount(text)?.rescaled(decimals: 3), let milliseconds = Int64(exactly: value.units) else {
            throw .arguments(name)
        }
        return milliseconds
    }

    /// A time, or a fill's number.
    private enum FillBound {
        case time(Int64)
        case trade(TradeID)

        func isBefore(_ fill: Matching.Fill) -> Bool {
            switch self {
            case .time(let time): time < fill.time
            case .trade(let id): id.rawValue < fill.trade.rawValue
            }
        }
    }

    private func fillBound(_ form: PaperKrakenForm, _ name: String, _ fills: [Matching.Fill]) throws(PaperKrakenRefusal)
        -> FillBound?
    {
        guard let text = form.text(name) else { return nil }
        if let id = PaperKrakenID.trade(text) { return .trade(id) }
        return .time(try Self.milliseconds(text, name))
    }

    // MARK: Writing

    private func members(_ orders: [Order], _ caller: PrivateRequest, _ venue: PaperVenue) -> [JSONValue.Member] {
        guard caller.form.flag("trades") else {
            return orders.map { .init(PaperKrakenID.text($0.id), description(of: $0, venue, trades: nil)) }
        }
        let wanted = Set(orders.map(\.id))
        var trades: [OrderID: [String]] = [:]
        for fill in venue.engine.fills(of: caller.id) where wanted.contains(fill.order) {
            trades[fill.order, default: []].append(PaperKrakenID.text(fill.trade))
        }
        return orders.map { .init(PaperKrakenID.text($0.id), description(of: $0, venue, trades: trades[$0.id] ?? [])) }
    }

    private func description(of order: Order, _ venue: PaperVenue, trades: [String]?) -> JSONValue {
        let note = notes[order.id]
        let texts = PaperKrakenOrderText(order, names.pair(order.instrument), venue)
        var members: [(String, JSONValue?)] = [
            ("refid", .null), ("userref", note.reference.map { .integer($0) } ?? .null),
            ("cl_ord_id", order.clientID.isNone ? nil : .string(order.clientID.description)),
            ("status", .string(texts.status)), ("opentm", .number(PaperKrakenTime.unix(order.placedAt))),
        ]
        if !order.status.isOpen {
            members.append(("reason", texts.reason.map { .string($0) } ?? .null))
            members.append(("closetm", .number(PaperKrakenTime.unix(order.updatedAt))))
        }
        members += [("starttm", 0), ("expiretm", .integer(note.expires)), ("descr", texts.description)]
        members += amounts(of: order, texts, venue)
        members += [("misc", .string(texts.misc)), ("oflags", .string(note.flags.joined(separator: ",")))]
        if order.kind.hasTrigger { members.append(("trigger", "last")) }
        if let trades { members.append(("trades", .array(trades.map { .string($0) }))) }
        return .members(members)
    }

    private func amounts(of order: Order, _ texts: PaperKrakenOrderText, _ venue: PaperVenue) -> [(String, JSONValue?)] {
        let instrument = venue.instrument(order.instrument)
        let zero = instrument.priceText(0)
        let trigger = order.kind.hasTrigger ? instrument.priceText(order.triggerPrice) : zero
        let limit = order.kind.hasTrigger && order.isTriggered ? instrument.priceText(order.price) : zero
        return [
            ("vol", .string(texts.volume)), ("vol_exec", .string(instrument.volumeText(order.filled))),
            ("cost", .string(venue.quoteText(order.quoteFilled, instrument))),
            ("fee", .string(venue.asset(venue.engine.feeAsset(of: order)).text(order.fees))),
            ("price", .string(order.filled > 0 ? instrument.averageText(order) : zero)), ("stopprice", .string(trigger)),
            ("limitprice", .string(limit)),
        ]
    }

    private func fillDescription(_ fill: Matching.Fill, _ account: AccountID, _ venue: PaperVenue) -> JSONValue {
        let instrument = venue.instrument(fill.instrument)
        let order = venue.engine.order(.id(fill.order), of: account)
        let id = PaperKrakenID.text(fill.order)
        return [
            "ordertxid": .string(id), "postxid": .string(id), "pair": .string(names.pair(fill.instrument).key),
            "aclass": "forex", "time": .number(PaperKrakenTime.unix(fill.time)), "type": fill.side == .buy ? "buy" : "sell",
            "ordertype": .string(order.map { PaperKrakenOrderText.type($0.kind) } ?? "limit"),
            "price": .string(instrument.priceText(fill.price)), "cost": .string(venue.quoteText(fill.notional, instrument)),
            "fee": .string(venue.asset(fill.feeAsset).text(fill.fee)), "vol": .string(instrument.volumeText(fill.quantity)),
            "margin": .string(venue.quoteText(0, instrument)), "leverage": "0", "misc": "",
            "trade_id": .integer(fill.number), "maker": .bool(fill.isMaker),
        ]
    }
}
