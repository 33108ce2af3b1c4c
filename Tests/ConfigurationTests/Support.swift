import Foundation
import Strategies

@testable import Configuration

/// A small seeded generator (SplitMix64) whose seed is printed by the tests that use it.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A strategy that only has a name and parameters.
struct Probe: Strategy {
    static let name = "Probe"
    static let parameters: [Parameter] = [
        .integer("period", default: 14, in: 5...50), .decimal("level", default: 0.2, in: 0.1...0.5, step: 0.1),
        .categorical("average", default: "ema", options: ["ema", "sma"]), .boolean("fastExit", default: false),
    ]
    static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "5m")
        rules.minimalROI = [0: 0.1]
        return rules
    }()
    let rules: StrategyRules
    init(values: ParameterValues) {
        var rules = Self.rules
        rules.startupCandleCount = values.integer("period") * 2
        self.rules = rules
    }
    func signals(on frame: Frame) -> Signals { Signals(count: frame.count) }
}

/// A strategy that wants short trades.
struct ShortProbe: Strategy {
    static let name = "ShortProbe"
    static let parameters: [Parameter] = []
    static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "5m")
        rules.canShort = true
        return rules
    }()
    init(values: ParameterValues) {}
    func signals(on frame: Frame) -> Signals { Signals(count: frame.count) }
}

/// A strategy whose rules depend on its parameter: with an `offset` of 1 to 20 freqtrade refuses its trailing stop.
struct TrailingProbe: Strategy {
    static let name = "TrailingProbe"
    static let parameters: [Parameter] = [.integer("offset", default: 30, in: 0...100_000)]
    static let rules = StrategyRules(timeframe: "5m")
    let rules: StrategyRules
    init(values: ParameterValues) {
        var rules = Self.rules
        rules.trailingStop = true
        rules.trailingStopPositive = 0.02
        rules.trailingStopPositiveOffset = Double(values.integer("offset")) / 1000
        self.rules = rules
    }
    func signals(on frame: Frame) -> Signals { Signals(count: frame.count) }
}

/// The seed's strategy by name only, for its examples.
struct RegimeAdaptiveStrategy: Strategy {
    static let name = "RegimeAdaptiveStrategy"
    static let parameters: [Parameter] = []
    static let rules = StrategyRules(timeframe: "5m")
    init(values: ParameterValues) {}
    func signals(on frame: Frame) -> Signals { Signals(count: frame.count) }
}

enum Place {
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let fixtures = package + "/Tests/Fixtures/configuration"
    static let configs = package + "/configs"
}

func registry() throws -> StrategyRegistry {
    try StrategyRegistry([EmaCross.self, Probe.self, ShortProbe.self, TrailingProbe.self])
}

/// The smallest backtest configuration.
let minimal = """
    {"strategy": "Probe", "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 3,
     "exchange": {"name": "binance", "pair_whitelist": ["BTC/USDT"]}, "execution": {"mode": "backtest"}}
    """

/// The smallest live configuration.
let minimalLive = """
    {"strategy": "Probe", "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 3, "dry_run": false,
     "exchange": {"name": "paper-binance", "pair_whitelist": ["BTC/USDT"]}, "account": {"name": "main"},
     "execution": {"mode": "live", "confirm_live": true, "safety_phrase": "I UNDERSTAND THE RISKS"},
     "risk": {"max_drawdown": 0.1, "max_daily_loss": 0.05, "max_position_risk": 0.02, "max_total_exposure": 0.8,
     "max_leverage": 1, "max_consecutive_losses": 5, "max_volatility_ratio": 3, "kelly_fraction": 0.25, "max_kelly_position": 0.2}}
    """

func check(
    _ text: String, environment: [String: String] = [:], overrides: CommandLineOverrides = CommandLineOverrides(),
    purpose: ExecutionMode? = nil, files: [String: String] = [:]
) throws -> (configuration: EffectiveConfiguration?, problems: [ConfigurationProblem]) {
    EffectiveConfiguration.check(
        files: ["config.json"], environment: environment, overrides: overrides, registry: try registry(), purpose: purpose,
        source: .memory(files.merging(["config.json": text]) { $1 }))
}

/// `text` with the value at `path` replaced by the raw text `value` (nil: removed).
func changed(_ text: String, _ path: String, _ value: String?) throws -> String {
    var tree = try JSONReader.read(Array(text.utf8), origin: .none).value
    let parts = path.split(separator: ".").map(String.init)
    guard let value else {
        tree.remove(at: parts)
        return tree.prettyJSON
    }
    tree.set(ConfigValue(.string("@value@")), at: parts)
    return tree.prettyJSON.replacingOccurrences(of: "\"@value@\"", with: value)
}

/// `severity code key`, a line each, sorted.
func summary(_ problems: [ConfigurationProblem]) -> [String] {
    problems.map { "\($0.severity.rawValue) \($0.code) \($0.key)" }.sorted()
}
