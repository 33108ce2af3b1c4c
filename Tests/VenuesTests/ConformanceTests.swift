import ConnectorTesting
import Connectors
import Exchange
import Market
import Money
import PaperExchange
import Testing

@testable import Venues

extension PaperRig {
    /// The venue with its clients, as the suite wants it. Ways to fail that the paper exchange has no single switch for are left out.
    func underTest() async throws -> VenueUnderTest {
        var faults = VenueUnderTest.Faults()
        faults.breakStreams = { try? await self.fault(.disconnectStreams) }
        faults.loseMessages = { try? await self.fault(.loseStreamMessages, count: $0) }
        faults.doubleMessages = { try? await self.fault(.duplicateStreamMessages, count: $0) }
        faults.loseOrderAnswer = { try? await self.fault(.timeoutAfterAccepting, .placing) }
        faults.cutOrder = { try? await self.fault(.cutBefore, .placing) }
        faults.refuseTime = { try? await self.fault(.rateLimited(retryAfter: 1), .publicData) }
        faults.damageBalances = { try? await self.fault(.garbage, .account) }
        var venue = VenueUnderTest(
            name: name, pair: pair, timeframe: .oneMinute, restingPrice: try await restingPrice(connectors.market()),
            quantity: Quantity(units: 2, decimals: 1), hugeQuantity: Quantity(units: 5000, decimals: 0), bookDepth: 10,
            faults: faults,
            freshID: { self.freshID() }, market: { self.connectors.market() }, trading: { try self.trading($0) })
        venue.pace = .seconds(2)
        venue.stream = MarketStream.Settings()
        venue.accountStream = AccountStream.Settings()
        return venue
    }
}

@Suite(.serialized, .timeLimit(.minutes(5)))
struct ConformanceTests {
    /// Cases for which a venue cannot be made to fail, or has nothing of the kind; nothing is tested then.
    private static let leftOut: [String: Set<ConformanceCase>] = [
        // No damaged stream messages on command, no look into the book past the protocol; Binance spot has no dead-man timer.
        "binance": [.streamDamage, .streamBook, .timer],
        "kraken": [.streamDamage, .streamBook],
    ]

    @Test(arguments: ["binance", "kraken"], ConformanceCase.allCases)
    func `the connector does what it must on the paper exchange`(dialect: String, test: ConformanceCase) async throws {
        try await withRig(dialect) { rig in
            let isTested = try await test.run(on: try await rig.underTest())
            #expect(isTested != (Self.leftOut[dialect]?.contains(test) ?? false))
        }
    }
}
