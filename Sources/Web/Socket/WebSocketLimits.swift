/// Bounds of one WebSocket.
package struct WebSocketLimits: Sendable {
    /// The longest message taken, in bytes; a book snapshot has some hundred thousand.
    package var largestMessage = 1 << 24
    /// Reading stops where this many messages, or `inboxBytes`, wait for `receive`.
    package var inboxMessages = 4096
    package var inboxBytes = 32 << 20
    /// `send` waits, and `trySend` refuses, where more than this is handed over and not yet written.
    package var outboxBytes = 4 << 20
    /// How long `close` waits for the peer's close.
    package var closeTimeout: Duration = .seconds(2)

    package init() {}
}
