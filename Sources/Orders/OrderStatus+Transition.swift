/// What happens to an order of ours. The texts stand in journals.
package enum OrderEvent: String, CaseIterable, Hashable, Sendable {
    /// It was handed to the network.
    case sent
    /// It surely never left this process, although it was to.
    case notSent = "not_sent"
    /// The venue has it: in the book, waiting for its trigger, or under way inside.
    case opened
    /// A part was filled.
    case partlyFilled = "partly_filled"
    case filled
    case canceled
    case expired
    /// The venue refused it.
    case rejected
    /// We refused it: risk, gate, lease, limits.
    case denied
    /// It was sent, and no answer will come any more.
    case outcomeLost = "outcome_lost"
    /// It was looked up after its end, and the venue does not have it.
    case provedAbsent = "proved_absent"

    /// Whether the venue says by it that the order came to an end at the venue.
    package var isVenueEnd: Bool { self == .filled || self == .canceled || self == .expired || self == .rejected }
}

extension OrderStatus {
    /// An event that contradicts what was known. Nothing is changed by it; the order is looked up.
    package struct TransitionError: Error, Hashable, Sendable, CustomStringConvertible {
        package var status: OrderStatus
        package var event: OrderEvent
        package var description: String { "an order that is \(status.rawValue) cannot take the event '\(event.rawValue)'" }
    }

    /// The status after an event. Total, and the only place that says what may follow what.
    ///
    /// Reports come late, twice and out of order, so that most events of an order that has ended leave it as it is. An end never becomes
    /// a working status again. One end may become another where the venue's word corrects ours: `filled` outdoes every other, and what
    /// we held for not placed, denied or rejected may turn out to have been at the venue after all.
    package func transition(on event: OrderEvent) -> Result<OrderStatus, TransitionError> {
        switch self {
        case .intended, .submitted, .unknown: beforeAnswer(event)
        case .open, .partiallyFilled: atVenue(event)
        case .filled, .canceled, .expired: ended(event)
        case .rejected, .denied, .notPlaced: neverThere(event)
        }
    }

    private func refuse(_ event: OrderEvent) -> Result<OrderStatus, TransitionError> {
        .failure(TransitionError(status: self, event: event))
    }

    /// Nothing was heard from the venue yet.
    private func beforeAnswer(_ event: OrderEvent) -> Result<OrderStatus, TransitionError> {
        switch event {
        case .sent: .success(self == .intended ? .submitted : self)
        case .notSent, .denied: .success(.denied)
        case .opened: .success(.open)
        case .partlyFilled: .success(.partiallyFilled)
        case .filled: .success(.filled)
        case .canceled: .success(.canceled)
        case .expired: .success(.expired)
        case .rejected: .success(.rejected)
        case .outcomeLost: .success(.unknown)
        // Only what was looked up is absent.
        case .provedAbsent: self == .unknown ? .success(.notPlaced) : refuse(event)
        }
    }

    private func atVenue(_ event: OrderEvent) -> Result<OrderStatus, TransitionError> {
        switch event {
        // Late: the venue's report was faster than our own marks.
        case .sent, .outcomeLost, .opened, .provedAbsent: .success(self)
        case .partlyFilled: .success(.partiallyFilled)
        case .filled: .success(.filled)
        case .canceled: .success(.canceled)
        case .expired: .success(.expired)
        // What was filled before stays filled, so that the rest was canceled rather than all of it refused.
        case .rejected: .success(self == .open ? .rejected : .canceled)
        case .notSent, .denied: refuse(event)
        }
    }

    private func ended(_ event: OrderEvent) -> Result<OrderStatus, TransitionError> {
        switch event {
        case .filled: .success(.filled)
        case .sent, .outcomeLost, .opened, .partlyFilled, .canceled, .expired, .provedAbsent: .success(self)
        case .rejected: self == .filled ? refuse(event) : .success(self)
        case .notSent, .denied: refuse(event)
        }
    }

    /// We took it for never having been at the venue.
    private func neverThere(_ event: OrderEvent) -> Result<OrderStatus, TransitionError> {
        switch event {
        case .filled: .success(.filled)
        case .canceled: .success(.canceled)
        case .expired: .success(.expired)
        case .rejected: .success(self == .notPlaced ? .rejected : self)
        // It is there after all: it stays ended for the trading loop, and is canceled.
        case .opened, .partlyFilled: .success(self)
        case .sent, .notSent, .denied, .outcomeLost, .provedAbsent: .success(self)
        }
    }

    /// The whole transition function as a Markdown table: a row per status, a column per event, a dash where the event is refused.
    /// `docs/orders.md` holds this text and a test compares the two.
    package static func transitionTable() -> String {
        let head = "| status | " + OrderEvent.allCases.map(\.rawValue).joined(separator: " | ") + " |"
        let rule = "|" + String(repeating: "---|", count: OrderEvent.allCases.count + 1)
        let rows = allCases.map { status in
            let cells = OrderEvent.allCases.map { event in
                switch status.transition(on: event) {
                case .success(let next): next.rawValue
                case .failure: "-"
                }
            }
            return "| **\(status.rawValue)** | " + cells.joined(separator: " | ") + " |"
        }
        return ([head, rule] + rows).joined(separator: "\n") + "\n"
    }
}
