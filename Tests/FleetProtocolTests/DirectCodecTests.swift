import Coordination
import Testing

@testable import FleetProtocol

/// The frequent messages are written and read by hand: the generated code is the oracle for both.
@Suite struct `Frequent messages` {
    /// What the generated code makes of a message.
    private func generated(_ sample: Sample) -> [UInt8]? {
        switch sample {
        case .worker(let sent): Opening.bytes(WorkerCodec.body(sent.message, result: sent.result))
        case .coordinator(let sent):
            Opening.bytes(CoordinatorCodec.body(sent.message, payloads: sent.payloads, budgets: sent.budgets))
        case .inbound(let sent):
            switch sent.content {
            case .request(let request, let payloads):
                Opening.bytes(ClientCodec.body(request, payloads), request: sent.request.rawValue)
            case .query: nil
            }
        case .outbound(let sent):
            switch sent.content {
            case .reply(let reply): Opening.bytes(AnswerCodec.body(reply), request: sent.request.rawValue)
            case .answer, .error: nil
            }
        case .event(let event): Opening.bytes(.event(WireJobEvent(event)))
        default: nil
        }
    }

    /// What the generated code reads; nil: it refuses the bytes.
    private func generatedReading(_ bytes: [UInt8], like sample: Sample) -> Sample? {
        do throws(ProtocolError) {
            let envelope = try Opening.open(bytes, limit: ProtocolLimits.frameBytes)
            switch sample {
            case .worker: return .worker(try WorkerCodec.read(envelope))
            case .coordinator: return .coordinator(try CoordinatorCodec.read(envelope))
            case .inbound:
                return .inbound(
                    ControlWire.Inbound(request: RequestID(envelope.request), content: try ClientCodec.read(envelope)))
            case .outbound:
                return .outbound(
                    ControlWire.Outbound(request: RequestID(envelope.request), content: try AnswerCodec.read(envelope)))
            case .event:
                guard case .event(let wire) = envelope.body else { return nil }
                return .event(try wire.read())
            default: return nil
            }
        } catch { return nil }
    }

    /// What is read by hand; nil: that is left to the generated code.
    private func directReading(_ bytes: [UInt8], like sample: Sample) -> Sample? {
        switch sample {
        case .worker: DirectReader.workerMessage(bytes).map(Sample.worker)
        case .coordinator: DirectReader.coordinatorMessage(bytes).map(Sample.coordinator)
        case .inbound: DirectReader.inbound(bytes).map(Sample.inbound)
        case .outbound: DirectReader.outbound(bytes).map(Sample.outbound)
        case .event: DirectReader.event(bytes).map(Sample.event)
        default: nil
        }
    }

    @Test func `have the bytes that the generated code gives them, and are read by hand`() {
        var read = 0
        for seed in UInt64(0)..<20_000 {
            var random = RandomValues(seed: seed)
            let sample = random.sample()
            guard let expected = generated(sample) else { continue }
            #expect(sample.bytes == expected, "seed \(seed)")
            guard let direct = directReading(expected, like: sample) else { continue }
            read += 1
            #expect(direct == sample, "seed \(seed)")
        }
        print("\(read) random messages were read by hand")
        #expect(read > 500)
    }

    @Test func `that were mutated mean what they mean to the generated code`() {
        var read = 0
        for seed in UInt64(0)..<20_000 {
            var random = RandomValues(seed: seed)
            let sample = random.sample()
            guard directReading(sample.bytes, like: sample) != nil else { continue }
            for _ in 0..<40 {
                let bytes = random.mutated(sample.bytes)
                guard let direct = directReading(bytes, like: sample) else { continue }
                read += 1
                #expect(direct == generatedReading(bytes, like: sample), "seed \(seed)")
            }
        }
        print("\(read) mutated messages were read by hand")
        #expect(read > 1_000)
    }

    @Test func `are read by hand when they are what a fleet at work sends`() {
        let grant = Grant(unit: UnitID(job: JobID(300), index: 0), token: FencingToken(incarnation: 2, counter: 70_000))
        let address = JobAddress(Digest256(words: (1, .max, 0, 7)))
        let assignment = Assignment(
            grant: grant, attempt: 1, kind: .backtest, address: address, combinations: 0..<1, lease: .seconds(10))
        let job = NewJob(address: address, kind: .live, group: "größe", priority: -100, expiresAtMilliseconds: 5)
        let samples: [Sample] = [
            .worker(JobsWire.FromWorker(message: .started(grant))),
            .worker(JobsWire.FromWorker(message: .finished(grant, .succeeded), result: [])),
            .worker(JobsWire.FromWorker(message: .finished(grant, .succeeded), result: [1, 2, 3])),
            .coordinator(
                JobsWire.FromCoordinator(
                    message: .assign(AssignmentBatch(session: SessionID(9), basis: 3, assignments: [assignment, assignment])),
                    payloads: [JobID(300): [4, 5]])),
            .coordinator(JobsWire.FromCoordinator(message: .recorded([RecordedReport(token: grant.token, accepted: true)]))),
            .inbound(
                ControlWire.Inbound(
                    request: RequestID(4), content: .request(.submit(SubmissionID(8), [job, job]), [[1], []]))),
            .outbound(
                ControlWire.Outbound(
                    request: RequestID(4), content: .reply(.accepted([AcceptedJob(id: JobID(1), isExisting: true)])))),
            .event(
                JobEvent(
                    incarnation: 1, sequence: 2, wallMilliseconds: 3,
                    body: .job(JobID(300), .succeeded, StateReason(.completed, "fertig")))),
        ]
        for sample in samples {
            #expect(generated(sample) == sample.bytes)
            #expect(directReading(sample.bytes, like: sample) == sample)
        }
    }

    @Test func `with several bodies or bytes behind are left to the generated code`() {
        let grant = Grant(unit: UnitID(job: JobID(1), index: 0), token: FencingToken(incarnation: 1, counter: 1))
        let bytes = JobsWire.bytes(.started(grant))
        #expect(DirectReader.workerMessage(bytes) != nil)
        #expect(DirectReader.workerMessage(bytes + bytes.dropFirst(2)) == nil)
        #expect(DirectReader.workerMessage(bytes + [0]) == nil)
        #expect(DirectReader.workerMessage([]) == nil)
        #expect(DirectReader.workerMessage(nil) == nil)
        for count in bytes.indices { #expect(DirectReader.workerMessage(Array(bytes.prefix(count))) == nil) }
    }
}
