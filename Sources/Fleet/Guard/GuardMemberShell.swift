internal import FleetProtocol
internal import Glibc
internal import Halt
internal import Transport

/// Carries out what `HaltMember` decides, on the guard loop of a worker or the coordinator: a thread and a ZeroMQ context of its
/// own, no disk, no strategy code.
struct GuardMemberShell: LoopHandler {
    /// What other threads tell it.
    enum Event: Sendable {
        case files(GuardFiles.Answer)
        /// What the process works on has changed.
        case subject(HaltSubject)
        /// The work that the hold of this number had to stop has stopped.
        case workStopped(UInt64)
        /// What is left of orders and positions after `Output.cancelOrders`.
        case exchangeRead(AckStage)
        /// SIGTERM, or the supervisor is gone.
        case stopLocally
        case jobsRunning(UInt32)
        case finish
    }

    /// What it tells the rest of the process; called on the guard thread, must not wait.
    struct Output: Sendable {
        var setGate: @Sendable (OrderGate) -> Void
        /// To be answered with `Event.exchangeRead`.
        var cancelOrders: @Sendable (HaltAction) -> Void = { _ in }
        /// With the number of the order, which `workStopped` gives back, and why.
        var setHold: @Sendable (Bool, UInt64, String) -> Void
        /// Another process has taken this one's name.
        var replaced: @Sendable (MemberSession) -> Void
        var note: @Sendable (String) -> Void
    }

    /// The sockets to one monitor.
    struct Link {
        var monitor: MonitorID
        var guardEndpoint: EndpointID
        var beaconEndpoint: EndpointID
    }

    private(set) var member: HaltMember
    private let links: [Link]
    private let verifier: HaltVerifier
    private let files: GuardFiles
    private let folderWatch: (endpoint: EndpointID, descriptor: Int32)?
    private let output: Output
    private var random = SystemRandomNumberGenerator()
    private var jobsRunning: UInt32 = 0
    private var healthDue: Int64 = 0
    private var initialFile: HaltFile?
    private var hasStarted = false
    /// The number of the last hold or release. An answer to an earlier one says nothing of what was begun in between.
    private var hold: UInt64 = 0
    private var ending = Ending.no

    /// The steps of an orderly end.
    private enum Ending {
        case no
        /// The latch is awaited, until then at most.
        case waiting(until: Int64)
        /// The last word is on its way, until then.
        case leaving(until: Int64)
    }

    private static let healthInterval: Int64 = 1_000_000_000
    private static let endingTime: Int64 = 2_000_000_000
    private static let leavingTime: Int64 = 50_000_000

    init(
        member: HaltMember, links: [Link], verifier: HaltVerifier, files: GuardFiles,
        folderWatch: (endpoint: EndpointID, descriptor: Int32)?, haltFile: HaltFile?, output: Output
    ) {
        self.member = member
        self.links = links
        self.verifier = verifier
        self.files = files
        self.folderWatch = folderWatch
        self.output = output
        initialFile = haltFile
    }

    mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
        let now = BootInstant(nanoseconds: turn.now)
        var directives: [HaltMemberDirective] = []
        if !hasStarted {
            hasStarted = true
            directives += member.start(haltFile: initialFile, at: now)
        }
        for change in turn.changes { take(change, at: now) }
        for message in turn.messages { directives += receive(message, at: now) }
        for event in turn.events { directives += handle(event, at: now) }
        directives += member.tick(at: now, random: &random)
        carryOut(directives, turn: turn)
        let endingDue = end(&turn)
        if turn.now >= healthDue { sendHealth(turn) }
        return min(member.nextTick.nanoseconds, healthDue, endingDue)
    }

    /// Ends when what is held is on disk, or after a while. The last word says that this session is closed for good: without it the
    /// monitors could not tell the end from a frozen process.
    private mutating func end(_ turn: inout Turn<Event>) -> Int64 {
        switch ending {
        case .no: return .max
        case .waiting(let until):
            guard member.isDurable || turn.now >= until else { return until }
            sendHealth(turn)
            ending = .leaving(until: turn.now + Self.leavingTime)
            return turn.now + Self.leavingTime
        case .leaving(let until):
            if turn.now >= until { turn.finish() }
            return until
        }
    }

    private mutating func take(_ change: LinkChange, at now: BootInstant) {
        if let folderWatch, change.endpoint == folderWatch.endpoint {
            FolderWatch.drain(folderWatch.descriptor)
            files.post(.probe)
        } else if change.kind == .connected, let link = links.first(where: { $0.guardEndpoint == change.endpoint }) {
            member.connected(to: link.monitor, at: now)
        }
    }

    private mutating func receive(_ message: Message, at now: BootInstant) -> [HaltMemberDirective] {
        guard let link = links.first(where: { $0.guardEndpoint == message.endpoint || $0.beaconEndpoint == message.endpoint })
        else { return [] }
        do {
            if message.endpoint == link.beaconEndpoint {
                guard message.frames.count == 2 else { return [] }
                let beacon = try GuardWire.beacon(message.frames[1], verifier)
                return beacon.state.state.monitor == link.monitor ? member.receive(beacon, at: now) : []
            }
            let received = try GuardWire.monitorMessage(message.frames.first, verifier)
            return member.receive(received, from: link.monitor, at: now)
        } catch {
            output.note("a message on the guard connection to \(link.monitor) was refused: \(error)")
            return []
        }
    }

    private mutating func handle(_ event: Event, at now: BootInstant) -> [HaltMemberDirective] {
        switch event {
        case .files(.latchWritten(let sequence, let failure)):
            if let failure { output.note("the halt latch could not be written: \(failure)") }
            return member.latchWritten(sequence: sequence, failure: failure, at: now)
        case .files(.haltFile(let file)): return member.haltFile(file, at: now)
        case .files(.haltFileRemoved): return []  // Only a monitor removes it.
        case .subject(let subject): return member.setSubject(subject, at: now)
        case .workStopped(let number): return number == hold ? member.workStopped(at: now) : []
        case .exchangeRead(let stage): return member.exchangeRead(stage, at: now)
        case .stopLocally: return member.stopLocally(at: now)
        case .jobsRunning(let count):
            jobsRunning = count
            return []
        case .finish:
            if case .no = ending { ending = .waiting(until: now.nanoseconds + Self.endingTime) }
            return member.stopLocally(at: now)
        }
    }

    private mutating func carryOut(_ directives: [HaltMemberDirective], turn: borrowing Turn<Event>) {
        for directive in directives {
            switch directive {
            case .setGate(let gate): output.setGate(gate)
            case .setHold(let isHeld):
                hold += 1
                output.setHold(isHeld, hold, isHeld ? reason(now: turn.now) : "")
            case .cancelOrders(let action): output.cancelOrders(action)
            case .persistLatch(let sequence, let payload): files.post(.writeLatch(sequence: sequence, payload: payload))
            case .send(let monitor, let message):
                guard let link = links.first(where: { $0.monitor == monitor }) else { continue }
                turn.send(Frames(GuardWire.bytes(message)), on: link.guardEndpoint)
            case .haltChanged: break
            case .sessionReplaced(let newest): output.replaced(newest)
            case .conflict(let monitor, let epoch):
                output.note("monitor \(monitor) contradicts itself: two states of epoch \(epoch); everything stays held")
            }
        }
    }

    /// Why work is held, for people.
    private func reason(now: Int64) -> String {
        let entries = member.heldState.monitors.values.flatMap(\.entries)
        if let entry = entries.max(by: { $0.action < $1.action }) { return entry.reason }
        let causes = member.restriction(at: BootInstant(nanoseconds: now)).causes
        if causes.contains(.haltFile) || causes.contains(.haltFileSeen) { return "a HALT file is or was in the home" }
        if causes.contains(.localStop) { return "the process is ending" }
        return "no monitor has told the halt state yet"
    }

    private mutating func sendHealth(_ turn: borrowing Turn<Event>) {
        healthDue = turn.now + Self.healthInterval
        let usage = ProcessUsage.read()
        for link in links {
            let message = member.health(
                for: link.monitor, at: BootInstant(nanoseconds: turn.now), jobsRunning: jobsRunning,
                residentBytes: usage.residentBytes, processorMilliseconds: usage.cpuNanoseconds / 1_000_000)
            turn.send(Frames(GuardWire.bytes(message)), on: link.guardEndpoint)
        }
    }
}
