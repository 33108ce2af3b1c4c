/// A WebSocket whose sender may ask not to wait: a server that serves many clients cuts a slow one instead of waiting for it.
package protocol QueuedWebSocket: WebSocketConnection {
    /// Hands the message over and returns true; returns false, and sends nothing, where the peer has not read what is queued
    /// already. A single message is always taken where nothing is queued. Throws `.closed` at the end.
    func trySend(_ message: WebSocketMessage) throws(WebFailure) -> Bool
    /// What was handed over and is not yet written to the network, in bytes; each message counts some bytes more than its length.
    var queuedBytes: Int { get }
}
