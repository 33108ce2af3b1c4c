package import Strategies

/// A combination of the trailing stop's rules that freqtrade refuses.
package struct TrailingFault: Hashable, Sendable {
    /// The key to change.
    package var key: String
    /// What is wrong with it.
    package var problem: String
    /// What to do.
    package var remedy: String

    /// What is wrong with the trailing stop of `rules`; empty where nothing is.
    package static func all(in rules: StrategyRules) -> [TrailingFault] {
        guard rules.trailingStop else { return [] }
        var result: [TrailingFault] = []
        let positive = rules.trailingStopPositive ?? 0
        let offset = rules.trailingStopPositiveOffset
        if rules.trailingOnlyOffsetIsReached, positive == 0 {
            result.append(
                TrailingFault(
                    key: "trailing_only_offset_is_reached", problem: "needs trailing_stop_positive",
                    remedy: "set trailing_stop_positive and an offset above it, or remove this key"))
        } else if rules.trailingStopPositive == 0 {
            result.append(
                TrailingFault(key: "trailing_stop_positive", problem: "is 0", remedy: "write a ratio above 0 or remove the key"))
        }
        if positive > 0, offset > 0, offset <= positive {
            result.append(
                TrailingFault(
                    key: "trailing_stop_positive_offset", problem: "is not greater than trailing_stop_positive",
                    remedy: "write more than \(ConfigNumber(positive).canonicalText)"))
        }
        return result
    }
}
