import Exchange
import Market
import Testing

@testable import Kraken

struct ErrorTests {
    struct Case: Sendable {
        var text: String
        var kind: VenueError.Kind
        /// For a request that changes something.
        var change: VenueError.Handling
        /// For one that does not.
        var query: VenueError.Handling
    }

    static let cases: [Case] = [
        Case(text: "EService:Deadline elapsed", kind: .requestTimeout, change: .outcomeUnknown, query: .retryable(after: nil)),
        Case(text: "EService:Timeout", kind: .requestTimeout, change: .outcomeUnknown, query: .retryable(after: nil)),
        Case(text: "EService:Unavailable", kind: .unavailable, change: .outcomeUnknown, query: .retryable(after: nil)),
        Case(text: "EService:Busy", kind: .unavailable, change: .outcomeUnknown, query: .retryable(after: nil)),
        Case(text: "EGeneral:Internal error", kind: .unavailable, change: .outcomeUnknown, query: .retryable(after: nil)),
        Case(text: "EService:Something new", kind: .unavailable, change: .outcomeUnknown, query: .retryable(after: nil)),
        Case(text: "EAPI:Invalid nonce", kind: .invalidNonce, change: .fatal, query: .fatal),
        Case(text: "EAPI:Invalid key", kind: .authentication, change: .fatal, query: .fatal),
        Case(text: "EAPI:Invalid signature", kind: .authentication, change: .fatal, query: .fatal),
        Case(text: "EGeneral:Permission denied", kind: .permissionDenied, change: .fatal, query: .fatal),
        Case(
            text: "EOrder:Rate limit exceeded", kind: .rateLimited, change: .retryable(after: nil), query: .retryable(after: nil)),
        Case(
            text: "EGeneral:Temporary lockout", kind: .rateLimited, change: .retryable(after: .seconds(900)),
            query: .retryable(after: .seconds(900))),
        Case(text: "EOrder:Insufficient funds", kind: .insufficientFunds, change: .permanent, query: .permanent),
        Case(text: "EOrder:Post only order", kind: .wouldTakeLiquidity, change: .permanent, query: .permanent),
        Case(text: "EOrder:Unknown order", kind: .orderNotFound, change: .permanent, query: .permanent),
        Case(text: "EOrder:cl_ord_id already in use", kind: .duplicateClientOrderID, change: .permanent, query: .permanent),
        Case(text: "EGeneral:Invalid arguments:volume", kind: .invalidOrder, change: .permanent, query: .permanent),
        Case(
            text: "EGeneral:Invalid arguments:volume minimum not met", kind: .invalidOrder, change: .permanent, query: .permanent),
        Case(text: "EOrder:Something new", kind: .rejected, change: .permanent, query: .permanent),
        Case(
            text: "EService: Throttled: 1750000005", kind: .rateLimited, change: .retryable(after: .milliseconds(4877)),
            query: .retryable(after: .milliseconds(4877))),
        Case(
            text: "EService:Throttled:1750000005000", kind: .rateLimited, change: .retryable(after: .milliseconds(4877)),
            query: .retryable(after: .milliseconds(4877))),
        Case(
            text: "EService:Throttled:9223372036854775807", kind: .rateLimited, change: .retryable(after: .seconds(3600)),
            query: .retryable(after: .seconds(3600))),
    ]

    @Test(arguments: cases) func `an error says what happened and what may be done`(item: Case) {
        let change = KrakenErrors.error(item.text, changesState: true, now: Sample.now)
        #expect(change.kind == item.kind)
        #expect(change.handling == item.change)
        #expect(KrakenErrors.error(item.text, changesState: false, now: Sample.now).handling == item.query)
    }

    @Test func `a throttled request waits by the clock of the answer`() throws {
        let answer = Sample.answer(
            #"{"error":["EService:Throttled:1750000010"]}"#, headers: [WebHeader("Date", "Sun, 15 Jun 2025 15:06:40 GMT")])
        let error = venueError { _ = try KrakenAnswer.result(answer, changesState: true) }
        #expect(error?.handling == .retryable(after: .seconds(10)))
        #expect(
            KrakenErrors.error("EService:Throttled:1750000010", changesState: true, now: nil).handling == .retryable(after: nil))
    }

    @Test func `among several errors the open outcome decides, and warnings are none`() throws {
        let list = ["WGeneral:Danger", "EOrder:Insufficient funds", "EAPI:Invalid key", "EService:Busy"]
        #expect(KrakenErrors.first(list, changesState: true, now: nil)?.code == "EService:Busy")
        #expect(KrakenErrors.first(Array(list.prefix(3)), changesState: true, now: nil)?.code == "EAPI:Invalid key")
        #expect(KrakenErrors.first(Array(list.prefix(1)), changesState: true, now: nil) == nil)
    }

    struct Page: Sendable {
        var status: Int
        var body: String
        var kind: VenueError.Kind
        var change: VenueError.Handling
    }

    @Test(arguments: [
        Page(status: 502, body: "<html><body>Bad gateway</body></html>", kind: .unavailable, change: .outcomeUnknown),
        Page(status: 520, body: "", kind: .unavailable, change: .outcomeUnknown),
        Page(status: 503, body: #"{"error":["EOrder:Insufficient funds"]}"#, kind: .unavailable, change: .outcomeUnknown),
        Page(status: 200, body: "<html></html>", kind: .malformedAnswer, change: .outcomeUnknown),
        Page(status: 200, body: #"{"error":[]}"#, kind: .malformedAnswer, change: .outcomeUnknown),
        Page(status: 200, body: #"{"error":[],"result":{"txid":["#, kind: .malformedAnswer, change: .outcomeUnknown),
        Page(status: 429, body: "slow down", kind: .rateLimited, change: .retryable(after: nil)),
        Page(status: 403, body: "<html>blocked</html>", kind: .banned, change: .retryable(after: .seconds(600))),
        Page(status: 404, body: "", kind: .badRequest, change: .permanent),
        Page(status: 400, body: #"{"error":["EAPI:Invalid nonce"]}"#, kind: .invalidNonce, change: .fatal),
    ])
    func `an answer that is not Kraken's is classified by its status`(page: Page) throws {
        let answer = Sample.answer(page.body, status: page.status)
        let error = venueError { _ = try KrakenAnswer.result(answer, changesState: true) }
        #expect(error?.kind == page.kind)
        #expect(error?.handling == page.change)
        let query = venueError { _ = try KrakenAnswer.result(answer, changesState: false) }
        #expect(query?.handling != .outcomeUnknown)
    }
}
