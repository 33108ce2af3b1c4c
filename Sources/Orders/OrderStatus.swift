/// What we know of one of our orders. The texts stand in journals and on the wire.
package enum OrderStatus: String, Hashable, Sendable, CaseIterable {
    /// Decided, not in the journal yet or not handed to the network.
    case intended
    /// Handed to the network; no answer yet.
    case submitted
    /// The answer is lost: the venue may have it or not. It is looked up, never sent again.
    case unknown
    /// At the venue, nothing filled: in the book, or a stop that waits for its trigger.
    case open
    case partiallyFilled = "partially_filled"
    case filled
    case canceled
    case expired
    /// Refused by the venue.
    case rejected
    /// Refused by us: risk, gate, lease. It never left this process.
    case denied
    /// It was looked up until its end had passed, and the venue never had it.
    case notPlaced = "not_placed"

    /// Whether nothing more can happen to it.
    package var isFinal: Bool {
        switch self {
        case .intended, .submitted, .unknown, .open, .partiallyFilled: false
        case .filled, .canceled, .expired, .rejected, .denied, .notPlaced: true
        }
    }

    /// Whether it may be filled at the venue, as far as we know.
    package var isWorking: Bool { !isFinal && self != .intended }
}
