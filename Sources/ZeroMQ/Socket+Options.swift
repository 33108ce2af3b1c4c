import CZeroMQ
import Glibc

/// Sets the options of one libzmq socket.
struct OptionSetter {
    let handle: UnsafeMutableRawPointer

    /// Sets everything in `options`; called once, before the first bind or connect.
    func apply(_ options: SocketOptions) throws(ZeroMQError) {
        try applyLimits(options)
        try applyConnection(options)
        try applyPattern(options)
        try applySecurity(options)
    }

    private func applyLimits(_ options: SocketOptions) throws(ZeroMQError) {
        try set(ZMQ_LINGER, options.linger?.roundedMilliseconds ?? -1, "ZMQ_LINGER")
        try set(ZMQ_SNDHWM, options.sendHighWaterMark, "ZMQ_SNDHWM")
        try set(ZMQ_RCVHWM, options.receiveHighWaterMark, "ZMQ_RCVHWM")
        try set(ZMQ_SNDTIMEO, options.sendTimeout?.roundedMilliseconds, "ZMQ_SNDTIMEO")
        try set(ZMQ_RCVTIMEO, options.receiveTimeout?.roundedMilliseconds, "ZMQ_RCVTIMEO")
        var size = Int64(options.maxMessageSize ?? -1)
        if zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &size, 8) != 0 { throw .last("set ZMQ_MAXMSGSIZE to \(size)") }
    }

    private func applyConnection(_ options: SocketOptions) throws(ZeroMQError) {
        try set(ZMQ_HANDSHAKE_IVL, options.handshakeInterval?.roundedMilliseconds, "ZMQ_HANDSHAKE_IVL")
        try set(ZMQ_BACKLOG, options.backlog, "ZMQ_BACKLOG")
        try set(ZMQ_IMMEDIATE, options.immediate ? 1 : nil, "ZMQ_IMMEDIATE")
        try set(ZMQ_RECONNECT_IVL, options.reconnectInterval?.roundedMilliseconds, "ZMQ_RECONNECT_IVL")
        try set(ZMQ_RECONNECT_IVL_MAX, options.reconnectIntervalMax?.roundedMilliseconds, "ZMQ_RECONNECT_IVL_MAX")
        try set(ZMQ_CONNECT_TIMEOUT, options.connectTimeout?.roundedMilliseconds, "ZMQ_CONNECT_TIMEOUT")
        try set(ZMQ_IPV6, options.ipv6 ? 1 : nil, "ZMQ_IPV6")
        if let probe = options.keepAlive {
            try set(ZMQ_TCP_KEEPALIVE, 1, "ZMQ_TCP_KEEPALIVE")
            try set(ZMQ_TCP_KEEPALIVE_IDLE, probe.idle.roundedSeconds, "ZMQ_TCP_KEEPALIVE_IDLE")
            try set(ZMQ_TCP_KEEPALIVE_INTVL, probe.interval.roundedSeconds, "ZMQ_TCP_KEEPALIVE_INTVL")
            try set(ZMQ_TCP_KEEPALIVE_CNT, probe.count, "ZMQ_TCP_KEEPALIVE_CNT")
        }
        if let heartbeat = options.heartbeat {
            try set(ZMQ_HEARTBEAT_IVL, heartbeat.interval.roundedMilliseconds, "ZMQ_HEARTBEAT_IVL")
            try set(ZMQ_HEARTBEAT_TIMEOUT, heartbeat.timeout.roundedMilliseconds, "ZMQ_HEARTBEAT_TIMEOUT")
        }
    }

    private func applyPattern(_ options: SocketOptions) throws(ZeroMQError) {
        if let id = options.routingID { try set(ZMQ_ROUTING_ID, bytes: id, "ZMQ_ROUTING_ID") }
        try set(ZMQ_ROUTER_MANDATORY, options.routerMandatory ? 1 : nil, "ZMQ_ROUTER_MANDATORY")
        try set(ZMQ_ROUTER_HANDOVER, options.routerHandover ? 1 : nil, "ZMQ_ROUTER_HANDOVER")
        for prefix in options.subscriptions { try set(ZMQ_SUBSCRIBE, bytes: prefix, "ZMQ_SUBSCRIBE") }
        try set(ZMQ_XPUB_VERBOSER, options.verboseSubscriptions ? 1 : nil, "ZMQ_XPUB_VERBOSER")
        try set(ZMQ_XPUB_NODROP, options.publisherRefusesWhenFull ? 1 : nil, "ZMQ_XPUB_NODROP")
    }

    private func applySecurity(_ options: SocketOptions) throws(ZeroMQError) {
        if let domain = options.zapDomain {
            try set(ZMQ_ZAP_DOMAIN, bytes: Array(domain.utf8), "ZMQ_ZAP_DOMAIN")
            // ZMQ_ZAP_ENFORCE_DOMAIN: zmq.h shows it with the draft interface only, the library takes it always.
            try set(93, 1, "ZMQ_ZAP_ENFORCE_DOMAIN")
        }
        switch options.curve {
        case .none: return
        case .server(let secretKey):
            try set(ZMQ_CURVE_SERVER, 1, "ZMQ_CURVE_SERVER")
            try set(ZMQ_CURVE_SECRETKEY, key: secretKey, "ZMQ_CURVE_SECRETKEY")
        case .client(let publicKey, let secretKey, let serverKey):
            try set(ZMQ_CURVE_SERVERKEY, key: serverKey, "ZMQ_CURVE_SERVERKEY")
            try set(ZMQ_CURVE_PUBLICKEY, key: publicKey, "ZMQ_CURVE_PUBLICKEY")
            try set(ZMQ_CURVE_SECRETKEY, key: secretKey, "ZMQ_CURVE_SECRETKEY")
        }
    }

    // MARK: - Kinds of values

    private func set(_ option: Int32, _ value: Int?, _ name: StaticString) throws(ZeroMQError) {
        guard let value else { return }
        var number = Int32(clamping: value)
        if zmq_setsockopt(handle, option, &number, 4) != 0 { throw .last("set \(name) to \(number)") }
    }

    func set(_ option: Int32, bytes: [UInt8], _ name: StaticString) throws(ZeroMQError) {
        if zmq_setsockopt(handle, option, bytes, bytes.count) != 0 { throw .last("set \(name)") }
    }

    /// A key as libzmq wants it: 40 characters and a zero. The error does not show the key.
    private func set(_ option: Int32, key: String, _ name: StaticString) throws(ZeroMQError) {
        guard key.utf8.count == 40 else { throw ZeroMQError(errno: EINVAL, operation: "set \(name)") }
        if zmq_setsockopt(handle, option, key, 41) != 0 { throw .last("set \(name)") }
    }
}

extension Socket {
    /// Starts or stops hearing messages whose first frame begins with `prefix`.
    package borrowing func subscribe(to prefix: [UInt8]) throws(ZeroMQError) {
        try OptionSetter(handle: handle).set(ZMQ_SUBSCRIBE, bytes: prefix, "ZMQ_SUBSCRIBE")
    }

    package borrowing func unsubscribe(from prefix: [UInt8]) throws(ZeroMQError) {
        try OptionSetter(handle: handle).set(ZMQ_UNSUBSCRIBE, bytes: prefix, "ZMQ_UNSUBSCRIBE")
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, within what libzmq's options hold.
    var roundedMilliseconds: Int { rounded(perSecond: 1000) }

    var roundedSeconds: Int { rounded(perSecond: 1) }

    private func rounded(perSecond: Int64) -> Int {
        let (seconds, attoseconds) = components
        let bounded = min(max(seconds, 0), Int64(Int32.max) / perSecond)
        let unit = 1_000_000_000_000_000_000 / perSecond
        let part = seconds < 0 ? 0 : (attoseconds + unit - 1) / unit
        return Int(min(bounded * perSecond + part, Int64(Int32.max)))
    }
}
