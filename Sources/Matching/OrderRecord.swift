/// An order in the engine's pool, with its links. Links are places in the pool; `OrderRecord.nowhere` is none.
struct OrderRecord: Sendable {
    static let nowhere: Int32 = -1

    var order: Order
    /// Lots that may still be filled. Of a market order by quote amount: what the rules allow at most.
    var remaining: Int64
    /// Units of the paying asset that are locked for each remaining lot.
    var lockPerLot: Int128
    /// Neighbours in the queue of the price level; `next` of a free place: the next free place.
    var previous = nowhere
    var next = nowhere
    /// The price level that holds the order.
    var level = nowhere
    /// Neighbours among the account's open orders, or in its history.
    var accountPrevious = nowhere
    var accountNext = nowhere
}

/// Doubly linked order of an account's orders, oldest first.
struct OrderChain: Sendable {
    private(set) var head = OrderRecord.nowhere
    private(set) var tail = OrderRecord.nowhere
    private(set) var count = 0

    mutating func append(_ slot: Int32, _ records: inout [OrderRecord]) {
        records[Int(slot)].accountPrevious = tail
        records[Int(slot)].accountNext = OrderRecord.nowhere
        if tail >= 0 { records[Int(tail)].accountNext = slot } else { head = slot }
        tail = slot
        count += 1
    }

    mutating func remove(_ slot: Int32, _ records: inout [OrderRecord]) {
        let (before, after) = (records[Int(slot)].accountPrevious, records[Int(slot)].accountNext)
        if before >= 0 { records[Int(before)].accountNext = after } else { head = after }
        if after >= 0 { records[Int(after)].accountPrevious = before } else { tail = before }
        count -= 1
    }
}
