internal import Coordination
internal import Exchange
internal import Fleet
internal import FleetProtocol
internal import Logging
internal import Market
internal import OrderJournal
internal import Orders
internal import TradingJournal

/// The records of a trading job: its journal, what they add up to, what is to be committed next, and what the coordinator has of them.
struct JobRecords {
    let journal: OrderJournal
    private(set) var books: TradingBooks
    /// To be committed next.
    var batch: [JournalRecord] = []
    /// What the coordinator's store has; nil: it has not said.
    private(set) var kept: UInt64?
    /// So many more records has the coordinator, then the journal is told.
    private static let markEvery: Int64 = 250
    /// How many records there were after each commit that the store does not have yet, and at the opening.
    private var commits: [UInt64] = []
    /// Candles that were heard before the start and are not in the journal.
    private var unrecorded: [Pair: [Candle]] = [:]

    /// Reads the journal, a page at a time: it may be larger than what it adds up to.
    init(_ journal: OrderJournal) throws(JobFault) {
        self.journal = journal
        books = TradingBooks()
        commits = [UInt64(clamping: journal.lastSequence)]
        while Int64(books.recordCount) < journal.lastSequence {
            let entries: [OrderJournal.Entry]
            do { entries = try journal.entries(from: Int64(books.recordCount) + 1, limit: 1000) } catch { throw JobFault(error) }
            guard entries.first?.sequence == Int64(books.recordCount) + 1 else {
                throw JobFault(
                    OrderJournalError(.damaged, path: journal.path, detail: "record \(books.recordCount + 1) is missing"))
            }
            for entry in entries {
                do { try books.take(entry.bytes) } catch {
                    throw JobFault(OrderJournalError(.damaged, path: journal.path, detail: error.description))
                }
            }
        }
    }

    /// Records in the journal.
    var count: UInt64 { UInt64(clamping: journal.lastSequence) }
    /// Whether nobody is to be waited for: there is no coordinator, or it has all of them.
    func isKept(hasCoordinator: Bool) -> Bool { !hasCoordinator || (kept.map { $0 >= count } ?? (count == 0)) }

    /// One transaction with all of `batch`. False: there was nothing to commit.
    mutating func commit() throws(JobFault) -> Bool {
        guard !batch.isEmpty else { return false }
        let records = batch
        batch = []
        do { try journal.append(records) } catch { throw JobFault(error) }
        commits.append(count)
        for record in records {
            do { try books.take(record) } catch {
                throw JobFault(.internalError, "the job wrote a record that does not fit: \(error)")
            }
        }
        return true
    }

    /// A record that the store had, before it is written down.
    mutating func take(restored record: JournalRecord) throws(TradingBooksError) { try books.take(record) }

    // MARK: - Candles that nobody decided on

    /// They are in the journal, too, so that a backtest over the same time has them all.
    mutating func record(_ list: some Sequence<Candle>, of pair: Pair, isStarted: Bool) {
        guard isStarted else {
            unrecorded[pair, default: []] += list
            return
        }
        batch += list.map { JournalNote.candle(pair, $0).record }
    }

    /// At the start: of a new job what it begins with and the newest candle, which is the first that is decided on; of an older one all
    /// since its last record.
    mutating func recordHistory(of plan: JobPlan, _ instruments: [Pair: TradedInstrument]) {
        for pair in plan.pairs {
            let list = unrecorded[pair] ?? []
            if books.recordCount == 0, let instrument = instruments[pair] {
                let rules = plan.usualFees?.filled(into: instrument) ?? instrument
                batch += JournalNote.beginning(rules.instrument, history: Array(list.dropLast())).map(\.record)
            }
            let known = books.lastCloses[pair]?.time
            let missing = known.map { time in list.filter { $0.time > time } } ?? Array(list.suffix(1))
            batch += missing.map { JournalNote.candle(pair, $0).record }
        }
        unrecorded = [:]
    }

    // MARK: - The coordinator

    /// Records from this number on, as many as one message takes. It ends with a commit where it can: what was committed together is of use together,
    /// should the journal be lost.
    func page(from first: UInt64) throws(JobFault) -> [[UInt8]] {
        let entries: [OrderJournal.Entry]
        do {
            entries = try journal.entries(from: Int64(clamping: first), limit: RecordBatch.recordLimit)
        } catch { throw JobFault(error) }
        var records: [[UInt8]] = []
        var bytes = 0
        for entry in entries {
            records.append(entry.bytes)
            bytes += entry.bytes.count
            if bytes >= RecordBatch.batchBytes { break }
        }
        let whole = commits.last { $0 >= first && $0 - first < UInt64(records.count) }
        return whole.map { Array(records.prefix(Int(clamping: $0 - first + 1))) } ?? records
    }

    mutating func keep(_ count: UInt64) throws(JobFault) {
        kept = count
        commits.removeAll { $0 <= count }
        guard count <= self.count else {
            throw JobFault(
                .dataMissing,
                "the journal \(journal.path) has \(self.count) records, and the coordinator has \(count) of this job: it was "
                    + "changed while the job ran; nothing more was traded, and the next attempt gets the missing ones")
        }
        // From the mark on a restore compares (`RecordRestore`); an older one only means more to compare. A commit for each answer would hold orders up.
        guard Int64(clamping: count) - journal.acknowledged >= Self.markEvery else { return }
        do { try journal.acknowledge(upTo: Int64(clamping: count)) } catch { throw JobFault(error) }
    }

    func close(_ log: Logger) {
        do throws(OrderJournalError) {
            if let kept, kept <= count { try journal.acknowledge(upTo: Int64(clamping: kept)) }
            try journal.close()
        } catch { log.error("\(error)") }
    }
}

extension JobFault {
    /// A full disk, or a journal that another process has, may be gone at the next attempt; so it is tried again.
    init(_ error: OrderJournalError) { self.init(.internalError, error.description) }
}
