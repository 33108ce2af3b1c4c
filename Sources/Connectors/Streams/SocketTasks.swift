import Exchange

/// What a connection reports to the loop that owns it.
enum SocketInput: Sendable {
    case opened(Int, any WebSocketConnection)
    case message(Int, [UInt8])
    case ended(Int, String)
}

/// The connections of one stream: a reader and a writer task for each, and what is to be written.
struct SocketTable: Sendable {
    enum Outgoing: Sendable {
        case text(String)
        case ping
    }

    private struct Socket {
        var connection: any WebSocketConnection
        var outbox: EventChannel<Outgoing>
        var heard: ContinuousClock.Instant
    }

    private var wanted: Set<Int> = []
    private var sockets: [Int: Socket] = [:]

    mutating func want(_ id: Int) { wanted.insert(id) }

    /// A connection that stands: its writer is to be started. Nil where nobody wants it any more; it is cut then.
    mutating func opened(_ id: Int, _ connection: any WebSocketConnection) -> EventChannel<Outgoing>? {
        guard wanted.contains(id) else {
            connection.abort()
            return nil
        }
        let outbox = EventChannel<Outgoing>(capacity: 10_000)
        sockets[id] = Socket(connection: connection, outbox: outbox, heard: connection.lastHeard)
        return outbox
    }

    /// False where the peer takes nothing any more.
    func send(_ id: Int, _ outgoing: Outgoing) -> Bool { sockets[id]?.outbox.push(outgoing) ?? true }

    /// Connections from which frames came since the last call, pongs among them.
    mutating func heard() -> [Int] {
        var ids: [Int] = []
        for (id, socket) in sockets where socket.connection.lastHeard > socket.heard {
            sockets[id]?.heard = socket.connection.lastHeard
            ids.append(id)
        }
        return ids
    }

    mutating func close(_ id: Int) {
        wanted.remove(id)
        guard let socket = sockets.removeValue(forKey: id) else { return }
        socket.outbox.finish()
        // A polite close may wait for a peer that is dead.
        socket.connection.abort()
    }

    mutating func closeAll() { for id in wanted { close(id) } }

    func isWanted(_ id: Int) -> Bool { wanted.contains(id) }

    static func write(_ connection: any WebSocketConnection, _ outbox: EventChannel<Outgoing>) async -> String? {
        for await outgoing in outbox {
            do {
                switch outgoing {
                case .text(let text): try await connection.send(.text(Array(text.utf8)))
                case .ping: try await connection.ping()
                }
            } catch {
                connection.abort()
                return WebFailure.text(error)
            }
        }
        return nil
    }

    /// Connects and reads until the end; everything goes to `report`, which suspends while the loop is busy.
    static func read(
        _ id: Int, connect: @Sendable () async throws -> any WebSocketConnection, report: @Sendable (SocketInput) async -> Bool
    ) async {
        do {
            let connection = try await connect()
            defer { connection.abort() }
            guard await report(.opened(id, connection)) else { return }
            while !Task.isCancelled {
                switch try await connection.receive() {
                case .text(let bytes), .binary(let bytes): guard await report(.message(id, bytes)) else { return }
                }
            }
        } catch {
            _ = await report(.ended(id, (error as? WebFailure).map(WebFailure.text) ?? "\(error)"))
        }
    }
}

extension WebFailure {
    /// In words, for messages.
    static func text(_ failure: WebFailure) -> String {
        switch failure {
        case .notSent(let text), .outcomeUnknown(let text): text
        case .tooLarge(let limit): "a message is larger than \(limit) bytes"
        case .closed(let code, let reason): reason.isEmpty ? "closed with code \(code)" : "closed with code \(code): \(reason)"
        }
    }
}
