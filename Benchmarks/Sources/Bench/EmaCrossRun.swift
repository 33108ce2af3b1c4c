import Backtesting
import Foundation
import Market
import MarketData
import Strategies
import Trading

/// The corpus run EmaCross: settings, candles and signals as freqtrade had them.
struct EmaCrossRun {
    let settings: BacktestSettings
    let pairs: [BacktestPair]
    let expectedTrades: Int

    init(corpus: String) throws {
        let folder = corpus + "/freqtrade/runs/EmaCross"
        let file = try JSONDecoder().decode(RunFile.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/run.json")))
        guard let timeframe = Timeframe(file.settings.timeframe) else { throw BenchError("the run has no timeframe") }
        var settings = BacktestSettings(rules: StrategyRules(timeframe: timeframe))
        settings.stoploss = file.settings.stoploss
        settings.minimalROI = Dictionary(
            uniqueKeysWithValues: file.settings.minimalROI.compactMap { key, value in Int(key).map { ($0, value) } })
        settings.useExitSignal = file.settings.useExitSignal
        settings.startupCandleCount = file.settings.startup
        settings.maxOpenTrades = file.settings.maxOpenTrades
        settings.stakeCurrency = file.settings.stakeCurrency
        settings.stakeAmount = .fixed(file.settings.stakeAmount)
        settings.dryRunWallet = file.settings.wallet
        settings.tradableBalanceRatio = file.settings.balanceRatio
        settings.fee = file.settings.fee
        self.settings = settings
        expectedTrades = file.tradeCount
        pairs = try file.pairOrder.map { name in
            guard let pair = Pair(name), let market = file.markets[name] else { throw BenchError("no market of \(name)") }
            let table = try FeatherTable(path: "\(folder)/signals/\(pair.fileStem).feather")
            let frame = try PairFrame(
                instrument: market.instrument(pair), candles: try table.candles(), timeframe: timeframe)
            return BacktestPair(frame: frame, signals: try Self.signals(table))
        }
    }

    private static func signals(_ table: FeatherTable) throws -> Signals {
        var signals = Signals(count: table.rowCount)
        let columns: [(String, SignalFlags)] = [("enter_long", .enterLong), ("exit_long", .exitLong)]
        for (name, flag) in columns where table.hasColumn(name) {
            for (row, value) in try table.doubles(name).enumerated() where value == 1 { signals.flags[row].insert(flag) }
        }
        return signals
    }

    /// What is read of `run.json`.
    private struct RunFile: Decodable {
        var settings: Settings
        var pairOrder: [String]
        var markets: [String: MarketEntry]
        var tradeCount: Int

        enum CodingKeys: String, CodingKey {
            case settings, markets
            case pairOrder = "pair_order"
            case tradeCount = "trade_count"
        }
    }

    private struct Settings: Decodable {
        var timeframe: String
        var stoploss: Double
        var minimalROI: [String: Double]
        var useExitSignal: Bool
        var startup: Int
        var maxOpenTrades: Int
        var stakeCurrency: String
        var stakeAmount: Double
        var wallet: Double
        var balanceRatio: Double
        var fee: Double

        enum CodingKeys: String, CodingKey {
            case timeframe, stoploss, fee
            case minimalROI = "minimal_roi"
            case useExitSignal = "use_exit_signal"
            case startup = "startup_candle_count"
            case maxOpenTrades = "max_open_trades"
            case stakeCurrency = "stake_currency"
            case stakeAmount = "stake_amount"
            case wallet = "dry_run_wallet"
            case balanceRatio = "tradable_balance_ratio"
        }
    }

    private struct MarketEntry: Decodable {
        struct Precision: Decodable {
            var amount: Double
            var price: Double
        }
        struct Bounds: Decodable {
            var min: Double?
            var max: Double?
        }
        var precision: Precision
        var limits: [String: Bounds]

        func instrument(_ pair: Pair) -> Instrument {
            func bounds(_ key: String) -> Instrument.Limits {
                Instrument.Limits(minimum: limits[key]?.min, maximum: limits[key]?.max)
            }
            return Instrument(
                pair: pair, amountPrecision: precision.amount, pricePrecision: precision.price, amountLimits: bounds("amount"),
                priceLimits: bounds("price"), costLimits: bounds("cost"))
        }
    }
}
