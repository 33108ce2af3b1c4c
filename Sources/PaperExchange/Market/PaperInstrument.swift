package import Market
package import Matching
package import Money

/// An instrument of a paper venue: the engine's integers with what they stand for.
package struct PaperInstrument: Sendable {
    package let id: InstrumentID
    package let pair: Pair
    package let base: String
    package let quote: String
    /// The value of one tick.
    package let tick: Price
    /// The value of one lot.
    package let lot: Quantity
    package let rules: InstrumentRules
    package let minimumNotional: Amount

    /// A number of ticks as a price, with the decimals of the tick.
    package func price(_ ticks: Int64) -> Price {
        Price(units: ticks.multipliedReportingOverflow(by: tick.units).partialValue, decimals: Int(tick.decimals))
    }

    /// A number of lots as a quantity, with the decimals of the lot.
    package func quantity(_ lots: Int64) -> Quantity {
        Quantity(units: lots.multipliedReportingOverflow(by: lot.units).partialValue, decimals: Int(lot.decimals))
    }

    /// A price in ticks; nil where it is no multiple of the tick or does not fit.
    package func ticks(_ price: Price) -> Int64? {
        guard price.isMultiple(of: tick), let same = price.rescaled(decimals: Int(tick.decimals)) else { return nil }
        return same.units / tick.units
    }

    /// A quantity in lots; nil where it is no multiple of the lot or does not fit.
    package func lots(_ quantity: Quantity) -> Int64? {
        guard quantity.isMultiple(of: lot), let same = quantity.rescaled(decimals: Int(lot.decimals)) else { return nil }
        return same.units / lot.units
    }

    /// The nearest number of ticks to a price of a candle, at least 1.
    func nearestTicks(_ price: Double) -> Int64 { Self.nearest(price / tick.approximation, atLeast: 1) }
    /// The nearest number of lots to a volume of a candle.
    func nearestLots(_ volume: Double) -> Int64 { Self.nearest(volume / lot.approximation, atLeast: 0) }

    private static func nearest(_ value: Double, atLeast smallest: Int64) -> Int64 {
        guard value.isFinite, value < 1e15 else { return value > 0 ? 1_000_000_000_000_000 : smallest }
        return max(smallest, Int64(value.rounded()))
    }
}

/// An asset of a paper venue: its name and how fine its amounts are counted.
package struct PaperAsset: Sendable {
    package let id: AssetID
    package let name: String
    /// Digits behind the point of the engine's smallest unit.
    package let decimals: Int

    package func amount(_ units: Int128) -> Amount { Amount(units: units, decimals: decimals) }
    /// An amount in the engine's units, what is finer cut off; nil where it does not fit.
    package func units(_ amount: Amount) -> Int128? { amount.rescaled(decimals: decimals)?.units }
}
