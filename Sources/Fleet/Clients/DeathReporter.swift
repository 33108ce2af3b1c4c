internal import COperatingSystem
internal import Coordination
internal import FleetProtocol
internal import Glibc
internal import Synchronization
internal import Transport

/// Tells the coordinator which worker sessions are dead, with the proof that only their supervisor has. Reports are kept until
/// the coordinator has confirmed them, over its own restarts too.
package final class DeathReporter: Sendable {
    /// The sockets' loop is made only when there is something to tell: `pragma up` starts its children before any context exists.
    private let mailbox = Mailbox<Event>(capacity: 10_000, whenFull: .dropOldest)
    private let loop = Mutex<SocketLoop<Reporter>?>(nil)
    private let node: ClientNode
    private let notes: LimitedNotes
    private let memoryKills = Mutex(MemoryKills())

    enum Event: Sendable {
        case died(SessionID, DeathProof)
    }

    /// A reporter to the coordinator that `node` reaches.
    ///
    /// - Parameter note: is told what keeps a report from being taken, on any thread, once a minute each.
    package init(_ node: ClientNode, note: @escaping @Sendable (String) -> Void) {
        self.node = node
        notes = LimitedNotes(write: note)
    }

    /// Reports the death of a session. `session` is the 32 digits that the child was started with.
    package func report(session: String, _ exit: SupervisorInstance.Exit) {
        guard let bytes = Hex.bytes(session), let id = SessionID(bytes: bytes) else { return }
        mailbox.post(.died(id, proof(of: exit)))
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
        return try SocketLoop(
            name: "deaths", transport: transport, mailbox: mailbox, handler: Reporter(control: control, notes: notes))
    }

    /// Sends each report until it is answered.
    struct Reporter: LoopHandler {
        typealias Event = DeathReporter.Event
        let control: EndpointID
        private let notes: LimitedNotes
        private var open: [RequestID: ClientRequest] = [:]
        private var next: UInt64 = 1
        private var resendAt: Int64 = .max

        init(control: EndpointID, notes: LimitedNotes) {
            self.control = control
            self.notes = notes
        }

        mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
            var isDue = turn.now >= resendAt || turn.changes.contains { $0.kind == .connected }
            for case .died(let session, let proof) in turn.events {
                open[RequestID(next)] = .workerDied(session, proof)
                next += 1
                isDue = true
            }
            for case .refused(let status) in turn.changes.map(\.kind) {
                notes.note(
                    "the coordinator does not accept the key of 'pragma up' (\(status)): deaths of workers are not reported")
            }
            for message in turn.messages { take(message) }
            if isDue {
                for (id, request) in open {
                    turn.send(Frames(ControlWire.bytes(request, payloads: [], request: id)), on: control)
                }
                resendAt = turn.now + 1_000_000_000
            }
            if open.isEmpty { resendAt = .max }
            return open.isEmpty ? nil : resendAt
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
