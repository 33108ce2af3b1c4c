import ArgumentParser
import Coordination
import Fleet
import FleetProtocol
import Foundation
import Market
import Money
import Orders
import Risk
import Testing
import TradingJournal

@testable import PragmaCLI

/// `pragma portfolio` from a coordinator's answers on.
@Suite struct PortfolioCommandTests {
    private typealias Fixture = TradingFixture

    private static func limits(_ exposure: String, _ orders: Int, _ loss: String) -> PortfolioAnswer.Limits {
        PortfolioAnswer.Limits(
            exposure: Fixture.amount(exposure), openOrders: orders, dailyLoss: Fixture.amount(loss))
    }

    private static let answer = PortfolioAnswer(
        currency: "USDT", limits: limits("900", 9, "90"),
        accounts: [
            PortfolioAnswer.Account(
                name: "main", weight: 2, part: limits("600", 6, "60"), allotted: limits("500", 5, "60"),
                left: .milliseconds(41_200), job: JobID(1)),
            PortfolioAnswer.Account(name: "side", weight: 1, part: limits("300", 3, "30")),
        ])

    private func read(_ answer: PortfolioAnswer?, _ records: [[UInt8]]) throws(FleetError) -> FleetPortfolio {
        let fixture = TradingFixture(stored: [.init(job: Fixture.job(1, kind: .live), records: records)])
        return try FleetPortfolio.read { query throws(FleetError) in
            if case .portfolio = query { return .portfolio(answer) }
            return try fixture.ask(query)
        }
    }

    /// A bitcoin of the first order's two is held, the other one is to be bought at 50.5; the stop of a bitcoin is a sale.
    private static var records: [[UInt8]] {
        var state = RiskState(account: "paper-binance/main", currency: "USDT")
        for (minute, equity) in [(0, "1000"), (1, "980.5")] as [(Int64, String)] {
            state.apply(.equity(Fixture.amount(equity)), at: Fixture.time(minute), policy: RiskPolicy())
        }
        return Fixture.orders + [
            Fixture.candle(close: 60), JournalNote.risk(state.snapshot(savedAt: Fixture.time(3))).record.encoded,
        ]
    }

    @Test func `each account's part, what was allotted and what is used are shown`() throws {
        let portfolio = try read(Self.answer, Self.records)
        #expect(portfolio.problems.isEmpty && portfolio.accounts.count == 2)
        let main = try #require(portfolio.accounts.first)
        #expect(main.part == .init(exposure: "600", open_orders: 6, daily_loss: "60"))
        #expect(main.allotted?.exposure == "500" && main.ends_in_seconds == 42 && main.job == 1 && main.job_state == "running")
        let used = try #require(main.used)
        #expect(used.open_orders == 2 && used.daily_loss == "19.5")
        // The position at the close, and what may still be bought: at the mark, which is above its limit.
        #expect(used.exposure == "120", "\(used)")
        let side = portfolio.accounts[1]
        #expect(side.job == nil && side.used == nil && side.allotted == nil && side.ends_in_seconds == nil)
        let text = portfolio.text
        for part in ["900 USDT of exposure, 9 working orders, 90 USDT lost a day", "for 42 s", "no: nobody trades on it"] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        let json = try #require(
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(portfolio)) as? [String: Any])
        #expect(
            Set(json.keys) == ["currency", "max_exposure", "max_open_orders", "max_daily_loss", "accounts", "problems"])
        let first = try #require((json["accounts"] as? [[String: Any]])?.first)
        #expect(Set(first.keys) == ["account", "weight", "job", "job_state", "part", "allotted", "ends_in_seconds", "used"])
    }

    @Test func `a coordinator that was just started, and a job in another currency, are named`() throws {
        var answer = Self.answer
        answer.opensIn = .seconds(12)
        answer.accounts[0].allotted = nil
        answer.accounts[0].hasOtherCurrency = true
        let text = try read(answer, Self.records).text
        #expect(
            text.contains("nothing is allotted for 12 s") && text.contains("the job's stakes are in another currency"), "\(text)")
    }

    @Test func `a job that has recorded nothing uses nothing that can be told, and one that cannot be read is a problem`() throws
    {
        let empty = try read(Self.answer, [])
        #expect(empty.accounts[0].used == .init(exposure: "0", open_orders: 0, daily_loss: nil))
        #expect(empty.text.contains("unknown"))
        let broken = try read(Self.answer, [[1, 2, 3]])
        #expect(broken.problems.map(\.job) == [1] && broken.accounts[0].used == nil)
    }

    @Test func `without a portfolio the command says what there is`() {
        do throws(FleetError) {
            _ = try read(nil, [])
            Issue.record("there is none")
        } catch { #expect(error.code == .input && error.message.contains("no 'portfolio'")) }
    }
}
