import Coordination
import Foundation
import Halt
import SwiftProtobuf

/// Checks and conversions that several messages share. Every `read` takes hostile values.
enum Values {
    static func name(_ text: String, _ what: String, allowEmpty: Bool = false) throws(ProtocolError) -> String {
        guard allowEmpty || !text.isEmpty else { throw .missing(what) }
        return try self.text(text, what, limit: ProtocolLimits.nameBytes)
    }

    static func text(_ text: String, _ what: String, limit: Int = ProtocolLimits.textBytes) throws(ProtocolError) -> String {
        guard text.utf8.count <= limit else {
            throw .overLimit(what: "the length of \(what)", value: UInt64(text.utf8.count), limit: UInt64(limit))
        }
        return text
    }

    static func bytes(_ data: Data, _ what: String, limit: Int) throws(ProtocolError) -> [UInt8] {
        try count(data.count, "the length of \(what)", limit: limit)
        return [UInt8](data)
    }

    static func count(_ count: Int, _ what: String, limit: Int) throws(ProtocolError) {
        guard count <= limit else { throw .overLimit(what: what, value: UInt64(count), limit: UInt64(limit)) }
    }

    /// The elements, converted, when there are not too many of them.
    static func list<Source, Value>(
        _ source: [Source], _ what: String, limit: Int, _ convert: (Source) throws(ProtocolError) -> Value
    ) throws(ProtocolError) -> [Value] {
        try count(source.count, "the number of \(what)", limit: limit)
        var result: [Value] = []
        result.reserveCapacity(source.count)
        for element in source { result.append(try convert(element)) }
        return result
    }

    static func inRange<Number: BinaryInteger>(
        _ value: Number, _ range: ClosedRange<Number>, _ what: String
    ) throws(ProtocolError) -> Number {
        guard range.contains(value) else { throw .invalid(what: what, value: "\(value)") }
        return value
    }

    /// The id of a stored job: 1 or more.
    static func job(_ value: Int64) throws(ProtocolError) -> JobID {
        JobID(try inRange(value, 1...Int64.max, "a job's id"))
    }

    static func duration(_ nanoseconds: UInt64, _ what: String) throws(ProtocolError) -> Duration {
        .nanoseconds(Int64(try inRange(nanoseconds, 0...ProtocolLimits.nanoseconds, what)))
    }

    /// A duration as it travels; a negative one as 0.
    static func nanoseconds(_ duration: Duration) -> UInt64 {
        min(UInt64(clamping: duration.wholeNanoseconds), ProtocolLimits.nanoseconds)
    }

    /// A text that fits: what is over the limit is cut.
    static func cut(_ text: String, _ limit: Int = ProtocolLimits.textBytes) -> String { text.prefix(utf8: limit) }

    static func cutName(_ text: String) -> String { text.prefix(utf8: ProtocolLimits.nameBytes) }
}

extension WireId128 {
    init(_ value: UInt128) {
        self.init()
        high = UInt64(truncatingIfNeeded: value >> 64)
        low = UInt64(truncatingIfNeeded: value)
    }
    init(high: UInt64, low: UInt64) {
        self.init()
        self.high = high
        self.low = low
    }
    var value: UInt128 { UInt128(high) << 64 | UInt128(low) }
    var session: SessionID { SessionID(value) }
}

extension WireDigest {
    init(_ digest: Digest256) {
        self.init()
        (word0, word1, word2, word3) = digest.words
    }
    var digest: Digest256 { Digest256(words: (word0, word1, word2, word3)) }
}

extension WireToken {
    init(_ token: FencingToken) {
        self.init()
        incarnation = token.incarnation
        counter = token.counter
    }
    var token: FencingToken { FencingToken(incarnation: incarnation, counter: counter) }
}

extension WireUnitGrant {
    init(_ grant: Coordination.Grant) {
        self.init()
        job = grant.unit.job.rawValue
        unit = grant.unit.index
        incarnation = grant.token.incarnation
        counter = grant.token.counter
    }

    func read() throws(ProtocolError) -> Coordination.Grant {
        Coordination.Grant(
            unit: UnitID(
                job: try Values.job(job), index: try Values.inRange(unit, 0...ProtocolLimits.combinations, "a unit's index")),
            token: FencingToken(incarnation: incarnation, counter: counter))
    }
}

extension WireHealth {
    init(_ health: WorkerHealth) {
        self.init()
        residentBytes = health.residentBytes
        cpuNanoseconds = health.cpuNanoseconds
        unitsCompleted = health.unitsCompleted
        errorCount = health.errorCount
    }
    var value: WorkerHealth {
        WorkerHealth(
            residentBytes: residentBytes, cpuNanoseconds: cpuNanoseconds, unitsCompleted: unitsCompleted, errorCount: errorCount)
    }
}

extension WireReason {
    init(_ reason: StateReason) {
        self.init()
        code = reason.code.wire()
        message = Values.cut(reason.message)
    }
    func read() throws(ProtocolError) -> StateReason {
        StateReason(try StateReason.Code(wire: code, "a reason"), try Values.text(message, "a reason"))
    }
}

extension WireRefusal {
    init(_ refusal: Coordination.Refusal) {
        self.init()
        code = refusal.code.wire()
        message = Values.cut(refusal.message)
    }
    func read() throws(ProtocolError) -> Coordination.Refusal {
        Coordination.Refusal(try Coordination.Refusal.Code(wire: code, "a refusal"), try Values.text(message, "a refusal"))
    }
}
