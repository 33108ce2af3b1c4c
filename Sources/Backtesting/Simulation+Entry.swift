import Market
import Money
import Strategies
import Trading

extension Simulation {
    /// What open trades tie up, summed in the order of opening.
    var tied: Double {
        var sum = 0.0
        for index in 0..<openCount { sum += trades[order[index]].stake }
        return sum
    }

    /// Profits of closed trades and of partial exits of open ones.
    var profit: Double {
        var realized = 0.0
        for index in 0..<openCount { realized += trades[order[index]].realizedProfit }
        return closedProfit + realized
    }

    /// Opens a trade at the open of the candle, if there is enough stake for one.
    mutating func enter(_ pair: Int, _ slot: Int, isShort: Bool) {
        let row = slot + columns[pair].shift
        let open = columns[pair].open[row]
        let (tick, rule) = pricing(pair, slot)
        let asked = context(pair, slot, isShort: isShort)
        let price = entryPrice(asked, pair, row, rule)
        guard price > 0, open > 0 else { return }
        let tied = tied
        let free = WalletRules<Double>.free(start: settings.dryRunWallet, profit: profit, tied: tied)
        let available = wallet.available(free: free, tied: tied, closedProfit: closedProfit)
        guard let wanted = wallet.nextStake(available: available, tied: tied) else { return }
        let leverage = settings.tradingMode == .spot ? 1 : max(callbacks.leverage(asked), 1)
        let limits = StakeLimits<Double>(
            instrument: pairs[pair].frame.instrument, price: price, leverage: leverage,
            amountReserve: settings.amountReservePercent, lossReserve: 0.05)
        guard let stake = WalletRules.limited(wanted, limits: limits, available: available), stake >= limits.minimum
        else { return }
        let amount = columns[pair].amountRule.truncated(stake / price * leverage)
        guard isOrderable(amount, price) else { return }
        lastID += 1
        let tag = enterTag(pair, row)
        let trade = OpenTrade(
            id: lastID, pair: pair, isShort: isShort, leverage: leverage, openTime: time(slot), enterTag: tag, fee: fee,
            money: money, priceRule: tick.map { StepRule(mode: .tickSize, value: $0) } ?? rule,
            amountRule: columns[pair].amountRule, amountRequested: amount, trail: trail,
            stake: amount * price / leverage, openRate: price)
        (trades + pair).initialize(to: trade)
        isOpen[pair] = true
        order[openCount] = pair
        openCount += 1
        trades[pair].startStop(from: price, ratio: settings.stoploss)
        placeEntry(pair, slot, amount: amount, price: price, tag: tag)
        fillEntryIfReached(pair, slot)
        noteChange()
    }

    /// Whether an order of this size can be counted with: a stake far beyond a coin's price has no finite amount.
    private func isOrderable(_ amount: Double, _ price: Double) -> Bool {
        amount > 0 && (amount * price * (1 + fee)).isFinite
    }

    /// The tick that the candles show at this time, and the rule that counts for prices then.
    private func pricing(_ pair: Int, _ slot: Int) -> (tick: Double?, rule: StepRule) {
        let tick = pairs[pair].frame.priceTicks.tick(at: Timestamp(milliseconds: time(slot)))
        return (tick, tick.map { StepRule(mode: .tickSize, value: $0) } ?? columns[pair].priceRule)
    }

    /// The open, or the callback's price on a tick; never beyond the candle, where it would fill at once in reality.
    private func entryPrice(_ asked: CallbackContext, _ pair: Int, _ row: Int, _ rule: StepRule) -> Double {
        let open = columns[pair].open[row]
        guard settings.entryOrderType == .limit else { return open }
        let wanted = callbacks.entryPrice(asked, proposed: open)
        let price = wanted == open || !wanted.isFinite ? open : rule.nearest(wanted)
        return asked.isShort ? max(price, columns[pair].low[row]) : min(price, columns[pair].high[row])
    }

    private func enterTag(_ pair: Int, _ row: Int) -> UInt16 {
        pairs[pair].signals.enterTags.isEmpty ? 0 : pairs[pair].signals.enterTags[row - 1]
    }

    private mutating func placeEntry(_ pair: Int, _ slot: Int, amount: Double, price: Double, tag: UInt16) {
        trades[pair].pending = TradeOrder(
            isEntry: true, amount: amount, price: price, cost: amount * price * (1 + fee), placed: time(slot), tag: .enter(tag))
    }

    /// Puts the rest of a canceled entry order at another price.
    mutating func replaceEntry(_ old: TradeOrder, at price: Double, _ pair: Int, _ slot: Int) {
        let leverage = trades[pair].leverage
        let limits = StakeLimits<Double>(
            instrument: pairs[pair].frame.instrument, price: columns[pair].open[slot + columns[pair].shift],
            leverage: leverage, amountReserve: settings.amountReservePercent, lossReserve: 0)
        let stake = old.amount * old.price / leverage
        guard stake >= limits.minimum else { return }
        let amount = columns[pair].amountRule.truncated(stake / price * leverage)
        guard isOrderable(amount, price) else { return }
        placeEntry(pair, slot, amount: amount, price: price, tag: enterTag(pair, slot + columns[pair].shift))
        fillEntryIfReached(pair, slot)
    }
}
