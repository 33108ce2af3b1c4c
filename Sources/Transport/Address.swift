/// Where an endpoint is: `ipc:///absolute/path` on this machine or `tcp://host:port`.
package struct Address: Hashable, Sendable, CustomStringConvertible {
    /// The parts of an address.
    package enum Kind: Hashable, Sendable {
        /// A Unix domain socket at an absolute path.
        case ipc(path: String)
        /// A TCP port; 0 stands for any free one (bind only). `host` is a name, an IPv4 or IPv6 address (without brackets),
        /// or `*` for all interfaces (bind only).
        case tcp(host: String, port: UInt16)
    }

    package let kind: Kind

    /// The longest path of a Unix domain socket on Linux, in bytes (`sun_path` without its final zero).
    package static let longestPath = 107

    package init(_ kind: Kind) { self.kind = kind }

    /// An ipc address; checked like a parsed one.
    package static func ipc(_ path: String) throws(TransportError) -> Address { try Address("ipc://" + path) }

    /// A TCP port on 127.0.0.1; 0 is any free one.
    package static func loopback(port: UInt16 = 0) -> Address { Address(.tcp(host: "127.0.0.1", port: port)) }

    /// Reads an address; throws `invalidAddress` with what is wrong with it.
    package init(_ text: String) throws(TransportError) {
        if text.hasPrefix("ipc://") {
            kind = try Self.parseIPC(text)
        } else if text.hasPrefix("tcp://") {
            kind = try Self.parseTCP(text)
        } else {
            throw TransportError(
                .invalidAddress, "'\(text)' is no address: ipc:///absolute/path or tcp://host:port is expected")
        }
    }

    private static func parseIPC(_ text: String) throws(TransportError) -> Kind {
        let path = String(text.dropFirst(6))
        guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw TransportError(.invalidAddress, "'\(text)': the path of an ipc address must be absolute and name a file")
        }
        guard path.utf8.count <= longestPath else {
            throw TransportError(
                .invalidAddress,
                "'\(text)': the path has \(path.utf8.count) bytes and a socket's may have \(longestPath): choose a shorter folder"
            )
        }
        return .ipc(path: path)
    }

    private static func parseTCP(_ text: String) throws(TransportError) -> Kind {
        let rest = text.dropFirst(6)
        guard let colon = rest.lastIndex(of: ":") else {
            throw TransportError(.invalidAddress, "'\(text)': the port is missing (tcp://host:port)")
        }
        let portText = rest[rest.index(after: colon)...]
        guard let port = portText == "*" ? 0 : UInt16(portText), portText.first != "+" else {
            throw TransportError(.invalidAddress, "'\(text)': the port must be a number from 0 to 65535")
        }
        var host = rest[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let allowed = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "*"):
                true
            case UInt8(ascii: ":"), UInt8(ascii: "%"): isBracketed
            default: false
            }
        }
        guard !host.isEmpty, allowed, !host.contains("*") || host == "*" else {
            throw TransportError(
                .invalidAddress, "'\(text)': '\(host)' is no host name, IPv4 address, [IPv6 address] or *")
        }
        return .tcp(host: String(host), port: port)
    }

    /// Whether only this machine can reach it. Names other than `localhost` count as other machines.
    package var isLocal: Bool {
        switch kind {
        case .ipc: true
        case .tcp(let host, _): host == "localhost" || host == "::1" || Self.isLoopbackIPv4(host)
        }
    }

    private static func isLoopbackIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    package var description: String {
        switch kind {
        case .ipc(let path): "ipc://" + path
        case .tcp(let host, let port):
            "tcp://" + (host.contains(":") ? "[\(host)]" : host) + ":" + (port == 0 ? "*" : String(port))
        }
    }

    /// The spelling for libzmq, which does not look up names when it binds: `localhost` is 127.0.0.1.
    var endpoint: String {
        if case .tcp("localhost", let port) = kind { return Address(.tcp(host: "127.0.0.1", port: port)).description }
        return description
    }
}
