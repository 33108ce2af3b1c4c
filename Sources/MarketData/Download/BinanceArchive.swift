package import Market

/// A file of Binance's public data: the candles of one symbol and timeframe in a month or a day.
package struct BinanceArchive: Hashable, Sendable {
    /// The part of the public data that a file belongs to.
    package enum Section: String, Hashable, Sendable {
        case spot
        /// Contracts settled in their quote currency.
        case linear = "futures/um"
    }

    /// How long a file is.
    package enum Period: String, Hashable, Sendable {
        case monthly, daily
    }

    package var section: Section
    /// The venue's symbol, `BTCUSDT`.
    package var symbol: String
    package var timeframe: Timeframe
    package var period: Period
    /// Midnight (UTC) at which the month or day begins.
    package var start: Timestamp
    /// Midnight at which it is over.
    package var end: Timestamp

    /// `BTCUSDT-1m-2024-01.zip`, `BTCUSDT-1m-2024-01-15.zip`.
    package var name: String {
        "\(symbol)-\(timeframe)-\(period == .monthly ? String(start.isoDate.prefix(7)) : start.isoDate).zip"
    }

    /// The path below the venue's base URL (`https://data.binance.vision`, named in the venue file).
    package var path: String {
        Self.encoded("/data/\(section.rawValue)/\(period.rawValue)/klines/\(symbol)/\(timeframe)/\(name)")
    }

    /// Percent-encoded: there are symbols in other scripts.
    private static func encoded(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = path.utf8.flatMap { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                [byte]
            default: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The path of its checksum, in the form that `candles(zip:checksum:as:hash:)` takes.
    package var checksumPath: String { path + ImportedFile.checksumEnding }

    /// The days of a month whose own file is not there; empty for a day, which is left to REST.
    package var fallback: [BinanceArchive] {
        guard period == .monthly else { return [] }
        var result: [BinanceArchive] = []
        var day = start
        while day < end {
            let next = day.advanced(byMilliseconds: BinanceArchivePlan.day)
            result.append(
                BinanceArchive(section: section, symbol: symbol, timeframe: timeframe, period: .daily, start: day, end: next))
            day = next
        }
        return result
    }

    /// The candles in the bytes of this file. `checksum` is the content of its checksum file, which must name this file and the
    /// SHA-256 of the bytes (by `hash`, lower-case hex); nil is refused too: what is downloaded is checked.
    package func candles(
        zip: [UInt8], checksum: [UInt8]?, as key: CandleKey, limits: ImportLimits = .binanceArchive, hash: CandleStore.Hash
    ) throws(MarketDataError) -> ImportedFile {
        do throws(ImportFault) {
            guard let checksum else { throw .damaged("it has no checksum file") }
            try Checksum(checksum).verify(zip.withUnsafeBytes(hash), of: name)
            var file = try ImportedFile.decoded(zip, as: key, limits: limits)
            let span = start.milliseconds..<end.milliseconds
            guard file.candles.times.allSatisfy({ span.contains($0) }) else {
                throw .content("it has candles of another time than its name says")
            }
            file.isVerified = true
            return file
        } catch {
            throw error.inFile(name)
        }
    }
}

extension ImportLimits {
    /// What is accepted of a file of Binance's public data: a month of minutes has 45,000 rows and some 2 MB, 7 MB unpacked.
    package static let binanceArchive = {
        var limits = ImportLimits()
        limits.fileBytes = 64 << 20
        limits.inflatedBytes = 64 << 20
        limits.rows = 100_000
        limits.zipEntries = 10
        return limits
    }()
}

/// Which of Binance's files bring what is missing, and what is left to REST.
package struct BinanceArchivePlan: Hashable, Sendable {
    static let day = Timestamp.millisecondsOfDay
    /// A month's file comes on the first Monday after it, at the latest on the seventh day.
    private static let monthlyDelay = 8 * day
    /// A day's file comes on the next day.
    private static let dailyDelay = day
    /// From this many missing days on a month is taken as a whole.
    private static let daysForMonth = 4
    /// Timeframes that there are files of.
    private static let timeframes: Set<String> = [
        "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d",
    ]

    /// Files in the order of their times. A monthly one that the venue does not have is replaced by its `fallback`; a daily one that it does
    /// not have is left to REST.
    package private(set) var archives: [BinanceArchive] = []
    /// What no file has yet, or at all.
    package private(set) var rest: [CandleSpan] = []

    /// A plan for the missing spans of `goal`. Files are only planned from `listed` on, where the first candle is known; without it every
    /// month since 2017-07 is tried.
    package init(_ goal: DownloadGoal, section: BinanceArchive.Section, symbol: String, listed: Timestamp? = nil, now: Timestamp)
    {
        // Binance opened in July 2017.
        let opening: Int64 = 1_498_867_200_000
        let lowest = max(listed?.milliseconds ?? opening, opening)
        guard Self.timeframes.contains(goal.key.timeframe.description) else {
            rest = goal.missing
            return
        }
        let published = now.milliseconds - Self.dailyDelay
        let lastDay = Timestamp.floorDay(published)
        for span in goal.missing {
            let covered = CandleSpan(max(span.start, lowest), min(span.end, lastDay))
            if !covered.isEmpty { add(covered, goal.key.timeframe, section, symbol, now) }
            let tail = CandleSpan(max(span.start, lastDay), span.end)
            if !tail.isEmpty { rest.append(tail) }
        }
    }

    private mutating func add(
        _ span: CandleSpan, _ timeframe: Timeframe, _ section: BinanceArchive.Section, _ symbol: String, _ now: Timestamp
    ) {
        var day = Timestamp.floorDay(span.start)
        while day < span.end {
            let (monthStart, monthEnd) = Self.month(of: day)
            let missing = (min(span.end, monthEnd) - day + Self.day - 1) / Self.day
            let isPublished = monthEnd + Self.monthlyDelay <= now.milliseconds
            let isMonth = isPublished && missing >= Self.daysForMonth
            let (start, end) = isMonth ? (monthStart, monthEnd) : (day, day + Self.day)
            let archive = BinanceArchive(
                section: section, symbol: symbol, timeframe: timeframe, period: isMonth ? .monthly : .daily,
                start: Timestamp(milliseconds: start), end: Timestamp(milliseconds: end))
            if archives.last != archive { archives.append(archive) }
            day = end
        }
    }

    private static func month(of day: Int64) -> (start: Int64, end: Int64) {
        let (year, month, _, _) = Timestamp(milliseconds: day).calendar
        let next = month == 12 ? (year + 1, Int64(1)) : (year, month + 1)
        let start = Timestamp(year: year, month: month, day: 1)?.milliseconds ?? day
        let end = Timestamp(year: next.0, month: next.1, day: 1)?.milliseconds ?? day + Self.day
        return (start, end)
    }
}

extension Timestamp {
    fileprivate static let millisecondsOfDay: Int64 = 86_400_000

    fileprivate static func floorDay(_ milliseconds: Int64) -> Int64 {
        let rest = milliseconds % millisecondsOfDay
        return milliseconds - (rest < 0 ? rest + millisecondsOfDay : rest)
    }
}
