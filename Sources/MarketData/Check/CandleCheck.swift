package import Market

/// Looks for what is wrong with candles before a backtest believes them. Nothing is corrected.
package enum CandleCheck {
    /// How bad a finding is.
    package enum Severity: Int, Hashable, Sendable, Comparable {
        /// Worth knowing; freqtrade's loading rules deal with it.
        case note
        /// Results are affected.
        case warning
        /// The candles cannot be used as they are.
        case error

        /// Notes are less than warnings, warnings less than errors.
        package static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
    }

    /// Kinds of findings.
    package enum Problem: String, Hashable, Sendable, CaseIterable {
        /// No rows at all.
        case empty
        /// Times far from any market's: the unit is probably not the one assumed.
        case suspiciousUnit = "suspicious time unit"
        /// A row earlier than the one before it.
        case outOfOrder = "out of order"
        /// A row with the time of the one before it.
        case duplicate
        /// Missing candles between two rows.
        case gap
        /// A time that is no opening time of the timeframe.
        case misaligned = "misaligned time"
        /// A price that is not a number, infinite, zero or negative.
        case impossiblePrice = "impossible price"
        /// A high below open or close, or a low above them.
        case impossibleRange = "high or low does not span open and close"
        /// A volume that is negative, not a number or infinite.
        case impossibleVolume = "impossible volume"

        /// How bad it is. Unordered and repeated rows are merged and gaps are filled on load.
        package var severity: Severity {
            switch self {
            case .gap: .note
            case .duplicate, .outOfOrder, .misaligned: .warning
            case .empty, .suspiciousUnit, .impossiblePrice, .impossibleRange, .impossibleVolume: .error
            }
        }
    }

    /// One place where something is wrong.
    package struct Place: Hashable, Sendable {
        /// The row, from 0.
        package var row: Int
        /// The row's time.
        package var time: Timestamp
        /// The values concerned.
        package var detail: String
    }

    /// All findings of one kind: how many, and the first few places.
    package struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// The file, or what names the candles.
        package var file: String
        /// What is wrong.
        package var problem: Problem
        /// How often it occurs.
        package var count: Int
        /// The first places, at most as many as was asked for.
        package var places: [Place]

        /// How bad it is.
        package var severity: Severity { problem.severity }

        /// One line with the file, the problem, its number and the first place.
        package var description: String {
            let first = places.first.map { " at \($0.time) (row \($0.row)): \($0.detail)" } ?? ""
            let more = count > 1 ? ", \(count) times, first" : ""
            return "\(file): \(problem.rawValue)\(more)\(first)"
        }
    }

    /// Everything wrong with `candles`, worst first; empty where nothing is. For each problem the first `placeLimit` places are
    /// kept and the others counted. What is not asked of a kind is not checked: funding rates have times only and no gaps, a
    /// premium may be negative, and only what was traded has a volume.
    package static func findings(
        in candles: Candles, timeframe: Timeframe, file: String, kind: CandleKind = .spot, placeLimit: Int = 5
    ) -> [Finding] {
        var collector = FindingCollector(file: file, placeLimit: placeLimit)
        guard candles.count > 0 else {
            collector.add(.empty, row: 0, time: 0, "there are no candles")
            return collector.findings
        }
        checkTimes(candles.times, timeframe, kind, &collector)
        if kind.isCandle { checkPrices(candles, kind, &collector) }
        return collector.findings
    }

    /// No market had candles before 2009, and none has them after 2100.
    static let plausible = 1_230_768_000_000..<Int64(4_102_444_800_000)

    private static func checkTimes(
        _ times: Column<Int64>, _ timeframe: Timeframe, _ kind: CandleKind, _ collector: inout FindingCollector
    ) {
        for row in Set([0, times.count - 1]).sorted() where !plausible.contains(times[row]) {
            collector.add(.suspiciousUnit, row: row, time: times[row], unitGuess(times[row]))
        }
        let step = timeframe.milliseconds
        for row in times.indices {
            let time = times[row]
            if timeframe.floor(Timestamp(milliseconds: time)).milliseconds != time {
                collector.add(.misaligned, row: row, time: time, "no \(timeframe) candle opens then")
            }
            guard row > 0 else { continue }
            let (distance, overflow) = time.subtractingReportingOverflow(times[row - 1])
            if overflow || distance < 0 {
                collector.add(
                    .outOfOrder, row: row, time: time, "the row before is of \(Timestamp(milliseconds: times[row - 1]))")
            } else if distance == 0 {
                collector.add(.duplicate, row: row, time: time, "the row before has the same time")
            } else if distance > step && kind.isCandle {
                let missing = distance / step - (distance % step == 0 ? 1 : 0)
                let before = Timestamp(milliseconds: times[row - 1])
                collector.add(.gap, row: row, time: time, "\(missing) candles missing since \(before)")
            }
        }
    }

    private static func unitGuess(_ time: Int64) -> String {
        let scales: [(String, (Int64) -> Int64?)] = [
            ("seconds", { $0.multipliedReportingOverflow(by: 1000).overflow ? nil : $0 * 1000 }),
            ("microseconds", { $0 / 1000 }), ("nanoseconds", { $0 / 1_000_000 }),
        ]
        for (name, convert) in scales {
            if let value = convert(time), plausible.contains(value) {
                return "the number \(time) looks like \(name), not milliseconds"
            }
        }
        return "the number \(time) is no plausible time in any unit"
    }

    private static func checkPrices(_ candles: Candles, _ kind: CandleKind, _ collector: inout FindingCollector) {
        let floor = kind == .premiumIndex ? -Double.infinity : 0
        let hasVolume = kind == .spot || kind == .futures
        for row in 0..<candles.count {
            let candle = candles.candle(at: row)
            // A comparison with a NaN is false, so that these find it too.
            let isPossible =
                candle.open > floor && candle.high > floor && candle.low > floor && candle.close > floor
                && candle.open < .infinity && candle.high < .infinity && candle.low < .infinity && candle.close < .infinity
            if !isPossible {
                collector.add(.impossiblePrice, row: row, time: candles.times[row], prices(candle))
            } else if candle.high < max(candle.open, candle.close) || candle.low > min(candle.open, candle.close) {
                collector.add(.impossibleRange, row: row, time: candles.times[row], prices(candle))
            }
            if hasVolume && !(candle.volume >= 0 && candle.volume < .infinity) {
                collector.add(.impossibleVolume, row: row, time: candles.times[row], "volume \(candle.volume)")
            }
        }
    }

    private static func prices(_ candle: Candle) -> String {
        "open \(candle.open) high \(candle.high) low \(candle.low) close \(candle.close)"
    }
}

