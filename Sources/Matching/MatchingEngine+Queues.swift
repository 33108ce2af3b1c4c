// Where an open order waits: in the book, or among the stops.

extension MatchingEngine {
    /// Into the book, behind those of its price.
    mutating func rest(_ slot: Int) {
        let (side, price) = (records[slot].order.side, records[slot].order.price)
        let index = Int(records[slot].order.instrument.rawValue)
        let quantity = records[slot].remaining
        if side == .buy {
            markets[index].bids.append(Int32(slot), price: price, quantity: quantity, &records)
        } else {
            markets[index].asks.append(Int32(slot), price: price, quantity: quantity, &records)
        }
        markets[index].changes.note(side, price)
    }

    /// Among the stops, behind those of its trigger price.
    mutating func wait(_ slot: Int) {
        let order = records[slot].order
        let index = Int(order.instrument.rawValue)
        let quantity = records[slot].remaining
        if Market.waitsForRise(order.kind, order.side) {
            markets[index].rising.append(Int32(slot), price: order.triggerPrice, quantity: quantity, &records)
        } else {
            markets[index].falling.append(Int32(slot), price: order.triggerPrice, quantity: quantity, &records)
        }
    }

    /// Out of wherever it waits; nothing where it takes just now.
    mutating func leaveQueue(_ slot: Int) {
        guard records[slot].level >= 0 else { return }
        let (side, price) = (records[slot].order.side, records[slot].order.price)
        let index = Int(records[slot].order.instrument.rawValue)
        let quantity = records[slot].remaining
        guard records[slot].order.isWorking else {
            if Market.waitsForRise(records[slot].order.kind, side) {
                markets[index].rising.remove(Int32(slot), quantity: quantity, &records)
            } else {
                markets[index].falling.remove(Int32(slot), quantity: quantity, &records)
            }
            return
        }
        if side == .buy {
            markets[index].bids.remove(Int32(slot), quantity: quantity, &records)
        } else {
            markets[index].asks.remove(Int32(slot), quantity: quantity, &records)
        }
        markets[index].changes.note(side, price)
    }

    /// A resting or waiting order gets smaller and keeps its place.
    mutating func shrinkInQueue(_ slot: Int, by quantity: Int64) {
        let (side, isWorking) = (records[slot].order.side, records[slot].order.isWorking)
        let index = Int(records[slot].order.instrument.rawValue)
        let level = records[slot].level
        switch (isWorking, side) {
        case (true, .buy): markets[index].bids.reduce(level, by: quantity)
        case (true, .sell): markets[index].asks.reduce(level, by: quantity)
        case (false, _):
            if Market.waitsForRise(records[slot].order.kind, side) {
                markets[index].rising.reduce(level, by: quantity)
            } else {
                markets[index].falling.reduce(level, by: quantity)
            }
        }
        records[slot].remaining -= quantity
        if isWorking { markets[index].changes.note(side, records[slot].order.price) }
    }
}
