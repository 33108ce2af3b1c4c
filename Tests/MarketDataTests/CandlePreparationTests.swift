import Market
import MarketData
import SyntheticMarket
import Testing

/// The loading rules, against rules written down by hand and against freqtrade itself.
@Suite struct CandlePreparationTests {
    private static let start: Int64 = 1_600_002_000_000

    private func candles(_ rows: [(Int64, Double, Double, Double, Double, Double)]) -> Candles {
        var builder = CandleBuilder()
        for (time, open, high, low, close, volume) in rows {
            builder.append(time: time, open: open, high: high, low: low, close: close, volume: volume)
        }
        return builder.candles
    }

    private func rows(_ candles: Candles) -> [Candle] { CandleSourceConformance.rows(candles) }

    @Test func `rows of one date are merged`() {
        let merged = CandlePreparation.merged(
            candles([
                (600_000, 5, 6, 4, 5.5, 3), (300_000, 1, 2, 0.5, 1.5, 7), (600_000, 7, 9, 5, 8, 2), (300_000, 3, 3, 0.1, 2, 9),
            ]))
        #expect(rows(merged) == rows(candles([(300_000, 1, 3, 0.1, 2, 9), (600_000, 5, 9, 4, 8, 3)])))
    }

    @Test func `missing candles take the close before them`() throws {
        let filled = try CandlePreparation.gapFilled(
            candles([(300_000, 1, 2, 0.5, 1.5, 7), (1_200_000, 5, 6, 4, 5.5, 3)]), timeframe: .fiveMinutes)
        let middle = [600_000, 900_000].map { (Int64($0), 1.5, 1.5, 1.5, 1.5, 0.0) }
        #expect(rows(filled) == rows(candles([(300_000, 1, 2, 0.5, 1.5, 7)] + middle + [(1_200_000, 5, 6, 4, 5.5, 3)])))
    }

    @Test func `whole candles are handed on without a copy`() throws {
        let whole = CandleSourceConformance.candles(100, step: 300_000)
        let prepared = try CandlePreparation.prepared(whole, timeframe: .fiveMinutes)
        #expect(prepared.open.base == whole.open.base && prepared.count == 100)
        let range = TimeRange(start: whole.time(at: 20), stop: whole.time(at: 30))
        let part = try CandlePreparation.prepared(whole, timeframe: .fiveMinutes, range: range, startupCandles: 5)
        #expect(part.open.base == whole.open.base + 15 && part.count == 16)
    }

    @Test func `both ends of the range are included, also out of order`() {
        let shuffled = candles([3, 1, 2, 5, 4].map { (Int64($0) * 300_000, Double($0), 9, 0.1, 1, 1) })
        let range = TimeRange(start: Timestamp(milliseconds: 600_000), stop: Timestamp(milliseconds: 1_200_000))
        let part = CandlePreparation.trimmed(shuffled, to: range, timeframe: .fiveMinutes)
        #expect(Array(part.open) == [3, 2, 4])
        let none = TimeRange(start: Timestamp(milliseconds: 9_000_000))
        #expect(CandlePreparation.trimmed(shuffled, to: none, timeframe: .fiveMinutes).count == 0)
    }

