internal import FleetProtocol
internal import Glibc
internal import Halt
internal import Transport

/// Carries out what `MonitorInstance` decides: the sockets to members and operators, the beacon, the latch.
struct MonitorShell: LoopHandler {
    /// What other threads tell it.
    enum Event: Sendable {
        case files(GuardFiles.Answer)
        case finish
    }

    /// A session of a member and the connection it was last heard on.
    private struct Member: Hashable {
        var name: MemberName
        var session: MemberSession
    }

    private var monitor: MonitorInstance
    private let guardEndpoint: EndpointID
    private let beaconEndpoint: EndpointID
    private let files: GuardFiles
    private let folderWatch: (endpoint: EndpointID, descriptor: Int32)?
    private var initialFile: HaltFile?
    private var hasStarted = false
    private let wallClock: @Sendable () -> Int64
    private let verifier: HaltVerifier
    private let memberKeys: Set<String>
    private let record: @Sendable (MonitorEvent) -> Void
    private let note: @Sendable (String) -> Void
    private var peers = RecentTable<Member, PeerID>(limit: 20_000)
    /// Who asked, by request, oldest first; bounded.
    private var askers: [(request: HaltRequestID, peer: PeerID)] = []
    /// Until when the end waits for the latch at most; nil: it does not end.
    private var endBy: Int64?

    private static let askerLimit = 256
    private static let endingTime: Int64 = 2_000_000_000

    init(
        monitor: MonitorInstance, guardEndpoint: EndpointID, beaconEndpoint: EndpointID, files: GuardFiles,
        folderWatch: (endpoint: EndpointID, descriptor: Int32)?, haltFile: HaltFile?, verifier: HaltVerifier,
        memberKeys: Set<String>, wallClock: @escaping @Sendable () -> Int64,
        record: @escaping @Sendable (MonitorEvent) -> Void, note: @escaping @Sendable (String) -> Void
    ) {
        self.monitor = monitor
        self.guardEndpoint = guardEndpoint
        self.beaconEndpoint = beaconEndpoint
        self.files = files
        self.folderWatch = folderWatch
        initialFile = haltFile
        self.verifier = verifier
        self.memberKeys = memberKeys
        self.wallClock = wallClock
        self.record = record
        self.note = note
    }

    mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
        let now = BootInstant(nanoseconds: turn.now)
        var directives: [MonitorDirective] = []
        if !hasStarted {
            hasStarted = true
            directives += monitor.start(haltFile: initialFile, at: now, wallMilliseconds: wallClock())
        }
        if let folderWatch, turn.changes.contains(where: { $0.endpoint == folderWatch.endpoint }) {
            FolderWatch.drain(folderWatch.descriptor)
            files.post(.probe)
        }
        for message in turn.messages { directives += receive(message, turn, at: now) }
        for event in turn.events { directives += handle(event, at: now) }
        directives += monitor.tick(at: now)
        carryOut(directives, turn: turn, at: now)
        guard let endBy else { return monitor.nextTick.nanoseconds }
        // What was stopped last must outlast the process: it is awaited on disk, for a while.
        if monitor.isDurable || turn.now >= endBy { turn.finish() }
        return min(monitor.nextTick.nanoseconds, endBy)
    }

    // MARK: - Inputs

    private mutating func receive(_ message: Message, _ turn: borrowing Turn<Event>, at now: BootInstant) -> [MonitorDirective] {
        do {
            switch try GuardWire.inbound(message.frames.first, verifier) {
            case .member(let content):
                let known = monitor.memberClass(of: content.member)
                guard Rights.mayActAsMember(content, message.user, among: memberKeys, known: known) else {
                    return refused(message, "to act as \(content.member)")
                }
                peers.set(message.peer, for: Member(name: content.member, session: content.session))
                return monitor.receive(content, at: now, wallMilliseconds: wallClock())
            case .operator(let content):
                guard Rights.allows(content, message.user) else {
                    let refusal = HaltRefusal(
                        request: content.request, code: .malformed, monitor: monitor.state.monitor, current: monitor.state.epoch,
                        message: "the key of '\(message.user?.name ?? "?")' has no right to that; use an operator's key")
                    turn.send(Frames(GuardWire.bytes(OperatorReply.refused(refusal))), on: guardEndpoint, to: message.peer)
                    return refused(message, "for this request")
                }
                remember(content.request, message.peer)
                return monitor.receive(content, at: now, wallMilliseconds: wallClock())
            }
        } catch {
            note("a message on the guard endpoint was refused: \(error)")
            if let request = GuardWire.operatorRequest(in: message.frames.first) {
                let refusal = HaltRefusal(
                    request: request, code: .malformed, monitor: monitor.state.monitor, current: monitor.state.epoch,
                    message: "the request cannot be read: \(error)")
                turn.send(Frames(GuardWire.bytes(OperatorReply.refused(refusal))), on: guardEndpoint, to: message.peer)
            }
            return []
        }
    }

    private func refused(_ message: Message, _ what: String) -> [MonitorDirective] {
        note("the key of '\(message.user?.name ?? "?")' has no right \(what)")
        return []
    }

    private mutating func remember(_ request: HaltRequestID, _ peer: PeerID) {
        askers.removeAll { $0.request == request }
        askers.append((request, peer))
        if askers.count > Self.askerLimit { askers.removeFirst() }
    }

    private mutating func handle(_ event: Event, at now: BootInstant) -> [MonitorDirective] {
        switch event {
        case .files(.latchWritten(let sequence, let failure)):
            return monitor.latchWritten(sequence: sequence, failure: failure, at: now)
        case .files(.haltFile(let file)): return monitor.haltFile(file, at: now, wallMilliseconds: wallClock())
        case .files(.haltFileRemoved(let identity, let failure)):
            return monitor.haltFileRemoved(identity: identity, failure: failure, at: now, wallMilliseconds: wallClock())
        case .finish:
            endBy = endBy ?? now.nanoseconds + Self.endingTime
            return []
        }
    }

    // MARK: - Directives

    private mutating func carryOut(_ directives: [MonitorDirective], turn: borrowing Turn<Event>, at now: BootInstant) {
        for directive in directives {
            switch directive {
            case .send(let name, let session, let message):
                let member = Member(name: name, session: session)
                guard let peer = peers[member] else { continue }
                if turn.send(Frames(GuardWire.bytes(message)), on: guardEndpoint, to: peer) == .unreachable {
                    peers.remove(member)
                    monitor.memberUnreachable(name, session: session, at: now)
                }
            case .publish(let beacon):
                turn.send(Frames(GuardWire.beaconTopic, rest: [GuardWire.bytes(beacon)]), on: beaconEndpoint)
            case .persistLatch(let sequence, let payload): files.post(.writeLatch(sequence: sequence, payload: payload))
            case .reply(var reply):
                if case .status(var status) = reply {
                    status.processID = getpid()
                    reply = .status(status)
                }
                guard let asker = askers.last(where: { $0.request == reply.request }) else { continue }
                turn.send(Frames(GuardWire.bytes(reply)), on: guardEndpoint, to: asker.peer)
            case .removeHaltFile(let identity): files.post(.removeHaltFile(identity: identity))
            case .record(let event): record(event)
            }
        }
    }
}
