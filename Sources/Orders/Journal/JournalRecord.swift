package import Exchange
package import Market
package import Money

/// One line of the journal of a job's orders. What the records say, in their order, is everything that is known of the orders after a crash.
package enum JournalRecord: Hashable, Sendable {
    /// Written before anything is sent. From here on the order may be at the venue.
    case intended(IntendedOrder)
    /// The order was handed to the network. Only for display: without it the order may be there all the same.
    case sent(OrderTicket, Timestamp)
    /// What became known of an order beside its fills.
    case outcome(OrderOutcome)
    case fill(OrderTicket, Fill)
    /// The order is to be canceled, however often that has to be tried.
    case cancelRequested(OrderTicket, Timestamp)
    /// Orders, fills and balances were read from the venue.
    case reconciled(ReconciliationMark)
    /// An order of ours was found at the venue that the journal did not know.
    case adopted(IntendedOrder)
    /// A record of the trading loop's own: nothing here looks into it.
    case note(kind: UInt16, [UInt8])
}

/// An order as it was decided.
package struct IntendedOrder: Hashable, Sendable {
    package var request: OrderRequest
    package var clientOrderID: ClientOrderID
    /// The last moment, in the venue's time, at which the venue takes it.
    package var deadline: Timestamp
    package var time: Timestamp

    package init(request: OrderRequest, clientOrderID: ClientOrderID, deadline: Timestamp, time: Timestamp) {
        self.request = request
        self.clientOrderID = clientOrderID
        self.deadline = deadline
        self.time = time
    }
}

/// What was heard about an order.
package struct OrderOutcome: Hashable, Sendable {
    package var ticket: OrderTicket
    package var event: OrderEvent
    package var venueOrderID: VenueOrderID?
    /// All that was filled, in the venue's words. What counts are the fills themselves: this says whether some are missing.
    package var filled: Quantity?
    package var reason: String?
    package var time: Timestamp

    package init(
        ticket: OrderTicket, event: OrderEvent, venueOrderID: VenueOrderID? = nil, filled: Quantity? = nil, reason: String? = nil,
        time: Timestamp
    ) {
        self.ticket = ticket
        self.event = event
        self.venueOrderID = venueOrderID
        self.filled = filled
        self.reason = reason
        self.time = time
    }
}

/// Up to where the venue's state was read.
package struct ReconciliationMark: Hashable, Sendable {
    /// The last trade of each pair up to which all fills are known, sorted by pair.
    package var cursors: [Cursor]
    package var balances: [Balance]
    package var time: Timestamp

    package struct Cursor: Hashable, Sendable {
        package var pair: Pair
        package var tradeID: String
        package init(pair: Pair, tradeID: String) {
            self.pair = pair
            self.tradeID = tradeID
        }
    }

    package init(cursors: [Cursor], balances: [Balance], time: Timestamp) {
        self.cursors = cursors
        self.balances = balances
        self.time = time
    }
}

/// Why a record cannot be read.
package enum JournalRecordError: Error, Hashable, Sendable, CustomStringConvertible {
    case newerVersion(found: Int, supported: Int)
    case unknownKind(Int, version: Int)
    case damaged(String)

    package var description: String {
        switch self {
        case .newerVersion(let found, let supported):
            "the journal record has version \(found), this program knows versions up to \(supported); "
                + "use the program that wrote it, or a newer one"
        case .unknownKind(let kind, let version):
            "the journal record of version \(version) is of kind \(kind), which this program does not know; "
                + "use the program that wrote it, or a newer one"
        case .damaged(let what): "the journal record is damaged: \(what)"
        }
    }
}
