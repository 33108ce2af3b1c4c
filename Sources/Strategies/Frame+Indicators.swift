public import Indicators
public import Market

// The indicators of a frame. Definitions, warm-up rows and sources are those of the functions of `Indicator`.

extension Frame {
    // MARK: Averages

    /// Simple moving average of `field`; see `Indicator.sma`.
    public func sma(_ field: CandleField, _ period: Int) -> Column<Double> {
        kept("sma", field, [Double(period)]) { Indicator.sma(self[field], period) }
    }

    /// Exponential moving average of `field`; see `Indicator.ema`.
    public func ema(_ field: CandleField, _ period: Int) -> Column<Double> {
        kept("ema", field, [Double(period)]) { Indicator.ema(self[field], period) }
    }

    /// Linearly weighted moving average of `field`; see `Indicator.wma`.
    public func wma(_ field: CandleField, _ period: Int) -> Column<Double> {
        kept("wma", field, [Double(period)]) { Indicator.wma(self[field], period) }
    }

    // MARK: Momentum

    /// Relative strength index, 0 to 100; see `Indicator.rsi`.
    public func rsi(_ period: Int, of field: CandleField = .close) -> Column<Double> {
        kept("rsi", field, [Double(period)]) { Indicator.rsi(self[field], period) }
    }

    /// Rate of change in percent; see `Indicator.roc`.
    public func roc(_ period: Int, of field: CandleField = .close) -> Column<Double> {
        kept("roc", field, [Double(period)]) { Indicator.roc(self[field], period) }
    }

    /// Moving average convergence/divergence; see `Indicator.macd`.
    public func macd(_ fast: Int, _ slow: Int, _ signal: Int, of field: CandleField = .close) -> Indicator.MACD {
        let lines = several("macd", field, [Double(fast), Double(slow), Double(signal)]) {
            let macd = Indicator.macd(self[field], fast: fast, slow: slow, signal: signal)
            return [macd.line, macd.signal, macd.histogram]
        }
        return Indicator.MACD(line: lines[0], signal: lines[1], histogram: lines[2])
    }

    // MARK: Ranges

    /// True range; see `Indicator.trueRange`.
    public var trueRange: Column<Double> {
        kept("trueRange", nil, []) { Indicator.trueRange(high: high, low: low, close: close) }
    }

    /// Average true range; see `Indicator.atr`.
    public func atr(_ period: Int) -> Column<Double> {
        kept("atr", nil, [Double(period)]) { Indicator.atr(high: high, low: low, close: close, period) }
    }

    /// Average true range in percent of the close; see `Indicator.natr`.
    public func natr(_ period: Int) -> Column<Double> {
        kept("natr", nil, [Double(period)]) { Indicator.natr(high: high, low: low, close: close, period) }
    }

    // MARK: Direction

    /// Average directional index, 0 to 100; see `Indicator.adx`.
    public func adx(_ period: Int) -> Column<Double> {
        kept("adx", nil, [Double(period)]) { Indicator.adx(high: high, low: low, close: close, period) }
    }

    /// Directional indicator of rises, 0 to 100; see `Indicator.plusDI`.
    public func plusDI(_ period: Int) -> Column<Double> {
        kept("plusDI", nil, [Double(period)]) { Indicator.plusDI(high: high, low: low, close: close, period) }
    }

    /// Directional indicator of falls, 0 to 100; see `Indicator.minusDI`.
    public func minusDI(_ period: Int) -> Column<Double> {
        kept("minusDI", nil, [Double(period)]) { Indicator.minusDI(high: high, low: low, close: close, period) }
    }

    // MARK: Windows

    /// Population standard deviation; see `Indicator.standardDeviation`.
    public func standardDeviation(_ field: CandleField, _ period: Int) -> Column<Double> {
        kept("standardDeviation", field, [Double(period)]) { Indicator.standardDeviation(self[field], period) }
    }

    /// Bollinger bands; see `Indicator.bollinger`. Bands of all widths share their average and deviation.
    public func bollinger(_ period: Int, deviations: Double = 2, of field: CandleField = .close) -> Indicator.Bands {
        let middle = sma(field, period)
        let outer = several("bollinger", field, [Double(period), deviations]) {
            let deviation = standardDeviation(field, period)
            let bands = Indicator.bands(around: middle, deviation, above: deviations, below: deviations)
            return [bands.upper, bands.lower]
        }
        return Indicator.Bands(upper: outer[0], middle: middle, lower: outer[1])
    }

    /// The lowest of the last `period` rows; see `Indicator.minimum`.
    public func minimum(_ field: CandleField, _ period: Int) -> Column<Double> {
        kept("minimum", field, [Double(period)]) { Indicator.minimum(self[field], period) }
    }

    /// The highest of the last `period` rows; see `Indicator.maximum`.
    public func maximum(_ field: CandleField, _ period: Int) -> Column<Double> {
        kept("maximum", field, [Double(period)]) { Indicator.maximum(self[field], period) }
    }

    /// Mean as pandas computes it; see `Indicator.rollingMean`.
    public func rollingMean(_ field: CandleField, _ period: Int) -> Column<Double> {
        kept("rollingMean", field, [Double(period)]) { Indicator.rollingMean(self[field], period) }
    }

    /// Sample standard deviation as pandas computes it; see `Indicator.rollingStandardDeviation`.
    public func rollingStandardDeviation(_ field: CandleField, _ period: Int) -> Column<Double> {
        kept("rollingStandardDeviation", field, [Double(period)]) {
            Indicator.rollingStandardDeviation(self[field], period)
        }
    }

    /// The column `rows` rows later; see `Indicator.shifted`.
    public func shifted(_ field: CandleField, by rows: Int = 1) -> Column<Double> {
        kept("shifted", field, [Double(rows)]) { Indicator.shifted(self[field], by: rows) }
    }
}
