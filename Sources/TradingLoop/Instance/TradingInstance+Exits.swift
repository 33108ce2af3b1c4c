import Backtesting
import Exchange
package import Market
import Money
package import Orders
import Strategies

/// Closing trades.
extension TradingInstance {
    /// Moves the stop with the current exit rate, then tries exit signal, stop, ROI and trailing stop in this order, as backtests do.
    mutating func checkExit(_ number: TradeNumber) {
        guard let index = index(of: number), let rules = pairRules[trades[index].pair], trades[index].hasFilledEntry,
            let price = markets[trades[index].pair]?.rate(isEntry: false, settings.exitPricing, rules)
        else { return }
        let rate = price.approximation
        if trades[index].rules.look(at: rate, settings.rules) { touch(index) }
        guard mayReduce, trades[index].plan == nil, now >= trades[index].retryAt,
            !trades[index].orders.contains(where: { $0.isEntry && !$0.isOver })
        else { return moveStopAtVenue(number) }
        for reason in exitReasons(trades[index], rate) where tryExit(index, reason) { return }
        moveStopAtVenue(number)
    }

    private struct ExitReason {
        var kind: ExitKind
        var text: String
    }

    private func exitReasons(_ trade: LiveTrade, _ rate: Double) -> [ExitReason] {
        let rules = settings.rules
        let signal = currentSignal(trade.pair)
        var reasons: [ExitReason] = []
        if rules.useExitSignal, let signal, signal.exits,
            !rules.exitProfitOnly || trade.rules.profit(at: rate, isAbove: rules.exitProfitOffset)
        {
            reasons.append(
                ExitReason(kind: .exitSignal, text: signal.exitTag.isEmpty ? ExitKind.exitSignal.rawValue : signal.exitTag))
        }
        let stopHit = trade.rules.stop >= rate && (settings.checksStopBesideVenue || !hasStopAtVenue(trade))
        if stopHit, !trade.rules.isTrailing { reasons.append(ExitReason(kind: .stopLoss, text: ExitKind.stopLoss.rawValue)) }
        let enters = signal?.flags.contains(.enterLong) ?? false
        if !(enters && rules.ignoreROIIfEntrySignal), let target = roi.ratio(after: trade.rules.minutes(at: now)),
            trade.rules.profit(at: rate, isAbove: target)
        {
            reasons.append(ExitReason(kind: .roi, text: ExitKind.roi.rawValue))
        }
        if stopHit, trade.rules.isTrailing {
            reasons.append(ExitReason(kind: .trailingStopLoss, text: ExitKind.trailingStopLoss.rawValue))
        }
        return reasons
    }

    /// Plans an exit unless this reason led to the order that waits already, or that order is the same. True: the exit is under way.
    private mutating func tryExit(_ index: Int, _ reason: ExitReason) -> Bool {
        let trade = trades[index]
        let candle = settings.rules.timeframe.floor(now)
        let waiting = trade.working
        if waiting != nil, trade.seenReasons[reason.text] == candle { return false }
        let isStop = reason.kind == .stopLoss || reason.kind == .trailingStopLoss
        let type = isStop ? settings.orderTypes.stoploss : settings.rules.exitOrderType
        guard let (price, quantity) = exitTerms(trade, isMarket: type == .market) else { return false }
        if let waiting, waiting.price == price, waiting.quantity.subtracting(waiting.filled) == quantity { return false }
        trades[index].seenReasons = trade.seenReasons.filter { $0.value == candle }
        trades[index].seenReasons[reason.text] = candle
        trades[index].plan = ExitPlan(reason: reason.text, purpose: .exit, isMarket: type == .market)
        touch(index)
        advance(trade.number)
        return true
    }

    /// Price and quantity of an order that sells all that is held; nil: no price, or the venue takes nothing so small.
    private func exitTerms(_ trade: LiveTrade, isMarket: Bool) -> (Price, Quantity)? {
        guard let rules = pairRules[trade.pair],
            let rate = markets[trade.pair]?.rate(isEntry: false, settings.exitPricing, rules),
            let price = rate.rounded(toMultipleOf: rules.traded.priceTick, .nearest), price.isPositive,
            let amount = sellable(trade), let quantity = rules.orderable(amount, at: price, isMarket: isMarket)
        else { return nil }
        return (price, quantity)
    }

