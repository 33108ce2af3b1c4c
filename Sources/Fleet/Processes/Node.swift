internal import Configuration
internal import Coordination
internal import Foundation
internal import Halt
internal import Logging
internal import Transport

/// What every process of a fleet has: home, keys, environment, a logger, and how its sockets are opened.
struct Node: Sendable {
    let home: Home
    let keys: KeyRing
    let settings: RoleSettings
    let environment: [String: String]
    let log: Logger
    /// Whether connections are encrypted and peers known by their keys.
    let isEncrypted: Bool
    /// The name of this process' connection key.
    let keyName: String

    /// - Parameter addresses: every endpoint that the role file names.
    init(
        home: Home, settings: RoleSettings, environment: [String: String], log: Logger, keyName: String,
        addresses: [EndpointAddress?]
    ) {
        self.home = home
        self.settings = settings
        self.environment = environment
        self.log = log
        self.keyName = keyName
        keys = KeyRing(folder: home.path + "/keys", peers: settings.peerKeyFolder)
        isEncrypted =
            switch settings.encryption {
            case .on: true
            case .off: false
            case .automatic: settings.liveEnabled || addresses.contains { $0.map { !$0.isLocal } ?? false }
            }
    }

    /// The address that a role file names, or the home's own socket.
    func address(_ configured: EndpointAddress?, _ socket: String) throws(FleetError) -> Address {
        try Self.address(configured?.description ?? home.endpoint(socket))
    }

    static func address(_ text: String) throws(FleetError) -> Address {
        do throws(TransportError) { return try Address(text) } catch { throw FleetError(.input, error.description) }
    }

    /// Security of an endpoint that binds.
    func serverSecurity() throws(FleetError) -> EndpointOptions.Security {
        guard isEncrypted else { return .none }
        return .server(try keys.connectionKey(keyName, file: settings.keyFile).pair, domain: "fleet")
    }

    /// Security of an endpoint that connects to the process of that name.
    func clientSecurity(to server: String) throws(FleetError) -> EndpointOptions.Security {
        guard isEncrypted else { return .none }
        return .client(try keys.connectionKey(keyName, file: settings.keyFile).pair, server: try keys.serverKey(server))
    }

    /// A transport; with the table of keys where endpoints are encrypted and this process binds.
    ///
    /// A server needs a descriptor for every peer, and the soft limit that a shell gives (1024) ends at a few hundred workers: it is
    /// raised to the hard one.
    func transport(binds: Bool) throws(FleetError) -> sending ZeroMQTransport {
        OpenFiles.raiseLimit(to: Self.wantedDescriptors)
        if binds { try markEncryption() }
        let authenticator = isEncrypted && binds ? try keys.authenticator(domain: "fleet") : nil
        if let authenticator { try report(refusalsOf: authenticator) }
        do throws(TransportError) { return try ZeroMQTransport(authenticator: authenticator, maxSockets: 1023) } catch {
            throw FleetError(.system, error.description)
        }
    }

    /// Tells commands of this home how to speak to it.
    private func markEncryption() throws(FleetError) {
        try home.checkRuntimeFolder()
        guard isEncrypted else { return try Files.remove(home.encryptionMark) }
        try Files.makeFolder(home.runtimeFolder)
        try Files.write([], to: home.encryptionMark)
    }

    /// A line per cause and minute. Written on a thread of its own: a full pipe must not keep a key that is right from being admitted.
    private func report(refusalsOf authenticator: Authenticator) throws(FleetError) {
        let lines = try GuardLog { [log] in log.warning("\($0) lines about refused connections were lost: the log was too slow") }
        let notes = LimitedNotes { [log] text in lines.post { log.warning("\(text)") } }
        authenticator.reportRefusals { notes.note($0.sentence) }
    }

    private static let wantedDescriptors = 65_536

    /// The role file's limits applied to an endpoint, on which no message is longer than `bytes`.
    func limited(_ options: EndpointOptions, bytes: Int = .max) -> EndpointOptions {
        var result = options
        result.sendHighWaterMark = settings.highWaterMark
        result.receiveHighWaterMark = settings.highWaterMark
        result.maxMessageSize = min(Int(clamping: settings.maxMessageBytes), bytes)
        result.backlog = settings.backlog
        return result
    }

    /// Opens an endpoint, with errors for people.
    static func open(_ options: EndpointOptions, on transport: any Transport) throws(FleetError) -> EndpointID {
        do throws(TransportError) { return try transport.open(options) } catch {
            throw FleetError(error.code == .insecure || error.code == .invalidAddress ? .input : .system, error.description)
        }
    }

    /// Wall time.
    static let wallClock = WallTime.now

    /// Says to systemd or `pragma up` that the process is ready.
    func notifyReady() {
        let name = environment["PRAGMA_PROCESS"] ?? ""
        Notify.send("READY=1\nPRAGMA_PROCESS=\(name)\n", environment: environment)
    }

    /// The random number of this run of a process: the one that its supervisor knows it by, or its own.
    func run() -> SessionID {
        let given = environment["PRAGMA_SESSION"].flatMap(Hex.bytes).flatMap { SessionID(bytes: $0) }
        return given ?? SessionID(UInt128.random(in: .min ... .max))
    }

    /// A number for this run of a process that is above those of its earlier runs, also after the clock was set back: kept
    /// beside the latch.
    func nextMemberSession(_ process: String) throws(FleetError) -> MemberSession {
        let path = home.latchPath(process) + ".session"
        let kept =
            (try? Files.readIfPresent(path, limit: 64)).flatMap { $0 }.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) }
            ?? 0
        let next = max(kept &+ 1, UInt64(Self.wallClock()) << 12)
        try Files.write(Array(String(next).utf8), to: path, temporarySuffix: ".new")
        return MemberSession(next)
    }
}
