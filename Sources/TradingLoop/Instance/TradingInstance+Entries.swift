import Backtesting
import Exchange
import Market
import Money
import Orders
import Strategies
import Trading

extension TradingInstance {
    /// Looks for entries in the order of the whitelist while slots are free.
    ///
    /// A pair whose candle is still under way keeps its turn: a slot is set aside for it until the next tick, so that the order in which
    /// candles come in over the network does not decide who is entered.
    mutating func considerEntries() {
        for pair in whitelist { markets[pair]?.awaitsPrice = false }
        guard let state = entryState else { return }
        var kept = 0
        for pair in whitelist where index(of: pair) == nil {
            if isAwaited(pair) {
                kept += 1
                continue
            }
            guard let signal = currentSignal(pair) else {
                tellOutdated(pair)
                continue
            }
            guard signal.enters, mayEnter(pair, signal) else { continue }
            switch state {
            case .open: break
            case .closed(let kind, let reason):
                tell(kind, pair, nil, reason)
                continue
            }
            if let limit = settings.rules.maxOpenTrades, trades.count + kept >= limit {
                if kept == 0 { tell(.noFreeSlot, pair, nil, "all \(limit) slots are taken (max_open_trades)") }
                continue
            }
            enter(pair, signal)
        }
    }

    private enum EntryState { case open, closed(Decision.Kind, String) }

    /// Nil: nothing is to be looked at, not even for the record.
    private var entryState: EntryState? {
        if isStopping || !isStarted { return nil }
        if gate != .active { return .closed(.gateClosed, "the order gate is \(gate.rawValue)") }
        if let reason = pauses.min() { return .closed(.entriesPaused, "entries are paused: \(reason)") }
        if balances.heardAt == nil { return .closed(.noWallet, "the account's balances are not known yet") }
        return .open
    }

    /// Whether the pair's newest candle ended moments ago and is not here yet.
    private func isAwaited(_ pair: Pair) -> Bool {
        guard let last = markets[pair]?.window.last else { return false }
        let timeframe = settings.rules.timeframe
        let current = timeframe.floor(now)
        guard now.milliseconds - current.milliseconds < settings.processThrottle else { return false }
        let newest = last.time.advanced(byMilliseconds: timeframe.milliseconds)
        return newest < current && current.milliseconds - newest.milliseconds <= timeframe.milliseconds
    }

    private mutating func tellOutdated(_ pair: Pair) {
        guard let signal = markets[pair]?.signal, signal.enters else { return }
        tell(.outdatedCandles, pair, nil, "the newest candle opened at \(signal.candle), too long ago to act on")
    }

    /// Locks, refusals and the age of the signal.
    private mutating func mayEnter(_ pair: Pair, _ signal: PairSignal) -> Bool {
        if let until = locks[pair], until > end(of: signal) {
            tell(.pairLocked, pair, nil, "it was left during this candle; entries are locked until \(until)")
            return false
        }
        if refusedEntries[pair] == signal.candle { return false }
        if let limit = settings.ignoreBuyingExpiredCandleAfter, now.milliseconds - end(of: signal).milliseconds > limit {
            tell(.expiredSignal, pair, nil, "the signal is older than ignore_buying_expired_candle_after")
            return false
        }
        return true
    }

    private mutating func enter(_ pair: Pair, _ signal: PairSignal) {
        guard let rules = pairRules[pair], let market = markets[pair] else { return }
        guard rules.traded.isTrading else { return tell(.notTradable, pair, nil, "the venue takes no orders for it now") }
        guard let rate = market.rate(isEntry: true, settings.entryPricing, rules),
            let price = rate.rounded(toMultipleOf: rules.traded.priceTick, .nearest), price.isPositive
        else {
            markets[pair]?.awaitsPrice = true
            return tell(.noPrice, pair, nil, "its market is not known yet")
        }
        guard let stake = stake(pair, rules, price) else { return }
        let isMarket = settings.rules.entryOrderType == .market
        let wanted = stake / ExactDecimal(price)
        guard let amount = wanted.amount(decimals: 18),
            let quantity = rules.orderable(amount, at: price, isMarket: isMarket)
        else {
            return tell(
                .stakeTooSmall, pair, nil, "a stake of \(stake.truncated(decimals: 8)) at \(price) is less than the venue takes")
        }
        open(pair, signal, rules, price, quantity, isMarket: isMarket)
    }

