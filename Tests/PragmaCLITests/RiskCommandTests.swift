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

/// `pragma risk` from a coordinator's answers on.
@Suite struct RiskCommandTests {
    private typealias Fixture = TradingFixture

    /// A live job whose records can grow while they are looked at.
    private final class Coordinator {
        var stored: TradingFixture.Stored

        init(_ records: [[UInt8]], kind: TradingJob.Kind = .live) {
            stored = .init(job: TradingFixture.job(1, kind: kind), records: records, payload: Coordinator.payload(kind))
        }

        private static func payload(_ kind: TradingJob.Kind) -> [UInt8] {
            let configuration = """
                {"account":{"name":"main"},"exchange":{"name":"paper-binance"},"execution":{"mode":"\(kind.rawValue)"},\
                "risk":{"max_drawdown":0.1,"max_daily_loss":0.05,"max_consecutive_losses":5},\
                "stake_currency":"USDT","strategy":"EmaCross"}
                """
            return JobSpecification(
                kind: kind.rawValue, configuration: Array(configuration.utf8), dataFolder: "", dataFiles: [],
                executable: [UInt8](repeating: 7, count: 32), submission: [UInt8](repeating: 1, count: 16)
            ).encoded()
        }

        func ask(_ query: ClientQuery) throws(FleetError) -> QueryAnswer {
            try TradingFixture(stored: [stored]).ask(query)
        }

        var risk: FleetRisk {
            get throws(FleetError) { try FleetRisk(JobID(1)) { query throws(FleetError) in try self.ask(query) } }
        }
    }

    /// The account began with 1000, rose to 1100 and fell to 900.
    private static func state() -> RiskState {
        var state = RiskState(account: "paper-binance/main", currency: "USDT")
        for (minute, equity) in [(0, "1000"), (1, "1100"), (2, "900")] as [(Int64, String)] {
            state.apply(.equity(Fixture.amount(equity)), at: Fixture.time(minute), policy: RiskPolicy())
        }
        return state
    }

    private static func record(_ state: RiskState) -> [UInt8] {
        JournalNote.risk(state.snapshot(savedAt: Fixture.time(3))).record.encoded
    }

    @Test func `limits, losses and an open breaker are shown, with what ends it`() throws {
        let risk = try Coordinator([Fixture.candle(close: 60), Self.record(Self.state())]).risk
        let answer = risk.answer
        #expect(answer.account == "main" && answer.exchange == "paper-binance" && answer.currency == "USDT")
        #expect(answer.equity == "900" && answer.peak == "1100" && answer.day_start == "1000")
        #expect(abs((answer.drawdown?.value ?? 0) - 200.0 / 1100) < 1e-9 && abs((answer.daily_loss?.value ?? 0) - 0.1) < 1e-9)
        #expect(answer.breaker?.state == "open" && answer.breaker?.needs_reset == true)
        #expect(answer.breaker?.reasons == ["drawdown", "daily loss"])
        #expect(answer.limits["max_drawdown"]?.value == 0.1 && answer.limits.count == 3)
        let text = answer.text
        for part in [
            "18.18 % of at most 10.00 %", "10.00 % of at most 5.00 %", "open since 2026-01-01 00:02:00 (drawdown, daily loss)",
            "until somebody resets it", "pragma risk reset 1 --reason TEXT",
        ] { #expect(text.contains(part), "\(part): \(text)") }
        let json = try #require(
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(answer)) as? [String: Any])
        #expect(
            Set(json.keys) == [
                "job", "state", "exchange", "account", "currency", "limits", "equity", "equity_time", "peak", "drawdown",
                "day_start", "daily_loss", "consecutive_losses", "breaker",
            ])
    }

    @Test func `a job that has recorded nothing yet says so, and one that is not live has no account`() throws {
        #expect(try Coordinator([]).risk.answer.text.contains("nothing is recorded yet"))
        #expect(throws: FleetError.self) { try Coordinator([], kind: .dryRun).risk }
        let other = RiskState(account: "paper-binance/other", currency: "USDT")
        #expect(throws: FleetError.self) { try Coordinator([Self.record(other)]).risk }
    }

    @Test func `a reset goes out once, in a name and with a reason, and is over when the job has recorded it`() throws {
        let coordinator = Coordinator([Self.record(Self.state())])
        var risk = try coordinator.risk
        var (requests, waits) = ([ClientRequest](), 0)
        try risk.reset(
            by: "ann", reason: "looked at",
            { request throws(FleetError) in
                requests.append(request)
                return .job(JobID(1), .running)
            },
            wait: {
                waits += 1
                guard waits == 3 else { return true }
                var state = Self.state()
                state.apply(.reset(by: "ann", reason: "looked at"), at: Fixture.time(1500), policy: RiskPolicy())
                coordinator.stored.records.append(Self.record(state))
                return true
            })
        #expect(requests == [.resetBreaker(JobID(1), by: "ann", reason: "looked at")] && waits == 3)
        #expect(risk.answer.last_reset?.by == "ann" && risk.answer.last_reset?.reason == "looked at")
        #expect(risk.answer.breaker?.state == "half_open" && risk.answer.peak == "900")
        #expect(risk.answer.text.contains("last reset         by ann at 2026-01-02 01:00:00: looked at"))
    }

    @Test func `a refusal, and a job that records nothing in time, are errors of their own`() throws {
        var risk = try Coordinator([Self.record(Self.state())]).risk
        func code(_ reply: Reply) -> FleetError.Code? {
            do throws(FleetError) {
                try risk.reset(by: "ann", reason: "x", { _ throws(FleetError) in reply }, wait: { false })
            } catch { return error.code }
            return nil
        }
        #expect(code(.refused(Refusal(.wrongState, "it is lost"))) == .refused)
        #expect(code(.job(JobID(1), .running)) == .timeout)
        #expect(code(.done) == .system)
    }

    @Test(arguments: [["risk", "reset", "1"], ["risk", "reset", "1", "--reason", " "], ["risk", "0"], ["risk"]])
    func `a job is needed, and a reason for a reset`(arguments: [String]) {
        #expect(throws: (any Error).self) { try Pragma.parseAsRoot(arguments) }
    }

    @Test func `the short form shows`() throws {
        #expect(try Pragma.parseAsRoot(["risk", "12", "--json"]) is RiskCommand.Show)
    }
}
