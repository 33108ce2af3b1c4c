internal import COperatingSystem
package import Configuration
internal import FleetProtocol
internal import Glibc
internal import Halt
package import Logging
internal import Transport

/// The monitor as a process.
package enum MonitorProcess {
    /// Runs until a signal, the loss of its supervisor, or a failure. Throws what keeps it from running.
    package static func run(home: Home, configuration: MonitorConfiguration, environment: [String: String], log: Logger)
        async throws
    {
        let name = configuration.name
        let node = Node(
            home: home, settings: configuration.settings, environment: environment, log: log, keyName: name,
            addresses: [configuration.guardEndpoint, configuration.beacon])
        let latchPath = configuration.latchPath ?? home.latchPath(name)
        // A core dump or a debugger would show the key that signs halt states.
        if csystem_protect_memory() != 0 {
            log.warning(
                "core dumps of this process cannot be forbidden", metadata: ["cause": "\(String(cString: strerror(errno)))"])
        }
        let lock = try FileLock(latchPath + ".lock", holder: "monitor \(name)")
        let latch = LatchFiles(latchPath)
        let loaded = MonitorLatch.load(latch.read(), monitor: MonitorID(name))
        let mailbox = Mailbox<MonitorShell.Event>(capacity: 10_000, whenFull: .refuse)
        let watch = FolderWatch.open(home.path, log: log)
        let files = try GuardFiles(
            latch: latch, kind: .monitor, haltPath: home.haltFile, probeInterval: FolderWatch.probeInterval(watch)
        ) { mailbox.post(.files($0)) == .accepted }
        let lines = try GuardLog { log.warning("\($0) lines of the monitor were lost: the log was too slow") }

        var settings = MonitorInstance.Settings()
        settings.lease = Self.duration(configuration.tradingLease)
        settings.pushInterval = Self.duration(configuration.repeatInterval)
        settings.idleBeaconInterval = Self.duration(configuration.beaconInterval)
        settings.liveBeaconInterval = Self.duration(configuration.liveBeaconInterval)
        let monitor = MonitorInstance(
            monitor: MonitorID(name), latch: loaded, seed: UInt64.random(in: .min ... .max), settings: settings,
            signer: try node.keys.signer(name, file: configuration.signingKeyFile),
            at: BootInstant(nanoseconds: MonotonicClock.now()), wallMilliseconds: Node.wallClock())

        let loop = try start(
            node, configuration, monitor: monitor, files: files, watch: watch, lines: lines, mailbox: mailbox)
        Lifeline.watch(environment: environment) {
            log.notice("the supervisor is gone: ending")
            mailbox.post(.finish)
        }
        node.notifyReady()
        log.info("monitor ready", metadata: ["monitor": "\(name)", "home": "\(home.path)", "encrypted": "\(node.isEncrypted)"])
        try await RoleService.run(
            [RoleService(name: "guard", wait: { try await loop.finished() }, stop: { mailbox.post(.finish) })], log: log)
        files.end(within: .seconds(2))
        lines.end(within: .milliseconds(500))
        withExtendedLifetime(lock) {}
    }

    private static func start(
        _ node: Node, _ configuration: MonitorConfiguration, monitor: MonitorInstance, files: GuardFiles, watch: Int32,
        lines: GuardLog, mailbox: Mailbox<MonitorShell.Event>
    ) throws(FleetError) -> SocketLoop<MonitorShell> {
        let transport = try node.transport(binds: true)
        let security = try node.serverSecurity()
        let guardEndpoint = try Node.open(
            node.limited(
                .server(try node.address(configuration.guardEndpoint, "guard"), security: security),
                bytes: ProtocolLimits.guardFrameBytes), on: transport)
        let beaconEndpoint = try Node.open(
            node.limited(
                .publisher(try node.address(configuration.beacon, "beacon"), security: security),
                bytes: ProtocolLimits.guardFrameBytes), on: transport)
        let folderWatch = watch >= 0 ? (endpoint: transport.watch(descriptor: watch), descriptor: watch) : nil
        let audit = try AuditLog(node.home.logPath("audit"))
        let log = node.log
        let shell = MonitorShell(
            monitor: monitor, guardEndpoint: guardEndpoint, beaconEndpoint: beaconEndpoint, files: files,
            folderWatch: folderWatch, haltFile: HaltFileProbe(node.home.haltFile).look(),
            verifier: try node.keys.verifier([configuration.name]), memberKeys: try node.keys.memberNames(),
            wallClock: Node.wallClock,
            record: { event in
                let time = Node.wallClock()
                lines.post {
                    log.notice("\(event.sentence)")
                    audit.append(event.sentence, wallMilliseconds: time)
                }
            },
            note: LimitedNotes { text in lines.post { log.warning("\(text)") } }.note)
        do throws(TransportError) {
            return try SocketLoop(name: "guard", transport: transport, mailbox: mailbox, handler: shell)
        } catch { throw FleetError(.system, error.description) }
    }

    private static func duration(_ duration: Duration) -> BootDuration {
        let (seconds, attoseconds) = duration.components
        return BootDuration(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// One line per event of the halt, appended and never rewritten: `HOME/logs/audit.log`.
final class AuditLog: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws(FleetError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.failure("cannot write the audit log", path) }
    }

    deinit { close(descriptor) }

    /// Appends a line. A full disk must not keep the halt from working: a line that cannot be written is lost.
    func append(_ sentence: String, wallMilliseconds: Int64) {
        // A reason is somebody's text: a line break in it must not look like a line of ours.
        let oneLine = String(sentence.map { $0.isNewline ? " " : $0 })
        let line = Array("\(WallTime.text(milliseconds: wallMilliseconds)) \(oneLine)\n".utf8)
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }
}

extension MonitorEvent {
    /// The event for the log and for people.
    var sentence: String {
        switch self {
        case .started(let epoch, let latch): "monitor started at epoch \(epoch), latch \(latch)"
        case .stopAccepted(let entry, let epoch):
            "STOP \(entry.scope) \(entry.action) by \(entry.operator): \(entry.reason) (epoch \(epoch))"
        case .rearmAccepted(let request): "re-arm by \(request.operator): \(request.reason) (names epoch \(request.epoch))"
        case .rearmDone(_, let epoch): "re-armed, epoch \(epoch)"
        case .refused(let refusal): "refused: \(refusal.message)"
        case .haltFileStays(let why): "STOP: the HALT file of the home could not be removed after a re-arm: \(why)"
        case .classRefused(let member, let known, let said):
            "\(member) says that it is of class \(said); it is known as \(known), and that process may still live: not taken"
        case .latchFailed(let why): "the latch could not be written: \(why)"
        case .foreignState(let member, let epoch):
            "\(member) shows epoch \(epoch) of this monitor, which its latch does not know: halted"
        case .memberReplaced(let member, let old, let new): "\(member): session \(new.number) in place of \(old.number)"
        case .memberLost(let member, let session): "\(member) is silent (session \(session.number))"
        case .memberDied(let member, let session, let by, let reason, let witnessed):
            "\(member) \(witnessed ? "is dead" : "is DECLARED dead") (session \(session.number)), says \(by): \(reason)"
        case .memberHeardAgain(let member, let session):
            "\(member) is heard although it was said to be dead (session \(session.number)): it counts again"
        }
    }
}
