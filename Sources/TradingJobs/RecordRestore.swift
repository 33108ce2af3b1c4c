internal import Coordination
internal import Fleet
internal import Logging
internal import Market
internal import OrderJournal
internal import Orders
internal import TradingJournal

/// Brings the journal of a job to where the coordinator's store is, before a session begins: what the journal lacks is written to it, and what both
/// have must be the same.
///
/// The last record that the store is known to have had is always compared, and all after it that both have: so a journal out of another life of the
/// job is found out. A process that dies in the middle leaves a journal that the next one goes on with.
struct RecordRestore {
    let path: String
    /// Who says to have the journal.
    let holder: String
    /// How many records the store has.
    let count: UInt64
    /// Records of the store from a number on; nil: the job shall end.
    let fetch: @Sendable (UInt64) async -> [[UInt8]]?
    let log: Logger

    enum End: Equatable {
        /// The journal has all that the store has; so many came from there.
        case done(restored: UInt64)
        /// The job shall end.
        case stopped
    }

    func run() async throws(JobFault) -> End {
        guard count > 0 else { return .done(restored: 0) }
        let journal: OrderJournal
        do { journal = try OrderJournal(path: path, holder: holder) } catch { throw JobFault(error) }
        let result: Result<End, JobFault>
        do throws(JobFault) { result = .success(try await restore(journal)) } catch { result = .failure(error) }
        do throws(OrderJournalError) { try journal.close() } catch { throw JobFault(error) }
        return try result.get()
    }

    private func restore(_ journal: OrderJournal) async throws(JobFault) -> End {
        let known = UInt64(clamping: journal.lastSequence)
        var next = max(1, min(UInt64(clamping: journal.acknowledged), known, count))
        var records: JobRecords?
        while next <= count {
            guard let page = await fetch(next) else { return .stopped }
            let list = page.prefix(Int(clamping: count - next + 1))
            guard !list.isEmpty else {
                throw JobFault(
                    .internalError,
                    "the coordinator has \(count) records of this job by its own word, and does not send record \(next) of them")
            }
            let shared = list.prefix(Int(clamping: known >= next ? known - next + 1 : 0))
            try compare(journal, shared, from: next)
            if shared.count < list.count {
                if records == nil {
                    records = try JobRecords(journal)
                    log.notice(
                        "the journal lacks records: the coordinator sends them",
                        metadata: ["has": "\(known)", "kept": "\(count)"])
                }
                try records?.restore(Array(list.dropFirst(shared.count)), upTo: count)
            }
            next += UInt64(list.count)
        }
        guard records != nil else { return .done(restored: 0) }
        log.notice("the journal has every record of the coordinator again", metadata: ["restored": "\(count - known)"])
        return .done(restored: count - known)
    }

    private func compare(_ journal: OrderJournal, _ list: ArraySlice<[UInt8]>, from first: UInt64) throws(JobFault) {
        guard !list.isEmpty else { return }
        let own: [OrderJournal.Entry]
        do { own = try journal.entries(from: Int64(clamping: first), limit: list.count) } catch { throw JobFault(error) }
        let same = zip(own, list).prefix { $0.bytes == $1 }.count
        guard same < list.count else { return }
        throw JobFault(
            .dataMissing,
            "record \(first + UInt64(same)) of the journal \(path) is another one than the coordinator has of this job: the journal is out of another life "
                + "of it. Nothing was traded from it; move the file away, and the job goes on from the coordinator's records")
    }
}

extension JobRecords {
    /// Takes over records of the store that follow the journal's. Nothing is written where one of them does not fit.
    ///
    /// With the last of them the journal itself says so: what came after these records, and was not acknowledged, is known to the venue alone.
    mutating func restore(_ list: [[UInt8]], upTo end: UInt64) throws(JobFault) {
        let first = count + 1
        var new: [JournalRecord] = []
        for (place, bytes) in list.enumerated() {
            do {
                let record = try JournalRecord(decoding: bytes)
                // What is written down must be what the store has, to the last byte.
                guard record.encoded == bytes else { throw RestoreProblem(text: "it is not as this program writes it") }
                try take(restored: record)
                new.append(record)
            } catch {
                throw JobFault(
                    .dataMissing,
                    "record \(first + UInt64(place)) that the coordinator has of this job does not fit into its journal: \(error)"
                )
            }
        }
        let last = count + UInt64(new.count)
        if last == end { new.append(JournalNote.restored(since: books.newestTime ?? Timestamp(milliseconds: 0)).record) }
        do {
            try journal.append(new)
            try journal.acknowledge(upTo: Int64(clamping: last))
        } catch { throw JobFault(error) }
    }
}

private struct RestoreProblem: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
