/// A column of candles that an indicator reads: one that they have, or a price made of several.
public enum CandleField: Hashable, Sendable, CaseIterable {
    /// Opening price.
    case open
    /// Highest price.
    case high
    /// Lowest price.
    case low
    /// Closing price.
    case close
    /// Volume in the base currency.
    case volume
    /// (high + low) / 2.
    case median
    /// (high + low + close) / 3.
    case typical
    /// (open + high + low + close) / 4.
    case average
}
