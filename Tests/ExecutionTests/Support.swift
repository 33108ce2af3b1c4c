import Configuration
import Logging
import Market
import MarketData
import Strategies
import Synchronization
import SyntheticMarket
import Testing

@testable import Execution

/// A small market in memory and configurations for it.
struct SmallMarket {
    let market: SyntheticMarket
    let source: InMemoryCandleSource
    let instruments: InstrumentFile
    let registry: StrategyRegistry

    init(seed: UInt64 = 7, days: Int = 12, strategies: [any Strategy.Type]? = nil) throws {
        let pairs = try ["BTC/USDT", "ETH/USDT"].map { try #require(Pair($0)) }
        let start = try #require(Timestamp(iso8601: "2024-01-01"))
        market = try SyntheticMarket(seed: seed, pairs: pairs, start: start, days: days, base: .fiveMinutes)
        var candles: [CandleKey: Candles] = [:]
        for pair in pairs { candles[CandleKey(pair, .fiveMinutes)] = try market.candles(pair, .fiveMinutes) }
        source = InMemoryCandleSource(candles)
        instruments = InstrumentFile(exchange: "binance", instruments: market.instruments)
        registry = try strategies.map { try StrategyRegistry($0) } ?? StrategyRegistry()
    }

    var runner: BacktestRunner { BacktestRunner(source: source, instruments: instruments, registry: registry) }

    static let base = """
        {"dry_run": true, "dry_run_wallet": 1000, "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 2,
         "exchange": {"name": "binance", "pair_whitelist": ["BTC/USDT", "ETH/USDT"]}, "strategy": "EmaCross"}
        """

    func configuration(
        timerange: String? = nil, parameters: [String] = [], purpose: ExecutionMode? = .backtest
    ) throws -> EffectiveConfiguration {
        var overrides = CommandLineOverrides()
        overrides.timerange = timerange
        overrides.parameters = parameters
        return try EffectiveConfiguration.load(
            files: ["config.json"], overrides: overrides, registry: registry, purpose: purpose,
            source: .memory(["config.json": Self.base]))
    }

    func farm(_ text: String) throws -> FarmConfiguration {
        try FarmConfiguration.load(
            path: "farm.yaml", registry: registry, source: .memory(["farm.yaml": text, "config.json": Self.base]))
    }
}

/// Log records, kept.
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
