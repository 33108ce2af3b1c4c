import Market
package import TradingJournal
import TradingLoop

/// Matches a job's trades with the backtest's and says where, why and by how much they differ.
///
/// Profits are split exactly: prices, amount and fees of the backtest's trade are replaced by the job's one after the other, and each step's
/// change belongs to its cause. What both formulas do not hold (rounding, dust) is the rest.
package struct DriftComparison {
    /// Numbers closer than this, relatively, are the same: doubles of one side stand for decimals of the other.
    static let tolerance = 1e-9

    private let shadow: ShadowBacktest
    private let reasons: DriftReasons
    private var report: DriftReport
    private var sums: [DriftCause: DriftReport.Sum] = [:]

    /// The comparison of a job with its shadow.
    package static func report(_ books: TradingBooks, _ shadow: ShadowBacktest) -> DriftReport {
        let ends = shadow.spans.mapValues(\.upperBound)
        let (trades, otherFees) = DriftTrade.trades(in: books, ends: ends, lastCloses: shadow.lastCloses)
        var report = report(of: trades, shadow, DriftReasons(books, shadow))
        let later = books.trades.values.count { $0.state != .dropped && $0.openTime >= ends[$0.pair] ?? .distantFuture }
        if later > 0 {
            report.notices.append("\(later) of the job's trades began after its last recorded candle and are not compared")
        }
        if !otherFees.isEmpty {
            report.notices.append("fees in \(otherFees.sorted().joined(separator: ", ")) are not in the profits")
        }
        return report
    }

    static func report(of job: [DriftTrade], _ shadow: ShadowBacktest, _ reasons: DriftReasons) -> DriftReport {
        var comparison = DriftComparison(shadow, reasons)
        comparison.compare(job)
        return comparison.report
    }

    private init(_ shadow: ShadowBacktest, _ reasons: DriftReasons) {
        self.shadow = shadow
        self.reasons = reasons
        let zero = Timestamp(milliseconds: 0)
        report = DriftReport(
            from: shadow.spans.values.map(\.lowerBound).min() ?? zero, to: shadow.spans.values.map(\.upperBound).max() ?? zero)
        report.notices = shadow.notices
    }

    private mutating func compare(_ job: [DriftTrade]) {
        let matches = DriftMatches(job: job, backtest: shadow.trades, timeframe: shadow.timeframe)
        report.trades = DriftReport.Counts(job: job.count, backtest: shadow.trades.count, matched: matches.both.count)
        for trade in job { report.jobProfit += trade.profit }
        for trade in shadow.trades { report.backtestProfit += trade.profit }
        for (ours, theirs) in matches.both { compare(ours, theirs) }
        for trade in matches.onlyInJob { tellMissing(trade, .onlyInJob) }
        for trade in matches.onlyInBacktest { tellMissing(trade, .onlyInBacktest) }
        report.differences.sort {
            ($0.time, $0.pair, $0.jobTrade ?? .max, $0.backtestTrade ?? .max, $0.cause.rank)
                < ($1.time, $1.pair, $1.jobTrade ?? .max, $1.backtestTrade ?? .max, $1.cause.rank)
        }
        report.sums = DriftCause.allCases.compactMap { sums[$0] }
    }

    // MARK: - One side only

    private mutating func tellMissing(_ trade: DriftTrade, _ cause: DriftCause) {
        let isJob = cause == .onlyInJob
        let text = "\(DriftText.number(trade.amount)) \(trade.pair.base) at \(DriftText.number(trade.openRate))"
        add(
            DriftDifference(
                cause: cause, pair: trade.pair, time: trade.openTime, jobTrade: isJob ? trade.number : nil,
                backtestTrade: isJob ? nil : trade.number, job: isJob ? text : "", backtest: isJob ? "" : text,
                reason: isJob ? reasons.whyNotInBacktest(trade) : reasons.whyNotInJob(trade),
                profit: isJob ? trade.profit : -trade.profit))
    }

    // MARK: - Both

    private mutating func compare(_ ours: DriftTrade, _ theirs: DriftTrade) {
        let before = report.differences.count
        let (target, start) = (DriftTerms(ours), DriftTerms(theirs))
        var mixed = start
        var last = mixed.profit
        func step() -> Double {
            defer { last = mixed.profit }
            return mixed.profit - last
        }
        mixed.openRate = target.openRate
        let entryCause = tellEntry(ours, theirs, step())
        mixed.closeRate = target.closeRate
        tellExit(ours, theirs, step())
        mixed.amount = target.amount
        if isSameStake(ours, theirs) {
            // With the same stake another price buys another amount.
            sum(entryCause ?? .rounding, step())
        } else {
            tell(
                .stake, ours, theirs, DriftText.number(ours.stake), DriftText.number(theirs.stake), reasons.stake(ours, theirs),
                step())
        }
        (mixed.entryFee, mixed.exitFee) = (target.entryFee, target.exitFee)
        tellFees(ours, theirs, target, start, step())
        sum(.rounding, ours.profit - theirs.profit - (target.profit - start.profit))
        if report.differences.count == before { report.trades.same += 1 }
    }

    /// The cause that the entry's price belongs to; nil: it is the same.
    private mutating func tellEntry(_ ours: DriftTrade, _ theirs: DriftTrade, _ profit: Double) -> DriftCause? {
        let isOther = !Self.isSame(ours.openRate, theirs.openRate)
        guard candle(ours.openTime) == candle(theirs.openTime) else {
            tell(
                .entryCandle, ours, theirs, "\(ours.openTime)", "\(theirs.openTime)", reasons.entryCandle(ours, theirs), profit)
            return .entryCandle
        }
        guard isOther else {
            sum(.rounding, profit)
            return nil
        }
        tell(
            .entryPrice, ours, theirs, DriftText.number(ours.openRate), DriftText.number(theirs.openRate),
            DriftText.slippage(ours.openRate, theirs.openRate), profit)
        return .entryPrice
    }

    /// The price belongs to the reason where that is another, else to the candle, else it is slippage.
    private mutating func tellExit(_ ours: DriftTrade, _ theirs: DriftTrade, _ profit: Double) {
        let otherReason = ours.exitReason != theirs.exitReason
        let otherCandle = ours.closeTime.map(candle) != theirs.closeTime.map(candle)
        if otherReason {
            tell(
                .exitReason, ours, theirs, DriftText.exit(ours), DriftText.exit(theirs), reasons.exit(ours, theirs), profit)
        }
        if otherCandle {
            tell(
                .exitCandle, ours, theirs, DriftText.time(ours.closeTime), DriftText.time(theirs.closeTime),
                otherReason ? "it was left for another reason" : reasons.exit(ours, theirs), otherReason ? 0 : profit)
        }
        guard !otherReason, !otherCandle else { return }
        guard !Self.isSame(ours.closeRate, theirs.closeRate) else { return sum(.rounding, profit) }
        tell(
            .exitPrice, ours, theirs, DriftText.number(ours.closeRate), DriftText.number(theirs.closeRate),
            DriftText.slippage(ours.closeRate, theirs.closeRate), profit)
    }

    /// Fees are compared as ratios of what was traded: other prices and amounts make other fees by themselves.
    private mutating func tellFees(
        _ ours: DriftTrade, _ theirs: DriftTrade, _ a: DriftTerms, _ b: DriftTerms, _ profit: Double
    ) {
        guard !Self.isSameFee(a.entryFee, b.entryFee) || !Self.isSameFee(a.exitFee, b.exitFee) else {
            return sum(.rounding, profit)
        }
        tell(.fees, ours, theirs, DriftText.fees(a), DriftText.fees(b), reasons.fees, profit)
    }

    // MARK: - Small parts

    private func candle(_ time: Timestamp) -> Timestamp { shadow.timeframe.floor(time) }

    static func isSame(_ a: Double, _ b: Double) -> Bool {
        a == b || (a - b).magnitude <= tolerance * max(a.magnitude, b.magnitude)
    }

    /// A ratio of money that was rounded to 8 or more decimals.
    private static func isSameFee(_ a: Double, _ b: Double) -> Bool { (a - b).magnitude <= 1e-7 }

    /// Both stakes are cut to a step of the amount.
    private func isSameStake(_ ours: DriftTrade, _ theirs: DriftTrade) -> Bool {
        let step = (shadow.amountSteps[ours.pair] ?? 0) * max(ours.openRate, theirs.openRate)
        return (ours.stake - theirs.stake).magnitude <= step + Self.tolerance * max(ours.stake, theirs.stake)
    }

    private mutating func tell(
        _ cause: DriftCause, _ ours: DriftTrade, _ theirs: DriftTrade, _ job: String, _ backtest: String, _ reason: String,
        _ profit: Double
    ) {
        add(
            DriftDifference(
                cause: cause, pair: ours.pair, time: ours.openTime, jobTrade: ours.number, backtestTrade: theirs.number, job: job,
                backtest: backtest, reason: reason, profit: profit))
    }

    private mutating func add(_ difference: DriftDifference) {
        report.differences.append(difference)
        sum(difference.cause, difference.profit, count: 1)
    }

    private mutating func sum(_ cause: DriftCause, _ profit: Double, count: Int = 0) {
        guard count > 0 || profit != 0 else { return }
        sums[cause, default: DriftReport.Sum(cause: cause, count: 0, profit: 0)].profit += profit
        sums[cause]?.count += count
    }
}

extension DriftCause {
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