    /// freqtrade's stake within the limits of venue and wallet; nil: no trade, and told why.
    private mutating func stake(_ pair: Pair, _ rules: PairRules, _ price: Price) -> ExactDecimal? {
        let tied = trades.reduce(ExactDecimal.zero) { $0 + ExactDecimal($1.rules.stake) }
        let free = freeStake
        let available = wallet.available(free: free, tied: tied, closedProfit: ExactDecimal(closedProfit))
        guard let whole = wallet.nextStake(available: available, tied: tied), whole > .zero else {
            tell(
                .stakeUnavailable, pair, nil,
                "only \(available.truncated(decimals: 8)) \(settings.rules.stakeCurrency) is available")
            return nil
        }
        let room = rooms.map { ExactDecimal($0[pair] ?? .zero) } ?? whole
        let wanted = min(whole, room)
        guard wanted > .zero else {
            tell(.stakeUnavailable, pair, nil, "the account's risk limits leave nothing for it now")
            return nil
        }
        let limits = rules.limits(at: ExactDecimal(price), settings)
        guard let stake = WalletRules.limited(wanted, limits: limits, available: rooms == nil ? available : min(available, room))
        else {
            let least = limits.minimum.truncated(decimals: 8)
            tell(
                .stakeTooSmall, pair, nil,
                "a stake of \(wanted.truncated(decimals: 8)) is below the least of \(least), or too little is left")
            return nil
        }
        return stake
    }

    /// Free stake currency: what the venue said, less what our orders took since then.
    var freeStake: ExactDecimal {
        let currency = settings.rules.stakeCurrency
        var free = ExactDecimal(balances.free(currency))
        let (heard, knowsLocked) = (balances.heardAt ?? 0, balances.knowsLocked(currency))
        for order in trades.lazy.flatMap(\.orders) where order.isEntry {
            let spent = ExactDecimal(order.cost) + ExactDecimal(order.fee(in: currency))
            let left =
                order.isOver ? .zero : ExactDecimal(order.price) * (ExactDecimal(order.quantity) - ExactDecimal(order.filled))
            if order.changedAt > heard || !(order.isOver || order.isOpen) {
                free = free - spent - left
            } else if !knowsLocked {
                free = free - left
            }
        }
        return free
    }

    private mutating func open(
        _ pair: Pair, _ signal: PairSignal, _ rules: PairRules, _ price: Price, _ quantity: Quantity, isMarket: Bool
    ) {
        let number = TradeNumber(nextTrade)
        nextTrade += 1
        let rate = price.approximation
        let stake = Double(ExactDecimal(price) * ExactDecimal(quantity))
        var trade = LiveTrade(
            number: number, pair: pair, enterTag: signal.enterTag, opened: now,
            rules: OpenTrade(
                opened: now, fee: fee(rules), priceRule: rules.instrument.priceRule, amountRule: rules.instrument.amountRule,
                stake: stake, rate: rate, settings: settings.rules))
        trade.orders = []
        trades.append(trade)
        let rule = settings.entryTimeInForce
        let kind: OrderKind = isMarket ? .market : rule == .postOnly ? .postOnly(price) : .limit(price)
        place(
            LoopOrder(
                ticket: takeTicket(), purpose: .entry, quantity: quantity, price: price, trigger: nil, isMarket: isMarket,
                placed: now, tag: signal.enterTag),
            kind, isMarket ? .goodTilCanceled : rule.timeInForce, at: trades.count - 1)
        report(
            .entryPlaced, pair, number,
            "buys \(quantity) at \(isMarket ? "the market, about " : "")\(price) on the candle of \(signal.candle)")
    }

    /// The fee that decisions count with until one was paid.
    func fee(_ rules: PairRules) -> Double {
        settings.rules.fee ?? rules.instrument.makerFee ?? rules.instrument.takerFee ?? 0
    }
}

extension TradingSettings.TimeInForceRule {
    var timeInForce: TimeInForce {
        switch self {
        case .goodTilCanceled, .postOnly: .goodTilCanceled
        case .fillOrKill: .fillOrKill
        case .immediateOrCancel: .immediateOrCancel
        }
    }
}
