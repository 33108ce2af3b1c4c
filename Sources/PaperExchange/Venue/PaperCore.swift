package import Exchange

/// A paper venue with its protocol and its clients: takes requests and messages, leaves answers and messages to send. Pure.
package struct PaperCore: Sendable {
    /// What the shell does with a request.
    package struct Answer: Sendable {
        package var reply: Reply
        /// Milliseconds of real time to wait before it.
        package var delay: Int64
        package enum Reply: Sendable {
            case response(WebResponse)
            case cut
            case silence
        }
    }

    /// What the shell does with the streams.
    package enum StreamAction: Sendable {
        case send(SessionID, [UInt8])
        /// Closed with this code; nil: cut without a word.
        case close(SessionID, code: UInt16?)
    }

    package var venue: PaperVenue
    package private(set) var dialect: any PaperDialect
    private var nextSession: UInt64 = 1
    private var sessions: Set<SessionID> = []
    private var late: [SessionID: [UInt8]] = [:]
    private var actions: [StreamAction] = []
    private var requests: Int64 = 0

    package init(_ venue: PaperVenue, _ dialect: any PaperDialect) {
        self.venue = venue
        self.dialect = dialect
    }

    /// How many requests came in so far.
    package var requestCount: Int64 { requests }
    package var sessionCount: Int { sessions.count }

    package mutating func respond(to request: WebRequest, peer: String, now: Int64) -> Answer {
        requests += 1
        venue.advance(to: now)
        let fate = venue.faults.fate(of: dialect.target(of: request), at: now)
        if fate.isCutBefore { return Answer(reply: .cut, delay: fate.delay) }
        if let refusal = fate.refusal {
            return Answer(reply: .response(dialect.failure(refusal, venue: venue)), delay: fate.delay)
        }
        var response = dialect.respond(to: request, peer: peer, venue: &venue)
        publish(depth: false)
        if fate.isCutAfter { return Answer(reply: .cut, delay: fate.delay) }
        if fate.isSilent { return Answer(reply: .silence, delay: fate.delay) }
        if fate.isBackendTimeout { response = dialect.failure(.backendTimeout, venue: venue) }
        if fate.isGarbage { response.body = Array(response.body.prefix(response.body.count / 2)) + [0xFF, 0xFE] }
        return Answer(reply: .response(response), delay: fate.delay)
    }

    /// What a client that wants to open a stream is answered with instead; nil: it may try. An outage is one of streams, too.
    package mutating func refusal(toOpen request: WebRequest, now: Int64) -> WebResponse? {
        venue.advance(to: now)
        guard venue.faults.strikes(at: now, { $0 == .outage }) else { return nil }
        return dialect.failure(.outage, venue: venue)
    }

    /// Opens a stream; nil: the request is refused.
    package mutating func open(_ request: WebRequest, peer: String, now: Int64) -> SessionID? {
        venue.advance(to: now)
        let session = SessionID(nextSession)
        guard let greeting = dialect.open(session, request, peer: peer, venue: &venue) else { return nil }
        nextSession += 1
        sessions.insert(session)
        for message in greeting { take(message) }
        return session
    }

    package mutating func receive(_ message: [UInt8], from session: SessionID, now: Int64) {
        guard sessions.contains(session) else { return }
        venue.advance(to: now)
        for answer in dialect.receive(message, from: session, venue: &venue) { take(answer) }
        publish(depth: false)
    }

    package mutating func close(_ session: SessionID) {
        guard sessions.remove(session) != nil else { return }
        late[session] = nil
        dialect.close(session)
    }

    /// To be called about every 100 ms.
    package mutating func tick(now: Int64) {
        venue.advance(to: now)
        publish(depth: true)
        for message in dialect.tick(venue: &venue) { take(message) }
        let cut = venue.faults.strikes(at: now) { $0 == .disconnectStreams }
        if cut {
            for session in sessions.sorted(by: { $0.rawValue < $1.rawValue }) {
                actions.append(.close(session, code: nil))
                close(session)
            }
        }
    }

    /// What there is to send, in order.
    package mutating func drainActions() -> [StreamAction] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    private mutating func publish(depth: Bool) {
        var events = venue.drainEvents(depth: depth)
        guard !events.isEmpty else { return }
        if depth { dropBookChanges(&events) }
        for message in dialect.publish(events, venue: &venue) { take(message) }
    }

    /// A book gap: the change is gone, its numbers are used up.
    private mutating func dropBookChanges(_ events: inout [PaperEvent]) {
        guard events.contains(where: { if case .depth = $0 { true } else { false } }) else { return }
        guard venue.faults.strikes(at: venue.now, { $0 == .bookGap }) else { return }
        events.removeAll { if case .depth = $0 { true } else { false } }
    }

    private mutating func take(_ message: StreamMessage) {
        guard sessions.contains(message.session) else { return }
        let fate = message.isData ? venue.faults.streamFate(at: venue.now) : .sent
        switch fate {
        case .lost: break
        case .sent: send(message.text, to: message.session)
        case .twice:
            send(message.text, to: message.session)
            send(message.text, to: message.session)
        case .late:
            if let before = late.updateValue(message.text, forKey: message.session) {
                actions.append(.send(message.session, before))
            }
        }
        if let code = message.closeCode {
            actions.append(.close(message.session, code: code))
            close(message.session)
        }
    }

    /// A message, and after it the one that was held back.
    private mutating func send(_ text: [UInt8], to session: SessionID) {
        actions.append(.send(session, text))
        if let held = late.removeValue(forKey: session) { actions.append(.send(session, held)) }
    }
}
