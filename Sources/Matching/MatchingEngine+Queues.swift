// Where an open order waits: in the book, or among the stops.

extension MatchingEngine {
    /// Into the book, behind those of its price.
    mutating func rest(_ slot: Int) {
        let order = records[slot].order
        let index = Int(order.instrument.rawValue)
        let quantity = records[slot].remaining
        if order.side == .buy {
            markets[index].bids.append(Int32(slot), price: order.price, quantity: quantity, &records)
        } else {
            markets[index].asks.append(Int32(slot), price: order.price, quantity: quantity, &records)
        }
        markets[index].changes.note(order.side, order.price)
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
        let order = records[slot].order
        let index = Int(order.instrument.rawValue)
        let quantity = records[slot].remaining
        guard order.isWorking else {
            if Market.waitsForRise(order.kind, order.side) {
                markets[index].rising.remove(Int32(slot), quantity: quantity, &records)
            } else {
                markets[index].falling.remove(Int32(slot), quantity: quantity, &records)
            }
            return
        }
        if order.side == .buy {
            markets[index].bids.remove(Int32(slot), quantity: quantity, &records)
        } else {
            markets[index].asks.remove(Int32(slot), quantity: quantity, &records)
        }
        markets[index].changes.note(order.side, order.price)
    }

    /// A resting or waiting order gets smaller and keeps its place.
    mutating func shrinkInQueue(_ slot: Int, by quantity: Int64) {
        let order = records[slot].order
        let index = Int(order.instrument.rawValue)
        switch (order.isWorking, order.side) {
        case (true, .buy): markets[index].bids.reduce(Int32(slot), by: quantity, records)
        case (true, .sell): markets[index].asks.reduce(Int32(slot), by: quantity, records)
        case (false, _):
            if Market.waitsForRise(order.kind, order.side) {
                markets[index].rising.reduce(Int32(slot), by: quantity, records)
            } else {
                markets[index].falling.reduce(Int32(slot), by: quantity, records)
            }
        }
        records[slot].remaining -= quantity
        if order.isWorking { markets[index].changes.note(order.side, order.price) }
    }
}
