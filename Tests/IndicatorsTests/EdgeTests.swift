import Indicators
import Market
import Testing

/// All indicators of the fixtures, for tests of what holds for every one of them.
private let names = [
    "sma 4", "ema 4", "wma 4", "rsi 4", "roc 4", "atr 4", "natr 4", "adx 4", "plusDI 4", "minusDI 4", "variance 4",
    "standardDeviation 4", "minimum 4", "maximum 4", "rollingMean 4", "rollingStandardDeviation 4", "trueRange", "shifted 4",
    "macd.line 3 6 4", "macd.signal 3 6 4", "macd.histogram 3 6 4", "bands.upper 4 2 2", "bands.middle 4 2 2",
    "bands.lower 4 2 1",
]

/// The first row that has a value.
private let firstRows: [String: Int] = [
    "sma 4": 3, "ema 4": 3, "wma 4": 3, "rsi 4": 4, "roc 4": 4, "atr 4": 4, "natr 4": 4, "adx 4": 7, "plusDI 4": 4,
    "minusDI 4": 4, "variance 4": 3, "standardDeviation 4": 3, "minimum 4": 3, "maximum 4": 3, "rollingMean 4": 3,
    "rollingStandardDeviation 4": 3, "trueRange": 1, "shifted 4": 4, "macd.line 3 6 4": 8, "macd.signal 3 6 4": 8,
    "macd.histogram 3 6 4": 8, "bands.upper 4 2 2": 3, "bands.middle 4 2 2": 3, "bands.lower 4 2 1": 3,
]

private func candles(_ close: [Double], spread: Double = 1) -> TestCandles {
    TestCandles(
        open: Column(close), high: Column(close.map { $0 + spread }), low: Column(close.map { $0 - spread }),
        close: Column(close))
}

private func random(_ rows: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<rows).map { _ in 50 + random.uniform() * 10 }
}

@Suite struct EdgeTests {
    @Test(arguments: names)
    func `no rows give no rows, and too few give only NaN`(name: String) throws {
        let first = try #require(firstRows[name])
        for rows in 0...first {
            let column = try #require(candles(random(rows, seed: 1)).compute(name))
            #expect(column.count == rows)
            let silent = column.allSatisfy(\.isNaN)
            #expect(silent)
        }
    }

    @Test(arguments: names)
    func `values begin in the row that the documentation names`(name: String) throws {
        let column = try #require(candles(random(40, seed: 2)).compute(name))
        let first = column.firstIndex { !$0.isNaN }
        let finite = column.dropFirst(first ?? 0).allSatisfy(\.isFinite)
        #expect(first == firstRows[name])
        #expect(finite)
    }

    @Test(arguments: names)
    func `an input that begins with NaN shifts the result`(name: String) throws {
        let numbers = random(60, seed: 3)
        let plain = try #require(candles(numbers).compute(name))
        let late = try #require(candles([Double](repeating: .nan, count: 5) + numbers).compute(name))
        let expected = Column([Double](repeating: .nan, count: 5) + Array(plain))
        #expect(differences(late, expected).count == 0)
    }

    @Test(arguments: names)
    func `an input of NaN alone gives NaN alone`(name: String) throws {
        let column = try #require(candles([Double](repeating: .nan, count: 50)).compute(name))
        let silent = column.allSatisfy(\.isNaN)
        #expect(silent)
    }

    @Test(arguments: names)
    func `more rows never change the rows before`(name: String) throws {
        let numbers = random(200, seed: 4)
        let whole = try #require(candles(numbers).compute(name))
        for rows in [1, 5, 9, 63, 150] {
            let part = try #require(candles(Array(numbers.prefix(rows))).compute(name))
            #expect(differences(part, whole.slice(0..<rows)).count == 0, "\(name) on \(rows) rows")
        }
    }

    @Test func `a constant price has a constant average, no deviation and no strength`() throws {
        let flat = candles([Double](repeating: 0.1, count: 300), spread: 0)
        for name in ["ema 4", "minimum 4", "maximum 4", "rollingMean 4"] {
            let column = try #require(flat.compute(name))
            let constant = column.dropFirst(3).allSatisfy { abs($0 - 0.1) < 1e-15 }
            #expect(constant, "\(name)")
        }
        let still = ["variance 4", "standardDeviation 4", "rollingStandardDeviation 4", "rsi 4", "atr 4", "adx 4", "plusDI 4"]
        for name in still {
            let column = try #require(flat.compute(name))
            let zero = column.dropFirst(7).allSatisfy { $0 == 0 }
            #expect(zero, "\(name)")
        }
    }

    @Test func `a period of one gives what the documentation says where TA-Lib refuses it`() {
        let close = Column([1.0, 2, 2, 1])
        #expect(Array(Indicator.rsi(close, 1).dropFirst()) == [100, 0, 0])
        #expect(Array(Indicator.minimum(close, 1)) == Array(close))
        #expect(Array(Indicator.maximum(close, 1)) == Array(close))
        #expect(Array(Indicator.standardDeviation(close, 1)) == [0, 0, 0, 0])
        let bands = Indicator.bollinger(close, 1)
        #expect(Array(bands.upper) == Array(close))
        #expect(Array(bands.lower) == Array(close))
        let adx = Indicator.adx(high: Column([2.0, 3, 3]), low: Column([1.0, 1, 1]), close: Column([1.5, 2, 2]), 1)
        #expect(Array(adx.dropFirst()) == [100, 100])
    }

    @Test(arguments: [1, 2, 3, 7, 50])
    func `the extremes of a window are those of its rows, and NaN where one is NaN`(period: Int) {
        var numbers = random(160, seed: 5)
        for row in [0, 1, 40, 41, 90] { numbers[row] = .nan }
        let lowest = Indicator.minimum(Column(numbers), period)
        let highest = Indicator.maximum(Column(numbers), period)
        for row in numbers.indices {
            let window = row + 1 >= period ? Array(numbers[(row + 1 - period)...row]) : [.nan]
            let clean = !window.contains(where: \.isNaN)
            #expect(clean ? lowest[row] == window.min() : lowest[row].isNaN, "row \(row)")
            #expect(clean ? highest[row] == window.max() : highest[row].isNaN, "row \(row)")
        }
    }

    @Test func `a period below one is a programming error`() async {
        await #expect(processExitsWith: .failure) { _ = Indicator.ema(Column([1.0]), 0) }
        await #expect(processExitsWith: .failure) { _ = Indicator.shifted(Column([1.0]), by: -1) }
    }
}
