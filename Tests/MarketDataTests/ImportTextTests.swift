import Market
import SyntheticMarket
import Testing

@testable import MarketData

/// Numbers, times, JSON and CSV of imported files.
@Suite struct ImportTextTests {
    private let key: CandleKey

    init() throws { key = CandleKey(try #require(Pair("BTC/USDT")), .oneMinute) }

    private func read(_ text: String, kind: CandleKind = .spot) throws(ImportFault) -> ImportedFile {
        try ImportedFile.decoded(Array(text.utf8), as: CandleKey(key.pair, .oneMinute, kind: kind), limits: ImportLimits())
    }

    private func problem(_ text: String, kind: CandleKind = .spot) -> String {
        do throws(ImportFault) {
            return "none, \(try read(text, kind: kind).candles.count) rows"
        } catch {
            return error.problem
        }
    }

    @Test func `decimal numbers become the nearest double, as the standard library reads them`() throws {
        let seed: UInt64 = 20_240_301
        var random = SplitMix64(seed: seed)
        var texts = [
            "0", "-0", "0.1", "1e22", "1e23", "9007199254740993", "5e-324", "1.7976931348623157e308",
            "123456789012345678901234567890",
        ]
        for _ in 0..<60_000 {
            let double = Double(bitPattern: random.next())
            if double.isFinite { texts.append(double.description) }
            let digits = String(random.next() % ([10, 10_000, 1_000_000_000, .max].randomElement(using: &random) ?? 10))
            let point = Int.random(in: 0...digits.count, using: &random)
            let whole = digits.prefix(point)
            texts.append((whole.isEmpty ? "0" : whole) + "." + (point == digits.count ? "0" : digits.dropFirst(point)))
        }
        for text in texts {
            let bytes = Array(text.utf8)
            #expect(DecimalText.double(bytes, 0..<bytes.count)?.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
        print("\(texts.count) numbers, seed \(seed)")
        for text in ["", "-", ".", "e5", "1e", "1.2.3", "0x10", "inf", "nan", "1 ", "1e999", "--1"] {
            #expect(DecimalText.double(Array(text.utf8), 0..<text.utf8.count) == nil, "\(text)")
        }
    }

    @Test func `whole numbers are read exactly or not at all`() {
        let cases: [(String, Int64?)] = [
            ("1704067200000", 1_704_067_200_000), ("1704067200.000", 1_704_067_200), ("1.7040672e12", 1_704_067_200_000),
            ("1704067200.5", nil), ("-5", -5), ("999999999999999999", 999_999_999_999_999_999), ("99999999999999999999", nil),
            ("1e40", nil), ("0e9", 0), ("", nil), ("2024-01-01", nil),
        ]
        for (text, value) in cases {
            #expect(DecimalText.integer(Array(text.utf8), 0..<text.utf8.count) == value, "\(text)")
        }
    }

    @Test(arguments: [
        ("1704067200", TimeNotation.seconds), ("1704067200000", .milliseconds), ("1704067200000000", .microseconds),
        ("1704067200000000000", .nanoseconds), ("2024-01-01", .iso8601), ("2024-01-01 00:00:00+00:00", .iso8601),
        ("2024-01-01T01:00:00+01:00", .iso8601), ("1704067200.0", .seconds),
    ])
    func `the unit of times is recognised`(text: String, notation: TimeNotation) throws {
        let file = try read("date,open,high,low,close,volume\n\(text),1,2,0.5,1,3\n")
        #expect(file.notation == notation && Array(file.candles.times) == [1_704_067_200_000])
    }

    @Test func `times of two units in one file are refused, and so are times of no year`() {
        let rows = ["1704067200", "1704067260000", "1704067320000000", "1704067380000000000", "2024-01-01T00:05:00Z"]
        for first in rows {
            for second in rows where first != second {
                let found = problem("date,open,high,low,close,volume\n\(first),1,2,0.5,1,3\n\(second),1,2,0.5,1,3\n")
                #expect(found.hasPrefix("line 3: the time \(second) is "), "\(first) \(second): \(found)")
            }
        }
        #expect(problem("[[17,1,2,0.5,1,3]]").contains("candle 1: the time 17 is of no year"))
        #expect(problem("time,open,high,low,close,volume\nmonday,1,2,1,1,1").contains("line 2: 'monday' is no time"))
        #expect(problem("time,open,high,low,close,volume\n1704067200000001,1,2,1,1,1").contains("within a millisecond"))
    }

    @Test func `columns are found by their names in any order`() throws {
        let expected = [1_704_067_200_000, 1.5, 3.0, 0.5, 2.5, 4.25] as [Double]
        let texts = [
            "date,open,high,low,close,volume\n1704067200000,1.5,3,0.5,2.5,4.25",
            "volume,close,low,high,open,timestamp\r\n4.25,2.5,0.5,3,1.5,1704067200\r\n\r\n",
            "\u{FEFF}\"Open Time\";\"Open\";\"High\";\"Low\";\"Close\";\"Volume\"\n\"2024-01-01\";1.5;3;0.5;2.5;4.25\n",
            "unix\tdate\tsymbol\topen\thigh\tlow\tclose\tVolume USDT\tVolume BTC\n1704067200\t2024-01-01\tBTC/USDT\t1.5\t3\t0.5\t2.5\t9\t4.25",
            "1704067200000,1.5,3,0.5,2.5,4.25", "1704067200,1.5,3,0.5,2.5,4.25,17\n",
            "1704067200000000,1.5,3,0.5,2.5,4.25,1704067259999999,7,8,9,10,0\n",
            " [ [ 1704067200000 , 1.5 , 3 , 0.5 , 2.5 , 4.25 ] ] ",
            "[[\"1704067200000\",\"1.5\",\"3\",\"0.5\",\"2.5\",\"4.25\"]]",
        ]
        for text in texts {
            let candle = try #require(try read(text).candles.count == 1 ? read(text).candles.candle(at: 0) : nil, "\(text)")
            let values = [
                Double(candle.time.milliseconds), candle.open, candle.high, candle.low, candle.close, candle.volume,
            ]
            #expect(values == expected, "\(text)")
        }
    }

    @Test(arguments: [
        ("1704067200,1,2,3,4,5,6,7", "it has no line of column names, and 8 columns"),
        ("a,b,c\n1,2,3", "its first line names no column of times"),
        ("date,open,high,low,close\n1704067200,1,2,0.5,1", "its first line names no column 'volume'"),
        ("date,open,high,low,close,volume\n1704067200,1,2,0.5,1", "line 2 has 5 columns, the first has 6"),
        ("date,open,high,low,close,volume\n1704067200,1,two,0.5,1,1", "line 2: the high 'two' is no number"),
        ("date,open,high,low,close,volume\n1704067200,1,2,,1,1", "line 2: the low is empty"),
        ("[[1704067200000,1,2,null,1,1]]", "candle 1: the low is empty"),
        ("[[1704067200000,1,2,0.5,1]]", "candle 1 has 5 values, not 6"),
        ("[[1704067200000,1,2,0.5,1,1,1]]", "candle 1 has more than 6 values"),
        ("{\"a\": 1}", "it is not a list of candles"), ("[1704067200000,1,2,0.5,1,1]", "a candle [time"),
        ("[[1704067200000,1,2,0.5,1,1]] x", "text follows after the end"), ("[[1704067200000,1,2,0.5,1,1]", "a comma or ]"),
        ("\u{0}\u{1}\u{2}", "it is neither JSON nor CSV"),
    ])
    func `what is wrong is named with its line`(text: String, words: String) {
        #expect(problem(text).contains(words), "\(problem(text))")
    }

    @Test func `mark prices may lack volumes, and funding rates have one value`() throws {
        let mark = try read("[[1704067200000,1,2,0.5,1,null]]", kind: .mark)
        #expect(mark.candles.count == 1 && mark.candles.volume[0].isNaN)
        let rate = try read("[[1704067200000,0.0001],[1704096000000,-0.0002]]", kind: .fundingRate)
        #expect(Array(rate.candles.open) == [0.0001, -0.0002] && Array(rate.candles.close) == [0, 0])
        let named = try read("date,funding_rate\n2024-01-01,0.0001\n", kind: .fundingRate)
        #expect(Array(named.candles.open) == [0.0001])
    }

    @Test func `a list without candles is empty, and every cut of a list is an error`() throws {
        #expect(try read("[]").candles.count == 0)
        let text = "[[1704067200000,1.5,3,0.5,2.5,4.25],[1704067260000,1.5,3,0.5,2.5,4.25]]"
        for length in 1..<text.count { #expect(throws: ImportFault.self) { try read(String(text.prefix(length))) } }
    }

    @Test func `more rows and longer lines than the limits allow are refused`() {
        var limits = ImportLimits()
        limits.rows = 1
        limits.lineBytes = 100
        let row = "1704067200000,1.5,3,0.5,2.5,4.25\n"
        #expect(throws: ImportFault.self) { try ImportedFile.decoded(Array((row + row).utf8), as: key, limits: limits) }
        let long = String(repeating: "9", count: 200)
        #expect(throws: ImportFault.self) { try ImportedFile.decoded(Array(long.utf8), as: key, limits: limits) }
    }
}
