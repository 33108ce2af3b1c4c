package import Exchange
package import Market

/// Sends signed requests of one account.
///
/// Waits for the budgets, signs right before the write, and repeats only what changes nothing at the venue. A request that may have
/// been done although no answer came ends in an error with `outcomeUnknown`: `lookUp` says what became of it; it is never sent again.
/// Where the venue refuses a request for its time or nonce, it did nothing: the venue's clock is asked for its time, and the request
/// signed and sent once more.
package final class TradingClient: Sendable {
    /// Asked after the signature is made and right before each write; an error keeps the request from being sent.
    package typealias Permit = @Sendable (_ changesState: Bool, _ isCancel: Bool) -> VenueError?

    package let venue: any TradingVenue
    package let address: VenueAddress
    package let gate: BudgetGate
    let credentials: Credentials
    package let clock: any ConnectorClock
    let dialer: any WebSocketDialer
    private let nonces: NonceKeeper
    private let permit: Permit
    private let turnstile = Turnstile()
    private let repair: ClockRepair
    let sender: RequestSender

    /// Throws where these credentials cannot be right at this venue; nothing was sent then. `synchronize` asks for the venue's time
    /// (`MarketDataClient.synchronizeClock`); without it a refused time or nonce is the end of the request. `report` is told of it.
    package init(
        _ venue: any TradingVenue, at address: VenueAddress, credentials: Credentials, client: any WebClient,
        dialer: any WebSocketDialer, clock: any ConnectorClock, gate: BudgetGate, nonces: NonceKeeper,
        settings: ClientSettings = ClientSettings(), synchronize: ClockRepair.Synchronize? = nil,
        report: @escaping ClockRepair.Report = { _ in }, permit: @escaping Permit = { _, _ in nil }
    ) throws(VenueError) {
        if let problem = VenueGuard.problem(of: credentials, at: address.id) { throw problem }
        if let problem = venue.problem(of: credentials) {
            throw VenueError(.authentication, .fatal, code: "credentials", message: problem)
        }
        self.venue = venue
        self.address = address
        self.credentials = credentials
        self.gate = gate
        self.clock = clock
        self.dialer = dialer
        self.nonces = nonces
        self.permit = permit
        repair = ClockRepair(address.id, gate: gate, synchronize: synchronize, report: report)
        sender = RequestSender(client: client, origin: address.rest, gate: gate, clock: clock, settings: settings)
    }

    /// What a signature made now needs from outside.
    func moment() async throws(VenueError) -> SigningMoment {
        let now = gate.venueNow()
        // A wall clock that was set back must not make nonces that the venue has seen.
        let latest = max(clock.now().wall.milliseconds, now.milliseconds, 0)
        // A venue that takes requests in any order wants no nonces.
        let nonce = venue.requestsAreOrdered ? try await nonces.next(wallMicroseconds: UInt64(latest) &* 1000) : 0
        return SigningMoment(now: now, nonce: nonce)
    }

    /// One signed call; repeated only where it changes nothing, or where the venue refused its time or nonce.
    package func call<Answer: Sendable>(_ call: SignedCall<Answer>) async throws(VenueError) -> Answer {
        let mark = repair.mark
        do {
            return try await attempts(call)
        } catch {
            guard error.isClockRefusal, await repair.mend(after: error, since: mark) else { throw error }
        }
        do {
            return try await attempts(call)
        } catch {
            throw error.isClockRefusal ? error.afterSynchronizing : error
        }
    }

    /// A message of the user stream was refused for its time: the next one is signed with a better one.
    func mendClock(after refusal: VenueError) async { _ = await repair.mend(after: refusal, since: repair.mark) }

    private func attempts<Answer: Sendable>(_ call: SignedCall<Answer>) async throws(VenueError) -> Answer {
        guard !call.changesState else { return try await once(call) }
        return try await sender.retrying { () async throws(VenueError) -> Answer in try await once(call) }
    }

    private func once<Answer: Sendable>(_ call: SignedCall<Answer>) async throws(VenueError) -> Answer {
        guard venue.requestsAreOrdered else { return try await write(call) }
        await turnstile.enter()
        do {
            let answer = try await write(call)
            await turnstile.leave()
            return answer
        } catch {
            await turnstile.leave()
            throw error
        }
    }

    private func write<Answer: Sendable>(_ call: SignedCall<Answer>) async throws(VenueError) -> Answer {
        try await sender.send(
            charges: call.charges, isCancel: call.isCancel, changesState: call.changesState, decode: call.decode
        ) { () async throws(VenueError) -> WebRequest in
            let request = try venue.sign(call.draft, with: credentials, at: try await moment())
            if let refusal = permit(call.changesState, call.isCancel) { throw refusal }
            return request
        }
    }

    func notSupported(_ what: String) -> VenueError {
        VenueError(.notSupported, .permanent, code: "not-supported", message: "\(address.id) has no \(what)")
    }
}

