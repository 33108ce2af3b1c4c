// An order takes from the other side of the book: best price first, at each price the oldest first.

extension MatchingEngine {
    /// Fills as much as there is. The result says why the order must not go on; `.none`: it may rest, or it is filled.
    mutating func take(_ slot: Int) -> EndReason {
        let order = records[slot].order
        let index = Int(order.instrument.rawValue)
        while records[slot].remaining > 0 {
            guard let level = order.side == .buy ? markets[index].asks.best : markets[index].bids.best,
                crosses(order, level.price)
            else { return .none }
            let maker = Int(level.head)
            if order.selfTrade != .none, records[maker].order.account == order.account {
                if order.selfTrade != .expireTaker { remove(maker, .expired, .selfTrade) }
                if order.selfTrade != .expireMaker { return .selfTrade }
                continue
            }
            let wanted = min(records[slot].remaining, records[maker].remaining)
            let quantity = order.kind.hasLimit ? wanted : affordable(slot, wanted, level.price)
            guard quantity > 0 else { return order.quoteQuantity > 0 ? .none : .insufficientBalance }
            trade(taker: slot, maker: maker, price: level.price, quantity: quantity)
        }
        return .none
    }

    /// How much of a quantity a market order's quote amount and its owner's money pay for.
    private func affordable(_ slot: Int, _ wanted: Int64, _ price: Int64) -> Int64 {
        let order = records[slot].order
        let rules = markets[Int(order.instrument.rawValue)].rules
        var result = wanted
        if order.quoteQuantity > 0 {
            result = min(result, Self.lots(order.quoteQuantity - order.quoteFilled, rules.notional(price: price, quantity: 1)))
        }
        if order.side == .buy, !isHouse(order.account) {
            result = min(result, Self.lots(ledger[order.account, rules.quote].free, rules.costPerLot(price: price)))
        }
        return result
    }

    private mutating func trade(taker: Int, maker: Int, price: Int64, quantity: Int64) {
        let order = records[taker].order
        let index = Int(order.instrument.rawValue)
        lastTrade += 1
        let makerID = records[maker].order.id
        let isBuy = order.side == .buy
        let trade = Trade(
            id: TradeID(lastTrade), instrument: order.instrument, price: price, quantity: quantity,
            notional: markets[index].rules.notional(price: price, quantity: quantity), time: now, takerSide: order.side,
            buyOrder: isBuy ? order.id : makerID, sellOrder: isBuy ? makerID : order.id)
        remember(trade, index)
        settle(maker, trade, isMaker: true, index)
        settle(taker, trade, isMaker: false, index)
        leaveBook(maker, quantity)
    }

    private mutating func remember(_ trade: Trade, _ index: Int) {
        markets[index].lastTrade = trade
        markets[index].tradedLow = min(markets[index].tradedLow, trade.price)
        markets[index].tradedHigh = max(markets[index].tradedHigh, trade.price)
        markets[index].trades.append(trade)
        trades.append(trade)
    }

    /// Moves one side's money and counts the fill.
    private mutating func settle(_ slot: Int, _ trade: Trade, isMaker: Bool, _ index: Int) {
        let rules = markets[index].rules
        let order = records[slot].order
        let rate = isMaker ? rules.fees.maker : rules.fees.taker
        let lots = Int128(trade.quantity)
        let bound = records[slot].lockPerLot * lots
        let base = lots * Int128(rules.lotValue)
        let isBuy = order.side == .buy
        let isFeeInQuote = !isBuy || rules.fees.paidIn == .quote
        let fee = rules.fees.fee(on: isFeeInQuote ? trade.notional : base, rate: rate)
        if isBuy {
            ledger[order.account, rules.quote].locked -= bound
            ledger[order.account, rules.quote].free += bound - trade.notional - (isFeeInQuote ? fee : 0)
            ledger[order.account, rules.base].free += base - (isFeeInQuote ? 0 : fee)
        } else {
            ledger[order.account, rules.base].locked -= bound
            ledger[order.account, rules.base].free += bound - base
            ledger[order.account, rules.quote].free += trade.notional - fee
        }
        let feeAsset = isFeeInQuote ? rules.quote : rules.base
        if fee > 0 { ledger[.fees, feeAsset].free += fee }
        count(slot, trade, isMaker: isMaker, fee, feeAsset)
    }

    private mutating func count(_ slot: Int, _ trade: Trade, isMaker: Bool, _ fee: Int128, _ feeAsset: AssetID) {
        records[slot].order.filled += trade.quantity
        records[slot].order.quoteFilled += trade.notional
        records[slot].order.fees += fee
        records[slot].order.updatedAt = now
        if !isMaker { records[slot].remaining -= trade.quantity }
        let order = records[slot].order
        let isQuoteSpent =
            order.quoteQuantity > 0 && order.quoteQuantity - order.quoteFilled < trade.notional / Int128(trade.quantity)
        if isQuoteSpent { records[slot].remaining = 0 }
        let left = isMaker ? records[slot].remaining - trade.quantity : records[slot].remaining
        records[slot].order.status = left == 0 ? .filled : .partiallyFilled
        if isQuoteSpent { records[slot].order.quantity = order.filled }
        let fill = Fill(
            trade: trade.id, order: order.id, instrument: order.instrument, side: order.side, isMaker: isMaker,
            price: trade.price,
            quantity: trade.quantity, notional: trade.notional, fee: fee, feeAsset: feeAsset, time: now)
        accounts[Int(order.account.rawValue)].fills.append(fill)
        report(.trade(fill), slot)
        if !isMaker, left == 0 { finishFilled(slot) }
    }

    /// The maker's part in the book gets smaller or goes; the other order of its list expires.
    private mutating func leaveBook(_ maker: Int, _ quantity: Int64) {
        records[maker].order.status = .partiallyFilled
        shrinkInQueue(maker, by: quantity)
        loneLeg(maker)
        guard records[maker].remaining == 0 else { return }
        leaveQueue(maker)
        records[maker].order.status = .filled
        finishFilled(maker)
    }

    private mutating func finishFilled(_ slot: Int) {
        end(slot, .filled, .none)
        settleList(of: slot, .filled, .none)
    }
}
