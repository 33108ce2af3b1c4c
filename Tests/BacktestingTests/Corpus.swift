import Foundation
import Market
import MarketData
import Strategies
import Synchronization
import Testing
import Trading

@testable import Backtesting

/// The runs and table cases that freqtrade itself produced; absent on machines without the corpus.
enum Corpus {
    /// The folder, or nil where there is none (said once per test that needs it).
    static let folder: URL? = {
        let given = ProcessInfo.processInfo.environment["PRAGMA_CORPUS"]
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let url = given.map { URL(fileURLWithPath: $0) } ?? package.appendingPathComponent("../shared/corpus").standardized
        return FileManager.default.fileExists(atPath: url.path) ? url.appendingPathComponent("freqtrade") : nil
    }()

    static let isAvailable: Bool = {
        if folder == nil { print("corpus: absent (set PRAGMA_CORPUS); its tests are skipped") }
        return folder != nil
    }()

    static func json(_ path: String) throws -> Any {
        let folder = try #require(folder)
        return try ExactJSON.parse(Data(contentsOf: folder.appendingPathComponent(path)))
    }
}

/// A JSON value with short names for what the tests take from it.
struct Value: @unchecked Sendable {
    // Never changed after reading; holds strings, numbers, arrays and dictionaries only.
    let raw: Any?

    subscript(_ key: String) -> Value { Value(raw: (raw as? [String: Any])?[key]) }
    var list: [Value] { (raw as? [Any] ?? []).map { Value(raw: $0) } }
    var keys: [String] { (raw as? [String: Any] ?? [:]).keys.sorted() }
    var double: Double? { raw as? Double }
    var int: Int? { double.flatMap { Int(exactly: $0) } }
    var text: String? { raw as? String }
    func isTrue() -> Bool { raw as? Bool ?? false }

    /// `2018-01-10T10:10:00+00:00` or `2018-01-10 10:10:00`, UTC.
    var time: Timestamp? {
        guard let text, text.count >= 19 else { return nil }
        let parts = text.prefix(19).split { !$0.isNumber }.compactMap { Int64($0) }
        guard parts.count == 6, let day = Timestamp(year: parts[0], month: parts[1], day: parts[2]) else { return nil }
        return day.advanced(byMilliseconds: ((parts[3] * 60 + parts[4]) * 60 + parts[5]) * 1000)
    }
}

/// A run of the corpus: settings, signals and candles as freqtrade had them, and what it made of them.
struct CorpusRun: Sendable {
    let name: String
    let run: Value
    let trades: [Value]
    let settings: BacktestSettings
    let pairs: [BacktestPair]

    private static let loaded = Mutex<[String: CorpusRun]>([:])

    /// The run of that name; read once for all tests.
    static func named(_ name: String) throws -> CorpusRun {
        try loaded.withLock { loaded in
            if let run = loaded[name] { return run }
            let run = try CorpusRun(name)
            loaded[name] = run
            return run
        }
    }

    private init(_ name: String) throws {
        self.name = name
        run = Value(raw: try Corpus.json("runs/\(name)/run.json"))
        trades = Value(raw: try Corpus.json("runs/\(name)/trades.json")).list
        let settings = try Self.settings(run["settings"])
        self.settings = settings
        let run = run
        pairs = try run["pair_order"].list.map { value in
            let pair = try #require(value.text.flatMap { Pair($0) })
            return try Self.pair(pair, run: run, folder: "runs/\(name)", timeframe: settings.timeframe)
        }
    }

    private static func settings(_ value: Value) throws -> BacktestSettings {
        let timeframe = try #require(value["timeframe"].text.flatMap { Timeframe($0) })
        var settings = BacktestSettings(rules: StrategyRules(timeframe: timeframe))
        settings.stoploss = try #require(value["stoploss"].double)
        for key in value["minimal_roi"].keys {
            settings.minimalROI[try #require(Int(key))] = value["minimal_roi"][key].double
        }
        settings.trailingStop = value["trailing_stop"].isTrue()
        settings.trailingStopPositive = value["trailing_stop_positive"].double
        settings.trailingStopPositiveOffset = value["trailing_stop_positive_offset"].double ?? 0
        settings.trailingOnlyOffsetIsReached = value["trailing_only_offset_is_reached"].isTrue()
        settings.useExitSignal = value["use_exit_signal"].isTrue()
        settings.exitProfitOnly = value["exit_profit_only"].isTrue()
        settings.exitProfitOffset = value["exit_profit_offset"].double ?? 0
        settings.ignoreROIIfEntrySignal = value["ignore_roi_if_entry_signal"].isTrue()
        settings.startupCandleCount = try #require(value["startup_candle_count"].int)
        settings.maxOpenTrades = value["max_open_trades"].double.flatMap { $0 > 0 ? Int($0) : nil }
        settings.stakeCurrency = value["stake_currency"].text ?? ""
        settings.stakeAmount = value["stake_amount"].double.map { .fixed($0) } ?? .unlimited
        settings.dryRunWallet = try #require(value["dry_run_wallet"].double)
        settings.tradableBalanceRatio = try #require(value["tradable_balance_ratio"].double)
        settings.fee = value["fee"].double
        settings.unfilledTimeout.entry = Int64(value["unfilledtimeout"]["entry"].int ?? 10) * 60_000
        settings.unfilledTimeout.exit = Int64(value["unfilledtimeout"]["exit"].int ?? 10) * 60_000
        return settings
    }

    private static func pair(_ pair: Pair, run: Value, folder: String, timeframe: Timeframe) throws -> BacktestPair {
        let market = run["markets"][pair.description]
        let limits = market["limits"]
        func bounds(_ key: String) -> Instrument.Limits {
            Instrument.Limits(minimum: limits[key]["min"].double, maximum: limits[key]["max"].double)
        }
        let instrument = Instrument(
            pair: pair,
            precisionMode: try #require(Instrument.PrecisionMode(rawValue: run["settings"]["precision_mode"].int ?? 4)),
            amountPrecision: market["precision"]["amount"].double, pricePrecision: market["precision"]["price"].double,
            amountLimits: bounds("amount"), priceLimits: bounds("price"), costLimits: bounds("cost"))
        let path = try #require(Corpus.folder).appendingPathComponent("\(folder)/signals/\(pair.fileStem).feather").path
        let table = try FeatherTable(path: path)
        let frame = try PairFrame(instrument: instrument, candles: try table.candles(), timeframe: timeframe)
        return BacktestPair(frame: frame, signals: try signals(table))
    }

    private static func signals(_ table: FeatherTable) throws -> Signals {
        var signals = Signals(count: table.rowCount)
        let columns: [(String, SignalFlags)] = [
            ("enter_long", .enterLong), ("exit_long", .exitLong), ("enter_short", .enterShort), ("exit_short", .exitShort),
        ]
        for (name, flag) in columns where table.hasColumn(name) {
            for (row, value) in try table.doubles(name).enumerated() where value == 1 { signals.flags[row].insert(flag) }
        }
        var numbers: [String: UInt16] = ["": 0]
        func tags(_ name: String) throws -> [UInt16] {
            guard table.hasColumn(name) else { return [] }
            return try table.texts(name).map { text in
                let text = text ?? ""
                if let number = numbers[text] { return number }
                signals.tagNames.append(text)
                numbers[text] = UInt16(signals.tagNames.count - 1)
                return UInt16(signals.tagNames.count - 1)
            }
        }
        signals.enterTags = try tags("enter_tag")
        signals.exitTags = try tags("exit_tag")
        return signals
    }
}
