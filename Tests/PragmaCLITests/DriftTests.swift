import Backtesting
import Configuration
import Coordination
import Exchange
import Fleet
import FleetProtocol
import Foundation
import Market
import Money
import Orders
import Strategies
import SyntheticMarket
import Testing
import TradingJournal
import TradingLoop

@testable import PragmaCLI

/// `pragma drift` from a coordinator's answers on; what is compared and how is tested beside the module `Drift`.
@Suite struct FleetDriftTests {
    private typealias Fixture = TradingFixture
    private let registry: StrategyRegistry
    private static let executable = [UInt8](repeating: 7, count: 32)

    init() throws { registry = try StrategyRegistry() }

    /// What `pragma dry-run` submits for the shipped example.
    private func payload(_ strategy: String = "EmaCross", executable: [UInt8] = executable) throws -> [UInt8] {
        let text = """
            {"max_open_trades": 3, "stake_currency": "USDT", "stake_amount": 100, "dry_run": true, "dry_run_wallet": 1000, "fee": 0.001,
             "timeframe": "5m", "strategy": "EmaCross", "exchange": {"name": "paper-binance", "pair_whitelist": ["BTC/USDT", "ETH/USDT"]}}
            """
        let configuration = try EffectiveConfiguration.load(
            files: ["c.json"], registry: registry, purpose: .dryRun, source: .memory(["c.json": text]))
        var bytes = configuration.canonicalBytes
        if strategy != "EmaCross" {
            bytes = Array(String(decoding: bytes, as: UTF8.self).replacing("\"EmaCross\"", with: "\"\(strategy)\"").utf8)
        }
        return JobSpecification(
            kind: "dry-run", configuration: bytes, dataFolder: "", dataFiles: [], executable: executable,
            submission: [UInt8](repeating: 1, count: 16)
        ).encoded()
    }

    /// What `pragma live` submits for the same.
    private func livePayload() throws -> [UInt8] {
        let text = """
            {"max_open_trades": 3, "stake_currency": "USDT", "stake_amount": 100, "dry_run": false, "fee": 0.001, "timeframe": "5m",
             "strategy": "EmaCross", "exchange": {"name": "paper-binance", "pair_whitelist": ["BTC/USDT", "ETH/USDT"]},
             "account": {"name": "main"},
             "execution": {"mode": "live", "confirm_live": true, "safety_phrase": "I_UNDERSTAND_THE_RISKS"},
             "risk": {"max_drawdown": 0.1, "max_daily_loss": 0.05, "max_position_risk": 0.02, "max_total_exposure": 0.8, "max_leverage": 1,
              "max_consecutive_losses": 5, "max_volatility_ratio": 3, "kelly_fraction": 0.25, "max_kelly_position": 0.2}}
            """
        let configuration = try EffectiveConfiguration.load(
            files: ["c.json"], registry: registry, purpose: .live, source: .memory(["c.json": text]))
        return JobSpecification(
            kind: "live", configuration: configuration.canonicalBytes, dataFolder: "", dataFiles: [],
            executable: Self.executable, submission: [UInt8](repeating: 1, count: 16)
        ).encoded()
    }

    /// Records of a job that saw candles and traded nothing.
    private func records(candles count: Int = 400) throws -> [[UInt8]] {
        let pairs = ["BTC/USDT", "ETH/USDT"].compactMap { Pair($0) }
        let market = try SyntheticMarket(
            seed: 3, pairs: pairs, start: Timestamp(seconds: 1_700_000_000), days: 4, base: .fiveMinutes)
        var notes: [JournalNote] = []
        for pair in pairs {
            let candles = try market.candles(pair, .fiveMinutes)
            notes += JournalNote.beginning(market.instrument(pair), history: (0..<200).map { candles.candle(at: $0) })
            notes += (200..<200 + count).map { .candle(pair, candles.candle(at: $0)) }
        }
        return notes.map(\.record.encoded)
    }

    private func drift(_ stored: TradingFixture.Stored...) -> FleetDrift {
        let fixture = TradingFixture(stored: stored, pageSize: 500)
        return FleetDrift(
            ask: { query throws(FleetError) in try fixture.ask(query) }, registry: registry, executable: Self.executable)
    }

    private func failure(_ drift: FleetDrift, _ job: Int64 = 1) -> FleetError? {
        do throws(FleetError) { _ = try drift.answer(JobID(job)) } catch { return error }
        return nil
    }