    /// What of the position the account has: all of it, or the wallet's amount where that is within 2 % (freqtrade); nil: less.
    private func sellable(_ trade: LiveTrade) -> Amount? {
        let held = trade.held
        // A wallet that was heard before the last fill tells nothing about it.
        guard let heard = balances.heardAt, trade.orders.allSatisfy({ $0.changedAt <= heard }) else { return held }
        let total = balances.total(trade.pair.base)
        if total >= held { return held }
        return ExactDecimal(total) > ExactDecimal(held) * ExactDecimal(98, scale: 2) ? total : nil
    }

    // MARK: - Plans

    /// Goes on with what a trade waits for: the exit that was decided, or else its protective stop.
    mutating func advance(_ number: TradeNumber) {
        guard let index = index(of: number) else { return }
        askAgain(index)
        if isSpent(trades[index]) { return close(index, at: now) }
        guard let plan = trades[index].plan else { return ensureStopAtVenue(number) }
        guard mayReduce || plan.purpose == .flatten else { return }
        for order in trades[index].orders where !order.isOver { cancel(order.ticket, at: index, because: .replaced) }
        guard !trades[index].hasWorking, now >= trades[index].retryAt else { return }
        execute(plan, index)
    }

    /// Whether nothing is left of a position, nor under way.
    private func isSpent(_ trade: LiveTrade) -> Bool {
        guard trade.hasFilledEntry, !trade.hasWorking, let rules = pairRules[trade.pair] else { return false }
        return rules.isDust(trade.held, rate: trade.rules.openRate)
    }

    private mutating func execute(_ plan: ExitPlan, _ index: Int) {
        let trade = trades[index]
        guard let rules = pairRules[trade.pair] else { return }
        guard let (price, quantity) = exitTerms(trade, isMarket: plan.isMarket) else { return tellNoExit(trade, rules) }
        trades[index].plan = nil
        let rule = settings.exitTimeInForce
        let kind: OrderKind = plan.isMarket ? .market : rule == .postOnly ? .postOnly(price) : .limit(price)
        place(
            LoopOrder(
                ticket: takeTicket(), purpose: plan.purpose, quantity: quantity, price: price, trigger: nil,
                isMarket: plan.isMarket, placed: now, tag: plan.reason),
            kind, plan.isMarket ? .goodTilCanceled : rule.timeInForce, at: index)
        report(
            .exitPlaced, trade.pair, trade.number,
            "sells \(quantity) at \(plan.isMarket ? "the market, about " : "")\(price): \(plan.reason)")
    }

    private mutating func tellNoExit(_ trade: LiveTrade, _ rules: PairRules) {
        if sellable(trade) == nil {
            let total = balances.total(trade.pair.base)
            tell(
                .notEnoughToExit, trade.pair, trade.number, "it holds \(trade.held) \(trade.pair.base), the account only \(total)"
            )
        } else if markets[trade.pair]?.rate(isEntry: false, settings.exitPricing, rules) == nil {
            tell(.noPrice, trade.pair, trade.number, "its market is not known yet")
        } else {
            tell(.belowMinimum, trade.pair, trade.number, "\(trade.held) \(trade.pair.base) is worth less than the venue takes")
        }
    }

    /// Sells all that is left as `order_types.emergency_exit` says.
    mutating func planEmergency(_ index: Int) {
        trades[index].plan = ExitPlan(
            reason: "emergency_exit", purpose: .emergencyExit, isMarket: settings.orderTypes.emergencyExit == .market)
        touch(index)
    }

    // MARK: - By command

    /// Which trades a command is about.
    package enum TradeChoice: Hashable, Sendable { case all, one(TradeNumber) }

    /// Closes trades now: orders that wait are canceled first, entries included. `isMarket` nil: as `order_types.force_exit` says.
    package mutating func forceExit(_ choice: TradeChoice, isMarket: Bool? = nil, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        let type = settings.orderTypes.forceExit ?? settings.rules.exitOrderType
        closeBy(
            ExitPlan(reason: ExitKind.forceExit.rawValue, purpose: .forceExit, isMarket: isMarket ?? (type == .market)), choice)
        return end()
    }

    /// The halt procedure's way out, allowed while the gate is halted: everything is canceled, then sold at the market.
    package mutating func flatten(_ choice: TradeChoice, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        closeBy(ExitPlan(reason: "flatten", purpose: .flatten, isMarket: true), choice)
        return end()
    }

    private mutating func closeBy(_ plan: ExitPlan, _ choice: TradeChoice) {
        for number in trades.map(\.number) where choice == .all || choice == .one(number) {
            guard let index = index(of: number) else { continue }
            trades[index].plan = plan
            trades[index].retryAt = Timestamp(milliseconds: 0)
            touch(index)
            advance(number)
        }
    }
}
