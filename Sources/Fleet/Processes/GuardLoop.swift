internal import Configuration
internal import FleetProtocol
internal import Glibc
internal import Halt
internal import Logging
internal import Transport

/// The guard side of a worker or the coordinator, running: a loop with a context of its own.
struct GuardLoop: Sendable {
    let loop: SocketLoop<GuardMemberShell>
    let mailbox: Mailbox<GuardMemberShell.Event>
    private let files: GuardFiles
    private let log: GuardLog

    /// Waits for the end of the loop, and of what it asked of the disk and the log, for a while.
    func finished() async throws {
        defer {
            files.end(within: .seconds(2))
            log.end(within: .milliseconds(500))
        }
        try await loop.finished()
    }

    /// Starts it. Before this returns the member is held; only a monitor's fresh answer releases it.
    static func start(
        node: Node, process: String, start: MemberSession, run: MemberRun, role: MemberRole, memberClass: MemberClass,
        monitors: [MonitorPeer], settings: HaltMember.Settings = HaltMember.Settings(), output: GuardMemberShell.Output
    ) throws(FleetError) -> GuardLoop {
        let latch = LatchFiles(node.home.latchPath(process))
        let loaded = MemberLatch.load(latch.read())
        if case .invalid(let why) = loaded {
            node.log.warning("the halt latch is damaged; held until every monitor has answered", metadata: ["cause": "\(why)"])
        }
        let identity = HaltMember.Identity(
            name: MemberName(process), session: start, role: role, memberClass: memberClass, processID: getpid(), run: run)
        let member = HaltMember(
            identity: identity, monitors: monitors.map { MonitorID($0.name) }, latch: loaded, settings: settings)
        let mailbox = Mailbox<GuardMemberShell.Event>(capacity: 100_000, whenFull: .refuse)
        let descriptor = FolderWatch.open(node.home.path, log: node.log)
        let files = try GuardFiles(
            latch: latch, kind: .member, haltPath: node.home.haltFile, probeInterval: FolderWatch.probeInterval(descriptor)
        ) { mailbox.post(.files($0)) == .accepted }
        let log = try GuardLog { [log = node.log] in log.warning("\($0) lines of the guard loop were lost: the log was too slow")
        }
        let verifier = try node.keys.verifier(monitors.map(\.name))
        let transport = try node.transport(binds: false)
        let links = try Self.links(node, monitors, transport)
        let watch = descriptor >= 0 ? (endpoint: transport.watch(descriptor: descriptor), descriptor: descriptor) : nil
        let shell = GuardMemberShell(
            member: member, links: links, verifier: verifier, files: files, folderWatch: watch,
            haltFile: HaltFileProbe(node.home.haltFile).look(), output: Self.unhurried(output, log))
        do throws(TransportError) {
            return GuardLoop(
                loop: try SocketLoop(name: "guard", transport: transport, mailbox: mailbox, handler: shell), mailbox: mailbox,
                files: files, log: log)
        } catch { throw FleetError(.system, error.description) }
    }

    /// The output without what may wait for the reader of a log.
    private static func unhurried(_ output: GuardMemberShell.Output, _ log: GuardLog) -> GuardMemberShell.Output {
        var result = output
        result.note = { text in log.post { output.note(text) } }
        result.replaced = { newest in log.postAlways { output.replaced(newest) } }
        return result
    }

    private static func links(
        _ node: Node, _ monitors: [MonitorPeer], _ transport: any Transport
    ) throws(FleetError) -> [GuardMemberShell.Link] {
        var links: [GuardMemberShell.Link] = []
        for monitor in monitors {
            let security = try node.clientSecurity(to: monitor.name)
            let guardOptions = EndpointOptions.client(try node.address(monitor.guardEndpoint, "guard"), security: security)
            let beaconOptions = EndpointOptions.subscriber(try node.address(monitor.beacon, "beacon"), security: security)
            links.append(
                GuardMemberShell.Link(
                    monitor: MonitorID(monitor.name),
                    guardEndpoint: try Node.open(
                        node.limited(guardOptions, bytes: ProtocolLimits.guardFrameBytes), on: transport),
                    beaconEndpoint: try Node.open(
                        node.limited(beaconOptions, bytes: ProtocolLimits.guardFrameBytes), on: transport)))
        }
        return links
    }
}
