import Connectors
import Exchange
import Market
import PaperExchange
import PaperServer
import Synchronization
import Testing

@testable import Venues

@Suite(.serialized, .timeLimit(.minutes(5)))
struct VenueCheckTests {
    private func settings() -> VenueCheck.Settings {
        var settings = VenueCheck.Settings()
        settings.streamDeadline = .seconds(10)
        return settings
    }

    @Test(arguments: ["binance", "kraken"])
    func `a venue that works passes, and a key that may withdraw is warned of`(dialect: String) async throws {
        try await withRig(dialect) { rig in
            let told = Mutex<[CheckLine]>([])
            let market = rig.connectors.market()
            let check = VenueCheck(market, settings: settings()) { line in told.withLock { $0.append(line) } }
            let lines = await check.run { try rig.trading(market) }
            #expect(lines.filter { $0.state == .failed } == [])
            #expect(told.withLock { $0 } == lines)
            let names = [
                "clock", "markets", "candles", "trades", "book", "stream.trades", "stream.candles", "stream.book",
                "stream.quotes",
                "balances", "rights", "order", "stream.account", "budgets",
            ]
            #expect(lines.map(\.name) == names)
            if dialect == "binance" {
                #expect(lines.first { $0.name == "rights" }?.text.contains("MAY WITHDRAW") == true)
            }
            let books = try await rig.books()
            #expect(books["accounts"]?.elements?.first?["open_orders"]?.elements?.count == 0)
        }
    }

    @Test func `each thing that does not work is named, and the others are looked at all the same`() async throws {
        try await withRig("binance") { rig in
            try await rig.fault(.garbage, .account, count: nil)
            let market = rig.connectors.market()
            let lines = await VenueCheck(market, settings: settings()).run { try rig.trading(market) }
            let failed = Set(lines.filter { $0.state == .failed }.map(\.name))
            #expect(failed.isSuperset(of: ["balances", "rights", "stream.account"]))
            #expect(failed.isDisjoint(with: ["clock", "markets", "candles", "trades", "book", "stream.trades", "stream.book"]))
        }
    }

    @Test func `wrong credentials fail before anything is sent, and are not shown`() async throws {
        try await withRig("binance") { rig in
            let market = rig.connectors.market()
            let lines = await VenueCheck(market, settings: settings()).run {
                try rig.connectors.trading(market, credentials: Credentials(key: "realkey1", secret: "realsecret1"))
            }
            let line = lines.first { $0.name == "credentials" }
            #expect(line?.state == .failed)
            #expect(lines.allSatisfy { !$0.text.contains("realkey1") && !$0.text.contains("realsecret1") })
        }
    }

    @Test func `where nothing listens the check ends and says so`() async throws {
        let rig = try await PaperRig("binance")
        await rig.server.shutdown(grace: .zero)
        let lines = await VenueCheck(rig.connectors.market(), settings: settings()).run(nil)
        #expect(lines.filter { $0.state == .failed }.map(\.name) == ["clock", "markets"])
        await rig.connectors.shutdown()
    }
}
