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
        let index = Int(records[taker].order.instrument.rawValue)
        let (takerID, makerID, side) = (records[taker].order.id, records[maker].order.id, records[taker].order.side)
        lastTrade += 1
        let trade = Trade(
            id: TradeID(lastTrade), number: (markets[index].lastTrade?.number ?? 0) + 1,
            instrument: records[taker].order.instrument, price: price, quantity: quantity,
            notional: markets[index].rules.notional(price: price, quantity: quantity), time: now, takerSide: side,
            buyOrder: side == .buy ? takerID : makerID, sellOrder: side == .buy ? makerID : takerID)
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
        let (base, quote) = (markets[index].rules.base, markets[index].rules.quote)
        let fees = markets[index].rules.fees
        let (account, isBuy) = (records[slot].order.account, records[slot].order.side == .buy)
        let bound = records[slot].lockPerLot * Int128(trade.quantity)
        let goods = Int128(trade.quantity) * Int128(markets[index].rules.lotValue)
        let isFeeInQuote = !isBuy || fees.paidIn == .quote
        let fee = fees.fee(on: isFeeInQuote ? trade.notional : goods, rate: isMaker ? fees.maker : fees.taker)
        if isBuy {
            ledger.pay(trade.notional + (isFeeInQuote ? fee : 0), bound: bound, account, quote)
            ledger[account, base].free += goods - (isFeeInQuote ? 0 : fee)
        } else {
            ledger.pay(goods, bound: bound, account, base)
            ledger[account, quote].free += trade.notional - fee
        }
        if fee > 0 { ledger[.fees, isFeeInQuote ? quote : base].free += fee }
        count(slot, trade, isMaker: isMaker, fee, isFeeInQuote ? quote : base)
    }

    private mutating func count(_ slot: Int, _ trade: Trade, isMaker: Bool, _ fee: Int128, _ feeAsset: AssetID) {
        records[slot].order.filled += trade.quantity
        records[slot].order.quoteFilled += trade.notional
        records[slot].order.fees += fee
        records[slot].order.updatedAt = now
        if !isMaker {
            records[slot].remaining -= trade.quantity
            endIfSpent(slot, trade)
        }
        let left = isMaker ? records[slot].remaining - trade.quantity : records[slot].remaining
        records[slot].order.status = left == 0 ? .filled : .partiallyFilled
        let fill = Fill(
            trade: trade.id, number: trade.number, order: records[slot].order.id, instrument: trade.instrument,
            side: records[slot].order.side, isMaker: isMaker, price: trade.price, quantity: trade.quantity,
            notional: trade.notional, fee: fee,
            feeAsset: feeAsset,
            time: now)
        accounts[Int(records[slot].order.account.rawValue)].fills.append(fill)
        report(.trade(fill), slot)
        if !isMaker, left == 0 { finishFilled(slot) }
    }

    /// An order by quote amount is filled once what is left of it buys no further lot at the price of its last trade.
    private mutating func endIfSpent(_ slot: Int, _ trade: Trade) {
        let amount = records[slot].order.quoteQuantity
        guard amount > 0 else { return }
        let each = markets[Int(trade.instrument.rawValue)].rules.notional(price: trade.price, quantity: 1)
        guard amount - records[slot].order.quoteFilled < each else { return }
        records[slot].remaining = 0
        records[slot].order.quantity = records[slot].order.filled
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
