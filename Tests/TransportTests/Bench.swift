import Glibc
import Testing
import Transport

/// The ways of connecting endpoints that the conformance suite goes through.
enum Wire: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory, ipc, tcp, memoryCurve, ipcCurve, tcpCurve

    var testDescription: String { rawValue }

    var isMemory: Bool { self == .memory || self == .memoryCurve }
    var isIPC: Bool { self == .ipc || self == .ipcCurve }
    var hasKeys: Bool { self == .memoryCurve || self == .ipcCurve || self == .tcpCurve }

    static let withKeys = allCases.filter(\.hasKeys)
    static let real = allCases.filter { !$0.isMemory }
}

/// A folder that is removed at the end, short enough for socket paths.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/pragma-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("mkdtemp failed: \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                if name != "." && name != ".." { unlink(path + "/" + name) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}

struct BenchError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Endpoints of one wire, all in one transport and driven by the test's own thread, and everything they received.
final class Bench {
    static let domain = "jobs"
    let wire: Wire
    let transport: any Transport
    let folder: TemporaryFolder
    let authenticator: Authenticator
    let serverKeys: KeyPair
    let clientKeys: KeyPair
    private(set) var batch = Batch()
    private var taken = 0

    init(_ wire: Wire) throws {
        self.wire = wire
        folder = try TemporaryFolder()
        serverKeys = try KeyPair.generate()
        clientKeys = try KeyPair.generate()
        authenticator = Authenticator([
            .init(publicKey: clientKeys.publicKey, name: "worker-1", role: "worker", domains: [Self.domain])
        ])
        transport =
            wire.isMemory
            ? try MemoryTransport(MemoryNetwork(), authenticator: authenticator)
            : try ZeroMQTransport(authenticator: authenticator)
    }

    var serverSecurity: EndpointOptions.Security { wire.hasKeys ? .server(serverKeys, domain: Self.domain) : .none }
    var clientSecurity: EndpointOptions.Security {
        wire.hasKeys ? .client(clientKeys, server: serverKeys.publicKey) : .none
    }

    /// Returns when nothing listens there any more: libzmq closes a listener on a thread of its own, and until then a client
    /// still gets a connection to it.
    func waitUntilNobodyListens(at address: Address) throws {
        guard !wire.isMemory else { return }
        for _ in 0..<1_000_000 {
            switch address.kind {
            case .ipc(let path): if !Self.answers(path) { return }
            case .tcp(_, let port): if !Self.answers(port) { return }
            }
            sched_yield()
        }
        throw BenchError("something still listens on \(address)")
    }

    private static func answers(_ port: UInt16) -> Bool {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return canConnect(AF_INET, to: &target)
    }

    private static func answers(_ path: String) -> Bool {
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return canConnect(AF_UNIX, to: &target)
    }

    private static func canConnect<Target>(_ family: Int32, to target: inout Target) -> Bool {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(descriptor) }
        return withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<Target>.size)) == 0
            }
        }
    }

    /// A place to bind, fresh for every name.
    func place(_ name: String = "server") throws -> Address {
        wire.isIPC ? try .ipc("\(folder.path)/\(name).sock") : .loopback()
    }

    func server(at address: Address? = nil, _ change: (inout EndpointOptions) -> Void = { _ in }) throws -> EndpointID {
        var options = EndpointOptions.server(try address ?? place(), security: serverSecurity)
        change(&options)
        return try transport.open(options)
    }

    func client(of server: EndpointID, _ change: (inout EndpointOptions) -> Void = { _ in }) throws -> EndpointID {
        try client(at: #require(transport.address(of: server)), change)
    }

    func client(at address: Address, _ change: (inout EndpointOptions) -> Void = { _ in }) throws -> EndpointID {
        var options = EndpointOptions.client(address, security: clientSecurity)
        options.reconnectInterval = .milliseconds(5)
        change(&options)
        return try transport.open(options)
    }

    /// A client that is connected, and the peer as the server sees it (from a first message).
    func connected(to server: EndpointID, _ change: (inout EndpointOptions) -> Void = { _ in }) throws -> (EndpointID, PeerID) {
        let client = try client(of: server, change)
        try run { $0.changes.contains { $0.endpoint == client && $0.kind == .connected } }
        let peer = try hello(from: client, to: server)
        return (client, peer)
    }

    /// Sends a message from a connected client and returns whom the server can answer.
    func hello(from client: EndpointID, to server: EndpointID) throws -> PeerID {
        let text = Array("hello \(client.index) \(taken)".utf8)
        taken += 1
        #expect(transport.send(Frames(text), on: client, to: .only) == .sent)
        try run { $0.messages.contains { $0.endpoint == server && $0.frames.first == text } }
        return try #require(batch.messages.last { $0.frames.first == text }).peer
    }

    /// Receives until the condition holds over all that was received; throws if that takes unreasonably long.
    func run(limit: Int = 1000, until condition: (Batch) -> Bool) throws {
        let end = MonotonicClock.now() + 60_000_000_000
        while !condition(batch) {
            if MonotonicClock.now() > end { throw BenchError("gave up; received \(batch.messages.count), \(batch.changes)") }
            try transport.wait(until: end)
            _ = try transport.receive(into: &batch, limit: limit)
        }
    }

    func forget() { batch = Batch() }

    /// Bodies (first frames) that an endpoint has received.
    func bodies(at endpoint: EndpointID) -> [[UInt8]] {
        batch.messages.filter { $0.endpoint == endpoint }.map(\.frames.first)
    }

    func kinds(of endpoint: EndpointID) -> [LinkChange.Kind] {
        batch.changes.filter { $0.endpoint == endpoint }.map(\.kind)
    }
}

/// A number as a message.
func body(_ number: Int, padding: Int = 0) -> [UInt8] {
    withUnsafeBytes(of: Int64(number).littleEndian) { Array($0) } + [UInt8](repeating: 7, count: padding)
}

func number(_ body: [UInt8]) -> Int {
    body.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
}
