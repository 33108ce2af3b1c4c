package import Exchange
import Market
import Matching
import Money

/// Kraken's spot protocol over a paper venue: REST as of version 0, streams as of version 2.
///
/// What it does not have: margin, scheduled starts, conditional closes, trailing stops and icebergs, prices relative to the market, fees in
/// the base currency (`fcib` is taken and not followed). A stop whose trigger is reached already is refused.
package struct KrakenDialect: PaperDialect {
    let hashes: PaperHashes
    /// Known once the first request came.
    var names = PaperKrakenNames([])
    var limits: PaperKrakenLimits
    /// What the engine does not know of orders.
    var notes = PaperKrakenNotes()
    /// When all orders of an account are canceled, in the venue's time.
    var deadManTimers: [AccountID: Int64] = [:]
    var tokens: [String: PaperKrakenToken] = [:]
    var tokenCount: UInt64 = 0
    var amendments: UInt64 = 0
    var ledgerEntries: UInt64 = 0
    var sessions: [SessionID: PaperKrakenSession] = [:]

    package init(hashes: PaperHashes, tier: PaperKrakenTier = .starter) {
        self.hashes = hashes
        limits = PaperKrakenLimits(tier)
    }

    package func target(of request: WebRequest) -> PaperFault.Target {
        guard let endpoint = Endpoint(request.path) else { return .publicData }
        guard endpoint.isPrivate else { return .publicData }
        switch endpoint.name {
        case "AddOrder", "AddOrderBatch", "AmendOrder", "EditOrder": return .placing
        case "CancelOrder", "CancelOrderBatch", "CancelAll", "CancelAllOrdersAfter": return .canceling
        default: return .account
        }
    }

    package func failure(_ failure: PaperFailure, venue: PaperVenue) -> WebResponse {
        switch failure {
        case .rateLimited(let seconds) where seconds > 0:
            PaperKrakenAnswer.error("EService:Throttled:\(venue.clock / 1000 + Int64(min(seconds, 86_400)))")
        case .rateLimited: PaperKrakenAnswer.error(PaperKrakenRefusal.callsExceeded.text)
        case .banned: PaperKrakenAnswer.error("EGeneral:Temporary lockout")
        case .outage: PaperKrakenAnswer.error("EService:Unavailable")
        case .backendTimeout: PaperKrakenAnswer.error("EService:Timeout")
        case .orderRejected: PaperKrakenAnswer.error("EOrder:Invalid order")
        }
    }

    package mutating func respond(to request: WebRequest, peer: String, venue: inout PaperVenue) -> WebResponse {
        prepare(&venue)
        guard request.header("User-Agent").map({ !$0.isEmpty }) ?? false else {
            return PaperKrakenAnswer.error("EAPI:Bad request:a User-Agent header is required", status: 403)
        }
        guard let endpoint = Endpoint(request.path) else {
            return PaperKrakenAnswer.error(PaperKrakenRefusal.unknownMethod.text, status: 404)
        }
        do throws(PaperKrakenRefusal) {
            let result =
                endpoint.isPrivate
                ? try privateCall(endpoint, request, &venue) : try publicCall(endpoint.name, request, peer, &venue)
            return PaperKrakenAnswer.result(result)
        } catch {
            return PaperKrakenAnswer.error(error.text)
        }
    }

    /// What must be so before anything is answered: names are known, timers that are over were carried out.
    mutating func prepare(_ venue: inout PaperVenue) {
        if names.pairs.count != venue.instruments.count { names = PaperKrakenNames(venue.instruments) }
        for (account, time) in deadManTimers.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where time <= venue.now {
            deadManTimers[account] = nil
            _ = venue.cancelAll(of: account)
        }
    }

    /// Real milliseconds on a scale of their own, for what sockets do in real time.
    func realTime(_ venue: PaperVenue) -> Int64 { Self.real(venue.now, venue) }

    static func real(_ milliseconds: Int64, _ venue: PaperVenue) -> Int64 {
        guard venue.settings.speed > 1 else { return milliseconds }
        return Int64(Double(milliseconds) / venue.settings.speed)
    }

    /// So many real milliseconds in the venue's time.
    static func stretched(_ milliseconds: Int64, _ venue: PaperVenue) -> Int64 {
        guard venue.settings.speed > 1 else { return milliseconds }
        return Int64(min(Double(milliseconds) * venue.settings.speed, 1e15))
    }

    /// A method of REST.
    struct Endpoint {
        let isPrivate: Bool
        let name: String
        /// What is signed: the path from the version on, whatever the venue is mounted under.
        let path: String

        init?(_ path: String) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count >= 4, parts[parts.count - 3] == "0", !parts[parts.count - 1].isEmpty else { return nil }
            switch parts[parts.count - 2] {
            case "public": isPrivate = false
            case "private": isPrivate = true
            default: return nil
            }
            name = String(parts[parts.count - 1])
            self.path = "/" + parts.suffix(3).joined(separator: "/")
        }
    }
}

/// A token for streams.
struct PaperKrakenToken: Sendable {
    let account: AccountID
    /// When it ends unless a subscription uses it, in the venue's time.
    var end: Int64
    var isUsed = false
    static let lifetime: Int64 = 900_000
}