// MARK: - Calls

extension TradingClient {
    package func balances() async throws(VenueError) -> [Balance] { try await call(venue.balances()) }

    /// Nil where the venue does not tell.
    package func accountRights() async throws(VenueError) -> AccountRights? {
        guard let rights = venue.accountRights() else { return nil }
        return try await call(rights)
    }

    /// Places an order. An error with `outcomeUnknown` means that it may be there.
    package func place(_ order: OrderIntent, _ instrument: TradedInstrument) async throws(VenueError) -> OrderReport {
        try await call(try venue.place(order, instrument, at: gate.venueNow()))
    }

    package func place(_ oco: OCOIntent, _ instrument: TradedInstrument) async throws(VenueError) -> [OrderReport] {
        guard let placing = venue.place(oco, instrument) else { throw notSupported("one-cancels-other orders") }
        return try await call(placing)
    }

    /// Has the venue check an order without placing it.
    package func validate(_ order: OrderIntent, _ instrument: TradedInstrument) async throws(VenueError) {
        try await call(try venue.validate(order, instrument, at: gate.venueNow()))
    }

    package func cancel(
        _ order: OrderReference, _ instrument: TradedInstrument, age: Duration? = nil
    ) async throws(VenueError) -> OrderReport? {
        try await call(venue.cancel(order, instrument, age: age))
    }

    package func cancelAll(_ instrument: TradedInstrument?) async throws(VenueError) -> Int? {
        guard let cancel = venue.cancelAll(instrument) else { throw notSupported("cancel-all for this scope") }
        return try await call(cancel)
    }

    /// The order, open or ended: in the first of the venue's lists that has it.
    package func order(_ order: OrderReference, _ instrument: TradedInstrument) async throws(VenueError) -> OrderReport {
        let lookups = venue.orderLookups(order, instrument)
        for lookup in lookups.dropLast() {
            do {
                return try await call(lookup)
            } catch {
                guard error.kind == .orderNotFound else { throw error }
            }
        }
        return try await call(lookups.last ?? venue.order(order, instrument))
    }

    package func openOrders(_ instrument: TradedInstrument?) async throws(VenueError) -> [OrderReport] {
        try await call(venue.openOrders(instrument))
    }

    /// One page of fills after this trade, oldest first.
    package func fills(
        _ instrument: TradedInstrument?, after tradeID: String? = nil, from: Timestamp? = nil
    ) async throws(VenueError) -> [Fill] {
        try await call(venue.fills(instrument, after: tradeID, from: from))
    }

    /// Whether the venue has a dead-man timer for all orders of an account.
    package var hasAccountTimer: Bool { venue.deadManTimer(.seconds(60), nil) != nil }

    /// Has the venue cancel everything unless this is renewed within `timeout`; zero switches it off.
    package func deadManTimer(_ timeout: Duration, _ instrument: TradedInstrument?) async throws(VenueError) {
        guard let timer = venue.deadManTimer(timeout, instrument) else { throw notSupported("dead-man timer") }
        try await call(timer)
    }
}
