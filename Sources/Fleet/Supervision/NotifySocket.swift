internal import Glibc

/// The readiness protocol of systemd (sd_notify), both ends: a process says `READY=1` to the datagram socket that `NOTIFY_SOCKET`
/// names, whoever started it, systemd or `pragma up`.
package enum Notify {
    /// Sends `state` (`READY=1`, `STOPPING=1`, `STATUS=...`) to the socket that the environment names; nothing happens without one.
    package static func send(_ state: String, environment: [String: String]) {
        guard let path = environment["NOTIFY_SOCKET"], !path.isEmpty else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard let (address, length) = address(path) else { return }
        var target = address
        let bytes = Array(state.utf8)
        _ = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }

    /// The socket's address; a leading `@` is Linux' abstract name space. Nil where the path is too long.
    static func address(_ path: String) -> (sockaddr_un, socklen_t)? {
        var result = sockaddr_un()
        result.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        guard bytes.count < MemoryLayout.size(ofValue: result.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &result.sun_path) { $0.copyBytes(from: bytes) }
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        return (result, socklen_t(offset + bytes.count + (bytes.first == 0 ? 0 : 1)))
    }

    /// The receiving end, for a supervisor.
    package final class Receiver: Sendable {
        /// Readable when something was said.
        package let descriptor: Int32
        private let path: String

        /// Binds the socket at `path`, replacing what an earlier supervisor left there.
        package init(_ path: String) throws(FleetError) {
            guard let (address, length) = Notify.address(path) else {
                throw FleetError(
                    .input, "the path of the socket \(path) is too long, a socket's may have 107 bytes: use a shorter --home")
            }
            unlink(path)
            let made = socket(
                AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            guard made >= 0 else { throw Files.failure("cannot make the socket", path) }
            var own = address
            let bound = withUnsafePointer(to: &own) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(made, $0, length) }
            }
            guard bound == 0 else {
                let failure = Files.failure("cannot bind the socket", path)
                close(made)
                throw failure
            }
            chmod(path, 0o600)
            descriptor = made
            self.path = path
        }

        deinit {
            close(descriptor)
            unlink(path)
        }

        /// The datagrams that have arrived, each a list of `KEY=VALUE` lines; does not wait.
        package func receive() -> [[String: String]] {
            var result: [[String: String]] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return result }
                var fields: [String: String] = [:]
                for line in String(decoding: buffer[0..<count], as: UTF8.self).split(separator: "\n") {
                    let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
                }
                result.append(fields)
            }
        }
    }
}
