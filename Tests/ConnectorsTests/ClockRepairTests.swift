import ConnectorTesting
import Connectors
import Exchange
import Market
import Money
import Synchronization
import Testing
import WebTesting

/// A venue that refuses a request for its time did nothing: its clock is read, and the request is sent once more.
struct ClockRepairTests {
    /// So far is the venue ahead of us.
    private static let ahead: Int64 = 90_000
    private static let placed = "1 a open buy 90 1 0"

    private func place(_ desk: Desk) async throws -> OrderReport {
        let order = OrderIntent(
            .buy, .limit(Price(units: 90, decimals: 0)), quantity: Quantity(units: 1, decimals: 0),
            clientOrderID: ClientOrderID("a"))
        return try await desk.trading.place(order, try Fake.instrument())
    }

    /// Tells a time that is `ahead`, and refuses so many signed requests before one is taken.
    private func desk(refusing refused: Int, with kind: String = "invalidNonce") throws -> Desk {
        let left = Mutex(refused)
        return try Desk { request, _ in
            if request.path == "/time" { return text(200, "\(1_700_000_001_000 + Self.ahead)") }
            let isRefused = left.withLock { left in
                left -= 1
                return left >= 0
            }
            return isRefused ? text(400, kind) : text(200, Self.placed)
        }
    }

    @Test func `an order that was refused for its time is signed with the venue's time and sent once more`() async throws {
        let desk = try desk(refusing: 1)
        #expect(try await place(desk).venueOrderID == VenueOrderID("1"))
        #expect(desk.web.requests.map(\.path) == ["/order", "/time", "/time", "/order"])
        let offset = try #require(desk.market.gate.clockOffset()).offset
        #expect(abs(offset.wholeMilliseconds - Self.ahead) <= 1)
        let nonces = desk.web.requests.compactMap { $0.header("X-Nonce").flatMap { UInt64($0) } }
        // Not before the venue's time either, so that a wall clock that was set back does no harm.
        #expect(nonces.count == 2 && nonces[1] >= nonces[0] + UInt64(Self.ahead - 1) * 1000)
        let notices = desk.notices.all.withLock { $0 }
        #expect(notices.count == 1)
        #expect(notices.first?.contains("paper-fake refused the time or nonce of a request (HTTP 400)") == true)
        #expect(notices.first?.contains("ms ahead of this machine's") == true)
    }

    @Test func `refused again it is not sent a third time, and nothing more may be`() async throws {
        let desk = try desk(refusing: 5)
        let error = await #expect(throws: VenueError.self) { _ = try await place(desk) }
        #expect(error?.kind == .invalidNonce && error?.handling == .fatal)
        #expect(error?.message.contains("refused again") == true)
        #expect(desk.paths(.post).count == 2)
        #expect(desk.paths(.get) == ["/time", "/time"])
    }

    @Test func `while the venue's time cannot be had the refusal stands`() async throws {
        let desk = try Desk { request, _ in
            request.path == "/time" ? .failure(.notSent("no route")) : text(400, "invalidNonce")
        }
        let error = await #expect(throws: VenueError.self) { _ = try await place(desk) }
        #expect(error?.kind == .invalidNonce && error?.message.contains("refused again") == false)
        #expect(desk.paths(.post).count == 1)
        #expect(desk.notices.all.withLock { $0 }.first?.contains("which failed") == true)
    }

    @Test(arguments: ["insufficientFunds", "authentication", "unavailable"])
    func `no other refusal sends anything again`(kind: String) async throws {
        let desk = try desk(refusing: 1, with: kind)
        await #expect(throws: VenueError.self) { _ = try await place(desk) }
        #expect(desk.web.requests.map(\.path) == ["/order"])
        #expect(desk.notices.all.withLock { $0 }.isEmpty)
    }

    @Test func `what was known of the clock is forgotten with the first new answer`() async throws {
        let shift = Mutex<Int64>(0)
        let desk = try Desk { request, number in
            guard request.path != "/time" else { return text(200, "\(1_700_000_001_000 + shift.withLock { $0 })") }
            return number == 2 ? text(400, "invalidNonce") : text(200, Self.placed)
        }
        _ = try await desk.market.synchronizeClock(rounds: 2)
        // The venue sets its clock back: by older answers alone it would never be believed.
        shift.withLock { $0 = -Self.ahead }
        _ = try await place(desk)
        let offset = try #require(desk.market.gate.clockOffset()).offset
        #expect(abs(offset.wholeMilliseconds + Self.ahead) <= 1)
    }
}