    @Test func `a job that sat still has all of the backtest's trades missing, in the table and as JSON`() throws {
        let answer = try drift(.init(job: Fixture.job(1, state: .canceled), records: try records(), payload: try payload()))
            .answer(JobID(1))
        #expect(answer.trades.job == 0 && answer.trades.backtest > 3 && answer.differences.count == answer.trades.backtest)
        #expect(answer.differences.allSatisfy { $0.cause == "only_in_backtest" && $0.job_trade == nil && $0.job.isEmpty })
        #expect(answer.notices.isEmpty, "\(answer.notices)")
        let text = answer.text(limit: 2)
        #expect(text.contains("only_in_backtest") && text.contains("\(answer.trades.backtest - 2) more are not shown"))
        let data = try JSONEncoder().encode(answer)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(json.keys) == [
                "job", "kind", "exchange", "strategy", "stake_currency", "from", "to", "trades", "profit", "causes",
                "differences",
                "notices",
            ])
        let causes = try #require(json["causes"] as? [[String: Any]])
        #expect(
            causes.first?["cause"] as? String == "only_in_backtest" && causes.first?["count"] as? Int == answer.trades.backtest)
    }

    @Test func `a running job, and one of another build, are compared with a notice`() throws {
        let other = [UInt8](repeating: 9, count: 32)
        let answer = try drift(.init(job: Fixture.job(1), records: try records(), payload: try payload(executable: other)))
            .answer(JobID(1))
        #expect(answer.notices.count == 2, "\(answer.notices)")
        #expect(answer.notices.contains { $0.hasPrefix("another build of pragma") })
        #expect(answer.notices.contains { $0.hasPrefix("the job is running") })
        #expect(answer.text(limit: 1).hasPrefix("note: "))
    }

    @Test func `the backtest of a live job begins with what the account had`() throws {
        func answer(_ balance: String?) throws -> DriftAnswer {
            var stored = try records()
            if let balance {
                let held = Balance(asset: "USDT", free: try #require(Amount(balance)), locked: .zero)
                stored.insert(JournalNote.startBalances([held]).record.encoded, at: 3)
            }
            let job = Fixture.job(1, kind: .live, state: .canceled)
            return try drift(.init(job: job, records: stored, payload: try livePayload())).answer(JobID(1))
        }
        let usual = try answer(nil)
        #expect(usual.trades.backtest > 3)
        #expect(usual.notices.count == 1 && usual.notices[0].contains("begins with dry_run_wallet (1000.0 USDT)"))
        // Less than a stake buys nothing, whatever dry_run_wallet says.
        let poor = try answer("50.25")
        #expect(poor.trades.backtest == 0, "\(poor.trades)")
        #expect(poor.notices == ["the backtest begins with 50.25 USDT, which is what the account had when the job began"])
        let none = try answer("0")
        #expect(none.trades.backtest == usual.trades.backtest && none.notices[0].hasPrefix("the account had no USDT"))
    }

    @Test func `what cannot be compared is an error that says why`() throws {
        #expect(failure(drift(), 9)?.message == "there is no job 9")
        let backtest = failure(drift(.init(job: Fixture.job(1), lineKind: .backtest)))
        #expect(backtest?.code == .input && backtest?.message.contains("it is a backtest and has no orders") == true)
        let unknown = failure(drift(.init(job: Fixture.job(1, strategy: "MyOwn"), payload: try payload("MyOwn"))))
        #expect(unknown?.code == .input && unknown?.message.contains("runs the strategy MyOwn") == true, "\(unknown as Any)")
        let empty = failure(drift(.init(job: Fixture.job(1), payload: try payload())))
        #expect(empty?.code == .negative && empty?.message.contains("no candle yet") == true)
        let old = try records().filter { record in
            guard case .note(let kind, let bytes) = try JournalRecord(decoding: record),
                case .candle? = try JournalNote(kind: kind, bytes)
            else { return false }
            return true
        }
        let before = failure(drift(.init(job: Fixture.job(1), records: old, payload: try payload())))
        #expect(before?.code == .negative && before?.message.contains("a build of pragma before") == true, "\(before as Any)")
        var damaged = try records(candles: 3)
        damaged[1][9] ^= 1
        let broken = failure(drift(.init(job: Fixture.job(1), records: damaged, payload: try payload())))
        #expect(broken?.code == .negative && broken?.message.contains("record 2: ") == true, "\(broken as Any)")
    }
}
