import Market
import Trading

extension Simulation {
    /// Whether a candle trades at `price`; orders fill fully and only then.
    @inline(__always)
    func fills(_ price: Double, _ pair: Int, _ slot: Int) -> Bool {
        let row = slot + columns[pair].shift
        return columns[pair].low[row] <= price && price <= columns[pair].high[row]
    }

    func context(_ pair: Int, _ slot: Int, isShort: Bool) -> CallbackContext {
        CallbackContext(
            pair: pairs[pair].frame.pair, time: Timestamp(milliseconds: time(slot)),
            openPrice: columns[pair].open[slot + columns[pair].shift], isShort: isShort)
    }

    /// Gives up or re-prices the order that waits. A trade whose first entry goes is dropped.
    mutating func manageWaitingOrder(_ pair: Int, _ slot: Int) {
        guard let order = trades[pair].pending else { return }
        let now = time(slot)
        let timeout = order.isEntry ? settings.unfilledTimeout.entry : settings.unfilledTimeout.exit
        if order.placed <= now - timeout {
            trades[pair].pending = nil
            if order.isEntry {
                counters.timedoutEntryOrders += 1
                if trades[pair].entryCount == 0 { drop(pair) }
            } else {
                counters.timedoutExitOrders += 1
            }
        } else if now > order.placed {
            reprice(order, pair, slot)
        }
    }

    private mutating func reprice(_ order: TradeOrder, _ pair: Int, _ slot: Int) {
        let wanted = callbacks.adjustedPrice(
            context(pair, slot, isShort: trades[pair].isShort), isEntry: order.isEntry, current: order.price)
        if wanted == order.price { return }
        trades[pair].pending = nil
        noteChange()
        if order.isEntry { counters.canceledEntryOrders += 1 }
        if let wanted, wanted > 0, wanted.isFinite {
            if order.isEntry {
                replaceEntry(order, at: wanted, pair, slot)
                counters.replacedEntryOrders += 1
            } else {
                _ = placeExit(pair, slot, price: wanted, amount: order.amount, tag: order.tag)
            }
        }
        guard order.isEntry, trades[pair].pending == nil, trades[pair].entryCount == 0 else { return }
        counters.canceledTradeEntries += 1
        drop(pair)
    }

    /// Fills the waiting entry order where the candle reaches its price.
    mutating func fillEntryIfReached(_ pair: Int, _ slot: Int) {
        guard let order = trades[pair].pending, order.isEntry, fills(order.price, pair, slot) else { return }
        trades[pair].fillEntry(order, at: time(slot))
        noteChange()
    }

    /// Places an exit order in place of any other that waits; false where an equal one waits already.
    mutating func placeExit(_ pair: Int, _ slot: Int, price: Double, amount: Double, tag: OrderTag) -> Bool {
        let rate = trades[pair].priceRule.nearest(price)
        let size = trades[pair].amountRule.truncated(amount == 0 ? trades[pair].amount : amount)
        if let waiting = trades[pair].pending {
            if !waiting.isEntry, waiting.price == rate, waiting.amount == size { return false }
            if waiting.isEntry { counters.canceledEntryOrders += 1 }
        }
        trades[pair].pending = TradeOrder(
            isEntry: false, amount: size, price: rate, cost: size * rate * (1 + fee), placed: time(slot), tag: tag)
        return true
    }

    /// Fills the waiting exit order where the candle reaches its price, and closes the trade.
    mutating func fillExitIfReached(_ pair: Int, _ slot: Int) {
        guard let order = trades[pair].pending, !order.isEntry, fills(order.price, pair, slot) else { return }
        trades[pair].fill(order, at: time(slot))
        noteChange()
        if order.amount == trades[pair].amount {
            close(pair, rate: order.price, at: time(slot))
        } else {
            trades[pair].recalculate()
        }
    }

    private mutating func close(_ pair: Int, rate: Double, at time: Int64) {
        trades[pair].recalculate(isClosing: true)
        closedProfit += trades[pair].profit
        closed.append(record(pair, closeRate: rate, closeTime: time))
        drop(pair)
    }

    /// Forgets the open trade of `pair`.
    mutating func drop(_ pair: Int) {
        (trades + pair).deinitialize(count: 1)
        isOpen[pair] = false
        noteChange()
        var index = 0
        while order[index] != pair { index += 1 }
        openCount -= 1
        while index < openCount {
            order[index] = order[index + 1]
            index += 1
        }
    }

    /// Closes what is open at the open of each pair's last row. An order that does not fill there leaves its trade open.
    mutating func closeAll() {
        // Pairs in the order in which the loop met them first.
        let met = (0..<pairs.count).sorted { (columns[$0].slots.lowerBound, $0) < (columns[$1].slots.lowerBound, $1) }
        for pair in met where isOpen[pair] {
            guard trades[pair].hasPosition, !(trades[pair].pending != nil && trades[pair].entryCount == 0) else {
                drop(pair)
                continue
            }
            let slot = columns[pair].slots.upperBound - 1
            let price = columns[pair].open[slot + columns[pair].shift]
            trades[pair].exitTag = .reason(.forceExit)
            _ = placeExit(pair, slot, price: price, amount: trades[pair].amount, tag: .reason(.forceExit))
            fillExitIfReached(pair, slot)
        }
    }
}
