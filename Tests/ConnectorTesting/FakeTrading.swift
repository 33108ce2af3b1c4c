package import Exchange
package import Market
import Money

/// The private half of the venue in memory. A signature is the secret and the nonce in plain words.
package struct FakeTrading: TradingVenue {
    package var backendTimeout: Duration { .milliseconds(100) }
    package let requestsAreOrdered = true

    /// As Kraken: open and closed orders are looked up apart, and fills come from the newest backward.
    package var isApart = false

    package init() {}

    package func sign(_ draft: RequestDraft, with credentials: Credentials, at moment: SigningMoment) throws(VenueError)
        -> WebRequest
    {
        WebRequest(
            draft.method, draft.path, query: draft.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&"),
            headers: [
                WebHeader("X-Key", credentials.key), WebHeader("X-Nonce", String(moment.nonce)),
                WebHeader("X-Sign", "\(credentials.secret)-\(moment.nonce)"),
            ])
    }

    package func problem(of credentials: Credentials) -> String? { credentials.secret.isEmpty ? "the secret is empty" : nil }

    package func balances() -> SignedCall<[Balance]> {
        call(.get, "/balances") { (words) throws(VenueError) in
            var list: [Balance] = []
            while !words.isAtEnd {
                let asset = words.next()
                let free: Price = try words.fixed()
                let locked: Price = try words.fixed()
                list.append(Balance(asset: asset, free: Amount(free), locked: Amount(locked)))
            }
            return list
        }
    }

    package func accountRights() -> SignedCall<AccountRights>? {
        call(.get, "/rights") { (_) throws(VenueError) in AccountRights(canRead: true, canTrade: true, canWithdraw: false) }
    }

    private func parameters(_ order: OrderIntent) throws(VenueError) -> [RequestDraft.Parameter] {
        let price: Price?
        switch order.kind {
        case .limit(let limit): price = limit
        case .market: price = nil
        default: throw VenueError(.notSupported, .permanent, code: "kind", message: "only limit and market orders")
        }
        return [
            .init("client", order.clientOrderID.text), .init("side", order.side.rawValue),
            .init("quantity", order.quantity.description), .init("price", price?.description ?? "market"),
        ]
    }

    package func place(_ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp) throws(VenueError)
        -> SignedCall<OrderReport>
    {
        call(.post, "/order", try parameters(order), changes: true, orders: 1) { (words) throws(VenueError) in try words.order() }
    }

    package func place(_ oco: OCOIntent, _ instrument: TradedInstrument) -> SignedCall<[OrderReport]>? { nil }

    package func validate(_ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp) throws(VenueError)
        -> SignedCall<Void>
    {
        call(.post, "/validate", try parameters(order)) { (_) throws(VenueError) in }
    }

    private func parameter(_ reference: OrderReference) -> RequestDraft.Parameter {
        switch reference {
        case .client(let id): .init("client", id.text)
        case .venue(let id): .init("venue", id.text)
        }
    }

    package func cancel(_ order: OrderReference, _ instrument: TradedInstrument, age: Duration?) -> SignedCall<OrderReport?> {
        call(.delete, "/order", [parameter(order)], changes: true, isCancel: true) { (words) throws(VenueError) in
            try words.order()
        }
    }

    package func cancelAll(_ instrument: TradedInstrument?) -> SignedCall<Int?>? {
        call(.delete, "/orders", changes: true, isCancel: true) { (words) throws(VenueError) in Int(try words.number()) }
    }

    package func order(_ order: OrderReference, _ instrument: TradedInstrument) -> SignedCall<OrderReport> {
        call(.get, "/order", [parameter(order)]) { (words) throws(VenueError) in try words.order() }
    }

    package func openOrders(_ instrument: TradedInstrument?) -> SignedCall<[OrderReport]> {
        call(.get, "/open") { (words) throws(VenueError) in
            var list: [OrderReport] = []
            while !words.isAtEnd { list.append(try words.order()) }
            return list
        }
    }

    package func fills(_ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?) -> SignedCall<[Fill]> {
        call(.get, "/fills", [.init("after", tradeID ?? "0")]) { (words) throws(VenueError) in
            var list: [Fill] = []
            while !words.isAtEnd { list.append(try words.fill()) }
            return list
        }
    }

    package func orderLookups(_ order: OrderReference, _ instrument: TradedInstrument) -> [SignedCall<OrderReport>] {
        guard isApart else { return [self.order(order, instrument)] }
        return [
            self.order(order, instrument),
            call(.get, "/closed", [parameter(order)]) { (words) throws(VenueError) in try words.order() },
        ]
    }

    package func fillPage(
        _ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?, offset: Int
    ) -> SignedCall<FillPage> {
        let path = isApart ? "/pages" : "/fills"
        let parameters = [RequestDraft.Parameter("after", tradeID ?? "0")] + (isApart ? [.init("offset", "\(offset)")] : [])
        return call(.get, path, parameters) { [isApart] (words) throws(VenueError) in
            let next = isApart ? Int(try words.number()) : 0
            var list: [Fill] = []
            while !words.isAtEnd { list.append(try words.fill()) }
            return FillPage(fills: list, nextOffset: next > 0 ? next : nil)
        }
    }

    package func deadManTimer(_ timeout: Duration, _ instrument: TradedInstrument?) -> SignedCall<Void>? {
        call(.post, "/timer", changes: true) { (_) throws(VenueError) in }
    }

    package func streamToken() -> SignedCall<String>? {
        call(.post, "/token") { (words) throws(VenueError) in words.next() }
    }

    package func renewStreamToken(_ token: String) -> (every: Duration, call: SignedCall<Void>)? {
        (.seconds(600), call(.put, "/token") { (_) throws(VenueError) in })
    }

    package func accountStreamPath(token: String?) -> String { "/account?token=\(token ?? "")" }

    package func subscribeToAccount(
        token: String?, credentials: Credentials, at moment: SigningMoment, id: Int64
    ) throws(VenueError) -> [String] { ["sub \(id) account"] }

    package func decodeAccount(_ message: [UInt8]) throws(VenueError) -> AccountInput {
        var words = FakeWords(message)
        switch words.next() {
        case "beat": return .heartbeat
        case "ack": return .acknowledged(id: try words.number(), error: nil)
        case "order": return .events([.order(try words.order(), fill: words.isAtEnd ? nil : try words.fill())])
        default: throw Fake.malformed(changesState: false)
        }
    }

    private func call<Answer>(
        _ method: WebRequest.Method, _ path: String, _ parameters: [RequestDraft.Parameter] = [], changes: Bool = false,
        isCancel: Bool = false, orders: Int = 0, _ read: @escaping @Sendable (inout FakeWords) throws(VenueError) -> Answer
    ) -> SignedCall<Answer> {
        let charges = [BudgetCharge("weight", 1)] + (orders > 0 ? [BudgetCharge("orders", orders)] : [])
        return SignedCall(RequestDraft(method, path, parameters), charges: charges, isCancel: isCancel, changesState: changes) {
            (response) throws(VenueError) in
            try Fake.check(response, changesState: changes)
            var words = FakeWords(response.body)
            guard words.isText else { throw Fake.malformed(changesState: changes) }
            do {
                return try read(&words)
            } catch {
                throw Fake.malformed(changesState: changes)
            }
        }
    }
}

