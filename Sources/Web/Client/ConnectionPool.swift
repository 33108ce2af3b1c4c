import NIOCore

/// Which request goes over which connection to one origin: decisions only, carried out by `ClientSite`.
///
/// Requests wait in the order in which they came. A connection is dialed for each that finds none, up to a limit; whichever
/// connection is ready first takes the request that waits longest. A request is handed to a connection once and is never seen
/// here again: nothing is repeated. Time is passed in.
struct ConnectionPool {
    typealias RequestID = UInt64
    typealias ConnectionID = UInt64

    enum Directive: Equatable {
        case dial(ConnectionID)
        /// At most once for each request.
        case write(RequestID, over: ConnectionID)
        /// Of a connection on which nothing is under way.
        case close(ConnectionID)
        /// The attempt to connect that was made for this request failed.
        case refuse(RequestID)
    }

    private enum State: Equatable {
        case dialing, busy
        case idle(since: NIODeadline)
    }

    /// Connections at one time, those that are being made included.
    let limit: Int
    /// An unused connection is closed after this time.
    let keepAlive: TimeAmount

    private(set) var waiting: [RequestID] = []
    private var connections: [ConnectionID: State] = [:]
    /// The idle ones, least recently used first.
    private var idle: [ConnectionID] = []
    private var dialing = 0
    private var lastConnection: ConnectionID = 0

    init(limit: Int, keepAlive: TimeAmount) {
        self.limit = max(1, limit)
        self.keepAlive = keepAlive
    }

    /// Whether a connection is being made.
    var isDialing: Bool { dialing > 0 }
    /// Connections in any state.
    var connectionCount: Int { connections.count }

    /// When the idle connection that was not used for the longest time is to be closed.
    var nextExpiry: NIODeadline? {
        guard let first = idle.first, case .idle(let since) = connections[first] else { return nil }
        return since + keepAlive
    }

    // MARK: Requests

    mutating func ask(_ request: RequestID, now: NIODeadline) -> [Directive] {
        var directives = expire(now)
        if let connection = idle.popLast() {
            connections[connection] = .busy
            directives.append(.write(request, over: connection))
        } else {
            waiting.append(request)
            directives += dialWhereNeeded()
        }
        return directives
    }

    /// Takes back a request that waits for a connection; false: it does not. What was dialed for it may serve others.
    mutating func giveUp(_ request: RequestID) -> Bool {
        guard let index = waiting.firstIndex(of: request) else { return false }
        waiting.remove(at: index)
        return true
    }

    // MARK: Connections

    /// The connection is made, with TLS where the origin has it.
    mutating func dialed(_ connection: ConnectionID, now: NIODeadline) -> [Directive] {
        guard connections[connection] == .dialing else { return [] }
        dialing -= 1
        return reuse(connection, now)
    }

    /// The connection could not be made. A request learns it at once, unless each that waits has an attempt of its own left.
    mutating func dialFailed(_ connection: ConnectionID) -> [Directive] {
        guard connections[connection] == .dialing else { return [] }
        var directives: [Directive] = []
        connections[connection] = nil
        dialing -= 1
        if waiting.count > dialing { directives.append(.refuse(waiting.removeFirst())) }
        directives += dialWhereNeeded()
        return directives
    }

    /// The answer came, whole, to what was written over this connection.
    mutating func answered(_ connection: ConnectionID, isReusable: Bool, now: NIODeadline) -> [Directive] {
        guard connections[connection] == .busy else { return [] }
        if isReusable { return reuse(connection, now) }
        connections[connection] = nil
        return [.close(connection)] + dialWhereNeeded()
    }

    /// The connection is gone or is being cut, whatever it was doing.
    mutating func lost(_ connection: ConnectionID) -> [Directive] {
        switch connections[connection] {
        case nil: return []
        case .dialing: return dialFailed(connection)
        case .idle: idle.removeAll { $0 == connection }
        case .busy: break
        }
        connections[connection] = nil
        return dialWhereNeeded()
    }

    /// Closes what was not used for `keepAlive`.
    mutating func expire(_ now: NIODeadline) -> [Directive] {
        var directives: [Directive] = []
        while let expiry = nextExpiry, expiry <= now {
            let connection = idle.removeFirst()
            connections[connection] = nil
            directives.append(.close(connection))
        }
        return directives
    }

    private mutating func reuse(_ connection: ConnectionID, _ now: NIODeadline) -> [Directive] {
        guard waiting.isEmpty else {
            connections[connection] = .busy
            return [.write(waiting.removeFirst(), over: connection)]
        }
        connections[connection] = .idle(since: now)
        idle.append(connection)
        return []
    }

    private mutating func dialWhereNeeded() -> [Directive] {
        var directives: [Directive] = []
        while waiting.count > dialing, connections.count < limit {
            lastConnection += 1
            connections[lastConnection] = .dialing
            dialing += 1
            directives.append(.dial(lastConnection))
        }
        return directives
    }
}
