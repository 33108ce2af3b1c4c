import Configuration
import Market
import Testing

@testable import PragmaCLI

@Suite("Tables, numbers and progress")
struct OutputTests {
    @Test func `a table is as wide as its widest cells, numbers stand to the right`() {
        var table = TextTable([.left("pair"), .right("trades"), .left("note")])
        table.add(["BTC/USDT", "7", "fine"])
        table.add(["A/B", "1234567"])
        #expect(
            table.text == """
                pair       trades  note
                --------  -------  ----
                BTC/USDT        7  fine
                A/B       1234567  \("")
                """)
    }

    @Test func `a table without rows is its header`() {
        #expect(TextTable([.left("a"), .right("bc")]).text == "a  bc\n-  --")
    }

    @Test(arguments: [
        (0.0, "0:00"), (3.2, "0:04"), (59, "0:59"), (61, "1:01"), (3600, "1:00:00"), (7325, "2:02:05"), (.infinity, "--:--"),
        (.nan, "--:--"),
    ])
    func `seconds are read as a clock`(seconds: Double, text: String) {
        #expect(Format.clock(seconds) == text)
    }

    @Test(arguments: [
        (Int64(0), "0 ms"), (999, "999 ms"), (1500, "1.5 s"), (119_999, "120.0 s"), (120_000, "2 min"), (7_200_000, "2 h"),
        (172_800_000, "2 d"),
    ])
    func `a duration has one unit`(milliseconds: Int64, text: String) {
        #expect(Format.duration(milliseconds: milliseconds) == text)
    }

    @Test(arguments: [(0, "0:00:00"), (262, "4:22:00"), (1439, "23:59:00"), (1440, "1 day, 0:00:00"), (3005, "2 days, 2:05:00")])
    func `minutes are a duration as freqtrade prints it`(minutes: Int, text: String) {
        #expect(Format.duration(minutes: minutes) == text)
    }

    @Test func `numbers, percentages, rates and bytes`() {
        #expect(Format.percent(0.12345) == "12.35 %")
        #expect(Format.fixed(.nan, 2) == "-" && Format.fixed(-.infinity, 2) == "-")
        #expect(Format.fixed(-0.5, 3) == "-0.500")
        #expect(Format.rate(3.14) == "3.1" && Format.rate(311.6) == "312")
        #expect(Format.padded(7, 3) == "  7" && Format.padded(12345, 3) == "12345")
        #expect(Format.mebibytes(1_572_864) == "1.5 MiB")
        #expect(Format.count(1, "error") == "1 error" && Format.count(0, "error") == "0 errors")
    }

    @Test func `times are in UTC and have seconds only where there are some`() throws {
        #expect(Format.time(try #require(Timestamp(iso8601: "2024-01-02T03:04:00Z"))) == "2024-01-02 03:04")
        #expect(Format.time(try #require(Timestamp(iso8601: "2024-01-02T03:04:05Z"))) == "2024-01-02 03:04:05")
        #expect(Format.time(try #require(Timestamp(iso8601: "2024-01-02"))) == "2024-01-02 00:00")
    }

    @Test func `progress shows share, rate and the time left`() {
        var progress = Progress(total: 200)
        progress.note(done: 0, seconds: 0)
        #expect(progress.line(width: 10) == "[>         ]   0 %  0/200")
        progress.note(done: 50, seconds: 1)
        #expect(progress.line(width: 10) == "[==>       ]  25 %  50/200  50/s  ETA 0:03")
        progress.note(done: 200, seconds: 4)
        #expect(progress.line(width: 10) == "[==========] 100 %  200/200  50/s")
    }

    @Test func `the rate follows the last ten seconds`() {
        var progress = Progress(total: 100_000)
        for second in 0...20 { progress.note(done: UInt64(second), seconds: Double(second)) }
        for second in 21...40 { progress.note(done: UInt64(20 + (second - 20) * 100), seconds: Double(second)) }
        #expect(progress.rate == 100)
    }

    @Test func `a progress of nothing is complete`() {
        #expect(Progress(total: 0).line(width: 4) == "[====] 100 %  0/0")
    }

    @Test func `JSON has sorted keys, shortest numbers and null for what is no number`() {
        let value = JSON.object([
            "b": JSON.number(0.1), "a": JSON.list([JSON.integer(3), JSON.number(.infinity), JSON.text(nil)]),
            "c": JSON.flag(true),
        ])
        #expect(String(decoding: value.canonicalBytes, as: UTF8.self) == #"{"a":[3,null,null],"b":0.1,"c":true}"#)
        #expect(!JSON.pretty(value).hasSuffix("\n"))
    }
}
