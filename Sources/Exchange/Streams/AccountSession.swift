/// Keeps the stream of one's own orders and balances alive: token, connection, subscription, renewal; after each connection what was
/// missed is read over REST before the stream is `ready` again.
///
/// Pure: a shell carries out the directives and signs; `now` is the uptime.
package struct AccountSession: Sendable {
    package typealias ConnectionID = Int

    package enum Directive: Hashable, Sendable {
        /// Ask for a token after this wait, then call `token` or `failed`.
        case fetchToken(ConnectionID, after: Duration)
        /// Connect after this wait with that token, then call `opened` or `failed`.
        case connect(ConnectionID, token: String?, after: Duration)
        /// Make the messages that subscribe, signed at the moment of sending; the first has this number. Call `subscribing` with how many
        /// were sent.
        case subscribe(ConnectionID, token: String?, firstID: Int64)
        case renewToken(String)
        case ping(ConnectionID)
        case close(ConnectionID)
        /// Read open orders, fills since the last known one and balances over REST, pass them on, then call `reconciled`, or
        /// `reconcileFailed`.
        case reconcile(Int, after: Duration)
        case emit(AccountStreamEvent)
    }

    package struct Settings: Hashable, Sendable {
        package var usesToken = false
        /// How often the token is renewed; nil: never.
        package var renewal: Duration?
        package var silenceLimit = Duration.seconds(60)
        package var connectDeadline = Duration.seconds(15)
        package var answerDeadline = Duration.seconds(10)
        package var reconcileDeadline = Duration.seconds(60)
        package var maximumAge = Duration.seconds(23 * 3600)
        package var bufferLimit = 10_000
        package var reconnect = ReconnectPolicy.Settings()

        package init() {}
    }

    private enum Phase {
        case idle
        case token(deadline: Duration)
        case connecting(deadline: Duration)
        case subscribing(deadline: Duration, left: Set<Int64>?)
        case reconciling(Int, deadline: Duration)
        case ready
    }

    private let settings: Settings
    private var policy: ReconnectPolicy
    private var phase = Phase.idle
    private var connection: ConnectionID = 0
    private var token: String?
    private var openedAt = Duration.zero
    private var lastHeard = Duration.zero
    private var pinged = false
    private var renewAt: Duration?
    private var nextRequest: Int64 = 1
    /// Attempts at a connection since the stream was ready last.
    private var attempts = 0
    private var reconciliations = 0
    private var reconcileFailures = 0
    /// The first reconciliation of this connection.
    private var firstReconciliation = 0
    private var buffer: [AccountEvent] = []
    private var seen: RecentFills
    private var answeredEarly: Set<Int64> = []

    package private(set) var unreadableMessages = 0
    package private(set) var lostConnections = 0

    /// `symbol` makes one of the names that a venue gives an instrument: Kraken's streams and its REST answers differ.
    package init(settings: Settings, symbol: @escaping @Sendable (String) -> String = { $0 }) {
        self.settings = settings
        seen = RecentFills(symbol: symbol)
        policy = ReconnectPolicy(settings.reconnect)
    }

    package var isReady: Bool { if case .ready = phase { true } else { false } }
    private var isOpen: Bool {
        switch phase {
        case .subscribing, .reconciling, .ready: true
        case .idle, .token, .connecting: false
        }
    }
}

/// What a consumer of the user stream gets.
package enum AccountStreamEvent: Hashable, Sendable {
    /// In order; a fill once.
    case account(AccountEvent)
    /// Something may be missing from here on, until `ready`.
    case lost(String)
    /// What was missed has been read and passed on.
    case ready
    /// The venue refused the subscription for good: rights or credentials.
    case refused(VenueError)
    case unreadable(VenueError)
}

// MARK: - The way up

extension AccountSession {
    package mutating func start(now: Duration, random: UInt64) -> [Directive] {
        guard case .idle = phase else { return [] }
        return begin(now: now, random: random)
    }

    package mutating func stop() -> [Directive] {
        let id = connection
        connection += 1
        phase = .idle
        renewAt = nil
        return [.close(id)]
    }

    private mutating func begin(now: Duration, random: UInt64) -> [Directive] {
        let wait = policy.attempt(now: now, random: random)
        connection += 1
        token = nil
        renewAt = nil
        buffer = []
        answeredEarly = []
        attempts += 1
        if settings.usesToken {
            // It is asked for over REST, where it may wait for the budget; the shell tells in any case what became of it.
            phase = .token(deadline: now + wait + patient(settings.reconcileDeadline))
            return [.fetchToken(connection, after: wait)]
        }
        phase = .connecting(deadline: now + wait + settings.connectDeadline)
        return [.connect(connection, token: nil, after: wait)]
    }

