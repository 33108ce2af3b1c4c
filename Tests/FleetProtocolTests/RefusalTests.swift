import Coordination
import FleetProtocol
import Halt
import Testing

@Suite struct `A refused message` {
    private func error(_ body: () throws(ProtocolError) -> some Any) -> ProtocolError? {
        do throws(ProtocolError) {
            _ = try body()
            return nil
        } catch { return error }
    }

    /// The bytes of a message whose version is another one.
    private func withVersion(_ major: UInt8, _ minor: UInt8) -> [UInt8] {
        let bytes = JobsWire.bytes(.goodbye(SessionID(1)))
        #expect(bytes.prefix(2) == [8, 1])
        return [8, major, 16, minor] + bytes.dropFirst(2)
    }

    @Test func `of another major version is answered with both versions`() throws {
        let refused = try #require(error { () throws(ProtocolError) in try JobsWire.workerMessage(withVersion(2, 5)) })
        #expect(refused == .incompatibleVersion(sender: ProtocolVersion(major: 2, minor: 5), own: .current))
        #expect(refused.description.contains("2.5") && refused.description.contains(ProtocolVersion.current.description))
        let answer = ControlWire.errorBytes(refused.description)
        guard case .error(let text) = try ControlWire.outbound(answer).content else {
            Issue.record("no error came back")
            return
        }
        #expect(text == refused.description)
        #expect(throws: ProtocolError.refusedByPeer(refused.description)) { try JobsWire.coordinatorMessage(answer) }
    }

    @Test func `is not one of another major version that cannot be read`() {
        let bytes: [UInt8] = [8, 3, 0x82, 1, 4, 0xff, 0xff, 0xff, 0xff]
        #expect(
            throws: ProtocolError.incompatibleVersion(sender: ProtocolVersion(major: 3, minor: 0), own: .current)
        ) { try JobsWire.workerMessage(bytes) }
    }

    @Test func `is not one of a newer minor version`() throws {
        #expect(try JobsWire.workerMessage(withVersion(1, 77)).message == .goodbye(SessionID(1)))
    }

    @Test func `with no bytes or no version says so`() {
        #expect(error { () throws(ProtocolError) in try JobsWire.workerMessage(nil) } == .malformed("it is empty"))
        #expect(error { () throws(ProtocolError) in try JobsWire.workerMessage([]) } == .malformed("it is empty"))
        #expect(error { () throws(ProtocolError) in try JobsWire.workerMessage([16, 1]) } == .malformed("it has no version"))
    }

    @Test func `with too many small fields costs no memory`() {
        // Each two bytes would become an assignment of a hundred bytes and more.
        let batch = (0..<3_000_000).map { place -> UInt8 in place % 2 == 0 ? 0x1a : 0 }
        var length = batch.count
        var bytes: [UInt8] = [8, 1, 0x92, 2]
        while length >= 0x80 {
            bytes.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        bytes.append(UInt8(length))
        bytes += batch
        // Wherever the version stands: fields of an envelope may come in any order.
        for bytes in [bytes, Array(bytes.dropFirst(2) + bytes.prefix(2))] {
            let refused = error { () throws(ProtocolError) in try JobsWire.coordinatorMessage(bytes) }
            #expect(
                refused == .overLimit(what: "the number of fields of a message", value: 100_001, limit: 100_000),
                "\(refused as Any)")
        }
    }

    @Test func `that is too long is not looked into`() {
        let bytes = [UInt8](repeating: 8, count: ProtocolLimits.guardFrameBytes + 1)
        let refused = error { () throws(ProtocolError) in try GuardWire.operatorReply(bytes) }
        #expect(
            refused
                == .overLimit(
                    what: "the size of the message", value: UInt64(bytes.count), limit: UInt64(ProtocolLimits.guardFrameBytes)))
    }

    /// Values that a decoder must refuse, with a word of the reason.
    static let jobs: [(String, NewJob)] = {
        func job(_ change: (inout NewJob) -> Void) -> NewJob {
            var job = GoldenSamples.newJob
            change(&job)
            return job
        }
        return [
            ("slice size", job { $0.sliceSize = 0 }), ("combinations", job { $0.combinationCount = 0 }),
            ("combinations", job { $0.combinationCount = .max }), ("priority", job { $0.priority = 101 }),
            ("attempts", job { $0.maxAttempts = 0 }), ("attempts", job { $0.maxAttempts = 101 }),
        ]
    }()

    @Test(arguments: jobs.indices) func `with a job out of range names the value`(_ index: Int) throws {
        let (word, job) = Self.jobs[index]
        let bytes = ControlWire.bytes(.submit(SubmissionID(1), [job]), payloads: [[]], request: RequestID(1))
        let refused = try #require(error { () throws(ProtocolError) in try ControlWire.inbound(bytes) })
        #expect(refused.description.contains(word), "\(refused)")
    }

    @Test func `with an id, a limit or a capacity out of range is refused`() {
        let queries: [ClientQuery] = [
            .show(JobID(0)), .show(JobID(-1)), .list(JobFilter(limit: 0)), .list(JobFilter(limit: 10_001)),
        ]
        for query in queries {
            #expect(throws: ProtocolError.self) { try ControlWire.inbound(ControlWire.bytes(query, request: RequestID(1))) }
        }
        for capacity in [0, 1_025] {
            let hello = WorkerHello(
                worker: WorkerID("w"), session: SessionID(1), workerClass: .live,
                executable: ExecutableHash(GoldenSamples.digest),
                capacity: capacity, sequence: 1)
            #expect(throws: ProtocolError.self) { try JobsWire.workerMessage(JobsWire.bytes(.hello(hello))) }
        }
        let unnamed = WorkerHello(
            worker: WorkerID(""), session: SessionID(1), workerClass: .live, executable: ExecutableHash(GoldenSamples.digest),
            capacity: 1, sequence: 1)
        #expect(throws: ProtocolError.missing("the worker's name")) {
            try JobsWire.workerMessage(JobsWire.bytes(.hello(unnamed)))
        }
    }

    @Test func `texts that are too long are cut by who sends them`() throws {
        let failure = UnitFailure(code: .strategyError, message: String(repeating: "ö", count: 100_000))
        let read = try JobsWire.workerMessage(JobsWire.bytes(.finished(GoldenSamples.grant, .failed(failure))))
        guard case .finished(_, .failed(let cut)) = read.message else {
            Issue.record("another message came back")
            return
        }
        #expect(cut.message.utf8.count == ProtocolLimits.textBytes)
        #expect(failure.message.hasPrefix(cut.message))
    }

    @Test func `with a state or grant of another signer is not handed out`() {
        struct Nobody: HaltSignatureCheck {
            func isValid(_ bytes: [UInt8], signature: [UInt8], of monitor: String) -> Bool { false }
        }
        /// Takes what the monitor signed for the grant, but no signature of the state in it.
        struct GrantOnly: HaltSignatureCheck {
            func isValid(_ bytes: [UInt8], signature: [UInt8], of monitor: String) -> Bool {
                bytes.starts(with: Array("PRHG".utf8))
            }
        }
        let state = GuardWire.bytes(MonitorMessage.state(GoldenSamples.signedState))
        let grant = GuardWire.bytes(MonitorMessage.grant(GoldenSamples.haltGrant))
        let beacon = GuardWire.bytes(HaltBeacon(sequence: 1, state: GoldenSamples.signedState))
        let expected = ProtocolError.wrongSignature(of: "monitor")
        #expect(throws: expected) { try GuardWire.monitorMessage(state, Nobody()) }
        #expect(throws: expected) { try GuardWire.monitorMessage(grant, Nobody()) }
        #expect(throws: expected) { try GuardWire.monitorMessage(grant, GrantOnly()) }
        #expect(throws: expected) { try GuardWire.beacon(beacon, Nobody()) }
        for (name, sample) in GoldenSamples.members where name == "member-hello" {
            #expect(throws: expected) { try GuardWire.inbound(sample.bytes, Nobody()) }
        }
    }
}

