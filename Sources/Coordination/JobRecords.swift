// The records of long-running jobs: what a job's journal at its worker says, kept by the coordinator, too.
//
// A record is bytes that only the job itself understands. Records of one job are numbered from 1 without a gap; a number never stands
// for two different records. The worker writes them to its own disk first, so that they may be sent as often as it takes.

/// Records that follow each other, from the worker that has the job.
package struct RecordBatch: Hashable, Sendable {
    package var grant: Grant
    /// The number of the first one; at least 1.
    package var first: UInt64
    /// May be empty: the answer then says how many the store has.
    package var records: [[UInt8]]

    /// Bytes of one record at most.
    package static let recordBytes = 1 << 20
    /// Records of one batch at most.
    package static let recordLimit = 1000
    /// Bytes of one batch beyond which its sender adds no record.
    package static let batchBytes = 256 << 10

    package init(grant: Grant, first: UInt64, records: [[UInt8]]) {
        self.grant = grant
        self.first = first
        self.records = records
    }
}

/// The store has all records of the job up to this one. The answer to every batch, one that did not fit, too.
package struct RecordsKept: Hashable, Sendable {
    package var token: FencingToken
    package var upTo: UInt64
    package init(token: FencingToken, upTo: UInt64) {
        self.token = token
        self.upTo = upTo
    }
}

/// Records of a job as the store has them, for a worker whose journal lacks them.
package struct StoredRecords: Hashable, Sendable {
    package var token: FencingToken
    /// The number that was asked for.
    package var first: UInt64
    /// None where the store has none from there on.
    package var records: [[UInt8]]

    package init(token: FencingToken, first: UInt64, records: [[UInt8]]) {
        self.token = token
        self.first = first
        self.records = records
    }
}

/// A worker's question for stored records: one of a job is under way, and it is asked again until it is answered.
package struct RecordRequest: Hashable, Sendable {
    package let first: UInt64
    private var asked: Instant?

    package init(first: UInt64) { self.first = first }

    /// Whether it is to be asked now. `patience`: after so long without an answer it is asked again.
    package mutating func isDue(at now: Instant, patience: Duration) -> Bool {
        if let asked, now.duration(since: asked) < patience { return false }
        asked = now
        return true
    }

    /// The coordinator was lost or started anew: the answer may never come.
    package mutating func reconnect() { asked = nil }
}

/// How far a worker is with sending one job's records: one batch is under way at a time, and it is sent again until it is answered.
package struct RecordFlow: Hashable, Sendable {
    /// How many records the worker's journal has.
    package private(set) var written: UInt64 = 0
    /// How many the coordinator's store has; nil: it has not said yet.
    package private(set) var kept: UInt64?
    /// When the batch that is under way was asked for.
    private var asked: Instant?

    package init() {}

    /// Whether everything that was written is in the store.
    package var isComplete: Bool { kept.map { $0 >= written } ?? false }

    /// Whether a batch shall be sent now: from which number on. `patience`: after so long without an answer it is sent again.
    package mutating func next(at now: Instant, patience: Duration) -> UInt64? {
        if let asked, now.duration(since: asked) < patience { return nil }
        guard !isComplete else { return nil }
        asked = now
        return (kept ?? written) + 1
    }

    /// The journal has so many now.
    package mutating func append(upTo count: UInt64) { written = max(written, count) }

    /// The coordinator was lost or started anew: what was under way may never be answered.
    package mutating func reconnect() { asked = nil }

    /// An answer came. The store may have more than this journal: it was lost, or another one was used meanwhile.
    package mutating func answer(_ count: UInt64) {
        kept = count
        asked = nil
    }
}
