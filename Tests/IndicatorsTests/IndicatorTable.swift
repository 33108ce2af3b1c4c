import Indicators
import Market

/// The columns that the indicators read in a test.
struct TestCandles {
    var open: Column<Double>
    var high: Column<Double>
    var low: Column<Double>
    var close: Column<Double>

    /// The indicator whose reference column has this name in `Fixtures/make_fixtures.py`; nil for an unknown name.
    func compute(_ name: String) -> Column<Double>? {
        let words = name.split(separator: " ").map(String.init)
        guard let function = words.first else { return nil }
        if words.count == 4, words[2] == "of" { return ofRSI(function, Int(words[1]) ?? 0) }
        let numbers = words.dropFirst().compactMap(Double.init)
        return function.contains(".") ? line(function, numbers) : single(function, numbers.map { Int($0) })
    }

    private func single(_ function: String, _ numbers: [Int]) -> Column<Double>? {
        let period = numbers.first ?? 0
        switch function {
        case "sma": return Indicator.sma(close, period)
        case "ema": return Indicator.ema(close, period)
        case "wma": return Indicator.wma(close, period)
        case "rsi": return Indicator.rsi(close, period)
        case "roc": return Indicator.roc(close, period)
        case "atr": return Indicator.atr(high: high, low: low, close: close, period)
        case "natr": return Indicator.natr(high: high, low: low, close: close, period)
        case "adx": return Indicator.adx(high: high, low: low, close: close, period)
        case "plusDI": return Indicator.plusDI(high: high, low: low, close: close, period)
        case "minusDI": return Indicator.minusDI(high: high, low: low, close: close, period)
        case "variance": return Indicator.variance(close, period)
        case "standardDeviation": return Indicator.standardDeviation(close, period)
        case "minimum": return Indicator.minimum(close, period)
        case "maximum": return Indicator.maximum(close, period)
        case "rollingMean": return Indicator.rollingMean(close, period)
        case "rollingStandardDeviation": return Indicator.rollingStandardDeviation(close, period)
        case "trueRange": return Indicator.trueRange(high: high, low: low, close: close)
        case "shifted": return Indicator.shifted(close, by: period)
        case "crossesAbove", "crossesBelow": return crossing(function, numbers)
        default: return nil
        }
    }

    private func crossing(_ function: String, _ numbers: [Int]) -> Column<Double> {
        let fast = Indicator.ema(close, numbers[0])
        let slow = Indicator.ema(close, numbers[1])
        return Column(
            close.indices.map { row in
                let crosses =
                    function == "crossesAbove" ? fast.crossesAbove(slow, at: row) : fast.crossesBelow(slow, at: row)
                return crosses ? 1.0 : 0.0
            })
    }

    private func line(_ function: String, _ numbers: [Double]) -> Column<Double>? {
        let first = Int(numbers[0])
        let macd = { Indicator.macd(close, fast: first, slow: Int(numbers[1]), signal: Int(numbers[2])) }
        let bands = { Indicator.bollinger(close, first, deviations: numbers[1], lowerDeviations: numbers[2]) }
        switch function {
        case "macd.line": return macd().line
        case "macd.signal": return macd().signal
        case "macd.histogram": return macd().histogram
        case "bands.upper": return bands().upper
        case "bands.middle": return bands().middle
        case "bands.lower": return bands().lower
        default: return nil
        }
    }

    private func ofRSI(_ function: String, _ period: Int) -> Column<Double>? {
        let rsi = Indicator.rsi(close, 14)
        switch function {
        case "sma": return Indicator.sma(rsi, period)
        case "ema": return Indicator.ema(rsi, period)
        case "rollingMean": return Indicator.rollingMean(rsi, period)
        default: return nil
        }
    }
}

/// How many of two columns' rows differ in a bit (any NaN is like any other), and the first of them as a text.
func differences(_ ours: Column<Double>, _ reference: Column<Double>) -> (count: Int, first: String) {
    guard ours.count == reference.count else { return (max(ours.count, reference.count), "other lengths") }
    let rows = ours.indices.filter { row in
        if ours[row].isNaN || reference[row].isNaN { return ours[row].isNaN != reference[row].isNaN }
        // Equality is equality of bits for all numbers but zero, whose sign says nothing here.
        return ours[row] != reference[row]
    }
    guard let row = rows.first else { return (0, "") }
    return (rows.count, "row \(row): \(ours[row]), reference \(reference[row])")
}
