import Exchange
import Matching
import Money

/// Orders: placing, changing, canceling. Streams use the same functions.
extension KrakenDialect {
    mutating func trade(
        _ name: String, _ caller: PrivateRequest, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) -> JSONValue {
        switch name {
        case "AddOrder": return try addOrder(caller, &venue)
        case "AddOrderBatch": return try addBatch(caller, &venue)
        case "AmendOrder": return ["amend_id": .string(try amend(caller.form, caller.id, &venue).amendment)]
        case "EditOrder": return try editOrder(caller, &venue)
        case "CancelOrder": return try cancelOrder(caller, &venue)
        case "CancelOrderBatch": return try cancelBatch(caller, &venue)
        case "CancelAll": return ["count": .integer(Int64(venue.cancelAll(of: caller.id).count))]
        default: return try setTimer(caller.form, caller.id, venue)
        }
    }

    // MARK: Placing

    private mutating func addOrder(_ caller: PrivateRequest, _ venue: inout PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let order = try read(caller.form, caller.id, venue)
        guard let id = try place(order, isTrial: caller.form.flag("validate"), &venue) else {
            return ["descr": ["order": .string(sentence(order, venue))]]
        }
        return ["descr": ["order": .string(sentence(order, venue))], "txid": [.string(PaperKrakenID.text(id))]]
    }

    func read(
        _ form: PaperKrakenForm, _ account: AccountID, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) -> PaperKrakenOrder {
        try PaperKrakenOrder(form, pair(form), account, venue)
    }

    /// Nil: it was a trial, and would be accepted.
    mutating func place(
        _ order: PaperKrakenOrder, isTrial: Bool = false, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) -> OrderID? {
        let request = order.request
        try chargeTrading(request.account, request.instrument, 1, venue)
        guard !isTrial else {
            var engine = venue.engine
            do { _ = try engine.place(request) } catch { throw refusal(error, request) }
            return nil
        }
        switch venue.place(request) {
        case .failure(let rejection): throw refusal(rejection, request)
        case .success(let placed):
            notes.add(order.note, to: placed.order.id)
            return placed.order.id
        }
    }

    /// A quantity that is too large is no minimum that is not met.
    private func refusal(_ rejection: Rejection, _ request: OrderRequest) -> PaperKrakenRefusal {
        if rejection == .quantityOutOfRange, (request.quantity ?? 0) > 1_000_000_000 { return .arguments("volume") }
        return PaperKrakenRefusal(rejection)
    }

    private func sentence(_ order: PaperKrakenOrder, _ venue: PaperVenue) -> String {
        PaperKrakenSentence(order.request, order.pair, venue).text
    }

    private mutating func addBatch(_ caller: PrivateRequest, _ venue: inout PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        guard let elements = caller.form["orders"]?.elements, (2...15).contains(elements.count) else {
            throw .arguments("orders")
        }
        // One that cannot be read refuses all; one that the engine refuses only itself.
        var orders: [PaperKrakenOrder] = []
        for element in elements {
            guard element.members != nil else { throw .arguments("orders") }
            var form = PaperKrakenForm(element)
            form["pair"] = caller.form["pair"]
            form["deadline"] = caller.form["deadline"]
            orders.append(try read(form, caller.id, venue))
        }
        var results: [JSONValue] = []
        for order in orders {
            do throws(PaperKrakenRefusal) {
                let id = try place(order, isTrial: caller.form.flag("validate"), &venue)
                results.append(
                    .members([
                        ("descr", ["order": .string(sentence(order, venue))]),
                        ("txid", id.map { .string(PaperKrakenID.text($0)) }),
                    ]))
            } catch {
                results.append(["error": .string(error.text)])
            }
        }
        return ["orders": .array(results)]
    }

    // MARK: Canceling

    private mutating func cancelOrder(_ caller: PrivateRequest, _ venue: inout PaperVenue) throws(PaperKrakenRefusal) -> JSONValue
    {
        if let client = caller.form.text("cl_ord_id") {
            guard let id = ClientID(client) else { throw .unknownOrder }
            try cancel([.client(id)], caller.id, &venue)
            return ["count": 1]
        }
        guard let text = caller.form.text("txid") else { throw .arguments("txid") }
        let orders = try references(text, caller.id, venue)
        try cancel(orders, caller.id, &venue)
        return ["count": .integer(Int64(orders.count))]
    }

