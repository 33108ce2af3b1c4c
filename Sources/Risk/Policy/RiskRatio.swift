import Money

/// A part of something, exact in millionths: 100 000 is 10 %. Limits are of this type, so that a comparison with money is exact.
package struct RiskRatio: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// 0 and above; a million is the whole.
    package let millionths: Int64

    /// Traps below zero: a constant of ours is wrong.
    package init(millionths: Int64) {
        precondition(millionths >= 0, "a ratio is not negative")
        self.millionths = millionths
    }

    /// The nearest millionth; nil below 0, above a million, or for no number.
    package init?(_ value: Double) {
        guard value.isFinite, value >= 0, value <= 1_000_000 else { return nil }
        self.init(millionths: Int64((value * 1_000_000).rounded()))
    }

    /// The millionth at or below `value`; 0 for what is below 0 or no number. For sizes: never more than was computed.
    package init(notAbove value: Double) {
        let isUsable = value.isFinite && value > 0
        self.init(millionths: isUsable ? Int64((min(value, 1_000_000) * 1_000_000).rounded(.down)) : 0)
    }

    package static let zero = RiskRatio(millionths: 0)
    /// The whole.
    package static let one = RiskRatio(millionths: 1_000_000)

    package static func percent(_ count: Int64) -> RiskRatio { RiskRatio(millionths: count * 10_000) }

    package static func < (a: RiskRatio, b: RiskRatio) -> Bool { a.millionths < b.millionths }

    package var approximation: Double { Double(millionths) / 1_000_000 }

    /// In percent: `12.5 %`.
    package var description: String { Amount(units: Int128(millionths), decimals: 4).description + " %" }

    /// This part of that part, rounded down; held at the end of the range.
    package func times(_ other: RiskRatio) -> RiskRatio {
        let product = Int128(millionths) * Int128(other.millionths) / 1_000_000
        return RiskRatio(millionths: Int64(clamping: product))
    }
}
