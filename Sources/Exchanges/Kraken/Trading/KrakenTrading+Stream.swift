package import Exchange
import Market
import Money

extension KrakenTrading {
    /// Lives 15 minutes unless a subscription uses it, and as long as that does.
    package func streamToken() -> SignedCall<String>? {
        Self.call("GetWebSocketsToken") { result throws(VenueError) in
            let token = try KrakenReader(value: result, changesState: false).text("token")
            guard !token.isEmpty else { throw KrakenAnswer.missing("token", changesState: false) }
            return token
        }
    }

    /// Nothing to renew.
    package func renewStreamToken(_ token: String) -> (every: Duration, call: SignedCall<Void>)? { nil }
    package func accountStreamPath(token: String?) -> String { "/v2" }

    package func subscribeToAccount(
        token: String?, credentials: Credentials, at moment: SigningMoment, id: Int64
    ) throws(VenueError) -> [String] {
        guard let token else {
            throw VenueError(
                .authentication, .permanent, code: "no-token", message: "Kraken's user stream needs a token: ask for one first")
        }
        let executions: [JSONValue.Member] = [
            .init("channel", "executions"), .init("token", .string(token)), .init("snap_orders", true),
        ]
        let balances: [JSONValue.Member] = [.init("channel", "balances"), .init("token", .string(token))]
        return [
            KrakenStream.request("subscribe", executions, id: id), KrakenStream.request("subscribe", balances, id: id &+ 1),
        ]
    }

    /// Kraken's reports of changes hold what changed: an order whose symbol was told before has an empty one, no side and an empty type. Whoever
    /// merges them keeps `pending` for a stop until its trigger is told: without its type, `new` reads as `open`.
    package func decodeAccount(_ message: [UInt8]) throws(VenueError) -> AccountInput {
        do throws(JSONError) { return try KrakenAccountDecoder.decode(message) } catch {
            throw .malformed(error, changesState: false)
        }
    }
}

/// Reads the messages of the user stream.
enum KrakenAccountDecoder {
    static func decode(_ message: [UInt8]) throws(JSONError) -> AccountInput {
        let envelope = try KrakenEnvelope(message)
        switch envelope.channel {
        case .heartbeat: return .heartbeat
        case .status: return try envelope.systemStatus()?.error.map { .acknowledged(id: nil, error: $0) } ?? .ignored
        case .executions: return .events(try items(envelope).map { item throws(JSONError) in try execution(item) })
        case .balances: return .events([.balances(try balances(items(envelope)))])
        case .trade, .book, .ohlc, .ticker, .other: return .ignored
        case nil: break
        }
        if envelope.isPong { return .heartbeat }
        guard envelope.isReply || envelope.error != nil else { return .ignored }
        return .acknowledged(id: envelope.requestID, error: envelope.failure)
    }

    /// Seldom messages: read as trees.
    private static func items(_ envelope: KrakenEnvelope) throws(JSONError) -> [JSONValue] {
        guard var scanner = envelope.data else { throw JSONError(.missing("data"), at: 0) }
        var items: [JSONValue] = []
        let start = scanner.offset
        try scanner.array { (scanner, _) throws(JSONError) in
            let from = scanner.offset
            try scanner.skip()
            items.append(try JSONValue(parsing: Array(scanner[from..<scanner.offset])))
        }
        guard items.allSatisfy({ $0.members != nil }) else { throw JSONError(.expected("objects"), at: start) }
        return items
    }

    /// A total for each currency: of its spot wallet, in a snapshot the sum over its spot wallets.
    private static func balances(_ items: [JSONValue]) throws(JSONError) -> [Balance] {
        var result: [Balance] = []
        for item in items {
            guard let asset = item["asset"]?.text, let total = item["balance"]?.amount else {
                throw JSONError(.missing("balance"), at: 0)
            }
            if let wallet = item["wallet_type"]?.text, wallet != "spot" { continue }
            var sum = total
            if let wallets = item["wallets"]?.elements {
                let spot = wallets.filter { $0["type"]?.text == "spot" }.compactMap { $0["balance"]?.amount }
                sum = spot.reduce(Amount.zero) { $0.adding($1) ?? $0 }
            }
            var balance = Balance(asset: KrakenAssets.name(asset), free: sum, locked: .zero)
            balance.lockedIsKnown = false
            result.append(balance)
        }
        return result
    }

