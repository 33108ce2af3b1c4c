/// What became of a message that was to be sent. No send ever waits.
package enum SendResult: Hashable, Sendable {
    /// In the queue of the peer's connection. Nothing says that the peer will read it: acknowledge in the protocol.
    case sent
    /// In the endpoint's outbox, to be sent when there is room.
    case queued
    /// Lost: the outbox is full, too, and drops its newest.
    case dropped
    /// Not taken: the peer's queue is full. Try again later, or not.
    case full
    /// Not taken: there is no such peer, or the client is not connected.
    case unreachable
    /// Not taken: a frame is larger than the endpoint's limit.
    case tooLarge
    /// Not taken: the endpoint is closed or the transport was shut down.
    case closed

    /// Whether the message is on its way or kept.
    package var isTaken: Bool { self == .sent || self == .queued }
}

/// The endpoints of one thread: bytes in, bytes out.
///
/// A transport belongs to one thread at a time, usually that of a `SocketLoop`, and only `waker` may be used by others. It is
/// made and its endpoints are opened on the thread that sets things up (so that errors appear there) and then sent to the loop.
/// No call but `wait` takes noticeable time.
///
/// There are two: `ZeroMQTransport` and, for tests and simulations, `MemoryTransport`. One conformance suite holds for both.
package protocol Transport: AnyObject {
    /// Opens an endpoint. Throws a `TransportError` that names the address and what to do.
    func open(_ options: EndpointOptions) throws(TransportError) -> EndpointID

    /// Closes an endpoint; what was received and not delivered is gone, what was sent has its linger time. No effect twice.
    func close(_ endpoint: EndpointID)

    /// Closes all endpoints and forgets the watched descriptors, as the end of a loop does.
    func closeAll()

    /// Where an endpoint is, with wildcards resolved; nil once it is closed.
    func address(of endpoint: EndpointID) -> Address?

    /// Sends on an endpoint: a server names the peer, all others leave it `.only`.
    func send(_ frames: Frames, on endpoint: EndpointID, to peer: PeerID) -> SendResult

    /// Appends what has come in, at most `limit` messages per endpoint, and sends what waits in outboxes. True: there is more.
    /// Throws `closed` after a shutdown.
    func receive(into batch: inout Batch, limit: Int) throws(TransportError) -> Bool

    /// Waits until something can be received, the waker was used, or the boot time `deadline` (nanoseconds) has come; nil waits
    /// without limit. Signals do not end it. Throws `closed` after a shutdown.
    func wait(until deadline: Int64?) throws(TransportError)

    /// Whether a connecting endpoint has its peer, as far as is known here.
    func isConnected(_ endpoint: EndpointID) -> Bool

    /// Counts of an endpoint; zeros once it is closed.
    func counters(of endpoint: EndpointID) -> EndpointCounters

    /// Reports a descriptor as a `readable` change whenever it can be read (a pipe's end, a pidfd). It stays the caller's,
    /// who closes it after `close(_:)` of the returned endpoint.
    func watch(descriptor: Int32) -> EndpointID

    /// Ends a wait from another thread.
    var waker: Waker { get }
}
