import ConnectorTesting
import Connectors
import Exchange
import Market
import Money
import Testing
import WebTesting

/// Venues that list open and closed orders apart, page fills backward, and serve streams at several paths.
struct PagingTests {
    private let apart = {
        var venue = FakeTrading()
        venue.isApart = true
        return venue
    }()

    /// The fills after `after`, the newest first, two a page; each page itself oldest first.
    private func page(_ request: WebRequest, newest: Int) -> Result<WebResponse, WebFailure> {
        let values = request.query.split(separator: "&").compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }
        let (after, offset) = (values.first ?? 0, values.last ?? 0)
        let all = Array(stride(from: newest, to: after, by: -1))
        let part = all.dropFirst(offset).prefix(2)
        let next = offset + part.count < all.count ? offset + part.count : 0
        return text(200, "\(next) " + part.reversed().map { "\($0) 7 a buy 90 1 5" }.joined(separator: " "))
    }

    @Test func `fills that come from the newest backward are each told once, in order, with those made meanwhile`() async throws {
        // With each answer there is one fill more than at the one before.
        let desk = try Desk(protocol: apart) { request, number in page(request, newest: min(20 + number, 24)) }
        let fills = try await desk.trading.allFills(try Fake.instrument(), after: "3", from: nil)
        #expect(fills.map(\.tradeID) == (4...24).map(String.init))
    }

    @Test func `more pages of fills than the limit are an error and no list with a hole`() async throws {
        let desk = try Desk(protocol: apart) { request, _ in page(request, newest: 5000) }
        let error = await #expect(throws: VenueError.self) {
            _ = try await desk.trading.allFills(try Fake.instrument(), after: "3", from: nil)
        }
        #expect(error?.code == "fill-pages")
    }

    @Test func `without a trade or a time to begin at the newest page is read`() async throws {
        let desk = try Desk(protocol: apart) { request, _ in page(request, newest: 9) }
        let fills = try await desk.trading.allFills(try Fake.instrument(), after: nil, from: nil)
        #expect(fills.map(\.tradeID) == ["8", "9"])
        #expect(desk.web.requests.count == 1)
    }

    @Test func `an order that is only among the closed ones is found`() async throws {
        let desk = try Desk(protocol: apart) { request, _ in
            request.path == "/closed" ? text(200, "7 a filled buy 90 1 1") : text(400, "orderNotFound")
        }
        let now = desk.clock.now().wall
        guard case .found(let report) = await desk.trading.lookUp(ClientOrderID("a"), try Fake.instrument(), until: now) else {
            Issue.record("not found")
            return
        }
        #expect(report.status == .filled)
        #expect(desk.paths(.get) == ["/order", "/closed"])
    }

    @Test(arguments: ["/order", "/closed"])
    func `as long as one of the lists does not answer an order stays unknown`(silent: String) async throws {
        let desk = try Desk(protocol: apart) { request, _ in
            switch request.path {
            case silent: .failure(.outcomeUnknown("lost"))
            case "/order", "/closed": text(400, "orderNotFound")
            default: text(200, "")
            }
        }
        let end = desk.clock.now().wall
        let result = await desk.trading.lookUp(ClientOrderID("a"), try Fake.instrument(), until: end, patience: .seconds(20))
        #expect(result == .stillUnknown)
    }

    @Test func `subscriptions at several paths make a stream each`() throws {
        let web = InMemoryWeb(FakeExchange(bookRule: .updateIDs))
        let origin = WebOrigin(scheme: .http, host: "127.0.0.1", port: 1)
        let address = VenueAddress(try #require(VenueID("paper-fake")), rest: origin, marketStream: origin, accountStream: origin)
        var venue = FakeMarketData(bookRule: .updateIDs)
        venue.hasTwoPaths = true
        let client = MarketDataClient(venue, at: address, client: web, dialer: web, clock: JumpingClock())
        let instrument = try Fake.instrument()
        let wanted: [MarketSubscription] = [.trades(instrument), .book(instrument, depth: 5), .candles(instrument, .oneMinute)]
        let streams = try client.streams(wanted)
        #expect(streams.map(\.path) == ["/books", "/market"])
        #expect(streams.map(\.subscriptions) == [[wanted[1]], [wanted[0], wanted[2]]])
        let error = #expect(throws: VenueError.self) { _ = try client.stream(wanted) }
        #expect(error?.handling == .permanent)
    }
}