extension FakeWords {
    /// `VENUEID CLIENTID STATUS SIDE PRICE QUANTITY FILLED`.
    mutating func order() throws(VenueError) -> OrderReport {
        let venue = next()
        let client = next()
        guard let status = OrderReport.Status(rawValue: next()), let side = OrderSide(rawValue: next()) else {
            throw Fake.malformed(changesState: false)
        }
        var report = OrderReport(
            venueOrderID: VenueOrderID(venue), clientOrderID: ClientOrderID(client), symbol: Fake.symbol, status: status,
            side: side, type: "limit")
        report.price = try fixed()
        report.quantity = try fixed()
        report.filled = try fixed()
        return report
    }

    /// `TRADEID VENUEID CLIENTID SIDE PRICE QUANTITY TIME`.
    mutating func fill() throws(VenueError) -> Fill {
        let trade = next()
        let venue = next()
        let client = next()
        guard let side = OrderSide(rawValue: next()) else { throw Fake.malformed(changesState: false) }
        return Fill(
            tradeID: trade, venueOrderID: VenueOrderID(venue), clientOrderID: ClientOrderID(client), symbol: Fake.symbol,
            side: side,
            price: try fixed(), quantity: try fixed(), fee: .zero, feeAsset: "USDT", isMaker: false,
            time: Timestamp(milliseconds: try number()))
    }
}
