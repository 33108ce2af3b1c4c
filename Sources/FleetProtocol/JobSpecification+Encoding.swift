package import Coordination
import Foundation
import SwiftProtobuf

extension JobSpecification {
    /// The bytes that travel and are stored: `JobSpecification` of `job.proto`. The same specification always has the same bytes.
    package func encoded() -> [UInt8] { Opening.bytes(of: wire(addressed: false)) }

    /// The bytes whose SHA-256 is the job's address: the encoding without the data folder and what the coordinator adds.
    package func addressedBytes() -> [UInt8] { Opening.bytes(of: wire(addressed: true)) }

    /// The job's address. `sha256` gives the digest of bytes.
    package func address(sha256: ([UInt8]) -> Digest256) -> JobAddress { JobAddress(sha256(addressedBytes())) }

    /// Reads `encoded()` from hostile bytes. Only that one encoding is taken: other bytes with the same meaning, or with fields
    /// that this program does not know, are refused, so that what is hashed is all that there is.
    package init(decoding bytes: [UInt8]) throws(ProtocolError) {
        guard bytes.count <= ProtocolLimits.payloadBytes else {
            throw .overLimit(
                what: "the size of a job", value: UInt64(bytes.count), limit: UInt64(ProtocolLimits.payloadBytes))
        }
        let wire: WireJobSpecification
        do { wire = try WireJobSpecification(serializedBytes: bytes) } catch { throw .malformed("\(error)") }
        try self.init(wire)
        guard encoded() == bytes else { throw .malformed("the job is not encoded in its one canonical form") }
    }

    private func wire(addressed: Bool) -> WireJobSpecification {
        var wire = WireJobSpecification()
        wire.format = format
        wire.kind = kind
        wire.engine = engine
        wire.configuration = Data(configuration)
        wire.sweep = Data(sweep)
        wire.dataFiles = dataFiles.sorted { $0.path < $1.path }.map { file in
            .with {
                $0.path = file.path
                $0.sha256 = file.sha256
            }
        }
        wire.seed = seed
        wire.executable = Data(executable)
        wire.submission = Data(submission)
        wire.live = Data(live)
        if !addressed {
            wire.dataFolder = dataFolder
            wire.admission = Data(admission)
        }
        return wire
    }

    private init(_ wire: WireJobSpecification) throws(ProtocolError) {
        guard wire.format == Self.currentFormat else {
            throw .invalid(what: "the format of a job (this program knows \(Self.currentFormat))", value: "\(wire.format)")
        }
        guard ["backtest", "dry-run", "live", Self.probe].contains(wire.kind) else {
            throw .invalid(what: "a job's kind", value: wire.kind)
        }
        guard wire.executable.count == 32 else {
            throw .invalid(what: "the length of the executable's hash", value: "\(wire.executable.count)")
        }
        guard wire.submission.isEmpty || wire.submission.count == 16 else {
            throw .invalid(what: "the length of a submission's id", value: "\(wire.submission.count)")
        }
        guard wire.kind == "live" || (wire.live.isEmpty && wire.admission.isEmpty) else {
            throw .invalid(what: "the kind of a job with a live job's fields", value: wire.kind)
        }
        guard max(wire.live.count, wire.admission.count) <= Self.liveBytes else {
            throw .overLimit(
                what: "the size of a live job's fields", value: UInt64(max(wire.live.count, wire.admission.count)),
                limit: UInt64(Self.liveBytes))
        }
        guard wire.kind != Self.probe || !wire.submission.isEmpty else { throw .missing("a probe's submission") }
        let files = try Values.list(wire.dataFiles, "data files", limit: ProtocolLimits.dataFiles) {
            (file) throws(ProtocolError) in
            try Self.file(file)
        }
        for (file, next) in zip(files, files.dropFirst()) where file.path >= next.path {
            throw .invalid(what: "the order of the data files", value: "\(next.path) after \(file.path)")
        }
        self.init(
            format: wire.format, kind: wire.kind, engine: try Values.name(wire.engine, "an engine"),
            configuration: [UInt8](wire.configuration), sweep: [UInt8](wire.sweep),
            dataFolder: try Values.text(wire.dataFolder, "a data folder", limit: ProtocolLimits.pathBytes), dataFiles: files,
            seed: wire.seed, executable: [UInt8](wire.executable), submission: [UInt8](wire.submission),
            live: [UInt8](wire.live), admission: [UInt8](wire.admission))
    }

    /// Bytes of what a live job's submission says, and of what the coordinator adds.
    private static let liveBytes = 64 << 10

    private static func file(_ wire: WireJobSpecification.DataFile) throws(ProtocolError) -> DataFile {
        let path = try Values.text(wire.path, "a data file's path", limit: ProtocolLimits.pathBytes)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ !["", ".", ".."].contains($0) }), !path.utf8.contains(0) else {
            throw .invalid(what: "a data file's path", value: path.debugDescription)
        }
        guard wire.sha256.utf8.count == 64, wire.sha256.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { throw .invalid(what: "a data file's hash", value: wire.sha256.prefix(80).debugDescription) }
        return DataFile(path: path, sha256: wire.sha256)
    }
}