@Suite struct `The specification of a job` {
    private let sample = JobSpecification(
        kind: "backtest", configuration: [1], dataFolder: "/data",
        dataFiles: [
            .init(path: "b", sha256: GoldenSamples.digest.description),
            .init(path: "a", sha256: GoldenSamples.digest.description),
        ],
        executable: GoldenSamples.digest.bytes)

    @Test func `has an address that does not depend on the data folder, and on everything else it does`() {
        var elsewhere = sample
        elsewhere.dataFolder = "/somewhere/else"
        #expect(elsewhere.addressedBytes() == sample.addressedBytes())
        #expect(elsewhere.encoded() != sample.encoded())
        var admitted = sample
        admitted.admission = [1]
        #expect(admitted.addressedBytes() == sample.addressedBytes() && admitted.encoded() != sample.encoded())
        let changes: [(inout JobSpecification) -> Void] = [
            { $0.kind = "live" }, { $0.engine = "signals" }, { $0.configuration = [2] }, { $0.sweep = [1] }, { $0.seed = 1 },
            { $0.dataFiles.removeLast() }, { $0.executable[0] ^= 1 }, { $0.submission = GoldenSamples.session.bytes },
            { $0.live = [1] },
        ]
        var seen: Set<[UInt8]> = [sample.addressedBytes()]
        for change in changes {
            var other = sample
            change(&other)
            #expect(seen.insert(other.addressedBytes()).inserted)
        }
        #expect(
            sample.address { Digest256(words: (UInt64($0.count), 0, 0, 0)) }.digest.words.0
                == UInt64(sample.addressedBytes().count))
    }

    @Test func `is taken in its one encoding only`() throws {
        let bytes = sample.encoded()
        #expect(try JobSpecification(decoding: bytes) == sample)
        // A field that nobody knows, a field twice, a default written out.
        for extra in [[0xf8, 0x07, 1], [0x08, 0x01], [0x4a, 0x00]] as [[UInt8]] {
            #expect(throws: ProtocolError.self) { try JobSpecification(decoding: bytes + extra) }
        }
    }

    @Test func `never leads out of the data folder`() {
        for path in ["../x", "/etc/passwd", "a/../b", "", "a//b", "./a", "a\0b", "a/"] {
            var other = sample
            other.dataFiles = [.init(path: path, sha256: GoldenSamples.digest.description)]
            #expect(throws: ProtocolError.self, "\(path)") { try JobSpecification(decoding: other.encoded()) }
        }
    }
}
