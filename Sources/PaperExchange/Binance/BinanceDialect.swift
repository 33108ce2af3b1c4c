package import Exchange
import Matching
import SyntheticMarket

/// Binance spot over a `PaperVenue`: REST below `/api/v3` and `/sapi`, market streams at `/ws` and `/stream`, the WebSocket API at
/// `/ws-api/v3` with the account's events.
///
/// What it does not have: Ed25519 and RSA keys, iceberg and trailing orders, OTO lists, smart order routing, margin.
package struct BinanceDialect: PaperDialect {
    let hashes: PaperHashes
    var random: SplitMix64
    var limits = BinanceLimits()
    var sessions: [SessionID: BinanceSession] = [:]
    var feeds = BinanceFeeds()
    /// The client ids under which orders were canceled or amended, for the reports that follow at once.
    var changeNames: [OrderID: String] = [:]

    /// `seed`: of the client ids that are made up for orders without one.
    package init(hashes: PaperHashes, seed: UInt64 = 0) {
        self.hashes = hashes
        random = SplitMix64(seed: SplitMix64.mixed(seed ^ 0xB1AA))
    }

    package func target(of request: WebRequest) -> PaperFault.Target {
        BinanceEndpoint.rest(request.method.rawValue, request.path)?.target ?? .publicData
    }

    package mutating func respond(to request: WebRequest, peer: String, venue: inout PaperVenue) -> WebResponse {
        guard let endpoint = BinanceEndpoint.rest(request.method.rawValue, request.path) else { return Self.notFound }
        var caller = BinanceCaller(peer: peer)
        do throws(BinanceFailure) {
            let parameters = try BinanceParameters(query: request.query, form: request.body)
            try spend(endpoint, parameters, &caller, venue)
            try authorize(endpoint, parameters, request, &caller, venue)
            let value = try answer(endpoint, parameters, caller, &venue)
            return response(200, value, caller, venue)
        } catch {
            return response(error.status, error.json, caller, venue, retryAfter: error.retryAfter)
        }
    }

    package func failure(_ failure: PaperFailure, venue: PaperVenue) -> WebResponse {
        let error = Self.failure(failure, venue)
        let caller = BinanceCaller(peer: "")
        if case .outage = failure {
            return WebResponse(
                status: 503, headers: [WebHeader("Content-Type", "text/html")], body: Array("Service Unavailable".utf8))
        }
        return response(error.status, error.json, caller, venue, retryAfter: error.retryAfter)
    }

    static func failure(_ failure: PaperFailure, _ venue: PaperVenue) -> BinanceFailure {
        switch failure {
        case .rateLimited(let seconds): .tooMuch(limit: BinanceLimits.weightPerMinute, retryAfter: seconds)
        case .banned(let seconds):
            .banned(until: venue.clock + Int64(max(0, min(seconds, 1_000_000))) * 1000, retryAfter: seconds)
        case .outage:
            BinanceFailure(
                -1008, "Server is currently overloaded with other requests. Please try again in a few minutes.", status: 503)
        case .backendTimeout: .backendTimeout
        case .orderRejected: BinanceFailure(-2010, "NEW_ORDER_REJECTED")
        }
    }

    private static let notFound = WebResponse(
        status: 404, headers: [WebHeader("Content-Type", "text/html")],
        body: Array("<html><body>404 Not found</body></html>".utf8))

    func response(
        _ status: Int, _ value: JSONValue, _ caller: BinanceCaller, _ venue: PaperVenue, retryAfter: Int? = nil
    ) -> WebResponse {
        var headers = [WebHeader("Content-Type", "application/json;charset=UTF-8")]
        let weight = String(limits.weight(of: caller.peer, at: venue.now))
        headers.append(WebHeader("X-MBX-USED-WEIGHT", weight))
        headers.append(WebHeader("X-MBX-USED-WEIGHT-1M", weight))
        if let account = caller.account, caller.isOrder {
            let used = limits.orders(of: account, at: venue.now)
            headers.append(WebHeader("X-MBX-ORDER-COUNT-10S", String(used.short)))
            headers.append(WebHeader("X-MBX-ORDER-COUNT-1D", String(used.day)))
        }
        if let retryAfter { headers.append(WebHeader("Retry-After", String(retryAfter))) }
        return WebResponse(status: status, headers: headers, body: value.bytes)
    }

    /// 22 letters and digits.
    mutating func newClientID() -> ClientID {
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var text: [UInt8] = []
        for _ in 0..<22 { text.append(letters[Int(random.next() % UInt64(letters.count))]) }
        return ClientID(String(decoding: text, as: UTF8.self)) ?? .none
    }
}

/// Who asks.
struct BinanceCaller: Sendable {
    var peer: String
    /// Place of the account in the venue's list, once the signature was checked.
    var account: Int?
    /// The request places orders: its answer tells their count.
    var isOrder = false
    /// The WebSocket that it came over.
    var session: SessionID?
}