    /// The orders that a text names: one by its id, or all that have it as their `userref`.
    func references(
        _ text: String, _ account: AccountID, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) -> [Matching.OrderReference] {
        if let id = PaperKrakenID.order(text) { return [.id(id)] }
        guard let reference = Int64(text) else { throw .unknownOrder }
        let orders = venue.engine.openOrders(of: account).filter { notes[$0.id].reference == reference }
        guard !orders.isEmpty else { throw .unknownOrder }
        return orders.map { .id($0.id) }
    }

    mutating func cancel(
        _ orders: [Matching.OrderReference], _ account: AccountID, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) {
        for reference in orders {
            guard let order = venue.engine.order(reference, of: account), order.status.isOpen else { throw .unknownOrder }
            let age = venue.now - order.placedAt
            try chargeTrading(account, order.instrument, PaperKrakenLimits.cancelUnits(age: age), venue)
            if case .failure(let rejection) = venue.cancel(reference, of: account) { throw PaperKrakenRefusal(rejection) }
        }
    }

    private mutating func cancelBatch(_ caller: PrivateRequest, _ venue: inout PaperVenue) throws(PaperKrakenRefusal) -> JSONValue
    {
        let texts = caller.form.list("orders")
        let clients = caller.form.list("cl_ord_ids")
        guard (1...50).contains(texts.count + clients.count) else { throw .arguments("orders") }
        var orders = clients.compactMap { ClientID($0) }.map { Matching.OrderReference.client($0) }
        for text in texts { orders += (try? references(text, caller.id, venue)) ?? [] }
        var count: Int64 = 0
        for order in orders {
            do throws(PaperKrakenRefusal) {
                try cancel([order], caller.id, &venue)
                count += 1
            } catch  where error == .unknownOrder { continue }
        }
        guard count > 0 else { throw .unknownOrder }
        return ["count": .integer(count)]
    }

    /// The dead-man timer: seconds, 0 switches it off.
    mutating func setTimer(
        _ form: PaperKrakenForm, _ account: AccountID, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) -> JSONValue {
        guard let seconds = form.integer("timeout"), (0...86_400).contains(seconds) else { throw .arguments("timeout") }
        let now = PaperKrakenTime.seconds(venue.clock)
        guard seconds > 0 else {
            deadManTimers[account] = nil
            return ["currentTime": .string(now), "triggerTime": "0"]
        }
        let wait = Self.stretched(seconds * 1000, venue)
        deadManTimers[account] = venue.now + wait
        return ["currentTime": .string(now), "triggerTime": .string(PaperKrakenTime.seconds(venue.clock + wait))]
    }

    // MARK: Changing

    /// The amended order and the amendment's id.
    mutating func amend(
        _ form: PaperKrakenForm, _ account: AccountID, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) -> (order: Order, amendment: String) {
        let order = try openOrder(form, account, venue)
        let instrument = venue.instrument(order.instrument)
        let pair = names.pair(order.instrument)
        try PaperKrakenOrder.checkDeadline(form, venue)
        // The engine cannot move a trigger: whoever wants that cancels and places anew.
        if form.text("trigger_price") != nil {
            throw PaperKrakenRefusal("EOrder:Invalid order:trigger_price cannot be amended here")
        }
        var (price, quantity): (Int64?, Int64?) = (nil, nil)
        if let text = form.text("limit_price") { price = try PaperKrakenOrder.ticks(text, "limit_price", instrument, pair) }
        if let text = form.text("order_qty") {
            guard let value = Quantity(text), value.isPositive, let lots = instrument.lots(value) else {
                throw .arguments("order_qty")
            }
            quantity = lots
        }
        guard price != nil || quantity != nil else { throw .arguments("order_qty") }
        if form.flag("post_only"), let price, venue.wouldTake(order, price) { throw PaperKrakenRefusal(.wouldTake) }
        let age = venue.now - order.updatedAt
        try chargeTrading(account, order.instrument, 1 + PaperKrakenLimits.amendUnits(age: age), venue)
        switch venue.amend(.id(order.id), of: account, price: price, quantity: quantity) {
        case .failure(let rejection): throw PaperKrakenRefusal(rejection)
        case .success(let amended):
            amendments += 1
            return (amended, PaperKrakenID.amendment(amendments))
        }
    }

