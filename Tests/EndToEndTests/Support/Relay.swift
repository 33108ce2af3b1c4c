import Glibc
import Synchronization

/// A network between two processes that can be cut: it passes on the bytes of TCP connections, and while it is cut keeps them.
///
/// A stopped process is one way to be silent for longer than a lease; a cut network is the other, and there the worker goes on.
final class Relay: Sendable {
    /// The port to connect to.
    let port: UInt16
    private let listener: Int32
    private let target: UInt16
    private let isCut = Atomic<Bool>(false)
    private let isOver = Atomic<Bool>(false)

    /// Listens at a free port of this machine; connections go on to the port `target`.
    init(to target: UInt16) throws {
        (listener, port) = try Loopback.listen()
        self.target = target
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Relay>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard status == 0 else { throw Unexpected(description: "no thread for the relay") }
        pthread_detach(thread)
    }

    func cut() { isCut.store(true, ordering: .relaxed) }
    func mend() { isCut.store(false, ordering: .relaxed) }
    func end() { isOver.store(true, ordering: .relaxed) }

    private func run() {
        /// Descriptors of both ends, each with its other end.
        var other: [Int32: Int32] = [:]
        defer { ([listener] + other.keys).forEach { close($0) } }
        while !isOver.load(ordering: .relaxed) {
            let watched = isCut.load(ordering: .relaxed) ? [] : [listener] + other.keys
            var polls = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polls, nfds_t(polls.count), 5) > 0 else { continue }
            for ready in polls where ready.revents != 0 {
                if ready.fd == listener {
                    accept(into: &other)
                } else if let to = other[ready.fd], !pass(from: ready.fd, to: to) {
                    for descriptor in [ready.fd, to] {
                        close(descriptor)
                        other[descriptor] = nil
                    }
                }
            }
        }
    }

    private func accept(into other: inout [Int32: Int32]) {
        let incoming = Glibc.accept(listener, nil, nil)
        guard incoming >= 0 else { return }
        guard let outgoing = Loopback.connect(target) else {
            close(incoming)
            return
        }
        other[incoming] = outgoing
        other[outgoing] = incoming
    }

    /// False: one of the ends is closed.
    private func pass(from: Int32, to: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = read(from, &buffer, buffer.count)
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let written = send(to, Array(buffer[sent..<count]), count - sent, Int32(MSG_NOSIGNAL))
            guard written > 0 else { return false }
            sent += written
        }
        return true
    }
}

/// TCP sockets of 127.0.0.1.
enum Loopback {
    /// A listening socket and its port, which the system chose.
    static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isDone = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 8) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isDone else { throw Unexpected(description: "no listening socket: \(String(cString: strerror(errno)))") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// A port that is free now.
    static func freePort() throws -> UInt16 {
        let (descriptor, port) = try listen()
        close(descriptor)
        return port
    }

    static func connect(_ port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = address(port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var result = sockaddr_in()
        result.sin_family = sa_family_t(AF_INET)
        result.sin_port = port.bigEndian
        result.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return result
    }
}
