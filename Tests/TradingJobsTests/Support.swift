import Configuration
import Fleet
import Foundation
import Logging
import Market
import Strategies
import Synchronization
import Testing

@testable import TradingJobs

/// Buys at every candle and sells with the next quote, so that trades come quickly.
struct Flicker: Strategy {
    static let name = "Flicker"
    static let parameters: [Parameter] = []
    static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "1m")
        rules.startupCandleCount = 5
        rules.minimalROI = [0: -1]
        rules.stoploss = -0.5
        return rules
    }()

    init(values: ParameterValues) {}

    func signals(on frame: Frame) -> Signals {
        var signals = Signals(count: frame.count)
        signals.enterLong(tag: "flicker") { _ in true }
        return signals
    }
}

/// Never trades.
struct Idler: Strategy {
    static let name = "Idler"
    static let parameters: [Parameter] = []
    static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "1m")
        rules.startupCandleCount = 5
        rules.stoploss = -0.5
        return rules
    }()

    init(values: ParameterValues) {}
    func signals(on frame: Frame) -> Signals { Signals(count: frame.count) }
}

enum Sample {
    static func registry() throws -> StrategyRegistry { try StrategyRegistry([Flicker.self, Idler.self, EmaCross.self]) }

    /// A configuration of a dry-run; `more` are further members of the file, each with a comma before it.
    static func configuration(
        exchange: String = "paper-binance", pair: String = "BTC/USDT", strategy: String = "Flicker", _ more: String = ""
    ) throws -> EffectiveConfiguration {
        let currency = pair.split(separator: "/").last.map(String.init) ?? ""
        let text = """
            {"dry_run": true, "dry_run_wallet": 1000, "stake_currency": "\(currency)", "stake_amount": 100, "max_open_trades": 1,
             "exchange": {"name": "\(exchange)", "pair_whitelist": ["\(pair)"]}, "strategy": "\(strategy)",
             "execution": {"mode": "dry-run"}\(more)}
            """
        return try EffectiveConfiguration.load(
            files: ["config.json"], overrides: CommandLineOverrides(), registry: try registry(), purpose: .dryRun,
            source: .memory(["config.json": text]))
    }

    static let market = """
        , "order_types": {"entry": "market", "exit": "market", "stoploss": "market"},
        "entry_pricing": {"price_side": "other"}, "exit_pricing": {"price_side": "other"}, "internals": {"process_throttle_secs": 5}
        """
}

final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "pragma-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Log lines, kept.
final class RecordingLog: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { [self] _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            log.lines.withLock { $0.append("\(event.level) \(event.message) " + fields.joined(separator: " ")) }
        }
    }
}
