import Market
import Testing

@Suite struct TimeframeTests {
    @Test(arguments: [("1m", 1), ("5m", 5), ("1h", 60), ("4h", 240), ("1d", 1440), ("1w", 10080)])
    func `a timeframe is read as minutes`(text: String, minutes: Int64) {
        #expect(Timeframe(text)?.minutes == minutes)
        #expect(Timeframe(text)?.description == text)
    }

    @Test(arguments: ["", "m", "5", "0m", "-5m", "5x", "1M", "5 m", "٥m", "99999999999999999999m"])
    func `anything else is refused`(text: String) {
        #expect(Timeframe(text) == nil)
    }

    @Test func `a weekly candle opens on a Monday`() {
        // 2024-01-03 was a Wednesday; its week opened on 2024-01-01.
        let floor = Timeframe("1w")?.floor(Timestamp(seconds: 1_704_240_000))
        #expect(floor == Timestamp(seconds: 1_704_067_200))
    }
}
