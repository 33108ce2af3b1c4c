/// What is set on a socket before it binds or connects. libzmq's own defaults apply where a value is nil.
///
/// The defaults here differ from libzmq's where those are traps: linger is 0 (libzmq waits for ever on close), and a frame is
/// limited (libzmq takes any size). Times are rounded up to what libzmq has: milliseconds.
package struct SocketOptions: Sendable {
    /// How long `close` keeps trying to deliver what was sent; nil waits for ever.
    package var linger: Duration? = .zero
    /// Messages queued per peer before sending fails, waits or drops.
    package var sendHighWaterMark: Int?
    /// Messages queued per peer on the receiving side before the peer is held back.
    package var receiveHighWaterMark: Int?
    /// Bytes of the largest frame accepted; a larger one disconnects its sender. nil: any size.
    package var maxMessageSize: Int? = 16 << 20
    /// How long a peer may take to shake hands before it is disconnected (libzmq: 30 s).
    package var handshakeInterval: Duration?
    /// Connections the kernel keeps until they are accepted (libzmq: 100; a thousand peers that return at once overflow it).
    package var backlog: Int?
    /// The identity towards routers, 1 to 255 bytes, the first not zero. Without one the router makes an id.
    package var routingID: [UInt8]?
    /// Queue only to completed connections: without a peer sending says so instead of queueing.
    ///
    /// Not for sockets that receive: when the connection is lost libzmq (4.3.4 and 4.3.5) throws away what has arrived and was not
    /// read yet, and 4.3.5 may abort the process (fq.cpp, `!_more`) if that cuts a message of several frames.
    package var immediate = false
    /// A router reports unknown peers and full queues instead of dropping in silence.
    package var routerMandatory = false
    /// A router gives a routing id that is in use to the newcomer. Without keys this lets anyone take anyone's place.
    package var routerHandover = false
    /// Pause before a lost connection is tried again (libzmq: 100 ms), and the limit up to which it doubles (libzmq: none).
    package var reconnectInterval: Duration?
    package var reconnectIntervalMax: Duration?
    /// How long a TCP connection attempt may take (libzmq: what the kernel does).
    package var connectTimeout: Duration?
    /// Accept and use IPv6 addresses too.
    package var ipv6 = false
    /// Keys; nil: no encryption.
    package var curve: CurveRole?
    /// The ZAP domain under which a server's peers are authenticated. With one, a peer is refused where no ZAP handler runs.
    package var zapDomain: String?
    /// What a subscriber wants to hear: prefixes of the first frame; an empty prefix is everything.
    package var subscriptions: [[UInt8]] = []
    /// An extended publisher hears every subscription and its end, not just the first and last of a topic.
    package var verboseSubscriptions = false
    /// A publisher refuses (again) instead of dropping when a subscriber's queue is full: one slow subscriber holds up all.
    package var publisherRefusesWhenFull = false
    /// Probes of idle TCP connections.
    package var keepAlive: KeepAlive?
    /// ZMTP heartbeats. They prove that the peer's I/O thread lives, not that its program does.
    package var heartbeat: Heartbeat?
    /// How long a waiting send or receive takes at most; nil waits for ever.
    package var sendTimeout: Duration?
    package var receiveTimeout: Duration?

    /// TCP keep-alive: idle time before the first probe, pause between probes (whole seconds), and how many may fail.
    package struct KeepAlive: Sendable {
        package var idle: Duration
        package var interval: Duration
        package var count: Int

        package init(idle: Duration, interval: Duration, count: Int) {
            self.idle = idle
            self.interval = interval
            self.count = count
        }
    }

    /// A ping every `interval`; the connection is dropped when nothing came for `timeout`.
    package struct Heartbeat: Sendable {
        package var interval: Duration
        package var timeout: Duration

        package init(interval: Duration, timeout: Duration) {
            self.interval = interval
            self.timeout = timeout
        }
    }

    /// The side of a CURVE handshake, with keys in Z85 (40 characters).
    package enum CurveRole: Sendable {
        /// Accepts peers that know this key pair's public half.
        case server(secretKey: String)
        /// Connects to the server with this public key, as the owner of a key pair.
        case client(publicKey: String, secretKey: String, serverKey: String)
    }

    package init() {}
}

/// Printing, dumping or reflecting a role shows no secret key.
extension SocketOptions.CurveRole: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        switch self {
        case .server: "server"
        case .client(let publicKey, _, let serverKey): "client \(publicKey) of \(serverKey)"
        }
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["role": description]) }
}
