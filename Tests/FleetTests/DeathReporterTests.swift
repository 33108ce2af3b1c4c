import Coordination
import FleetProtocol
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
        mailbox.post(.died(SessionID(3), DeathProof(supervisor: "test")))
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
        for _ in 0..<3 { reporter.report(session: String(repeating: "0", count: 31) + "1", .code(1)) }
        #expect(notes.all().count == 1)
        #expect(notes.all().first?.contains("cannot be reported") == true)
    }

    @Test func `a wait of any length has an end`() {
        #expect(Deadline.after(.seconds(2), now: 5) == 2_000_000_005)
        for seconds in [1e11, 1e18] { #expect(Deadline.after(.seconds(seconds), now: 5) == .max) }
        #expect(Deadline.after(.seconds(-1e18), now: 5) < 0)
    }
}
