import ArgumentParser
import Configuration
import Fleet
import Strategies
import Testing

@testable import PragmaCLI

@Suite("Commands and their reports")
struct CommandTests {
    @Test func `options of a backtest become overrides`() throws {
        let command = try #require(
            try Pragma.parseAsRoot([
                "backtest", "-c", "a.json", "--config", "b.json", "--strategy", "S", "--timerange", "20240101-", "--datadir", "d",
                "--pairs", "BTC/USDT,ETH/USDT", "--pairs", "XRP/USDT", "--set", "fast=5", "--set", "slow=-1", "--local", "--json",
            ]) as? BacktestCommand)
        #expect(command.options.config == ["a.json", "b.json"])
        let overrides = command.options.overrides
        #expect(overrides.strategy == "S" && overrides.timerange == "20240101-" && overrides.dataFolder == "d")
        #expect(overrides.pairs == ["BTC/USDT", "ETH/USDT", "XRP/USDT"])
        #expect(overrides.parameters == ["fast=5", "slow=-1"])
        #expect(command.local && command.output.json && !command.fresh)
    }

    @Test(arguments: [["backtest"], ["validate"], ["compare", "a"], ["data", "demo"], ["data", "instruments"], ["nonsense"]])
    func `a missing or unknown argument is a usage error with exit code 2`(arguments: [String]) {
        do {
            _ = try Pragma.parseAsRoot(arguments)
            Issue.record("\(arguments) was accepted")
        } catch {
            #expect(Pragma.exitCode(for: error) == .validationFailure)
        }
    }

    @Test(arguments: [
        ["status"], ["stop", "--all", "--reason", "r"], ["rearm", "--reason", "r"],
    ])
    func `a time that cannot be waited for is a usage error`(command: [String]) throws {
        for timeout in ["0", "-1", "1e11", "1e300", "inf", "nan", "86401"] {
            #expect(throws: (any Error).self, "\(timeout)") { try Pragma.parseAsRoot(command + ["--timeout=" + timeout]) }
        }
        for timeout in ["0.5", "86400"] { _ = try Pragma.parseAsRoot(command + ["--timeout=" + timeout]) }
    }

    @Test func `a leaderboard has one row at least`() throws {
        for top in ["0", "-1", "10001"] {
            #expect(throws: (any Error).self, "\(top)") { try Pragma.parseAsRoot(["sweep", "farm.yaml", "--top=" + top]) }
        }
        _ = try Pragma.parseAsRoot(["sweep", "farm.yaml", "--top=1"])
    }

    @Test func `strategies are listed with range, default and step`() throws {
        let registry = try StrategyRegistry()
        let types = try registry.names.map { try registry.strategy(named: $0) }
        let text = StrategyList.text(types)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 2 + types.reduce(0) { $0 + max(1, $1.parameters.count) })
        #expect(lines.contains { $0.hasPrefix("EmaCross") && $0.contains("fast") && $0.contains("3 to 30") })
        let first = try #require(StrategyList.value(types)["strategies"]?.array?.first)
        #expect(first["name"]?.string == "EmaCross" && first["timeframe"]?.string == "5m")
        let fast = try #require(first["parameters"]?.array?.first)
        #expect(
            String(decoding: fast.canonicalBytes, as: UTF8.self)
                == #"{"default":12,"kind":"integer","maximum":30,"minimum":3,"name":"fast","space":"buy","step":1}"#)
    }

    private func check(_ text: String) throws -> ProblemReport {
        let (configuration, problems) = EffectiveConfiguration.check(
            files: ["c.json"], registry: try StrategyRegistry(), purpose: .backtest, source: .memory(["c.json": text]))
        return ProblemReport(configuration: configuration, problems: problems, files: ["c.json"])
    }

    private static let good = """
        {"dry_run": true, "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 2, "strategy": "EmaCross",
         "exchange": {"name": "binance", "pair_whitelist": ["BTC/USDT", "ETH/USDT"]}}
        """

    @Test func `a configuration that is fine says what it is for`() throws {
        let report = try check(Self.good)
        #expect(!report.hasErrors)
        #expect(
            report.text == """
                c.json: fine: 0 errors, 0 warnings
                backtest of EmaCross on 2 pairs of binance, 5m, all candles
                """)
        #expect(report.value["ok"]?.boolean == true)
        #expect(report.value["configuration", "strategy"]?.string == "EmaCross")
    }

    @Test func `every problem is there with key, value and remedy`() throws {
        let report = try check(
            Self.good.replacing("100", with: "\"much\"").replacing("EmaCross", with: "EmaCros").replacing("\"USDT\"", with: "5"))
        #expect(report.hasErrors)
        let problems = try #require(report.value["problems"]?.array)
        let keys = Set(problems.compactMap { $0["key"]?.string })
        #expect(keys.isSuperset(of: ["stake_amount", "strategy", "stake_currency"]), "\(keys)")
        for problem in problems { #expect(problem["remedy"]?.string?.isEmpty == false) }
        #expect(report.text.contains("c.json:1:") && report.text.contains("cannot be used"))
        #expect(report.value["configuration"]?.isNull == true)
    }

    @Test(arguments: [
        (FleetError.Code.negative, Int32(1)), (.input, 2), (.noFleet, 3), (.refused, 4), (.timeout, 5), (.system, 6),
    ])
    func `exit codes are the documented ones`(code: FleetError.Code, number: Int32) {
        #expect(code.rawValue == number)
    }
}
