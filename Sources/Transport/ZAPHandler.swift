import ZeroMQ

/// The thread that answers libzmq's authentication requests (ZeroMQ RFC 27) in one context, from an authenticator's table.
///
/// It must be there before the first endpoint binds and gone before the context ends. If it fails, nobody is admitted.
final class ZAPHandler: Sendable {
    private let thread: NamedThread
    private let stop: Waker

    init(context: Context, authenticator: Authenticator) throws(TransportError) {
        let stop = try Waker()
        let responder = try Responder(context: context, authenticator: authenticator, stop: stop)
        thread = try NamedThread(name: "zap") { responder.run() }
        self.stop = stop
    }

    /// Ends the thread and closes its socket.
    func end() {
        stop.wake()
        thread.join()
    }
}

/// The state of the thread.
private final class Responder {
    private let socket: Socket
    private let authenticator: Authenticator
    private let stop: Waker

    init(context: Context, authenticator: Authenticator, stop: Waker) throws(TransportError) {
        do throws(ZeroMQError) {
            var options = SocketOptions()
            options.maxMessageSize = 4096
            let socket = try Socket(context, .reply, options: options)
            try socket.bind("inproc://zeromq.zap.01")
            self.socket = socket
        } catch {
            throw TransportError(error)
        }
        self.authenticator = authenticator
        self.stop = stop
    }

    func run() {
        var poller = Poller()
        poller.add(descriptor: stop.descriptor)
        poller.add(socket)
        while true {
            do throws(ZeroMQError) {
                _ = try poller.wait(timeout: nil)
                if poller.events(at: 0).contains(.readable) { return }
                while let request = try socket.receiveMessage() { _ = try socket.send(message: answer(request)) }
            } catch {
                if error.code != .interrupted { return }
            }
        }
    }

    /// A request is version, request id, domain, address, routing id, mechanism, credentials; an answer version, request id,
    /// status, text, user id, metadata. The user id is the key in Z85, which finds name and role at every message.
    private func answer(_ request: [[UInt8]]) -> [[UInt8]] {
        let id = request.count > 1 ? request[1] : []
        func answer(_ status: String, _ text: String, user: String = "") -> [[UInt8]] {
            [Array("1.0".utf8), id, Array(status.utf8), Array(text.utf8), Array(user.utf8), []]
        }
        guard request.count == 7, request[0] == Array("1.0".utf8), request[5] == Array("CURVE".utf8),
            let key = PublicKey(bytes: request[6])
        else {
            authenticator.refuseMalformed()
            return answer("400", "only CURVE is accepted")
        }
        let domain = String(decoding: request[2], as: UTF8.self)
        let address = String(decoding: request[3].prefix(64), as: UTF8.self)
        guard authenticator.admit(publicKey: key, domain: domain, address: address) != nil else {
            return answer("400", "this key may not connect here")
        }
        return answer("200", "OK", user: key.text)
    }
}