    private static func execution(_ item: JSONValue) throws(JSONError) -> AccountEvent {
        let report = try report(item)
        guard item["exec_type"]?.text == "trade" else { return .order(report, fill: nil) }
        return .order(report, fill: try fill(item, report))
    }

    private static func report(_ item: JSONValue) throws(JSONError) -> OrderReport {
        guard let id = item["order_id"]?.text, !id.isEmpty else { throw JSONError(.missing("order_id"), at: 0) }
        let type = item["order_type"]?.text ?? ""
        let filled = item["cum_qty"]?.fixedPoint(FixedPointKind.Quantity.self)
        var report = OrderReport(
            venueOrderID: VenueOrderID(id), clientOrderID: item["cl_ord_id"]?.text.map { ClientOrderID($0) },
            symbol: item["symbol"]?.text ?? "", status: try status(item, type: type), side: try side(item), type: type)
        report.price = price(item["limit_price"])
        report.triggerPrice =
            KrakenReports.isTriggered(type) ? price(item["stop_price"]) ?? price(item["triggers"]?["price"]) : nil
        report.quantity = item["order_qty"]?.fixedPoint()
        report.filled = filled
        report.filledCost = item["cum_cost"]?.amount
        report.updatedAt = try item["timestamp"].map { value throws(JSONError) in try time(value) }
        report.reason = item["reason"]?.text ?? item["cancel_reason"]?.text
        return report
    }

    private static func side(_ item: JSONValue) throws(JSONError) -> OrderSide? {
        guard let word = item["side"] else { return nil }
        guard let side = word.text.flatMap({ OrderSide(rawValue: $0) }) else { throw JSONError(.expected("buy or sell"), at: 0) }
        return side
    }

    private static func price(_ value: JSONValue?) -> Price? {
        value?.fixedPoint(FixedPointKind.Price.self).flatMap { $0.isPositive ? $0 : nil }
    }

    private static func time(_ value: JSONValue) throws(JSONError) -> Timestamp {
        guard let time = value.text.flatMap({ KrakenTime.rfc3339(Array($0.utf8)[...]) }) else {
            throw JSONError(.expected("a time in UTC"), at: 0)
        }
        return time
    }

    private static func status(_ item: JSONValue, type: String) throws(JSONError) -> OrderReport.Status {
        switch item["order_status"]?.text {
        case "pending_new": return .pending
        case "new":
            let trigger = item["triggers"]?["status"]?.text
            return trigger == "untriggered" || (trigger == nil && KrakenReports.isTriggered(type)) ? .pending : .open
        case "partially_filled": return .partiallyFilled
        case "filled": return .filled
        case "canceled": return .canceled
        case "expired": return .expired
        case "rejected": return .rejected
        default: throw JSONError(.expected("an order_status of Kraken's list"), at: 0)
        }
    }

    private static func fill(_ item: JSONValue, _ report: OrderReport) throws(JSONError) -> Fill {
        guard let id = item["exec_id"]?.text else { throw JSONError(.missing("exec_id"), at: 0) }
        guard let price = item["last_price"]?.fixedPoint(FixedPointKind.Price.self) else {
            throw JSONError(.missing("last_price"), at: 0)
        }
        guard let quantity = item["last_qty"]?.fixedPoint(FixedPointKind.Quantity.self) else {
            throw JSONError(.missing("last_qty"), at: 0)
        }
        guard let side = report.side else { throw JSONError(.missing("side"), at: 0) }
        guard let time = report.updatedAt else { throw JSONError(.missing("timestamp"), at: 0) }
        let fees = item["fees"]?.elements ?? []
        let asset = fees.first?["asset"]?.text
        let fee = fees.filter { $0["asset"]?.text == asset }.compactMap { $0["qty"]?.amount }.reduce(Amount.zero) {
            $0.adding($1) ?? $0
        }
        return Fill(
            tradeID: id, venueOrderID: report.venueOrderID, clientOrderID: report.clientOrderID, symbol: report.symbol,
            side: side,
            price: price, quantity: quantity, fee: fee,
            feeAsset: asset.map { KrakenAssets.name($0) } ?? KrakenAssets.quote(ofPair: report.symbol) ?? "",
            isMaker: item["liquidity_ind"]?.text.map { $0 == "m" }, time: time)
    }
}
