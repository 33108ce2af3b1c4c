internal import COperatingSystem
internal import Coordination
internal import FleetProtocol
internal import Glibc
internal import Halt
internal import Synchronization
internal import Transport

/// Tells the coordinator and every monitor which processes are dead, with the proof that only their supervisor has. Reports are kept
/// until each has confirmed them, over its own restarts too.
package final class DeathReporter: Sendable {
    /// The sockets' loop is made only when there is something to tell: `pragma up` starts its children before any context exists.
    private let mailbox = Mailbox<Event>(capacity: 10_000, whenFull: .dropOldest)
    private let loop = Mutex<SocketLoop<Reporter>?>(nil)
    private let node: ClientNode
    private let notes: LimitedNotes
    private let memoryKills = Mutex(MemoryKills())

    enum Event: Sendable {
        /// A worker's process: its jobs go elsewhere, and no stop waits for it.
        case workerDied(SessionID, DeathProof)
        /// The coordinator's process: no stop waits for it.
        case coordinatorDied(SessionID, DeathProof)

        fileprivate var parts: (run: SessionID, proof: DeathProof) {
            switch self {
            case .workerDied(let run, let proof), .coordinatorDied(let run, let proof): (run, proof)
            }
        }
    }

    /// A reporter to the coordinator and the monitors that `node` reaches.
    ///
    /// - Parameter note: is told what keeps a report from being taken, on any thread, once a minute each.
    package init(_ node: ClientNode, note: @escaping @Sendable (String) -> Void) {
        self.node = node
        notes = LimitedNotes(write: note)
    }

    /// Reports the death of a child. `session` is the 32 digits that it was started with. A monitor's death concerns nobody here.
    package func report(_ role: ChildEnvironment.Role, session: String, _ exit: SupervisorInstance.Exit) {
        guard let bytes = Hex.bytes(session), let id = SessionID(bytes: bytes) else { return }
        switch role {
        case .monitor: return
        case .coordinator: mailbox.post(.coordinatorDied(id, proof(of: exit)))
        default: mailbox.post(.workerDied(id, proof(of: exit)))
        }
        loop.withLock { loop in
            guard loop == nil else { return }
            do { loop = try start() } catch {
                notes.note("deaths of workers cannot be reported, their work is taken back only after its lease: \(error)")
            }
        }
    }

    private func proof(of exit: SupervisorInstance.Exit) -> DeathProof {
        var proof = DeathProof(supervisor: "pragma up (pid \(getpid()))")
        switch exit {
        case .code(let code): proof.exitStatus = code
        case .signal(let number):
            proof.signal = number
            guard number == SIGKILL else { break }
            memoryKills.withLock { $0.verdict() }.note(in: &proof)
        }
        return proof
    }

    private func start() throws -> SocketLoop<Reporter> {
        let transport = try ZeroMQTransport()
        let control = try transport.open(.client(try Address(node.control), security: try node.security(to: "coordinator")))
        var guards: [EndpointID: String] = [:]
        for one in node.guards {
            // What keeps one monitor from being told keeps nothing from the others.
            do {
                let options = EndpointOptions.client(try Address(one.address), security: try node.security(to: one.monitor))
                guards[try transport.open(options)] = one.monitor
            } catch { notes.note("monitor \(one.monitor) cannot be told of deaths, its stops wait for the dead: \(error)") }
        }
        return try SocketLoop(
            name: "deaths", transport: transport, mailbox: mailbox,
            handler: Reporter(control: control, guards: guards, notes: notes))
    }

    /// Sends each report until it is answered.
    struct Reporter: LoopHandler {
        typealias Event = DeathReporter.Event
        let control: EndpointID
        /// The monitors' names by the connections to them.
        private let guards: [EndpointID: String]
        private let notes: LimitedNotes
        /// What each monitor has not confirmed, oldest first.
        private var unconfirmed: [EndpointID: [MemberDeath]] = [:]
        private var open: [RequestID: ClientRequest] = [:]
        private var next: UInt64 = 1
        private var resendAt: Int64 = .max

        /// Reports beyond this, to somebody who has not answered for long, are given up.
        private static let limit = 4096

        init(control: EndpointID, guards: [EndpointID: String] = [:], notes: LimitedNotes) {
            self.control = control
            self.guards = guards
            self.notes = notes
        }

        mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
            var isDue = turn.now >= resendAt || turn.changes.contains { $0.kind == .connected }
            for event in turn.events {
                note(event)
                isDue = true
            }
            for change in turn.changes {
                guard case .refused(let status) = change.kind else { continue }
                let peer = guards[change.endpoint].map { "monitor \($0)" } ?? "the coordinator"
                notes.note("\(peer) does not accept the key of 'pragma up' (\(status)): deaths of workers are not reported")
            }
            for message in turn.messages {
                if guards[message.endpoint] == nil { take(message) } else { takeFromMonitor(message) }
            }
            if isDue { sendAll(turn) }
            let isDone = open.isEmpty && unconfirmed.values.allSatisfy(\.isEmpty)
            if isDone { resendAt = .max }
            return isDone ? nil : resendAt
        }

        private mutating func note(_ event: Event) {
            if case .workerDied(let session, let proof) = event {
                open[RequestID(next)] = .workerDied(session, proof)
                if open.count > Self.limit, let oldest = open.keys.min(by: { $0.rawValue < $1.rawValue }) { open[oldest] = nil }
                next += 1
            }
            let (run, proof) = event.parts
            let id = HaltRequestID(high: UInt64.random(in: .min ... .max), low: UInt64.random(in: .min ... .max))
            let death = MemberDeath(
                request: id, run: MemberRun(run), witnessed: true, reason: proof.ending, operator: proof.supervisor)
            for endpoint in guards.keys {
                unconfirmed[endpoint, default: []].append(death)
                if unconfirmed[endpoint, default: []].count > Self.limit { unconfirmed[endpoint]?.removeFirst() }
            }
        }

        private mutating func sendAll(_ turn: borrowing Turn<Event>) {
            for (id, request) in open {
                turn.send(Frames(ControlWire.bytes(request, payloads: [], request: id)), on: control)
            }
            for (endpoint, deaths) in unconfirmed {
                for death in deaths { turn.send(Frames(GuardWire.bytes(.memberDied(death))), on: endpoint) }
            }
            resendAt = turn.now + 1_000_000_000
        }

        private mutating func takeFromMonitor(_ message: Message) {
            // Nothing else than a report was ever sent; what cannot be read confirms nothing.
            guard let reply = try? GuardWire.operatorReply(message.frames.first) else { return }
            unconfirmed[message.endpoint]?.removeAll { $0.request == reply.request }
            if case .refused(let refusal) = reply {
                let monitor = guards[message.endpoint] ?? "?"
                notes.note("monitor \(monitor) refused the report of a death: \(refusal.message)")
            }
        }

        private mutating func take(_ message: Message) {
            do {
                let answer = try ControlWire.outbound(message.frames.first)
                let asked = open.removeValue(forKey: answer.request)
                switch answer.content {
                case .reply(.refused(let refusal)) where asked != nil:
                    notes.note("the coordinator refused the report of a worker's death: \(refusal.message)")
                case .error(let text): notes.note("the coordinator could not read the report of a worker's death: \(text)")
                default: break
                }
            } catch {
                notes.note("the coordinator's answer to the report of a worker's death cannot be read: \(error)")
            }
        }
    }
}

extension DeathProof {
    /// How the process ended, for people.
    fileprivate var ending: String {
        if outOfMemory { return "it was killed for its memory" }
        if let signal { return "it was ended by signal \(signal)" }
        return exitStatus.map { "it exited with status \($0)" } ?? "it ended"
    }
}
