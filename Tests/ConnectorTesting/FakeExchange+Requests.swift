package import Exchange
import Market
import Money
import Synchronization

extension FakeExchange {
    package func respond(to request: WebRequest, peer: String) async -> WebReply {
        let fault = state.withLock { state -> Fault? in
            state.requests += 1
            guard state.faults[request.path]?.isEmpty == false else { return nil }
            return state.faults[request.path]?.removeFirst()
        }
        switch fault {
        case .cut: return .cut
        case .refuse(let status, let kind):
            return .response(WebResponse(status: status, body: Array("\(kind.rawValue) refused".utf8)))
        case .garbage:
            _ = await answer(request)
            return .response(WebResponse(status: 200, body: [0xFF, 0x00, 0x7B]))
        case .answerLost:
            _ = await answer(request)
            return .silence
        case nil: return .response(await answer(request))
        }
    }

    private func answer(_ request: WebRequest) async -> WebResponse {
        let (response, messages) = state.withLock { state -> (WebResponse, [(String, String)]) in
            if let text = publicAnswer(request, state) { return (Self.good(text, state), []) }
            if let refusal = refuse(request, &state) { return (refusal, []) }
            return privateAnswer(request, &state)
        }
        if !messages.isEmpty { await publish { _ in messages } }
        return response
    }

    private static func good(_ text: String, _ state: State) -> WebResponse {
        WebResponse(status: 200, headers: [WebHeader("X-Used", "1")], body: Array(text.utf8))
    }

    private static func bad(_ kind: VenueError.Kind) -> WebResponse { WebResponse(status: 400, body: Array(kind.rawValue.utf8)) }

    private func value(_ name: String, _ request: WebRequest) -> String? {
        for part in request.query.split(separator: "&") where part.hasPrefix(name + "=") {
            return String(part.dropFirst(name.count + 1))
        }
        return nil
    }

    private func publicAnswer(_ request: WebRequest, _ state: State) -> String? {
        let limit = Int(value("limit", request) ?? "") ?? 100
        switch request.path {
        case "/time": return "\(state.now)"
        case "/instruments": return Fake.symbol
        case "/trades": return state.trades.suffix(limit).joined(separator: " ")
        case "/book": return bookWords(state)
        case "/candles":
            let from = Int64(value("from", request) ?? "") ?? 0
            return state.candles.filter { $0.time >= from }.prefix(limit).map { "\($0.time) \($0.close)" }.joined(separator: " ")
        default: return nil
        }
    }

    private func refuse(_ request: WebRequest, _ state: inout State) -> WebResponse? {
        guard request.header("X-Key") == "paper-key", let nonce = request.header("X-Nonce").flatMap({ UInt64($0) }),
            request.header("X-Sign") == "secret-\(nonce)"
        else { return Self.bad(.authentication) }
        guard nonce > state.nonce else { return Self.bad(.invalidNonce) }
        state.nonce = nonce
        return nil
    }

    private func privateAnswer(_ request: WebRequest, _ state: inout State) -> (WebResponse, [(String, String)]) {
        switch (request.method, request.path) {
        case (.get, "/balances"): return (Self.good("USDT 1000 0 BTC 1 0", state), [])
        case (.post, "/token"): return (Self.good("secret-token", state), [])
        case (.get, "/rights"), (.post, "/validate"), (.post, "/timer"), (.put, "/token"): return (Self.good("ok", state), [])
        case (.get, "/open"):
            return (Self.good(state.orders.filter(\.isOpen).map(\.words).joined(separator: " "), state), [])
        case (.get, "/fills"):
            let after = Int(value("after", request) ?? "") ?? 0
            return (Self.good(state.fills.dropFirst(after).prefix(2).joined(separator: " "), state), [])
        case (.post, "/order"): return place(request, &state)
        case (.delete, "/orders"):
            let open = state.orders.indices.filter { state.orders[$0].isOpen }
            for place in open { state.orders[place].isOpen = false }
            return (Self.good("\(open.count)", state), open.map { ("account", "order " + state.orders[$0].words) })
        case (.get, "/order"), (.delete, "/order"):
            let client = value("client", request)
            let number = value("venue", request)
            guard let place = state.orders.lastIndex(where: { $0.client == client || String($0.number) == number }) else {
                return (Self.bad(.orderNotFound), [])
            }
            guard request.method == .delete else { return (Self.good(state.orders[place].words, state), []) }
            guard state.orders[place].isOpen else { return (Self.bad(.orderNotFound), []) }
            state.orders[place].isOpen = false
            return (Self.good(state.orders[place].words, state), [("account", "order " + state.orders[place].words)])
        default: return (Self.bad(.badRequest), [])
        }
    }

    /// The market is at 100: a market order or a limit beyond it fills at once.
    private func place(_ request: WebRequest, _ state: inout State) -> (WebResponse, [(String, String)]) {
        let market = Price(units: 100, decimals: 0)
        guard let client = value("client", request), let side = value("side", request).flatMap(OrderSide.init(rawValue:)),
            let quantity = value("quantity", request).flatMap({ Quantity($0) }), let text = value("price", request),
            let price = text == "market" ? market : Price(text)
        else { return (Self.bad(.badRequest), []) }
        guard !state.orders.contains(where: { $0.client == client && $0.isOpen }) else {
            return (Self.bad(.duplicateClientOrderID), [])
        }
        let cost = Amount(price, times: quantity)
        if side == .buy, let left = Amount(units: 1000, decimals: 0).subtracting(cost), left.isNegative {
            return (Self.bad(.insufficientFunds), [])
        }
        var order = Order(number: state.orders.count + 1, client: client, side: side, price: price, quantity: quantity)
        let fillsAtOnce = text == "market" || (side == .buy ? price >= market : price <= market)
        var fill = ""
        if fillsAtOnce {
            order.isOpen = false
            order.isFilled = true
            fill = "\(state.fills.count + 1) \(order.number) \(client) \(side.rawValue) \(market) \(quantity) \(state.now)"
            state.fills.append(fill)
        }
        state.orders.append(order)
        return (Self.good(order.words, state), [("account", "order " + order.words + (fill.isEmpty ? "" : " " + fill))])
    }
}
