import Backtesting
import Exchange
import Market
import Money
import Orders
import Trading

/// What became of orders.
extension TradingInstance {
    mutating func apply(_ update: OrderUpdate) {
        guard let index = trades.firstIndex(where: { $0.orders.contains { $0.ticket == update.ticket } }),
            let place = trades[index].orders.firstIndex(where: { $0.ticket == update.ticket })
        else { return tellLate(update, known: nil) }
        let known = trades[index].orders[place]
        guard !known.isOver else { return tellLate(update, known: known) }
        // Totals only grow; an older message that comes late changes nothing but the status that it is not allowed to turn back.
        let isNewer = update.filled >= known.filled
        guard isNewer, update.status != known.status || update.filled != known.filled || update.fees != known.fees else { return }
        trades[index].orders[place].status = update.status
        trades[index].orders[place].filled = update.filled
        trades[index].orders[place].cost = update.cost
        trades[index].orders[place].fees = update.fees
        trades[index].orders[place].changedAt = inputs
        touch(index)
        let number = trades[index].number
        if update.status.isFinal {
            trades[index].orders[place].ended = update.time
            settle(number, trades[index].orders[place], update)
            if let index = self.index(of: number) { trades[index].forgetUnfilled() }
        }
        advance(number)
    }

    private mutating func tellLate(_ update: OrderUpdate, known: LoopOrder?) {
        guard update.filled > known?.filled ?? .zero else { return }
        report(
            .lateUpdate, nil, nil,
            "order \(update.ticket) was over for us, and now shows \(update.filled) filled: the position has to be reconciled")
    }

    private mutating func settle(_ number: TradeNumber, _ order: LoopOrder, _ update: OrderUpdate) {
        if order.isEntry { settleEntry(number, order, update) } else { settleExit(number, order, update) }
    }

    private mutating func settleEntry(_ number: TradeNumber, _ order: LoopOrder, _ update: OrderUpdate) {
        guard let index = index(of: number), let rules = pairRules[trades[index].pair] else { return }
        let pair = trades[index].pair
        if [.rejected, .denied, .notPlaced].contains(order.status), let candle = markets[pair]?.signal?.candle {
            refusedEntries[pair] = candle
            jobIsDirty = true
        }
        guard let rate = order.averagePrice else {
            report(
                .entryFailed, pair, number,
                "the entry order ended without a fill (\(Self.ending(order, update)))")
            return drop(index)
        }
        learnFee(index, order)
        let bought = ExactDecimal(order.filled) - ExactDecimal(order.fee(in: pair.base))
        trades[index].rules.bookEntry(amount: Double(bought), rate: Double(rate), at: update.time)
        // Fees may leave less than can ever be sold.
        if rules.isDust(trades[index].held, rate: trades[index].rules.openRate) {
            report(.belowMinimum, pair, number, "\(trades[index].held) \(pair.base) is less than the venue takes back")
            close(index, at: update.time)
        }
    }

    /// What ended an order, for people.
    private static func ending(_ order: LoopOrder, _ update: OrderUpdate) -> String {
        let why = update.reason ?? order.canceling.map(\.rawValue) ?? ""
        return order.status.rawValue + (why.isEmpty ? "" : ": " + why)
    }

    /// A fee that was paid in base or quote currency is what later decisions count with; above 2 % it is taken for a mistake (freqtrade).
    private mutating func learnFee(_ index: Int, _ order: LoopOrder) {
        let pair = trades[index].pair
        let (base, quote) = (ExactDecimal(order.fee(in: pair.base)), ExactDecimal(order.fee(in: pair.quote)))
        let known = order.fees.contains { $0.asset == pair.base || $0.asset == pair.quote }
        guard known, !ExactDecimal(order.cost).isZero, order.filled.isPositive else { return }
        let ratio = Double(base / ExactDecimal(order.filled) + quote / ExactDecimal(order.cost))
        if ratio < 0.02 { trades[index].rules.learnFee(ratio) }
    }

    private mutating func settleExit(_ number: TradeNumber, _ order: LoopOrder, _ update: OrderUpdate) {
        guard let index = index(of: number), let rules = pairRules[trades[index].pair] else { return }
        let pair = trades[index].pair
        if let rate = order.averagePrice {
            learnFee(index, order)
            trades[index].exitReason = order.isStop ? "stoploss_on_exchange" : order.tag
            let isDone = rules.isDust(trades[index].held, rate: trades[index].rules.openRate)
            trades[index].rules.bookExit(
                amount: Double(ExactDecimal(order.filled)), rate: Double(rate), at: update.time, closes: isDone)
            if isDone { return close(index, at: update.time) }
        }
        planAgain(index, order)
        switch order.status {
        case .canceled, .expired: settleCanceledExit(index, order)
        case .rejected, .denied, .notPlaced:
            let ending = Self.ending(order, update)
            report(
                order.isStop ? .stopFailed : .exitFailed, pair, number,
                "\(order.purpose.rawValue) of \(order.quantity): \(ending)")
            trades[index].retryAt = now.advanced(byMilliseconds: settings.processThrottle)
            if order.isStop, order.status == .rejected { planEmergency(index) }
        default: break
        }
    }

    /// Orders that were told to close a trade, come what may, are followed by another where something is left: the venue takes only so
    /// much at once, ended the rest, or refused, or the order was not filled in time.
    private mutating func planAgain(_ index: Int, _ order: LoopOrder) {
        guard [.forceExit, .emergencyExit, .flatten].contains(order.purpose), order.canceling != .shutdown else { return }
        trades[index].plan = trades[index].plan ?? ExitPlan(reason: order.tag, purpose: order.purpose, isMarket: order.isMarket)
    }

    private mutating func settleCanceledExit(_ index: Int, _ order: LoopOrder) {
        guard !order.isStop else { return }
        trades[index].canceledExits += 1
        let limit = settings.exitTimeoutCount
        if order.canceling == .timeout, limit > 0, trades[index].canceledExits >= limit {
            report(
                .timedOut, trades[index].pair, trades[index].number,
                "\(trades[index].canceledExits) exit orders were not filled in time (exit_timeout_count)")
            planEmergency(index)
        }
    }

    // MARK: - Ends of trades

    /// The position is gone. Orders that are left are canceled first: nothing may fill any more when a trade is forgotten.
    mutating func close(_ index: Int, at time: Timestamp) {
        guard !trades[index].hasWorking else {
            for order in trades[index].orders where !order.isOver { cancel(order.ticket, at: index, because: .replaced) }
            return
        }
        if trades[index].exitReason.isEmpty { trades[index].exitReason = "dust" }
        let pair = trades[index].pair
        closedProfit = closedProfit.adding(trades[index].cashFlow) ?? closedProfit
        // freqtrade locks a pair until its candle is over.
        locks[pair] = settings.rules.timeframe.floor(now).advanced(byMilliseconds: settings.rules.timeframe.milliseconds)
        slotFreed = true
        forget(index, .closed, at: time)
    }

    private mutating func drop(_ index: Int) { forget(index, .dropped, at: now) }

    private mutating func forget(_ index: Int, _ state: TradeReport.State, at time: Timestamp) {
        let trade = trades.remove(at: index)
        dirtyTrades.removeAll { $0 == trade.number }
        endRecords.append(record(of: trade, state: state))
        jobIsDirty = true
        out.append(.trade(trade.report(state, at: time)))
    }
}
