import FleetProtocol
import Glibc
import Testing
import Transport

@testable import Fleet
@testable import Halt

/// The shells of the halt without sockets and without time of their own.
@Suite(.timeLimit(.minutes(2))) struct GuardShellTests {
    private let folder: TemporaryFolder
    private let network = MemoryNetwork()
    private let verifier: HaltVerifier
    private let keys: KeyRing

    init() throws {
        folder = try TemporaryFolder()
        keys = KeyRing(folder: folder.path + "/keys")
        _ = try keys.makeMissing { $0 == .signing }
        verifier = try keys.verifier(["monitor"])
    }

    /// A monitor's loop, its mailbox, and its files: a latch that is never written where `isHanging`.
    private func monitor(
        isHanging: Bool
    ) throws -> (loop: ManualLoop<MonitorShell>, mailbox: Mailbox<MonitorShell.Event>, client: MemoryTransport) {
        if isHanging { #expect(mkfifo(folder.path + "/m.latch.0.new", 0o600) == 0) }
        let mailbox = Mailbox<MonitorShell.Event>()
        let files = try GuardFiles(
            latch: LatchFiles(folder.path + "/m.latch"), kind: .monitor, haltPath: folder.path + "/HALT"
        ) { mailbox.post(.files($0)) == .accepted }
        let transport = try MemoryTransport(network)
        let instance = MonitorInstance(
            monitor: MonitorID("monitor"), latch: .valid(.initial(monitor: MonitorID("monitor")), sequence: 0, whole: true),
            seed: 1, signer: try keys.signer("monitor"), at: BootInstant(nanoseconds: 0), wallMilliseconds: 0)
        let shell = MonitorShell(
            monitor: instance, guardEndpoint: try transport.open(.server(try Address("ipc://\(folder.path)/g"))),
            beaconEndpoint: try transport.open(.publisher(try Address("ipc://\(folder.path)/b"))), files: files, folderWatch: nil,
            haltFile: nil, verifier: verifier, memberKeys: [], wallClock: { 0 }, record: { _ in }, note: { _ in })
        let loop = try ManualLoop(transport: transport, mailbox: mailbox, handler: shell, now: 1)
        return (loop, mailbox, try MemoryTransport(network))
    }

    @Test func `a stop whose scope cannot be is answered with a refusal`() throws {
        let (loop, _, client) = try monitor(isHanging: false)
        let endpoint = try client.open(.client(try Address("ipc://\(folder.path)/g")))
        let id = HaltRequestID(high: 7, low: 8)
        let scope = HaltScope.job(String(repeating: "x", count: HaltLimits.scopeBytes + 1))
        let stop = StopRequest(request: id, scope: scope, action: .halt, reason: "r", operator: "o")
        _ = client.send(Frames(GuardWire.bytes(OperatorMessage.stop(stop))), on: endpoint, to: .only)
        try loop.runUntilQuiet(now: 2)
        var batch = Batch()
        _ = try client.receive(into: &batch, limit: 10)
        let replies = try batch.messages.map { try GuardWire.operatorReply($0.frames.first) }
        guard case .refused(let refusal)? = replies.first else {
            Issue.record("no refusal among \(replies)")
            return
        }
        #expect(refusal.request == id && refusal.code == .malformed && refusal.message.contains("scope"))
    }

    @Test func `a monitor ends when its state is on disk`() throws {
        let (loop, mailbox, _) = try monitor(isHanging: false)
        mailbox.post(.finish)
        // Time stands still here, so nothing but the write ends it.
        while !loop.isFinished {
            try loop.step(now: 2)
            usleep(1000)
        }
    }

    @Test func `a monitor whose latch hangs ends after two seconds and not before`() throws {
        let (loop, mailbox, _) = try monitor(isHanging: true)
        mailbox.post(.finish)
        try loop.runUntilQuiet(now: 2)
        try loop.runUntilQuiet(now: 1_900_000_000)
        #expect(!loop.isFinished)
        try loop.runUntilQuiet(now: 2_000_000_002)
        #expect(loop.isFinished)
    }

    // MARK: - Members

    private func member() throws -> (
        loop: ManualLoop<GuardMemberShell>, mailbox: Mailbox<GuardMemberShell.Event>, server: MemoryTransport
    ) {
        let server = try MemoryTransport(network)
        let address = try Address("ipc://\(folder.path)/g")
        _ = try server.open(.server(address))
        let mailbox = Mailbox<GuardMemberShell.Event>()
        let files = try GuardFiles(
            latch: LatchFiles(folder.path + "/w.latch"), kind: .member, haltPath: folder.path + "/HALT"
        ) { mailbox.post(.files($0)) == .accepted }
        let transport = try MemoryTransport(network)
        let identity = HaltMember.Identity(
            name: MemberName("w"), session: MemberSession(1), role: .worker, memberClass: .backtest, processID: 1)
        let link = GuardMemberShell.Link(
            monitor: MonitorID("monitor"), guardEndpoint: try transport.open(.client(address)),
            beaconEndpoint: try transport.open(.subscriber(try Address("ipc://\(folder.path)/b"))))
        let shell = GuardMemberShell(
            member: HaltMember(identity: identity, monitors: [MonitorID("monitor")], latch: .missing), links: [link],
            verifier: verifier, files: files, folderWatch: nil, haltFile: nil,
            output: GuardMemberShell.Output(
                setGate: { _ in }, setHold: { _, _, _ in }, replaced: { _ in }, note: { _ in }))
        let loop = try ManualLoop(transport: transport, mailbox: mailbox, handler: shell, now: 1)
        return (loop, mailbox, server)
    }

    @Test func `that an earlier hold is carried out says nothing of the one in force`() throws {
        let (loop, mailbox, _) = try member()
        mailbox.post(.workStopped(0))
        try loop.runUntilQuiet(now: 2)
        #expect(!loop.handler.member.workStopped)
        mailbox.post(.workStopped(2))
        try loop.runUntilQuiet(now: 3)
        #expect(!loop.handler.member.workStopped)
        mailbox.post(.workStopped(1))
        try loop.runUntilQuiet(now: 4)
        #expect(loop.handler.member.workStopped)
    }

    @Test func `the last word of a member is that it is closed and nothing runs`() throws {
        let (loop, mailbox, server) = try member()
        try loop.runUntilQuiet(now: 2)
        mailbox.post(.finish)
        try loop.runUntilQuiet(now: 3)
        #expect(!loop.isFinished)
        try loop.runUntilQuiet(now: 60_000_000)
        try loop.runUntilQuiet(now: 2_200_000_000)
        try loop.runUntilQuiet(now: 2_300_000_000)
        #expect(loop.isFinished)
        var batch = Batch()
        _ = try server.receive(into: &batch, limit: 1000)
        var last: MemberHealth?
        for message in batch.messages {
            if case .member(.health(let health)) = try GuardWire.inbound(message.frames.first, verifier) { last = health }
        }
        #expect(last?.restriction.causes.contains(.localStop) == true && last?.jobsRunning == 0)
    }
}
