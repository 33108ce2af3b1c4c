import Coordination
import FleetProtocol
import Foundation
import Testing

@testable import Fleet

@Suite struct ProbeTests {
    private static let submission = [UInt8](0..<16)

    private func assignment(unit: UInt64 = 3) -> Assignment {
        Assignment(
            grant: Grant(
                unit: UnitID(job: JobID(12), index: unit), token: FencingToken(incarnation: 2, counter: 9)), attempt: 2,
            kind: .backtest, address: JobAddress(Digest256(words: (1, 2, 3, 4))), combinations: unit..<unit + 1,
            lease: .seconds(10))
    }

    @Test func `a configuration is read as it was written, and nothing else is one`() {
        for milliseconds in [0, 1, 500, 600_000] {
            let configuration = ProbeConfiguration(duration: .milliseconds(milliseconds))
            #expect(ProbeConfiguration(decoding: configuration.encoded) == configuration)
        }
        let wrong = [
            "", "{", "[]", "{}", #"{"duration_ms":-1}"#, #"{"duration_ms":600001}"#, #"{"duration_ms":0.5}"#,
            #"{"duration_ms":"1"}"#,
            #"{"duration_ms":1,"file":"/etc/passwd"}"#, #"{"duration_ms":9223372036854775808}"#,
        ]
        for text in wrong { #expect(ProbeConfiguration(decoding: Array(text.utf8)) == nil, "\(text)") }
    }

    @Test func `a task leaves a line at its start and one at its end, below the folder only`() throws {
        let folder = try TemporaryFolder()
        let task = ProbeTask(folder: folder.path + "/probes", worker: "worker \"1\"\n", wallClock: { 1_700_000_000_123 })
        let result = try #require(
            try task.run(
                assignment(), ProbeConfiguration(duration: .zero), submission: Self.submission, control: UnitControl { _ in }))
        #expect(result.unit == 3 && result.attempt == 2 && result.token == "2.9" && result.worker == "worker \"1\"\n")
        #expect(ProbeResult(decoding: result.encoded) == result)
        #expect(try Files.names(in: folder.path + "/probes") == ["12-00010203.log"])
        let bytes = try Files.read(folder.path + "/probes/12-00010203.log")
        let lines = ProbeLine.lines(bytes)
        #expect(lines.map(\.event) == [.start, .end])
        #expect(lines.allSatisfy { $0.unit == 3 && $0.token == "2.9" && $0.processID == getpid() })
        #expect(lines.allSatisfy { $0.milliseconds == 1_700_000_000_123 && $0.worker == result.worker })
        #expect(bytes.count { $0 == 10 } == 2)
    }

    @Test func `a task that is asked to stop ends at once, without a result`() throws {
        let folder = try TemporaryFolder()
        let task = ProbeTask(folder: folder.path, worker: "w", wallClock: { 5 })
        let control = UnitControl { _ in }
        control.stop()
        let configuration = ProbeConfiguration(duration: .seconds(600))
        #expect(try task.run(assignment(), configuration, submission: Self.submission, control: control) == nil)
        #expect(ProbeLine.lines(try Files.read(folder.path + "/12-00010203.log")).map(\.event) == [.start, .stop])
    }

    @Test func `a wait ends when somebody else asks for it, and one whose time is over was waited for`() async throws {
        for _ in 0..<50 {
            let control = UnitControl { _ in }
            let waiting = Task.detached { try control.wait(for: .seconds(600)) }
            control.stop()
            #expect(try await waiting.value == false)
            #expect(try control.wait(for: .zero))
        }
    }

    @Test func `lines that are damaged are left out`() throws {
        let line = ProbeLine(.end, unit: 1, attempt: 1, token: "1.2", worker: "w", processID: 4, milliseconds: 5)
        let bytes = line.encoded
        #expect(ProbeLine.lines(bytes + bytes.dropLast(9) + [10, 10, 0xff, 10] + bytes) == [line, line])
        for end in bytes.indices.dropLast() { #expect(ProbeLine.lines(Array(bytes[..<end])).count <= 1) }
    }

    @Test func `a file takes lines up to its limit, and no link`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.log"
        try Files.append([1, 2], to: path, limit: 4)
        try Files.append([3, 4], to: path, limit: 4)
        #expect(throws: FleetError.self) { try Files.append([5], to: path, limit: 4) }
        #expect(try Files.read(path) == [1, 2, 3, 4])
        let link = folder.path + "/link.log"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(throws: FleetError.self) { try Files.append([5], to: link, limit: 100) }
    }

    @Test func `every probe is a job of its own`() throws {
        let configuration = ProbeConfiguration(duration: .milliseconds(500))
        let first = try JobBuilder.probe(configuration, tasks: 20, submission: Self.submission)
        let second = try JobBuilder.probe(configuration, tasks: 20, submission: Self.submission.reversed())
        #expect(first.job.address != second.job.address)
        #expect(first.job.unitCount == 20 && first.job.kind == .backtest && first.job.fresh)
        let specification = try SpecificationWire.specification(first.payload)
        #expect(specification.kind == "probe" && specification.dataFolder.isEmpty && specification.dataFiles.isEmpty)
        #expect(JobAddress(bytes: SHA256Digest.of(SpecificationWire.addressBytes(specification))) == first.job.address)
    }
}