/// Gathers findings by kind; a detail is only spelled out where it is kept.
private struct FindingCollector {
    let file: String
    let placeLimit: Int
    private var byProblem: [CandleCheck.Problem: CandleCheck.Finding] = [:]

    init(file: String, placeLimit: Int) {
        self.file = file
        self.placeLimit = placeLimit
    }

    mutating func add(_ problem: CandleCheck.Problem, row: Int, time: Int64, _ detail: @autoclosure () -> String) {
        var finding = byProblem[problem] ?? CandleCheck.Finding(file: file, problem: problem, count: 0, places: [])
        finding.count += 1
        if finding.places.count < placeLimit {
            finding.places.append(CandleCheck.Place(row: row, time: Timestamp(milliseconds: time), detail: detail()))
        }
        byProblem[problem] = finding
    }

    /// Worst first, then in the order in which the problems are declared.
    var findings: [CandleCheck.Finding] {
        let known = CandleCheck.Problem.allCases.compactMap { byProblem[$0] }
        return [.error, .warning, .note].flatMap { severity in known.filter { $0.severity == severity } }
    }
}

extension CandleSource {
    /// The findings in all candles of the source, or in those of `keys`.
    package func check(
        _ keys: [CandleKey]? = nil, placeLimit: Int = 5
    ) throws(MarketDataError) -> [CandleCheck.Finding] {
        var result: [CandleCheck.Finding] = []
        let all = if let keys { keys } else { try self.keys() }
        for key in all {
            result += CandleCheck.findings(
                in: try candles(key), timeframe: key.timeframe, file: key.relativePath, kind: key.kind,
                placeLimit: placeLimit)
        }
        return result
    }
}
