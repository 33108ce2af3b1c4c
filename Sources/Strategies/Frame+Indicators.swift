import Indicators
public import Market

// The indicators of a frame. Definitions, warm-up rows and sources are those of the functions of `Indicator`.

extension Frame {
    /// Simple moving average of `field`; see `Indicator.sma`.
    public func sma(_ field: CandleField = .close, _ period: Int) -> Column<Double> {
        kept("sma", field, [Double(period)]) { Indicator.sma(self[field], period) }
    }

    /// Exponential moving average of `field`; see `Indicator.ema`.
    public func ema(_ field: CandleField = .close, _ period: Int) -> Column<Double> {
        kept("ema", field, [Double(period)]) { Indicator.ema(self[field], period) }
    }

    /// Linearly weighted moving average of `field`; see `Indicator.wma`.
    public func wma(_ field: CandleField = .close, _ period: Int) -> Column<Double> {
        kept("wma", field, [Double(period)]) { Indicator.wma(self[field], period) }
    }
}
