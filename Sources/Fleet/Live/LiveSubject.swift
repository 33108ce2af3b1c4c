package import Configuration
internal import FleetProtocol
package import LiveGates

/// What a job runs, as promotions compare it.
package enum LiveSubject {
    /// The keys of a canonical configuration that decide what a strategy does; how much is bought, and where, is no part of it.
    private static let ruleKeys = [
        "strategy_parameters", "timeframe", "minimal_roi", "stoploss", "trailing_stop", "trailing_stop_positive",
        "trailing_stop_positive_offset", "trailing_only_offset_is_reached", "use_exit_signal", "exit_profit_only",
        "exit_profit_offset", "ignore_roi_if_entry_signal", "startup_candle_count",
    ]

    /// Nil where the configuration is none.
    package static func of(configuration: [UInt8], executable: [UInt8]) -> PromotionSubject? {
        guard let value = try? JSONReader.read(configuration, origin: .none, options: .strict).value else { return nil }
        return of(value, executable: executable)
    }

    package static func of(_ value: ConfigValue, executable: [UInt8]) -> PromotionSubject? {
        guard let strategy = value["strategy"]?.string, let executable = LiveDigest(executable) else { return nil }
        var rules: ConfigValue.Object = [:]
        for key in ruleKeys { rules[key] = value[key] }
        let bytes = ConfigValue(.object(rules)).canonicalBytes
        return LiveDigest(SHA256Digest.of(bytes)).map {
            PromotionSubject(strategy: strategy, parameters: $0, executable: executable)
        }
    }
}
