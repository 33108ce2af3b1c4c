package import Exchange

/// How requests of Binance are put on the wire.
package enum BinanceRequests {
    /// A request without a key. Market data is only ever read.
    package static func open(_ path: String, _ parameters: [RequestDraft.Parameter] = []) -> WebRequest {
        WebRequest(.get, path, query: BinanceEncoding.form(parameters))
    }

    /// A request with the key and the signature over `parameters` in this order; they have the time stamp already.
    ///
    /// GET and DELETE carry them in the query, POST and PUT in a form body.
    package static func signed(
        _ method: WebRequest.Method, _ path: String, _ parameters: [RequestDraft.Parameter], with credentials: Credentials
    ) throws(VenueError) -> WebRequest {
        let text = BinanceEncoding.form(parameters)
        let signature = try BinanceSigner(secret: credentials.secret).signature(of: text)
        let whole = text + "&" + BinanceEncoding.form([.init("signature", signature)])
        return withKey(method, path, text: whole, credentials)
    }

    /// A request with the key alone: listen keys want no signature.
    package static func keyed(_ draft: RequestDraft, with credentials: Credentials) -> WebRequest {
        withKey(draft.method, draft.path, text: BinanceEncoding.form(draft.parameters), credentials)
    }

    /// Adds time stamp (first) and receive window (last) where the draft has none, and signs.
    static func signed(
        _ draft: RequestDraft, with credentials: Credentials, now: Int64, receiveWindow: Int
    ) throws(VenueError) -> WebRequest {
        var parameters = draft.parameters
        if !parameters.contains(where: { $0.name == "timestamp" }) { parameters.insert(.init("timestamp", String(now)), at: 0) }
        if !parameters.contains(where: { $0.name == "recvWindow" }) {
            parameters.append(.init("recvWindow", String(receiveWindow)))
        }
        return try signed(draft.method, draft.path, parameters, with: credentials)
    }

    private static func withKey(
        _ method: WebRequest.Method, _ path: String, text: String, _ credentials: Credentials
    ) -> WebRequest {
        let key = WebHeader("X-MBX-APIKEY", credentials.key)
        guard method == .post || method == .put else { return WebRequest(method, path, query: text, headers: [key]) }
        let type = WebHeader("Content-Type", "application/x-www-form-urlencoded")
        return WebRequest(method, path, headers: [key, type], body: Array(text.utf8))
    }

    /// Why these credentials cannot be right. Says nothing about what they are.
    static func problem(of credentials: Credentials) -> String? {
        if credentials.key.isEmpty { return "the key is empty" }
        if !credentials.key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) { return "the key has characters that no key has" }
        if credentials.secret.isEmpty { return "the secret is empty" }
        if !credentials.secret.contains("-----BEGIN"), !credentials.secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            return "the secret has blanks or characters that no secret has"
        }
        do throws(VenueError) {
            _ = try BinanceSigner(secret: credentials.secret)
            return nil
        } catch {
            return error.message
        }
    }
}

extension [RequestDraft.Parameter] {
    mutating func add(_ name: String, _ value: String?) {
        if let value { append(.init(name, value)) }
    }
}