    private func openOrder(
        _ form: PaperKrakenForm, _ account: AccountID, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) -> Order {
        var reference: Matching.OrderReference?
        if let text = form.text("txid") ?? form.text("order_id") { reference = try references(text, account, venue).first }
        if reference == nil, let client = form.text("cl_ord_id").flatMap({ ClientID($0) }) { reference = .client(client) }
        guard let reference else { throw .arguments("txid") }
        guard let order = venue.engine.order(reference, of: account), order.status.isOpen else { throw .unknownOrder }
        return order
    }

    /// Cancels the order and places another with what was changed; where the new one is refused the old one stays.
    private mutating func editOrder(_ caller: PrivateRequest, _ venue: inout PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let old = try openOrder(caller.form, caller.id, venue)
        let pair = try pair(caller.form)
        guard pair.id == old.instrument else { throw .unknownOrder }
        let texts = PaperKrakenOrderText(old, pair, venue)
        var form = caller.form
        for name in ["cl_ord_id", "timeinforce", "expiretm"] { form[name] = nil }
        form["type"] = .string(texts.side)
        form["ordertype"] = .string(texts.type)
        form["volume"] = form["volume"] ?? .string(venue.instrument(old.instrument).volumeText(old.remaining))
        form["price"] = form["price"] ?? texts.prices.first.map { .string($0) }
        form["price2"] = form["price2"] ?? texts.prices.second.map { .string($0) }
        form["userref"] = caller.form["userref"] ?? notes[old.id].reference.map { .integer($0) }
        let order = try read(form, caller.id, venue)
        var engine = venue.engine
        do {
            _ = try engine.cancel(.id(old.id), of: caller.id)
            _ = try engine.place(order.request)
        } catch {
            throw PaperKrakenRefusal(error)
        }
        guard !caller.form.flag("validate") else { return ["descr": ["order": .string(sentence(order, venue))]] }
        // Both are paid before either is done, so that the old order is not gone without the new one.
        let age = venue.now - old.placedAt
        try chargeTrading(caller.id, old.instrument, 1 + PaperKrakenLimits.cancelUnits(age: age), venue)
        if case .failure(let rejection) = venue.cancel(.id(old.id), of: caller.id) { throw PaperKrakenRefusal(rejection) }
        let id: OrderID
        switch venue.place(order.request) {
        case .failure(let rejection): throw PaperKrakenRefusal(rejection)
        case .success(let placed): id = placed.order.id
        }
        notes.add(order.note, to: id)
        return [
            "status": "ok", "txid": .string(PaperKrakenID.text(id)), "originaltxid": .string(PaperKrakenID.text(old.id)),
            "volume": form["volume"] ?? "0", "price": form["price"] ?? "0", "price2": form["price2"] ?? "0",
            "orders_cancelled": 1, "descr": ["order": .string(sentence(order, venue))],
        ]
    }

    private mutating func chargeTrading(
        _ account: AccountID, _ pair: InstrumentID, _ units: Int64, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) {
        guard venue.settings.enforcesRateLimits else { return }
        guard limits.takeTrading(account, pair, units: units, at: venue.now) else { throw .ordersExceeded }
    }
}

extension PaperVenue {
    /// Whether the order would take at this price.
    fileprivate func wouldTake(_ order: Order, _ price: Int64) -> Bool {
        switch order.side {
        case .buy: engine.bestAsk(order.instrument).map { $0.price <= price } ?? false
        case .sell: engine.bestBid(order.instrument).map { $0.price >= price } ?? false
        }
    }
}

/// What an order would read like, before it is one.
struct PaperKrakenSentence {
    let text: String

    init(_ request: OrderRequest, _ pair: PaperKrakenNames.PairNames, _ venue: PaperVenue) {
        let instrument = venue.instrument(request.instrument)
        let volume =
            request.quoteQuantity.map { venue.quoteText($0, instrument) } ?? instrument.volumeText(request.quantity ?? 0)
        var words = [request.side == .buy ? "buy" : "sell", volume, pair.altname, "@"]
        switch request.kind {
        case .limit: words.append("limit")
        case .market: words.append("market")
        case .stopLoss, .stopLossLimit: words.append("stop loss")
        case .takeProfit, .takeProfitLimit: words.append("take profit")
        }
        if let trigger = request.triggerPrice { words.append(instrument.priceText(trigger)) }
        if let price = request.price {
            if request.triggerPrice != nil { words += ["->", "limit"] }
            words.append(instrument.priceText(price))
        }
        text = words.joined(separator: " ")
    }
}
