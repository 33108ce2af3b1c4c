// Stops wait for the last price to reach their trigger price, and then become market or limit orders.

extension MatchingEngine {
    /// Carries out all stops that the trades since the last call have triggered, one after the other, also those that the trades of
    /// these trigger: first those that waited for a rise, lowest trigger price first, then those for a fall, highest first; at one
    /// price the oldest first.
    mutating func runTriggers(_ index: Int) {
        while markets[index].tradedLow <= markets[index].tradedHigh {
            if let level = markets[index].rising.best, level.price <= markets[index].tradedHigh {
                trigger(Int(level.head))
            } else if let level = markets[index].falling.best, level.price >= markets[index].tradedLow {
                trigger(Int(level.head))
            } else {
                markets[index].tradedLow = .max
                markets[index].tradedHigh = .min
            }
        }
    }

    private mutating func trigger(_ slot: Int) {
        leaveQueue(slot)
        records[slot].order.isTriggered = true
        records[slot].order.updatedAt = now
        loneLeg(slot)
        let order = records[slot].order
        relock(slot, lockPerLot(order, markets[Int(order.instrument.rawValue)].rules))
        report(.triggered, slot)
        execute(slot)
    }

    /// Changes what an order locks for each remaining lot.
    mutating func relock(_ slot: Int, _ lockPerLot: Int128) {
        let record = records[slot]
        guard record.lockPerLot != lockPerLot else { return }
        ledger.lock(
            (lockPerLot - record.lockPerLot) * Int128(record.remaining), record.order.account, payingAsset(record.order))
        records[slot].lockPerLot = lockPerLot
    }
}
