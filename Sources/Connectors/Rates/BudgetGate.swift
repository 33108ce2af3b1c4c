package import Exchange
package import Market
import Synchronization

/// What all clients of one venue under one address share: its budgets and its clock. Every request passes here before it is sent.
package actor BudgetGate {
    private var budget: RateBudget
    /// Beside the actor: an order asks for the time several times, and each turn at the actor is a step of its own.
    private nonisolated let venueClock = Mutex((clock: VenueClock(), isDoubted: false))
    private let time: any ConnectorClock
    private let usage: @Sendable (WebResponse) -> [BudgetUsage]

    package init(_ venue: any MarketDataVenue, clock: any ConnectorClock, settings: RateBudget.Settings = RateBudget.Settings()) {
        budget = RateBudget(venue.budgetLimits, settings: settings)
        time = clock
        usage = { venue.usage(in: $0) }
    }

    /// Waits until the charges fit, at most `patience`; they are booked then. Answers the uptime at which they were.
    package func enter(
        _ charges: [BudgetCharge], isCancel: Bool = false, patience: Duration
    ) async throws(VenueError) -> Duration {
        let end = time.now().uptime + patience
        while true {
            let reading = time.now()
            let now = venueTime(reading)
            switch budget.admit(charges, isCancel: isCancel, now: now) {
            case .now: return reading.uptime
            case .never(let name):
                throw VenueError(
                    .rateLimited, .permanent, code: "budget", message: "one request costs more than the budget \(name) ever has")
            case .wait(let until):
                let wait = Duration.milliseconds(min(until.milliseconds - now.milliseconds, 86_400_000))
                guard reading.uptime + wait <= end, !Task.isCancelled else { throw Self.noRoom(charges, wait) }
                await time.sleep(until: reading.uptime + wait)
            }
        }
    }

    private static func noRoom(_ charges: [BudgetCharge], _ wait: Duration) -> VenueError {
        let names = charges.map(\.budget).joined(separator: ", ")
        return VenueError(
            .rateLimited, .retryable(after: wait), code: "budget",
            message: "nothing was sent: the budgets (\(names)) have no room for \(wait.wholeMilliseconds) ms")
    }

    /// Takes an answer's headers, and what it says about too many requests.
    package func answered(
        _ response: WebResponse, error: VenueError?, charges: [BudgetCharge], isCancel: Bool, sent: Duration
    ) {
        let reading = time.now()
        let now = venueTime(reading)
        let sentAt = now.advanced(byMilliseconds: -(reading.uptime - sent).wholeMilliseconds)
        budget.correct(usage(response), sent: sentAt, now: now)
        guard let error, error.kind == .rateLimited || error.kind == .banned else { return budget.answered() }
        var wait: Duration?
        if case .retryable(let after) = error.handling { wait = after }
        if error.kind == .banned || [403, 418, 429].contains(response.status) {
            budget.refused(isBan: error.kind == .banned || response.status == 418, retryAfter: wait, now: now)
        } else {
            budget.exhausted(charges, isCancel: isCancel, now: now)
        }
    }

    package func adopt(_ limits: [BudgetLimit]) { budget.adopt(limits) }

    /// An answer with the venue's time.
    package nonisolated func add(_ time: Timestamp, sent: Duration, received: Duration) {
        venueClock.withLock { state in
            if state.isDoubted { state.clock.forget() }
            state.isDoubted = false
            state.clock.add(time, sent: sent, received: received)
        }
    }

    /// The next answer with the venue's time replaces all that is known of its clock.
    nonisolated func doubtClock() { venueClock.withLock { $0.isDoubted = true } }

    /// The venue's time as well as it is known: before the first answer the wall clock's.
    package nonisolated func venueNow() -> Timestamp { venueTime(time.now()) }

    private nonisolated func venueTime(_ reading: ClockReading) -> Timestamp {
        venueClock.withLock { $0.clock.now(uptime: reading.uptime) } ?? reading.wall
    }

    /// The venue's clock less our wall clock, and how far that may be off; nil before the first answer.
    package nonisolated func clockOffset() -> (offset: Duration, uncertainty: Duration)? {
        let reading = time.now()
        let clock = venueClock.withLock { $0.clock }
        guard let offset = clock.offset(reading), let uncertainty = clock.uncertainty(uptime: reading.uptime) else { return nil }
        return (offset, uncertainty)
    }

    /// Why the wall clock cannot be used with this venue.
    package nonisolated func skew(limit: Duration) -> ClockSkew? {
        venueClock.withLock { $0.clock }.skew(time.now(), limit: limit)
    }

    /// Used and allowed milliunits of each budget that was drawn on.
    package func state() -> [(name: String, used: Int, limit: Int)] { budget.state(now: venueTime(time.now())) }

    package func knows(_ budgetName: String) -> Bool { budget.knows(budgetName) }
}
