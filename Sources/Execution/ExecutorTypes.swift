package import Configuration
package import Market
package import MarketData

/// Who an executor is and what it may do: what the seed calls the execution context.
package struct ExecutionContext: Hashable, Sendable {
    /// `simulated` or `live`.
    package var executorType: String
    package var mode: ExecutionMode
    package var dryRun: Bool
    package var strategy: String
    package var stakeCurrency: String
    package var timeframe: Timeframe
    /// nil: any number.
    package var maxOpenTrades: Int?
    /// The name of the exchange.
    package var exchange: String
    package var canExecuteLive: Bool
    package var safeForTesting: Bool
}

/// The figures of an executor; the names in messages and JSON are the seed's.
package struct ExecutorMetrics: Hashable, Sendable {
    package var executionMode: ExecutionMode
    /// Wall time of the start in milliseconds; nil: not started.
    package var startTimeMilliseconds: Int64?
    /// Milliseconds since the start; 0: not started.
    package var uptimeMilliseconds: Int64
    package var tradesExecuted: Int
    package var errors: Int
    package var safetyChecksPassed: Bool
}

/// The state of an executor, check by check. It is healthy when all checks that apply to it pass.
package struct ExecutorHealth: Hashable, Sendable {
    /// It is at work or waits for work; false after an end by failure.
    package var executorRunning: Bool
    /// nil: this executor runs no freqtrade.
    package var freqtradeConnected: Bool?
    /// nil: this executor needs no exchange.
    package var exchangeConnected: Bool?
    package var safetyChecks: Bool
    /// Resident memory in bytes.
    package var memoryUsage: UInt64
    /// Processor time of the process so far, nanoseconds.
    package var cpuUsage: UInt64

    /// Whether every check that applies passes. Figures are not checks: 0 % of a processor is no illness.
    package var isHealthy: Bool {
        executorRunning && safetyChecks && freqtradeConnected != false && exchangeConnected != false
    }
}

/// Why an executor does not start, or did not come to its end. One case per cause, so that nothing is swallowed into "false".
package enum ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The mode is none that this executor does.
    case wrongMode(String, allowed: [String])
    /// The configuration is not a dry run, and this executor only simulates.
    case notDryRun
    /// A required value is missing.
    case missing([String])
    /// The strategy is none of this executable's.
    case unknownStrategy(String)
    /// Candles, instruments: missing, damaged or changed.
    case data(String)
    /// The time range, or a pair in it, has no candles to trade on.
    case noCandles(String)
    /// The engine refused the settings or the data.
    case engine(String)
    /// It was asked to stop.
    case stopped

    package var description: String {
        switch self {
        case .wrongMode(let mode, let allowed):
            "mode '\(mode)' is not for this executor, which does \(allowed.joined(separator: " and ")); live trading has an executor of its own"
        case .notDryRun:
            "the configuration is not a dry run (dry_run is false), and this executor only simulates: set dry_run to true"
        case .missing(let names): "the configuration has no \(names.joined(separator: ", ")): add it"
        case .unknownStrategy(let text), .data(let text), .noCandles(let text), .engine(let text): text
        case .stopped: "the run was asked to stop"
        }
    }
}

extension ExecutionError {
    /// What is missing or changed may be there another time, or on another machine; damaged files stay damaged.
    package init(_ error: MarketDataError) {
        switch error.kind {
        case .missing, .inputOutput, .changed, .inUse: self = .data("\(error)")
        case .damaged, .unsupported, .content, .tooLarge: self = .engine("\(error)")
        }
    }
}

/// The checks that every executor makes before it accepts a configuration.
package enum ExecutorChecks {
    /// Throws the first thing that keeps `configuration` from running in `mode`. Changes nothing.
    package static func validate(_ configuration: EffectiveConfiguration, mode: ExecutionMode) throws(ExecutionError) {
        var missing: [String] = []
        if configuration.sizing.stakeCurrency.isEmpty { missing.append("stake_currency") }
        if configuration.exchange.name.isEmpty { missing.append("exchange.name") }
        if configuration.strategy.isEmpty { missing.append("strategy") }
        if configuration.exchange.pairs.isEmpty { missing.append("exchange.pair_whitelist") }
        guard missing.isEmpty else { throw .missing(missing) }
        guard configuration.mode == mode else { throw .wrongMode(configuration.mode.rawValue, allowed: [mode.rawValue]) }
    }
}

extension EffectiveConfiguration {
    /// Whether nothing in it can reach real money.
    package var isDryRun: Bool { mode != .live && canonical["dry_run"]?.boolean != false }
}
