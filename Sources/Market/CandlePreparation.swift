/// How freqtrade turns a candle file into the frame that a backtest sees: trim, merge, fill. Pure functions.
///
/// Rules measured with freqtrade 2026.9: rows outside of the range go first; rows of one date are merged (first open, highest
/// high, lowest low, last close, largest volume); then every missing candle is made from the close before it, with volume 0.
package enum CandlePreparation {
    /// The most rows that filling may produce; a file with one date decades off would ask for more.
    package static let maximumRows = 32_000_000

    /// The year 9999 in milliseconds; times beyond it, either way, are damage.
    private static let maximumTime: Int64 = 253_402_300_800_000

    /// What cannot be prepared.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        /// The problem, with the times that it concerns and what to do.
        package var description: String
    }

    /// The candles a backtest over `range` starts from: trimmed to the range extended back by `startupCandles`, merged, filled.
    ///
    /// Funding rates are not candles and are never filled: pass `fillsGaps: false`.
    package static func prepared(
        _ candles: Candles, timeframe: Timeframe, range: TimeRange = .all, startupCandles: Int = 0, fillsGaps: Bool = true
    ) throws(Failure) -> Candles {
        let part = trimmed(candles, to: range, startupCandles: startupCandles, timeframe: timeframe)
        let single = merged(part)
        return fillsGaps ? try gapFilled(single, timeframe: timeframe) : single
    }

    /// The rows whose opening times lie in `range` extended back by `startupCandles`; both ends are included.
    ///
    /// Rows keep their order; rows in ascending order share memory with `candles`.
    package static func trimmed(
        _ candles: Candles, to range: TimeRange, startupCandles: Int = 0, timeframe: Timeframe
    ) -> Candles {
        let wide = range.extended(byStartupCandles: startupCandles, of: timeframe)
        guard wide.start != nil || wide.stop != nil else { return candles }
        guard isAscending(candles.times, strictly: false) else {
            return candles.rows(candles.times.indices.filter { wide.contains(candles.time(at: $0)) })
        }
        let lower = wide.start.map { start in firstRow(candles.times) { $0 >= start.milliseconds } } ?? 0
        let upper = wide.stop.map { stop in firstRow(candles.times) { $0 > stop.milliseconds } } ?? candles.count
        return candles.slice(lower..<max(lower, upper))
    }

    /// One row per date in ascending order: first open, highest high, lowest low, last close, largest volume. Candles that are
    /// so already are returned as they are.
    package static func merged(_ candles: Candles) -> Candles {
        guard !isAscending(candles.times, strictly: true) else { return candles }
        let order = candles.times.indices.sorted {
            (candles.times[$0], $0) < (candles.times[$1], $1)
        }
        var builder = CandleBuilder(capacity: candles.count)
        for row in order {
            builder.merge(candles, row: row, at: candles.times[row], volume: { Swift.max($0, $1) })
        }
        return builder.candles
    }

    /// Candles with no gap: each missing one has the close before it as its four prices, and volume 0.
    ///
    /// Rows are merged by date first. Rows off the grid of `timeframe` move to their grid time (volumes of rows that meet there are
    /// added), as freqtrade's resampling does it: the grid starts at midnight of the first row's day; weeks end on Mondays.
    package static func gapFilled(_ candles: Candles, timeframe: Timeframe) throws(Failure) -> Candles {
        let candles = merged(candles)
        guard let first = candles.times.first, let last = candles.times.last else { return candles }
        guard first >= -maximumTime, last <= maximumTime else {
            throw Failure(
                description:
                    "there is a row of \(Timestamp(milliseconds: last > maximumTime ? last : first)): its date is wrong, or its unit is"
            )
        }
        let grid = ResamplingGrid(first: first, timeframe: timeframe)
        if isComplete(candles.times, grid: grid) { return candles }
        let rows = (grid.floor(last) - grid.floor(first)) / grid.step + 1
        guard rows <= maximumRows else {
            throw Failure(
                description: "filling the gaps between \(Timestamp(milliseconds: first)) and \(Timestamp(milliseconds: last)) at "
                    + "\(timeframe) needs more than \(maximumRows) rows: one of the dates is wrong, or its unit is")
        }
        var builder = CandleBuilder(capacity: Int(rows))
        for row in candles.times.indices {
            let time = grid.floor(candles.times[row])
            builder.fill(upTo: time, step: grid.step)
            builder.merge(candles, row: row, at: time, volume: { $0 + $1 })
        }
        return builder.candles
    }

    private static func isAscending(_ times: Column<Int64>, strictly: Bool) -> Bool {
        let base = times.base
        guard times.count > 1 else { return true }
        for row in 1..<times.count where strictly ? base[row] <= base[row - 1] : base[row] < base[row - 1] { return false }
        return true
    }

    private static func isComplete(_ times: Column<Int64>, grid: ResamplingGrid) -> Bool {
        let base = times.base
        guard grid.floor(base[0]) == base[0] else { return false }
        for row in 1..<max(times.count, 1) where base[row] &- base[row - 1] != grid.step { return false }
        return true
    }

    private static func firstRow(_ times: Column<Int64>, where belongs: (Int64) -> Bool) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if belongs(times[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// The times to which pandas resamples candles that start at `first`; times are within a few millennia of 1970.
struct ResamplingGrid {
    let anchor: Int64
    let step: Int64
    private let weekly: Bool

    init(first: Int64, timeframe: Timeframe) {
        // Lengths from 10 001 minutes on are resampled to weeks that close on Mondays, whatever their number of weeks.
        weekly = timeframe.minutes > 10_000
        step = weekly ? 7 * Timestamp.millisecondsPerDay : timeframe.milliseconds
        let midnight = Timestamp.floorDivide(first, Timestamp.millisecondsPerDay) * Timestamp.millisecondsPerDay
        anchor = weekly ? 4 * Timestamp.millisecondsPerDay : midnight
    }

    /// The grid time of `time`: the last one at or before it; for weeks the Monday at or after the day's midnight.
    func floor(_ time: Int64) -> Int64 {
        let day = Timestamp.millisecondsPerDay
        let x = weekly ? Timestamp.floorDivide(time, day) * day + 6 * day : time
        return anchor + Timestamp.floorDivide(x - anchor, step) * step
    }
}
