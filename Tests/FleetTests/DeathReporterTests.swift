import Coordination
import FleetProtocol
import Halt
import Synchronization
import Testing
import Transport

@testable import Fleet

@Suite struct DeathReporterTests {
    private let notes = Notes()

    private final class Notes: Sendable {
        let lines = Mutex<[String]>([])
        func all() -> [String] { lines.withLock { $0 } }
    }

    /// Reports one death; `answer` says what the coordinator answers to it. Returns how often the report was sent within a minute.
    private func reports(_ answer: (RequestID) -> [UInt8]?) throws -> Int {
        let network = MemoryNetwork()
        let server = try MemoryTransport(network)
        let control = try server.open(.server(.loopback(port: 7000)))
        let near = try MemoryTransport(network)
        let limited = LimitedNotes(clock: { 0 }) { [notes] line in notes.lines.withLock { $0.append(line) } }
        let mailbox = Mailbox<DeathReporter.Event>()
        let loop = try ManualLoop(
            transport: near, mailbox: mailbox,
            handler: DeathReporter.Reporter(control: try near.open(.client(.loopback(port: 7000))), notes: limited), now: 0)
        mailbox.post(.workerDied(SessionID(3), DeathProof(supervisor: "test")))
        var sent = 0
        for second in 0..<60 {
            try loop.runUntilQuiet(now: Int64(second) * 1_000_000_000)
            var batch = Batch()
            _ = try server.receive(into: &batch, limit: 100)
            for message in batch.messages {
                sent += 1
                let request = try ControlWire.inbound(message.frames.first).request
                if let bytes = answer(request) { _ = server.send(Frames(bytes), on: control, to: message.peer) }
            }
        }
        return sent
    }

    @Test func `a report is sent until it is answered`() throws {
        #expect(try reports { _ in nil } >= 59)
        #expect(try reports { ControlWire.bytes(.done, to: $0) } == 1)
        #expect(notes.all() == [])
    }

    @Test func `a refusal is no confirmation: it is told`() throws {
        let refusal = Refusal(.invalidRequest, "the key of 'viewer' may only look")
        #expect(try reports { ControlWire.bytes(Reply.refused(refusal), to: $0) } == 1)
        #expect(notes.all().count == 1)
        #expect(notes.all().first?.contains("may only look") == true)
    }

    @Test func `an error is told once and the report goes on`() throws {
        #expect(try reports { _ in ControlWire.errorBytes("another version") } >= 59)
        #expect(notes.all() == ["the coordinator could not read the report of a worker's death: another version"])
    }

    @Test func `a missing key is told`() throws {
        let folder = try TemporaryFolder()
        let home = Home(path: folder.path, fleet: "f")
        let reporter = DeathReporter(ClientNode(home: home, environment: ["PRAGMA__ENCRYPTION": "on"])) { [notes] line in
            notes.lines.withLock { $0.append(line) }
        }
        for _ in 0..<3 { reporter.report(.backtest, session: String(repeating: "0", count: 31) + "1", .code(1)) }
        #expect(notes.all().count == 1)
        #expect(notes.all().first?.contains("cannot be reported") == true)
    }

    // MARK: - Monitors

    /// Two monitors and the coordinator on a network in memory; the first monitor answers as `answer` says, the second never.
    private func deaths(
        _ event: DeathReporter.Event, _ answer: (HaltRequestID) -> OperatorReply?
    ) throws -> (first: [MemberDeath], second: [MemberDeath], coordinator: Int) {
        let network = MemoryNetwork()
        let server = try MemoryTransport(network)
        let endpoints = try (7000..<7003).map { try server.open(.server(.loopback(port: UInt16($0)))) }
        let near = try MemoryTransport(network)
        let links = try (7000..<7003).map { try near.open(.client(.loopback(port: UInt16($0)))) }
        let mailbox = Mailbox<DeathReporter.Event>()
        let limited = LimitedNotes(clock: { 0 }) { [notes] line in notes.lines.withLock { $0.append(line) } }
        let loop = try ManualLoop(
            transport: near, mailbox: mailbox,
            handler: DeathReporter.Reporter(
                control: links[0], guards: [links[1]: "monitor", links[2]: "monitor-2"], notes: limited), now: 0)
        mailbox.post(event)
        var found: [EndpointID: [MemberDeath]] = [:]
        var coordinator = 0
        for second in 0..<10 {
            try loop.runUntilQuiet(now: Int64(second) * 1_000_000_000)
            var batch = Batch()
            _ = try server.receive(into: &batch, limit: 100)
            for message in batch.messages {
                if message.endpoint == endpoints[0] {
                    coordinator += 1
                    continue
                }
                guard case .operator(.memberDied(let death)) = try GuardWire.inbound(message.frames.first, NoSignature()) else {
                    Issue.record("something else than a death")
                    continue
                }
                found[message.endpoint, default: []].append(death)
                if message.endpoint == endpoints[1], let reply = answer(death.request) {
                    _ = server.send(Frames(GuardWire.bytes(reply)), on: endpoints[1], to: message.peer)
                }
            }
        }
        return (found[endpoints[1]] ?? [], found[endpoints[2]] ?? [], coordinator)
    }

    private struct NoSignature: HaltSignatureCheck {
        func isValid(_ bytes: [UInt8], signature: [UInt8], of monitor: String) -> Bool { false }
    }

    @Test func `every monitor is told, each until it has confirmed`() throws {
        let run = UInt128(7) << 64 | 9
        let proof = DeathProof(supervisor: "up", signal: 9)
        let (first, second, coordinator) = try deaths(.workerDied(SessionID(run), proof)) { .done($0) }
        #expect(first.count == 1 && second.count >= 9 && coordinator >= 9)
        let death = try #require(first.first)
        #expect(death.run == MemberRun(high: 7, low: 9) && death.witnessed)
        #expect(death.reason == "it was ended by signal 9" && death.operator == "up")
        #expect(notes.all() == [])
    }

    @Test func `the coordinator's own death is told to the monitors alone`() throws {
        let proof = DeathProof(supervisor: "up", exitStatus: 6)
        let (first, _, coordinator) = try deaths(.coordinatorDied(SessionID(3), proof)) { .done($0) }
        #expect(first.map(\.reason) == ["it exited with status 6"] && coordinator == 0)
    }

    @Test func `a monitor's refusal is told and ends the report`() throws {
        let (first, second, _) = try deaths(.workerDied(SessionID(3), DeathProof(supervisor: "up"))) {
            .refused(
                HaltRefusal(
                    request: $0, code: .malformed, monitor: MonitorID("monitor"), current: .zero, message: "no right to that"))
        }
        #expect(first.count == 1 && second.count >= 9)
        #expect(notes.all() == ["monitor monitor refused the report of a death: no right to that"])
    }

    @Test func `a wait of any length has an end`() {
        #expect(Deadline.after(.seconds(2), now: 5) == 2_000_000_005)
        for seconds in [1e11, 1e18] { #expect(Deadline.after(.seconds(seconds), now: 5) == .max) }
        #expect(Deadline.after(.seconds(-1e18), now: 5) < 0)
    }
}