    /// Each attempt is given longer than the one before: what takes its time, and begins anew each time, would else never come to its end.
    private func patient(_ deadline: Duration) -> Duration { deadline * (1 << min(max(attempts - 1, 0), 4)) }

    package mutating func token(_ text: String, for id: ConnectionID, now: Duration) -> [Directive] {
        guard id == connection, case .token = phase else { return [] }
        token = text
        renewAt = settings.renewal.map { now + $0 }
        phase = .connecting(deadline: now + settings.connectDeadline)
        return [.connect(id, token: text, after: .zero)]
    }

    package mutating func opened(_ id: ConnectionID, now: Duration) -> [Directive] {
        guard id == connection, case .connecting = phase else { return [] }
        policy.connected(now: now)
        openedAt = now
        lastHeard = now
        pinged = false
        // Signing may have to ask for the venue's time first.
        phase = .subscribing(deadline: now + patient(settings.answerDeadline), left: nil)
        return [.subscribe(id, token: token, firstID: nextRequest)]
    }

    /// So many messages that subscribe were sent; none where the path of the connection subscribes already.
    package mutating func subscribing(_ id: ConnectionID, messages: Int, now: Duration) -> [Directive] {
        guard id == connection, case .subscribing(let deadline, nil) = phase else { return [] }
        let ids = nextRequest..<(nextRequest + Int64(max(messages, 0)))
        nextRequest = ids.upperBound
        phase = .subscribing(deadline: deadline, left: Set(ids).subtracting(answeredEarly))
        return subscribed(now: now)
    }

    private mutating func subscribed(now: Duration) -> [Directive] {
        guard case .subscribing(_, let left?) = phase, left.isEmpty else { return [] }
        firstReconciliation = reconciliations + 1
        return reconcile(after: .zero, now: now)
    }

    private mutating func reconcile(after wait: Duration, now: Duration) -> [Directive] {
        reconciliations += 1
        // Each is given longer than the one before: what takes its time would else never come to its end.
        let patience = settings.reconcileDeadline * (1 << min(reconciliations - firstReconciliation, 6))
        phase = .reconciling(reconciliations, deadline: now + wait + patience)
        return [.reconcile(reconciliations, after: wait)]
    }

    /// Those of the fills that were not told yet.
    package func untold(_ fills: [Fill]) -> [Fill] { fills.filter { !seen.contains($0) } }

    /// Everything that was missed has been passed on; these fills were among it. A reading that was given up and is late counts as well: it
    /// was begun after the subscription, too.
    package mutating func reconciled(_ number: Int, fills: [Fill]) -> [Directive] {
        guard case .reconciling(let newest, _) = phase, (firstReconciliation...newest).contains(number) else { return [] }
        reconcileFailures = 0
        attempts = 0
        for fill in fills { _ = seen.insert(fill) }
        phase = .ready
        let kept = buffer
        buffer = []
        return [.emit(.ready)] + kept.flatMap { pass($0) }
    }

    package mutating func reconcileFailed(_ number: Int, now: Duration) -> [Directive] {
        guard case .reconciling(number, _) = phase else { return [] }
        reconcileFailures = min(reconcileFailures + 1, 10)
        return reconcile(after: min(.seconds(30), .milliseconds(500) * (1 << (reconcileFailures - 1))), now: now)
    }
}

// MARK: - Messages

extension AccountSession {
    package mutating func heard(_ id: ConnectionID, now: Duration) {
        guard id == connection else { return }
        lastHeard = now
        pinged = false
    }

    package mutating func received(_ id: ConnectionID, _ input: AccountInput, now: Duration, random: UInt64) -> [Directive] {
        guard id == connection, isOpen else { return [] }
        heard(id, now: now)
        switch input {
        case .heartbeat, .ignored: return []
        case .closingSoon: return lose("the venue announced the end of the connection", now: now, random: random)
        case .acknowledged(let request, let error): return acknowledged(request, error, now: now, random: random)
        case .events(let events): return events.flatMap { take($0, now: now, random: random) }
        }
    }

    private mutating func acknowledged(_ request: Int64?, _ error: VenueError?, now: Duration, random: UInt64) -> [Directive] {
        if let error {
            // The next token or a mended clock may help; the back-off bounds what it costs.
            return [.emit(.refused(error))] + lose(error.description, now: now, random: random)
        }
        guard case .subscribing(let deadline, let left) = phase else { return [] }
        guard var left else {
            // The answer was faster than our own account of what was sent.
            if let request, answeredEarly.count < 100 { answeredEarly.insert(request) }
            return []
        }
        if let request { left.remove(request) } else if let first = left.min() { left.remove(first) }
        phase = .subscribing(deadline: deadline, left: left)
        return subscribed(now: now)
    }

