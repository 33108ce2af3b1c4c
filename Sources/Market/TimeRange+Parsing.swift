extension TimeRange {
    /// Why a text is not a time range.
    public struct ParseError: Error, Hashable, CustomStringConvertible {
        /// The text that was read.
        public var text: String
        /// What is wrong with it.
        public var problem: String

        /// The problem and the forms that are understood.
        public var description: String {
            "timerange \"\(text)\": \(problem). Write START-STOP, either side may be empty; each is YYYYMMDD, YYYYMMDDTHHMM, "
                + "YYYYMMDDTHHMMSS, seconds (10 digits) or milliseconds (13 digits) since 1970, in UTC: "
                + "20240101-20240201 or 20240101-"
        }
    }

    /// Reads freqtrade's `--timerange`: `START-STOP` with either side empty. An empty text is `all`.
    ///
    /// Milliseconds are cut to whole seconds, as freqtrade does it. A time of 0 (1970) means an open side there and here.
    public init(parsing text: String) throws(ParseError) {
        guard !text.isEmpty else {
            self = .all
            return
        }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ParseError(text: text, problem: "it needs exactly one '-' between start and stop")
        }
        guard !(parts[0].isEmpty && parts[1].isEmpty) else {
            throw ParseError(text: text, problem: "both sides are empty")
        }
        let start = try Self.instant(parts[0], side: "start", of: text)
        let stop = try Self.instant(parts[1], side: "stop", of: text)
        if let start, let stop, start > stop {
            throw ParseError(text: text, problem: "the start is after the stop")
        }
        self.init(start: start, stop: stop)
    }

    private static func instant(_ part: Substring, side: String, of text: String) throws(ParseError) -> Timestamp? {
        guard !part.isEmpty else { return nil }
        guard let seconds = seconds(part) else {
            throw ParseError(text: text, problem: "the \(side) \"\(part)\" is not a date or time")
        }
        return seconds == 0 ? nil : Timestamp(seconds: seconds)
    }

    private static func seconds(_ part: Substring) -> Int64? {
        var reader = DigitReader(part)
        switch part.utf8.count {
        case 10: return reader.number(10)
        case 13 where !part.contains("T"): return reader.number(13).map { $0 / 1000 }
        case 8, 13, 15: break
        default: return nil
        }
        guard let year = reader.number(4), let month = reader.number(2), let day = reader.number(2),
            let midnight = Timestamp(year: year, month: month, day: day)
        else { return nil }
        var result = midnight.milliseconds / 1000
        guard !reader.isAtEnd else { return result }
        guard reader.skip("T"), let hour = reader.number(2), let minute = reader.number(2), hour < 24, minute < 60 else {
            return nil
        }
        result += hour * 3600 + minute * 60
        guard !reader.isAtEnd else { return result }
        guard let second = reader.number(2), second < 60, reader.isAtEnd else { return nil }
        return result + second
    }
}

extension TimeRange {
    /// Whether `time` is in the range; both ends belong to it.
    public func contains(_ time: Timestamp) -> Bool {
        (start.map { time >= $0 } ?? true) && (stop.map { time <= $0 } ?? true)
    }

    /// The range to load so that `startupCandles` candles of `timeframe` stand before its start.
    public func extended(byStartupCandles startupCandles: Int, of timeframe: Timeframe) -> TimeRange {
        let reach = timeframe.milliseconds.multipliedReportingOverflow(by: Int64(startupCandles))
        let earlier = start.map { start in
            let moved = start.milliseconds.subtractingReportingOverflow(reach.partialValue)
            return Timestamp(milliseconds: reach.overflow || moved.overflow ? .min : moved.partialValue)
        }
        return TimeRange(start: earlier, stop: stop)
    }
}
