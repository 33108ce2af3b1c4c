import Market
import Strategies
import Trading

/// One run of the loop: all pairs on one wallet, candle by candle.
///
/// Columns are read through pointers that the pairs keep alive; there is no array, string, closure or allocation on the way of
/// a candle that changes nothing. Where neither a position nor a signal is, time is skipped.
struct Simulation<Callbacks: BacktestCallbacks>: ~Copyable {
    /// What the loop reads of a pair.
    struct PairColumns {
        let open: UnsafePointer<Double>
        let high: UnsafePointer<Double>
        let low: UnsafePointer<Double>
        let close: UnsafePointer<Double>
        /// Row = slot + shift.
        let shift: Int
        /// The slots with a row.
        let slots: Range<Int>
        let amountRule: StepRule
        let priceRule: StepRule
    }

    let settings: BacktestSettings
    let callbacks: Callbacks
    let pairs: [BacktestPair]
    let wallet: WalletRules<Double>
    let fee: Double
    let money: TradeMoney
    /// What the trailing stop does; nil: it does not trail.
    let trail: Trail?
    /// The ROI table in the order of minutes.
    let roi: ROITable
    /// Time of slot 0.
    let start: Int64
    let frameLength: Int64
    let frameMinutes: Int
    /// The last slot; nothing is entered there.
    let lastSlot: Int
    let signals: SlotSignals

    let columns: UnsafeMutablePointer<PairColumns>
    /// The open trade of each pair; initialised where `isOpen`.
    let trades: UnsafeMutablePointer<OpenTrade>
    let isOpen: UnsafeMutablePointer<Bool>
    /// The slot that visited a pair last.
    let visited: UnsafeMutablePointer<Int>
    /// Pairs with an open trade in the order of opening.
    let order: UnsafeMutablePointer<Int>
    /// Room for the worth of each open position.
    let worths: UnsafeMutablePointer<Double>
    var openCount = 0
    /// Stake currency in the account; renewed when `accountChanged`.
    var stakeBalance = 0.0
    var accountChanged = true

    var lastID = 0
    var closedProfit = 0.0
    var counters = BacktestCounters()
    var closed: [ClosedTrade] = []
    /// Whether anybody wants to see the curve.
    let tracksEquity: Bool
    var equity: EquityCurve

    /// The time of a slot.
    @inline(__always)
    func time(_ slot: Int) -> Int64 { start + Int64(slot) * frameLength }

    deinit {
        for index in 0..<openCount { (trades + order[index]).deinitialize(count: 1) }
        columns.deallocate()
        trades.deallocate()
        isOpen.deallocate()
        visited.deallocate()
        order.deallocate()
        worths.deallocate()
    }
}

extension Simulation {
    /// Runs to the end, or until `shouldStop` says so; it is asked every few thousand candles.
    mutating func run(shouldStop: (BacktestProgress) -> Bool) throws(BacktestError) {
        let scratch = UnsafeMutablePointer<Int>.allocate(capacity: max(pairs.count, 1))
        defer { scratch.deallocate() }
        var slot = 1
        var untilCheck = Self.stepsPerCheck
        if shouldStop(BacktestProgress(done: 0, total: lastSlot)) { throw .stopped }
        while slot <= lastSlot {
            if openCount == 0 {
                if equity.needsSample { sampleEquity(slot) }
                slot = signals.nextEntry(from: slot)
                if slot > lastSlot { break }
            }
            step(slot, scratch)
            slot += 1
            untilCheck -= 1
            if untilCheck == 0 {
                untilCheck = Self.stepsPerCheck
                if shouldStop(BacktestProgress(done: slot, total: lastSlot)) { throw .stopped }
            }
        }
        closeAll()
        refreshStakeBalance()
        equity.finish(at: time(lastSlot))
    }

    /// Candle times between two questions whether to stop.
    static var stepsPerCheck: Int { 4096 }

    /// One candle time: pairs with an open trade in the order of opening, then pairs with a signal in the order of the list.
    private mutating func step(_ slot: Int, _ scratch: UnsafeMutablePointer<Int>) {
        if tracksEquity, openCount > 0 || equity.needsSample { sampleEquity(slot) }
        let count = openCount
        scratch.update(from: order, count: count)
        for index in 0..<count { visitOpen(scratch[index], slot) }
        guard slot < lastSlot, signals.anyEnters(at: slot) else { return }
        for pair in 0..<pairs.count where signals.enters(pair: pair, at: slot) && visited[pair] != slot {
            visit(pair, slot)
        }
    }

    /// A pair with an open trade: the quick look that most candles end with.
    @inline(__always)
    private mutating func visitOpen(_ pair: Int, _ slot: Int) {
        visited[pair] = slot
        guard columns[pair].slots.contains(slot) else { return }
        if isOpen[pair], !callbacks.usesCustomStoploss, passes(pair, slot) { return }
        visit(pair, slot)
    }

    /// Whether the candle certainly changes nothing but the extremes of the open trade.
    @inline(__always)
    private func passes(_ pair: Int, _ slot: Int) -> Bool {
        let trade = trades + pair
        let row = slot + columns[pair].shift
        let (high, low) = (columns[pair].high[row], columns[pair].low[row])
        guard trade.pointee.hasExtremes, trade.pointee.pending == nil, slot < trade.pointee.roiUntil,
            signals.flags(pair: pair, at: slot).isEmpty, low > 0
        else { return false }
        let inside =
            trade.pointee.isShort
            ? high < trade.pointee.stop && low * trade.pointee.slope > trade.pointee.roiGuard
            : low > trade.pointee.stop && high * trade.pointee.slope < trade.pointee.roiGuard
        guard inside, trade.pointee.keepsStop(best: trade.pointee.isShort ? low : high) else { return false }
        if high > trade.pointee.highest { trade.pointee.highest = high }
        if low < trade.pointee.lowest { trade.pointee.lowest = low }
        return true
    }

    /// The full step of one pair; twice where a short takes over from a long at the same open, or the other way round.
    private mutating func visit(_ pair: Int, _ slot: Int) {
        visited[pair] = slot
        let wanted = slot < lastSlot && signals.enters(pair: pair, at: slot)
        let flags = signals.flags(pair: pair, at: slot)
        let wantsShort = wanted && settings.canShort && !flags.contains(.enterLong)
        let wasOpen = isOpen[pair]
        let wasShort = wasOpen && trades[pair].isShort
        work(pair, slot, enters: wanted, isShort: wantsShort)
        if settings.canShort, wanted, wasOpen, !isOpen[pair], wasShort != wantsShort {
            work(pair, slot, enters: wanted, isShort: wantsShort)
        }
    }

    /// Waiting orders, entry, fills, exit: in freqtrade's order.
    private mutating func work(_ pair: Int, _ slot: Int, enters: Bool, isShort: Bool) {
        if isOpen[pair] { manageWaitingOrder(pair, slot) }
        if enters, !isOpen[pair] {
            if let limit = settings.maxOpenTrades, openCount >= limit {
                counters.rejectedSignals += 1
            } else {
                enter(pair, slot, isShort: isShort)
            }
        }
        guard isOpen[pair] else { return }
        fillEntryIfReached(pair, slot)
        if trades[pair].hasPosition { decideExit(pair, slot) }
        fillExitIfReached(pair, slot)
    }
}

/// How far a run is.
package struct BacktestProgress: Hashable, Sendable {
    /// Candle times behind it.
    package var done: Int
    /// Candle times in all.
    package var total: Int
}
