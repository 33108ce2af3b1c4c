import Foundation
import Market
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (1_515_579_000_000, "2018-01-10T10:10:00+00:00"), (0, "1970-01-01T00:00:00+00:00"),
        (-1, "1969-12-31T23:59:59.999000+00:00"), (951_782_400_123, "2000-02-29T00:00:00.123000+00:00"),
        (253_402_300_799_000, "9999-12-31T23:59:59+00:00"), (-62_167_219_200_000, "0000-01-01T00:00:00+00:00"),
    ])
    func `a time is printed as freqtrade prints it, and read again`(milliseconds: Int64, text: String) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(time.iso8601 == text)
        #expect(Timestamp(iso8601: text) == time)
    }

    @Test(arguments: [
        ("2018-01-10", 1_515_542_400_000), ("2018-01-10T10:10", 1_515_579_000_000), ("2018-01-10 10:10:00", 1_515_579_000_000),
        ("2018-01-10T10:10:00.25Z", 1_515_579_000_250), ("2018-01-10T11:10:00+01:00", 1_515_579_000_000),
        ("2018-01-10T04:40:00-0530", 1_515_579_000_000), ("2018-01-10T10:10:00.123000000", 1_515_579_000_123),
    ])
    func `other ISO forms are read`(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2018", "2018-1-1", "2018-02-29", "2018-13-01", "2018-00-01", "2018-01-00", "2018-01-10T24:00", "2018-01-10T10:60",
        "2018-01-10T10:10:61", "2018-01-10T10:10:00.", "2018-01-10T10:10:00.0001", "2018-01-10T10:10:00+1", "2018-01-10x",
        "2018-01-10T10:10:00Zx", "٢٠١٨-01-10", "+018-01-10", "2018-01-10T",
    ])
    func `anything else is refused`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func `dates agree with Foundation's calendar`() throws {
        let formatter = ISO8601DateFormatter()
        for day in stride(from: -200_000, through: 400_000, by: 37) {
            let time = Timestamp(seconds: Int64(day) * 86_400 + 45_296)
            // Before October 1582 Foundation counts in Julian dates, ISO does not.
            guard day > -141_427 else { continue }
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))
            #expect(time.iso8601 == expected.dropLast() + "+00:00")
        }
    }

    @Test func `every day of four centuries follows the one before`() {
        var (year, month, day) = (Int64(1900), Int64(1), Int64(1))
        var midnight = Timestamp(milliseconds: -2_208_988_800_000)
        for _ in 0..<146_097 {
            #expect(Timestamp(year: year, month: month, day: day) == midnight)
            #expect(midnight.calendar == (year, month, day, 0))
            midnight = midnight.advanced(byMilliseconds: 86_400_000)
            day += 1
            if Timestamp(year: year, month: month, day: day) == nil { (month, day) = (month + 1, 1) }
            if month == 13 { (year, month) = (year + 1, 1) }
        }
        #expect(year == 2300)
    }

    @Test func `the ends of the range can be printed`() {
        #expect(Timestamp(milliseconds: .max).iso8601.hasPrefix("292278994-08-17T07:12:55.807"))
        #expect(Timestamp(milliseconds: .min).iso8601.hasPrefix("-292275055-05-16T16:47:04.192"))
    }
}
