import Market
import Testing

@Suite struct TimeRangeTests {
    @Test(arguments: [
        ("20180110-20180131", 1_515_542_400, 1_517_356_800), ("20180110T1010-20180110T101530", 1_515_579_000, 1_515_579_330),
        ("1515579000-1515579330", 1_515_579_000, 1_515_579_330), ("1515579000999-1515579330000", 1_515_579_000, 1_515_579_330),
        ("20180110-1515579330", 1_515_542_400, 1_515_579_330), ("20180110-20180110", 1_515_542_400, 1_515_542_400),
    ])
    func `freqtrade's forms are read`(text: String, start: Int64, stop: Int64) throws {
        let range = try TimeRange(parsing: text)
        #expect(range == TimeRange(start: Timestamp(seconds: start), stop: Timestamp(seconds: stop)))
    }

    @Test func `either side may be empty`() throws {
        #expect(try TimeRange(parsing: "20180110-") == TimeRange(start: Timestamp(seconds: 1_515_542_400)))
        #expect(try TimeRange(parsing: "-20180110") == TimeRange(stop: Timestamp(seconds: 1_515_542_400)))
        #expect(try TimeRange(parsing: "") == .all)
    }

    @Test(arguments: [
        ("-", "both sides"), ("20180110", "exactly one"), ("20180110-20180120-", "exactly one"), ("20180132-", "not a date"),
        ("2018-", "not a date"), ("20180110T-", "not a date"), ("20180110T2500-", "not a date"), ("20180110 1010-", "not a date"),
        ("20180131-20180110", "after the stop"), ("-٢٠١٨٠١١٠", "not a date"), ("20180229-", "not a date"),
        ("20180110T10101-", "not a date"), ("20180110X1010-", "not a date"),
    ])
    func `anything else is an error that shows the forms`(text: String, words: String) {
        let error = #expect(throws: TimeRange.ParseError.self) { try TimeRange(parsing: text) }
        #expect(error?.problem.contains(words) == true)
        #expect(error?.description.contains("YYYYMMDD") == true)
    }

    @Test func `both ends belong to the range`() throws {
        let range = try TimeRange(parsing: "1515579000-1515579330")
        #expect(range.contains(Timestamp(seconds: 1_515_579_000)) && range.contains(Timestamp(seconds: 1_515_579_330)))
        #expect(!range.contains(Timestamp(seconds: 1_515_578_999)) && !range.contains(Timestamp(seconds: 1_515_579_331)))
    }

    @Test func `the start moves back by the startup candles`() throws {
        let hour = try #require(Timeframe("1h"))
        let start = Timestamp(seconds: 3_600_000)
        let range = TimeRange(start: start)
        #expect(range.extended(byStartupCandles: 10, of: hour).start == Timestamp(seconds: 3_564_000))
    }
}