    @Test(arguments: [Int64.max, Int64.min, 1 << 60, -(1 << 60), 4_102_444_800_000])
    func `a wrong date does not fill the memory`(time: Int64) throws {
        let wrong = candles([(0, 1, 1, 1, 1, 1), (time, 1, 1, 1, 1, 1)])
        let error = #expect(throws: CandlePreparation.Failure.self) {
            try CandlePreparation.gapFilled(wrong, timeframe: .oneMinute)
        }
        #expect(error?.description.contains("wrong") == true)
        #expect(!CandleCheck.findings(in: wrong, timeframe: .oneMinute, file: "x").isEmpty)
    }

    /// Loads files with freqtrade and prints every row it makes of them.
    private static let script = """
        import sys
        from pathlib import Path
        from freqtrade.configuration import TimeRange
        from freqtrade.data.history import load_pair_history
        folder = Path(sys.argv[1])
        for case in sys.argv[2:]:
            pair, timeframe, timerange, startup = case.split(',')
            frame = load_pair_history(pair, timeframe, folder, timerange=TimeRange.parse_timerange(timerange) if timerange else None,
                startup_candles=int(startup), data_format='feather')
            cells = []
            for row in frame.itertuples():
                cells.append(':'.join([str(int(row.date.timestamp() * 1000))] + [
                    float(x).hex() for x in (row.open, row.high, row.low, row.close, row.volume)]))
            print(';'.join(cells))
        """

    /// Damages a market's candles: gaps, repeated rows, changed order, times off the grid.
    private func damaged(_ whole: Candles, _ random: inout SplitMix64) -> Candles {
        var rows: [Candle] = []
        for candle in self.rows(whole) {
            switch random.next() % 20 {
            case 0: continue
            case 1, 2:
                rows.append(candle)
                var second = candle
                (second.open, second.close, second.volume) = (candle.close, candle.open, candle.volume * 2)
                rows.append(second)
            case 3: rows.insert(candle, at: max(0, rows.count - Int(random.next() % 4)))
            case 4 where random.next() % 4 == 0:
                var late = candle
                late.time = late.time.advanced(byMilliseconds: 61_000)
                rows.append(late)
            default: rows.append(candle)
            }
        }
        var builder = CandleBuilder()
        rows.forEach { builder.append($0) }
        return builder.candles
    }

    @Test func `frames are those that freqtrade makes of the same files`() throws {
        let folder = try TemporaryFolder()
        let store = try CandleStore(creating: folder.path)
        var random = SplitMix64(seed: 31)
        let start = Timestamp(milliseconds: Self.start)
        var cases: [(CandleKey, String, Int)] = []
        for number in 0..<12 {
            let pair = try #require(Pair("P\(number)/USDT"))
            let market = try SyntheticMarket(seed: 3, pairs: [pair], start: start, days: 12, base: .fiveMinutes)
            let timeframe = try #require(Timeframe(["5m", "15m", "1h", "4h", "1d"][number % 5]))
            let key = CandleKey(pair, timeframe)
            let whole = try market.candles(pair, timeframe)
            // freqtrade cuts with a mask, which needs no order; only whole files keep repeated rows at the edges comparable.
            try store.write(damaged(whole, &random), as: key)
            for range in ["", "20200915-20200920", "20200916T0305-", "-20200922", "20200914-20200914"] {
                cases.append((key, range, Int(random.next() % 8)))
            }
        }
        let arguments = cases.map { "\($0.0.pair),\($0.0.timeframe),\($0.1),\($0.2)" }
        guard let output = try Python.run(Self.script, arguments: [folder.path] + arguments) else { return }
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == cases.count + 1)
        for ((key, range, startup), line) in zip(cases, lines) {
            let ours = try store.prepared(key, range: TimeRange(parsing: range), startupCandles: startup)
            let theirs = line.split(separator: ";").map { row in row.split(separator: ":").compactMap { Double($0) } }
            #expect(ours.count == theirs.count, "\(key) \(range) \(startup)")
            let differing = zip(rows(ours), theirs).first { candle, row in
                let time = Double(candle.time.milliseconds)
                return [time, candle.open, candle.high, candle.low, candle.close, candle.volume] != row
            }
            #expect(differing == nil, "\(key) \(range) \(startup)")
        }
        print("\(cases.count) frames agree with freqtrade")
    }

    @Test func `time ranges are those that freqtrade reads`() throws {
        let texts = [
            "20180110-20180131", "20180110T1010-20180110T101530", "1515579000-", "-1515579000999", "20180110-1515579330", "0-",
            "-",
            "", "20180110", "20180132-", "20180131-20180110", "2018-01-10", "20180110T10-", "0000000000-", "00000000-",
            "20180110T101010-",
            "15155790001-", "20180110T2400-", "-20180110T1010", "20180229-", "20200229-", "1515579000999-1515579000000",
        ]
        let script = """
            import sys
            from freqtrade.configuration import TimeRange
            for text in sys.argv[1:]:
                try:
                    r = TimeRange.parse_timerange(text)
                    print(r.startts, r.stopts)
                except Exception:
                    print('error')
            """
        guard let output = try Python.run(script, arguments: texts) else { return }
        for (text, line) in zip(texts, output.split(separator: "\n")) {
            let range = try? TimeRange(parsing: text)
            let ours = range.map { "\(($0.start?.milliseconds ?? 0) / 1000) \(($0.stop?.milliseconds ?? 0) / 1000)" } ?? "error"
            #expect(ours == line, "\(text)")
        }
        print("\(texts.count) time ranges agree with freqtrade")
    }
}
