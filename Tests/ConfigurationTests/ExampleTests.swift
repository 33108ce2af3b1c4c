import Market
import Research
import Strategies
import Testing

@testable import Configuration

/// The seed's examples with the exact problems expected of each, and those of `configs/`, which have none.
@Suite struct ExampleTests {
    func problems(_ name: String, _ strategies: [any Strategy.Type]) throws -> [ConfigurationProblem] {
        let path = Place.fixtures + "/seed/\(name).json"
        return EffectiveConfiguration.check(files: [path], registry: try StrategyRegistry(strategies)).problems
    }

    static let expected: [(String, [String])] = [
        (
            "backtest",
            [
                "error key.missing exchange.pair_whitelist", "error sizing.unlimitedStakeNeedsMaxOpenTrades max_open_trades",
                "error strategy.unknown strategy", "warning credential.placeholder exchange.key",
                "warning credential.placeholder exchange.secret",
            ]
        ),
        (
            "dry-run",
            [
                "error key.missing exchange.pair_whitelist", "error strategy.unknown strategy",
                "warning credential.placeholder exchange.key", "warning credential.placeholder exchange.secret",
                "warning sizing.maxOpenTradesUnset max_open_trades",
                // 1000 of a wallet of 1000, of which 990 may be traded.
                "warning sizing.stakeOverWallet stake_amount",
            ]
        ),
        (
            "live",
            [
                "error credential.placeholder exchange.key", "error credential.placeholder exchange.secret",
                "error key.missing exchange.pair_whitelist", "error live.account account",
                "error live.maxOpenTrades max_open_trades", "error live.riskMissing risk",
                "error live.venueNotPaper exchange.name", "error strategy.unknown strategy",
                "warning live.stakeUnlimited stake_amount",
            ]
        ),
    ]

    @Test(arguments: expected)
    func `each example of the seed has exactly its problems`(name: String, codes: [String]) throws {
        let found = try problems(name, [EmaCross.self])
        #expect(summary(found) == codes)
        for problem in found {
            #expect(problem.location.line > 0 && problem.location.file?.hasSuffix("\(name).json") == true)
            #expect(!problem.remedy.isEmpty)
        }
        let known = try problems(name, [RegimeAdaptiveStrategy.self])
        #expect(summary(known) == codes.filter { $0 != "error strategy.unknown strategy" })
    }

    @Test(arguments: [
        ("backtest", ExecutionMode.backtest), ("dry-run", .dryRun), ("paper-binance", .dryRun), ("paper-kraken", .dryRun),
        ("live", .live), ("live-paper", .live), ("live-paper-backtest", .backtest),
    ])
    func `the shipped examples have no problem at all`(name: String, mode: ExecutionMode) throws {
        let (configuration, problems) = EffectiveConfiguration.check(
            files: [Place.configs + "/\(name).json"], registry: try StrategyRegistry())
        #expect(problems.map(\.description) == [])
        #expect(configuration?.mode == mode)
        #expect(configuration?.strategy == "EmaCross")
        #expect(configuration?.exchange.pairs.isEmpty == false)
        #expect((configuration?.risk != nil) == (mode == .live))
    }

    @Test func `the shipped role files and farm have no problem and say the defaults`() throws {
        let coordinator = try CoordinatorConfiguration.load(path: Place.configs + "/coordinator.yaml")
        #expect(coordinator == (try CoordinatorConfiguration.load(path: nil)))
        let live = try CoordinatorConfiguration.load(path: Place.configs + "/live-paper/coordinator.yaml")
        #expect(live.settings.liveEnabled && live.minDryRun == .seconds(60) && live.promotionValidity == .seconds(30 * 86_400))
        let trader = try WorkerConfiguration.load(path: Place.configs + "/live-paper/live-worker.yaml")
        #expect(trader.workerClass == .live && trader.settings.liveEnabled)
        for name in ["worker", "dry-worker"] {
            let other = try WorkerConfiguration.load(path: Place.configs + "/live-paper/\(name).yaml")
            #expect(!other.settings.liveEnabled && other.settings.encryption == .on)
        }
        #expect(try MonitorConfiguration.load(path: Place.configs + "/live-paper/monitor.yaml").settings.encryption == .on)
        let worker = try WorkerConfiguration.load(path: Place.configs + "/worker.yaml")
        #expect(worker == (try WorkerConfiguration.load(path: nil)))
        let monitor = try MonitorConfiguration.load(path: Place.configs + "/monitor.yaml")
        #expect(monitor == (try MonitorConfiguration.load(path: nil)))
        let farm = try FarmConfiguration.load(path: Place.configs + "/farm.yaml", registry: try StrategyRegistry())
        #expect(farm.sweep.combinationCount == 495)
        #expect(farm.warnings.isEmpty)
    }

    @Test func `the demo's farm gives each strategy the timeframe that it declares`() throws {
        let farm = try FarmConfiguration.load(path: Place.configs + "/demo-farm.yaml", registry: try StrategyRegistry())
        #expect(farm.warnings.isEmpty)
        #expect(farm.sweep.combinationCount == 2140)
        var timeframes: [String: Set<String>] = [:]
        for index in 0..<farm.sweep.combinationCount {
            let combination = farm.sweep.combination(at: index)
            let used = farm.configuration(of: combination).rules.timeframe
            timeframes[combination.strategy, default: []].insert(used.description)
        }
        #expect(timeframes == ["EmaCross": ["5m"], "RsiReversion": ["5m"], "MacdTrend": ["1h"]])
    }
}
