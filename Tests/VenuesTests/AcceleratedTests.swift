import ConnectorTesting
import Connectors
import Exchange
import Market
import Money
import PaperExchange
import Testing

@testable import Venues

/// Our own clients at an accelerated venue, with nothing but the `speed` of its venue file: the machine's clocks, and the venue's limits.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct AcceleratedTests {
    private func options(_ speed: Double) -> PaperRig.Options {
        var options = PaperRig.Options()
        (options.speed, options.rateLimits, options.ownWall) = (speed, true, true)
        return options
    }

    private func check(_ rig: PaperRig) async throws -> [CheckLine] {
        var settings = VenueCheck.Settings()
        settings.streamDeadline = .seconds(15)
        let market = rig.connectors.market()
        return await VenueCheck(market, settings: settings).run { try rig.trading(market) }
    }

    @Test(arguments: [("binance", 20.0), ("kraken", 20.0), ("binance", 200.0), ("kraken", 200.0), ("binance", 0.5)])
    func `the check of a venue finds everything in order`(dialect: String, speed: Double) async throws {
        try await withRig(dialect, options(speed)) { rig in
            let lines = try await check(rig)
            #expect(lines.filter { $0.state == .failed } == [])
            let times = speed == 0.5 ? "0.5" : "\(Int(speed))"
            #expect(lines.first?.text.contains("\(times) times as fast as ours") == true)
            #expect(lines.contains { $0.name == "stream.account" && $0.state == .ok })
        }
    }

    @Test func `a venue file with another speed than the venue's is found out`() async throws {
        var options = options(20)
        options.clientSpeed = 1
        try await withRig("binance", options) { rig in
            let line = try #require(try await check(rig).first)
            #expect(line.state == .failed && line.text.contains("the venue file has no speed"))
        }
        options.clientSpeed = 60
        try await withRig("binance", options) { rig in
            let line = try #require(try await check(rig).first)
            #expect(line.state == .failed && line.text.contains("the venue file says speed: 60"))
        }
    }

    @Test(arguments: ["binance", "kraken"])
    func `signed requests pass the venue's clock and limits for hours of its time, and nonces rise`(dialect: String) async throws
    {
        try await withRig(dialect, options(500)) { rig in
            let market = rig.connectors.market()
            let start = try await market.serverTime()
            let trading = try rig.trading(market)
            let instrument = try await market.instrument(rig.pair)
            var placed = 0
            // More than the receive window is long, as the machine and as the venue count it.
            while try await market.serverTime().milliseconds - start.milliseconds < 3_600_000 {
                let price = try await rig.restingPrice(market)
                let order = OrderIntent(
                    .buy, .limit(price), quantity: try #require(Quantity("0.001")), clientOrderID: rig.freshID())
                let report = try await trading.place(order, instrument)
                _ = try await trading.cancel(.venue(report.venueOrderID), instrument)
                #expect(report.clientOrderID == order.clientOrderID)
                placed += 1
            }
            #expect(placed > 0)
            #expect(try await trading.openOrders(instrument).isEmpty)
        }
    }
}
