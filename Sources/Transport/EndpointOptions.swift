/// What an endpoint is and how it is opened. Limits and keys are set before it binds or connects.
package struct EndpointOptions: Sendable {
    /// The pattern of an endpoint.
    package enum Role: Hashable, Sendable {
        /// Many clients, each addressed by its `PeerID`; binds.
        case server
        /// One server; connects.
        case client
        /// Every subscriber gets every message it subscribed to, or loses it when its queue is full.
        case publisher
        /// Hears messages whose first frame begins with one of these; an empty one is everything.
        case subscriber(topics: [[UInt8]])
    }

    /// Who listens.
    package enum Attachment: Hashable, Sendable { case bind, connect }

    /// Keys. The end that binds is CURVE's server, the one that connects its client.
    package enum Security: Sendable {
        /// Neither encrypted nor authenticated: only on this machine.
        case none
        /// For an endpoint that binds. Peers are admitted by the authenticator's table of this domain.
        case server(KeyPair, domain: String)
        /// For an endpoint that connects.
        case client(KeyPair, server: PublicKey)
    }

    package var role: Role
    package var address: Address
    package var attachment: Attachment
    package var security: Security
    /// Messages queued for one peer by the transport before it is `full`.
    package var sendHighWaterMark = 10_000
    /// Messages queued from one peer before it is held back.
    package var receiveHighWaterMark = 10_000
    /// Bytes of the largest frame, both ways; at least 1024, because the messages of a handshake are limited by it, too. A peer
    /// that sends a larger one is disconnected.
    package var maxMessageSize = 16 << 20
    /// Frames of a message that came in; one with more is dropped and counted as malformed.
    package var maxFrames = 16
    /// A turn takes no more bytes than this before they are dealt with; one message may go beyond it.
    package var turnBytes = 64 << 20
    /// What happens to a message for a peer whose queue is full, or that is not there yet (client only): refused, or
    /// kept in an outbox of `outboxCapacity` messages per peer that drops its newest or oldest when it is full, too.
    package var whenFull = FullPolicy.refuse
    package var outboxCapacity = 1000
    /// How long closing waits until what was sent is delivered.
    package var linger = Duration.zero
    /// How long a peer may take to shake hands.
    package var handshakeInterval = Duration.seconds(10)
    /// Connections that wait to be accepted.
    package var backlog = 4096
    /// Pause before the next attempt to connect (at random up to twice as long).
    package var reconnectInterval = Duration.milliseconds(100)
    /// Pause after the other end refused the key or spoke something else.
    package var handshakeRetryInterval = Duration.seconds(1)
    /// ZMTP heartbeats, which find a dead machine or a stopped process. None by default: the fleet has its own.
    package var heartbeat: (interval: Duration, timeout: Duration)?

    package init(role: Role, address: Address, attachment: Attachment, security: Security) {
        self.role = role
        self.address = address
        self.attachment = attachment
        self.security = security
    }

    package static func server(_ address: Address, security: Security = .none) -> EndpointOptions {
        EndpointOptions(role: .server, address: address, attachment: .bind, security: security)
    }

    package static func client(_ address: Address, security: Security = .none) -> EndpointOptions {
        EndpointOptions(role: .client, address: address, attachment: .connect, security: security)
    }

    package static func publisher(
        _ address: Address, _ attachment: Attachment = .bind, security: Security = .none
    ) -> EndpointOptions {
        EndpointOptions(role: .publisher, address: address, attachment: attachment, security: security)
    }

    package static func subscriber(
        _ address: Address, topics: [[UInt8]] = [[]], _ attachment: Attachment = .connect, security: Security = .none
    ) -> EndpointOptions {
        EndpointOptions(role: .subscriber(topics: topics), address: address, attachment: attachment, security: security)
    }

    /// Throws what cannot be: keys on the wrong side, no encryption beyond this machine, a server that connects.
    func validate(hasAuthenticator: Bool) throws(TransportError) {
        precondition(maxMessageSize >= 1024, "a handshake needs frames of up to 1024 bytes")
        switch (role, attachment) {
        case (.server, .connect): throw TransportError(.invalidAddress, "\(address): a server endpoint binds")
        case (.client, .bind): throw TransportError(.invalidAddress, "\(address): a client endpoint connects")
        default: break
        }
        if case .tcp(let host, let port) = address.kind, attachment == .connect, host == "*" || port == 0 {
            throw TransportError(.invalidAddress, "\(address): a host and a port are needed to connect")
        }
        try validateSecurity(hasAuthenticator: hasAuthenticator)
    }

    private func validateSecurity(hasAuthenticator: Bool) throws(TransportError) {
        switch (security, attachment) {
        case (.none, _):
            if !address.isLocal {
                throw TransportError(
                    .insecure,
                    "\(address) can be reached from other machines and has no keys: set up keys (pragma keys new) or use "
                        + "ipc:// or tcp://127.0.0.1")
            }
        case (.server(_, let domain), .bind):
            if domain.isEmpty || domain.utf8.count > 255 {
                throw TransportError(.insecure, "\(address): the domain of its keys must have 1 to 255 bytes")
            }
            if !hasAuthenticator {
                throw TransportError(
                    .insecure, "\(address): keys without an authenticator admit everybody; give the transport one")
            }
        case (.client, .connect): break
        case (.server, .connect): throw TransportError(.insecure, "\(address): an endpoint that connects needs client keys")
        case (.client, .bind): throw TransportError(.insecure, "\(address): an endpoint that binds needs server keys")
        }
    }
}

/// Counts of one endpoint since it was opened.
package struct EndpointCounters: Hashable, Sendable {
    package var received: UInt64 = 0
    package var receivedBytes: UInt64 = 0
    package var sent: UInt64 = 0
    package var sentBytes: UInt64 = 0
    /// Messages that were refused because a queue was full, or because the client was not connected.
    package var refused: UInt64 = 0
    /// Messages to a peer that is not there (any more).
    package var unreachable: UInt64 = 0
    /// Messages that an outbox dropped, by its policy or because their peer went away.
    package var dropped: UInt64 = 0
    /// Messages in that were dropped: too many frames, none, or from a peer that chose its own routing id.
    package var malformed: UInt64 = 0
    /// Messages in that were dropped because their sender's key is no longer in the authenticator's table.
    package var revoked: UInt64 = 0

    package init() {}
}
