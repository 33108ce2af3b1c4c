package import Exchange
package import Market
import Money

/// What a journal adds up to: all orders of a job with their fills.
///
/// A live manager changes it by the very records that it writes, so that a replay of the journal gives the same ledger.
package struct OrderLedger: Hashable, Sendable {
    /// A record that does not fit what came before it. Nothing was changed by it.
    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case unknownOrder(OrderTicket)
        case duplicate(OrderTicket)
        case refused(OrderTicket, OrderStatus.TransitionError)
        case arithmetic(OrderTicket)

        package var description: String {
            switch self {
            case .unknownOrder(let ticket): "order \(ticket) is not in the journal"
            case .duplicate(let ticket): "order \(ticket) is in the journal twice"
            case .refused(let ticket, let error): "order \(ticket): \(error)"
            case .arithmetic(let ticket): "order \(ticket) has a fill that cannot be added up"
            }
        }
    }

    /// Tickets from here on are of adopted orders: those of the loop fit into 32 bits.
    static let adoptedBase: UInt64 = 1 << 32

    package private(set) var orders: [OrderTicket: OrderState] = [:]
    package private(set) var cursors: [Pair: String] = [:]
    package private(set) var balances: [Balance] = []
    package private(set) var reconciledAt: Timestamp?
    /// The lowest ticket that was never used.
    package private(set) var nextTicket = OrderTicket(1)
    private(set) var nextAdopted = OrderTicket(adoptedBase)
    private var clientIDs: [ClientOrderID: OrderTicket] = [:]
    private var venueIDs: [VenueKey: OrderTicket] = [:]
    private var trades: Set<TradeKey> = []

    /// Venue order ids and trade ids are unique per symbol only (Binance).
    struct VenueKey: Hashable {
        var pair: Pair
        var id: VenueOrderID
    }

    struct TradeKey: Hashable {
        var pair: Pair
        var id: String
    }

    package init() {}

    package func ticket(of id: ClientOrderID) -> OrderTicket? { clientIDs[id] }
    package func ticket(of id: VenueOrderID, _ pair: Pair) -> OrderTicket? { venueIDs[VenueKey(pair: pair, id: id)] }
    func knows(trade id: String, _ pair: Pair) -> Bool { trades.contains(TradeKey(pair: pair, id: id)) }

    package mutating func apply(_ record: JournalRecord) throws(Fault) {
        switch record {
        case .intended(let order): try insert(order, isAdopted: false)
        case .adopted(let order): try insert(order, isAdopted: true)
        case .sent(let ticket, _): try change(ticket) { order throws(Fault) in try order.move(.sent) }
        case .outcome(let outcome): try change(outcome.ticket) { order throws(Fault) in try order.take(outcome) }
        case .fill(let ticket, let fill):
            guard let pair = orders[ticket]?.request.pair else { throw .unknownOrder(ticket) }
            guard !knows(trade: fill.tradeID, pair) else { return }
            try change(ticket) { order throws(Fault) in try order.take(fill) }
            trades.insert(TradeKey(pair: pair, id: fill.tradeID))
        case .cancelRequested(let ticket, _): try change(ticket) { order throws(Fault) in order.wantsCancel = true }
        case .reconciled(let mark):
            for cursor in mark.cursors { cursors[cursor.pair] = cursor.tradeID }
            balances = mark.balances
            reconciledAt = mark.time
        case .note: break
        }
    }

    private mutating func insert(_ order: IntendedOrder, isAdopted: Bool) throws(Fault) {
        let ticket = order.request.ticket
        guard orders[ticket] == nil, clientIDs[order.clientOrderID] == nil else { throw .duplicate(ticket) }
        orders[ticket] = OrderState(order, isAdopted: isAdopted)
        clientIDs[order.clientOrderID] = ticket
        if ticket.number >= Self.adoptedBase {
            nextAdopted = OrderTicket(max(nextAdopted.number, ticket.number &+ 1))
        } else {
            raiseTickets(above: ticket)
        }
    }

    /// An id with this ticket was seen: none up to it is used again.
    mutating func raiseTickets(above ticket: OrderTicket) {
        nextTicket = OrderTicket(max(nextTicket.number, ticket.number &+ 1))
    }

    private mutating func change(_ ticket: OrderTicket, _ body: (inout OrderState) throws(Fault) -> Void) throws(Fault) {
        guard var order = orders[ticket] else { throw .unknownOrder(ticket) }
        try body(&order)
        orders[ticket] = order
        if let id = order.venueOrderID { venueIDs[VenueKey(pair: order.request.pair, id: id)] = ticket }
    }
}