    private mutating func take(_ event: AccountEvent, now: Duration, random: UInt64) -> [Directive] {
        if case .ended(let reason) = event {
            return [.emit(.account(event))] + lose(reason, now: now, random: random)
        }
        guard !isReady else { return pass(event) }
        guard isOpen else { return [] }
        guard buffer.count < settings.bufferLimit else {
            return lose("too much was waiting for the reconciliation", now: now, random: random)
        }
        buffer.append(event)
        return []
    }

    private mutating func pass(_ event: AccountEvent) -> [Directive] {
        guard case .order(let report, let fill?) = event, !seen.insert(fill) else { return [.emit(.account(event))] }
        // The order's state counts still, its fill was told before.
        return [.emit(.account(.order(report, fill: nil)))]
    }

    package mutating func unreadable(_ id: ConnectionID, _ error: VenueError, now: Duration, random: UInt64) -> [Directive] {
        guard id == connection else { return [] }
        unreadableMessages += 1
        return [.emit(.unreadable(error))] + lose(error.description, now: now, random: random)
    }

    /// The token, the connection or the subscription failed, or the connection was lost.
    package mutating func failed(_ id: ConnectionID, reason: String, now: Duration, random: UInt64) -> [Directive] {
        guard id == connection else { return [] }
        if case .idle = phase { return [] }
        return lose(reason, now: now, random: random)
    }

    /// Renewal failed: the stream may end at any moment, so it is made anew.
    package mutating func renewalFailed(_ token: String, reason: String, now: Duration, random: UInt64) -> [Directive] {
        guard token == self.token else { return [] }
        return lose("the stream's token could not be renewed: \(reason)", now: now, random: random)
    }

    /// The consumer lost events: everything is read anew.
    package mutating func restart(_ reason: String, now: Duration, random: UInt64) -> [Directive] {
        if case .idle = phase { return [] }
        return lose(reason, now: now, random: random)
    }

    private mutating func lose(_ reason: String, now: Duration, random: UInt64) -> [Directive] {
        let wasReady = isReady
        lostConnections += 1
        policy.failed(now: now)
        let old = connection
        return (wasReady ? [.emit(.lost(reason))] : []) + [.close(old)] + begin(now: now, random: random)
    }
}

// MARK: - Time

extension AccountSession {
    package mutating func tick(now: Duration, random: UInt64) -> [Directive] {
        switch phase {
        case .idle: return []
        case .token(let deadline) where now >= deadline, .connecting(let deadline) where now >= deadline:
            return lose("no connection in time", now: now, random: random)
        case .subscribing(let deadline, _) where now >= deadline:
            return lose("the subscription was not answered in time", now: now, random: random)
        case .reconciling(let number, let deadline) where now >= deadline: return reconcileFailed(number, now: now)
        default: break
        }
        var directives: [Directive] = []
        guard isOpen else { return directives }
        if now >= lastHeard + settings.silenceLimit {
            return lose("nothing heard for \(settings.silenceLimit.wholeMilliseconds) ms", now: now, random: random)
        }
        if now >= openedAt + settings.maximumAge {
            return lose("the connection is as old as the venue allows", now: now, random: random)
        }
        if !pinged, now >= lastHeard + settings.silenceLimit / 2 {
            pinged = true
            directives.append(.ping(connection))
        }
        if let at = renewAt, let token, let renewal = settings.renewal, now >= at {
            renewAt = now + renewal
            directives.append(.renewToken(token))
        }
        return directives
    }

    package var nextDeadline: Duration? {
        var times: [Duration] = []
        switch phase {
        case .idle: return nil
        case .token(let deadline), .connecting(let deadline), .subscribing(let deadline, _), .reconciling(_, let deadline):
            times.append(deadline)
        case .ready: break
        }
        if isOpen {
            times += [lastHeard + (pinged ? settings.silenceLimit : settings.silenceLimit / 2), openedAt + settings.maximumAge]
            if let renewAt { times.append(renewAt) }
        }
        return times.min()
    }
}

/// The newest fills, so that none is told twice.
struct RecentFills: Sendable {
    /// More than an account has between two connections: each connection reads all since the last one.
    private static let limit = 100_000
    private let symbol: @Sendable (String) -> String
    private var known: Set<[String]> = []
    private var order: [[String]] = []

    init(symbol: @escaping @Sendable (String) -> String) { self.symbol = symbol }

    private func key(_ fill: Fill) -> [String] { [symbol(fill.symbol), fill.tradeID] }

    func contains(_ fill: Fill) -> Bool { known.contains(key(fill)) }

    /// Whether it is new.
    mutating func insert(_ fill: Fill) -> Bool {
        let key = key(fill)
        guard known.insert(key).inserted else { return false }
        order.append(key)
        if order.count > Self.limit {
            for old in order.prefix(Self.limit / 2) { known.remove(old) }
            order.removeFirst(Self.limit / 2)
        }
        return true
    }
}
