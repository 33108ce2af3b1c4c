internal import CSystem
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
    private let memoryKills = Mutex(MemoryKills())

    enum Event: Sendable {
        case died(SessionID, DeathProof)
    }

    /// A reporter to the coordinator that `node` reaches.
    package init(_ node: ClientNode) {
        self.node = node
    }

    /// Reports the death of a session. `session` is the 32 digits that the child was started with.
    package func report(session: String, _ exit: SupervisorInstance.Exit) {
        guard let bytes = Hex.bytes(session), let id = SessionID(bytes: bytes) else { return }
        mailbox.post(.died(id, proof(of: exit)))
        loop.withLock { loop in if loop == nil { loop = try? start() } }
    }

    private func proof(of exit: SupervisorInstance.Exit) -> DeathProof {
        var proof = DeathProof(supervisor: "pragma up (pid \(getpid()))")
        switch exit {
        case .code(let code): proof.exitStatus = code
        case .signal(let number):
            proof.signal = number
            guard number == SIGKILL else { break }
            switch memoryKills.withLock({ $0.verdict() }) {
            case .no: break
            case .yes: proof.outOfMemory = true
            case .perhaps:
                proof.outOfMemory = true
                proof.supervisor += ", perhaps: it may have been another process of this machine"
            }
        }
        return proof
    }

    private func start() throws -> SocketLoop<Reporter> {
        let transport = try ZeroMQTransport()
        let control = try transport.open(.client(try Address(node.control), security: try node.security(to: "coordinator")))
        return try SocketLoop(name: "deaths", transport: transport, mailbox: mailbox, handler: Reporter(control: control))
    }

    /// Sends each report until it is answered.
    struct Reporter: LoopHandler {
        typealias Event = DeathReporter.Event
        let control: EndpointID
        private var open: [RequestID: ClientRequest] = [:]
        private var next: UInt64 = 1
        private var resendAt: Int64 = .max

        init(control: EndpointID) { self.control = control }

        mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
            var isDue = turn.now >= resendAt || turn.changes.contains { $0.kind == .connected }
            for case .died(let session, let proof) in turn.events {
                open[RequestID(next)] = .workerDied(session, proof)
                next += 1
                isDue = true
            }
            for message in turn.messages {
                if let answer = try? ControlWire.outbound(message.frames.first) { open[answer.request] = nil }
            }
            if isDue {
                for (id, request) in open {
                    turn.send(Frames(ControlWire.bytes(request, payloads: [], request: id)), on: control)
                }
                resendAt = turn.now + 1_000_000_000
            }
            if open.isEmpty { resendAt = .max }
            return open.isEmpty ? nil : resendAt
        }
    }
}
