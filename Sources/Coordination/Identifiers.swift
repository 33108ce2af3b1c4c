/// A moment of the local boot-time clock in nanoseconds: it runs on through suspend and SIGSTOP and never jumps.
///
/// Leases, heartbeats and back-off use this clock only. Instants of two machines cannot be compared.
package struct Instant: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The instant `duration` later; stays at the largest instant instead of overflowing.
    package func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        if overflow { return Instant(nanoseconds: duration < .zero ? .min : .max) }
        return Instant(nanoseconds: sum)
    }

    /// The time from `earlier` to this instant; negative when `earlier` is later.
    package func duration(since earlier: Instant) -> Duration {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return .nanoseconds(overflow ? (nanoseconds < 0 ? Int64.min : Int64.max) : difference)
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped to what an `Int64` holds (292 years).
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow2) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || overflow2 ? (seconds < 0 ? .min : .max) : sum
    }
}

/// What the clocks show when an input is handed to an instance.
package struct Moment: Hashable, Sendable {
    /// The boot-time clock: everything that decides uses this one.
    package var instant: Instant
    /// Wall time in milliseconds since 1970: for timestamps in the store and in events only; it may jump.
    package var wallMilliseconds: Int64

    package init(instant: Instant, wallMilliseconds: Int64) {
        self.instant = instant
        self.wallMilliseconds = wallMilliseconds
    }
}

/// A job's number in its store: sequential from 1, never used twice.
package struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: Int64
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package static func < (left: JobID, right: JobID) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}

/// A SHA-256 digest: 32 bytes, kept as four big-endian words so that it needs no allocation.
package struct Digest256: Hashable, Sendable, CustomStringConvertible {
    package private(set) var words: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a digest of exactly 32 bytes; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (position, byte) in bytes.enumerated() { words[position / 8] = words[position / 8] << 8 | UInt64(byte) }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// Makes a digest of four big-endian words.
    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    /// 64 lowercase hexadecimal digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    package static func == (left: Digest256, right: Digest256) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}

/// The digest of all that a job's result depends on; for dry-run and live jobs it includes the submission id.
package struct JobAddress: Hashable, Sendable, CustomStringConvertible {
    package var digest: Digest256
    package init(_ digest: Digest256) { self.digest = digest }
    package init?(bytes: some Collection<UInt8>) {
        guard let digest = Digest256(bytes: bytes) else { return nil }
        self.digest = digest
    }
    package var bytes: [UInt8] { digest.bytes }
    package var description: String { digest.description }
}

/// The SHA-256 of a worker's executable file (strategies are compiled in).
package struct ExecutableHash: Hashable, Sendable, CustomStringConvertible {
    package var digest: Digest256
    package init(_ digest: Digest256) { self.digest = digest }
    package init?(bytes: some Collection<UInt8>) {
        guard let digest = Digest256(bytes: bytes) else { return nil }
        self.digest = digest
    }
    package var bytes: [UInt8] { digest.bytes }
    package var description: String { digest.description }
}

/// 16 bytes that a client makes for one submission: the same submission sent again gets the same answer.
package struct SubmissionID: Hashable, Sendable {
    package var rawValue: UInt128
    package init(_ rawValue: UInt128) { self.rawValue = rawValue }
    package init?(bytes: some Collection<UInt8>) {
        guard let value = UInt128(bigEndianBytes: bytes) else { return nil }
        rawValue = value
    }
    package var bytes: [UInt8] { rawValue.bigEndianBytes }
}

/// 16 random bytes that a worker's shell makes when its process starts: one life of one process.
package struct SessionID: Hashable, Sendable {
    package var rawValue: UInt128
    package init(_ rawValue: UInt128) { self.rawValue = rawValue }
    package init?(bytes: some Collection<UInt8>) {
        guard let value = UInt128(bigEndianBytes: bytes) else { return nil }
        rawValue = value
    }
    package var bytes: [UInt8] { rawValue.bigEndianBytes }
}

extension UInt128 {
    /// Reads exactly 16 bytes, most significant first; nil for any other count.
    init?(bigEndianBytes bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    var bigEndianBytes: [UInt8] { stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> UInt128($0)) } }
}

/// One piece of a job that a worker runs at a time: a whole single job (index 0) or one slice of a sweep.
package struct UnitID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var job: JobID
    package var index: UInt64
    package init(job: JobID, index: UInt64) {
        self.job = job
        self.index = index
    }
    package static func < (left: UnitID, right: UnitID) -> Bool { (left.job, left.index) < (right.job, right.index) }
    package var description: String { "\(job)/\(index)" }
}

/// The number of one grant of one unit to one worker. Every grant's token is above all earlier ones of the same store,
/// over restarts and restored backups, so that the report of an old grant is known as one.
package struct FencingToken: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How often the store was opened; raised further when a worker shows a higher one.
    package var incarnation: UInt64
    /// Counts the grants of one incarnation from 1.
    package var counter: UInt64
    package init(incarnation: UInt64, counter: UInt64) {
        self.incarnation = incarnation
        self.counter = counter
    }
    package static func < (left: FencingToken, right: FencingToken) -> Bool {
        (left.incarnation, left.counter) < (right.incarnation, right.counter)
    }
    /// Nearly all tokens in one table are of one incarnation.
    package func hash(into hasher: inout Hasher) { hasher.combine(counter) }
    package var description: String { "\(incarnation).\(counter)" }
}

/// A worker's name, which stays the same over its restarts. Empty and overlong names are refused by the coordinator.
package struct WorkerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var name: String
    package init(_ name: String) { self.name = name }
    package static func < (left: WorkerID, right: WorkerID) -> Bool { left.name < right.name }
    package var description: String { name }
}

/// A handle of one connection, given by the shell; never used for another connection of the same process life.
package struct PeerID: Hashable, Sendable {
    package var rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// A client's number of one request; the reply carries it back.
package struct RequestID: Hashable, Sendable {
    package var rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
}
