import Coordination
import Exchange
import Fleet
import Foundation
import Market
import OrderJournal
import Orders
import Synchronization
import Testing
import TradingJournal

@testable import TradingJobs

/// Journals that were lost, wholly or in part, and stores that send what they like.
@Suite struct RecordRestoreTests {
    private let folder: TemporaryFolder
    private let log = RecordingLog()
    private var path: String { folder.path + "/job.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    /// A store that has `records` and sends a few at a time; after so many questions the worker is asked to end.
    private final class Store: Sendable {
        let records: [[UInt8]]
        let pageSize: Int
        let asked = Mutex<[UInt64]>([])
        let patience: Int

        init(_ records: [[UInt8]], pageSize: Int = 3, patience: Int = .max) {
            (self.records, self.pageSize, self.patience) = (records, pageSize, patience)
        }

        func page(from first: UInt64) -> [[UInt8]]? {
            let count = asked.withLock { asked in
                asked.append(first)
                return asked.count
            }
            guard count <= patience else { return nil }
            return Array(records.dropFirst(Int(first) - 1).prefix(pageSize))
        }
    }

    private static func record(_ number: Int) -> JournalRecord {
        let candle = Candle(
            time: Timestamp(milliseconds: Int64(number) * 60_000), open: 1, high: 2, low: 1, close: 2, volume: Double(number))
        return JournalNote.candle(Pair("BTC/USDT") ?? { preconditionFailure("a pair") }(), candle).record
    }

    private static let records = (1...20).map { record($0) }
    private static let bytes = records.map(\.encoded)

    private func write(_ records: some Sequence<JournalRecord>, acknowledged: Int64 = 0) throws {
        let journal = try OrderJournal(path: path, holder: "test")
        try journal.append(Array(records))
        try journal.acknowledge(upTo: acknowledged)
        try journal.close()
    }

    private func restore(_ store: Store, count: Int? = nil) async throws(JobFault) -> RecordRestore.End {
        try await RecordRestore(
            path: path, holder: "test", count: UInt64(count ?? store.records.count), fetch: { store.page(from: $0) },
            log: log.logger
        ).run()
    }

    private func fault(_ store: Store, count: Int? = nil) async -> JobFault? {
        do throws(JobFault) {
            _ = try await restore(store, count: count)
            return nil
        } catch { return error }
    }

    private var journal: [[UInt8]] { get throws { try OrderJournalReader.records(path) } }

    @Test(arguments: [0, 1, 7, 19])
    func `what the journal lacks is written to it, and the journal says so`(known: Int) async throws {
        if known > 0 { try write(Self.records.prefix(known)) }
        #expect(try await restore(Store(Self.bytes)) == .done(restored: UInt64(20 - known)))
        let records = try journal
        #expect(Array(records.prefix(20)) == Self.bytes && records.count == 21)
        let books = try TradingBooks(records)
        #expect(books.restoredSince == Timestamp(milliseconds: 20 * 60_000))
        // The note itself is not in the store yet; the rest is.
        let journal = try OrderJournal(path: path, holder: "test")
        #expect(journal.acknowledged == 20)
        try journal.close()
        // The next start finds everything as it should be, and writes nothing.
        #expect(try await restore(Store(Self.bytes)) == .done(restored: 0))
        #expect(try self.journal.count == 21)
    }

    @Test func `a job without records asks nothing, and makes no journal`() async throws {
        let store = Store([])
        #expect(try await restore(store) == .done(restored: 0))
        #expect(store.asked.withLock { $0.isEmpty } && !FileManager.default.fileExists(atPath: path))
    }

    @Test func `a journal that has more than the store is compared from the last record that the store said to have`()
        async throws
    {
        try write(Self.records, acknowledged: 10)
        let store = Store(Array(Self.bytes.prefix(15)))
        #expect(try await restore(store) == .done(restored: 0))
        #expect(store.asked.withLock { $0 } == [10, 13])
        #expect(try journal == Self.bytes)
    }

    @Test(arguments: [4, 9, 10, 14])
    func `a journal out of another life of the job is refused, and nothing is written`(differing: Int) async throws {
        var other = Self.records
        other[differing] = Self.record(99)
        // The store was an older one at some time: what the journal was told to be kept may be there anew, as something else.
        try write(other.prefix(15), acknowledged: Int64(min(differing + 1, 10)))
        let fault = try #require(await fault(Store(Self.bytes)))
        #expect(fault.failure.code == .dataMissing)
        #expect("\(fault)".contains("record \(differing + 1) of the journal") && "\(fault)".contains(path), "\(fault)")
        #expect(try journal == other.prefix(15).map(\.encoded))
    }

    @Test func `a worker that is killed in the middle goes on where it was`() async throws {
        for round in 1...3 {
            #expect(try await restore(Store(Self.bytes, patience: round)) == .stopped)
            let records = try journal
            #expect(records == Array(Self.bytes.prefix(records.count)) && records.count < 20)
        }
        _ = try await restore(Store(Self.bytes))
        #expect(try journal.count == 21)
        #expect(try TradingBooks(try journal).restoredSince != nil)
    }

    @Test func `records that are cut, no records, or not there are refused in words, and none of their page is written`()
        async throws
    {
        var cut = Self.bytes
        cut[7].removeLast()
        var flipped = Self.bytes
        flipped[7][flipped[7].count / 2] ^= 0x40
        var hostile = Self.bytes
        hostile[7] = [UInt8](repeating: 0xff, count: 1 << 20)
        var empty = Self.bytes
        empty[7] = []
        // An outcome of an order that nobody placed.
        var foreign = Self.bytes
        foreign[7] = JournalRecord.cancelRequested(OrderTicket(3), Timestamp(milliseconds: 1)).encoded
        for records in [cut, flipped, hostile, empty, foreign] {
            try? FileManager.default.removeItem(atPath: path)
            let fault = try #require(await fault(Store(records)))
            #expect(fault.failure.code == .dataMissing && "\(fault)".contains("record 8 "), "\(fault)")
            #expect(try journal == Array(Self.bytes.prefix(6)))
        }
        try FileManager.default.removeItem(atPath: path)
        let fault = try #require(await fault(Store(Self.bytes), count: 25))
        #expect(fault.failure.code == .internalError && "\(fault)".contains("record 21"), "\(fault)")
    }

    @Test func `whatever of a journal is left, the store makes it whole`() async throws {
        var random = Generator(state: 7)
        for seed in 0..<60 {
            try? FileManager.default.removeItem(atPath: path)
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
            let kept = Int(random.next() % 20) + 1
            let known = Int(random.next() % 21)
            if known > 0 { try write(Self.records.prefix(known), acknowledged: Int64(random.next() % UInt64(known + 1))) }
            let size = 1 + Int(random.next() % 9)
            let bytes = Array(Self.bytes.prefix(kept))
            // Killed after more and more questions: comparing begins anew each time.
            for patience in 1...50 {
                if try await restore(Store(bytes, pageSize: size, patience: patience)) != .stopped { break }
                #expect(patience < 50)
            }
            let records = try journal
            #expect(Array(records.prefix(max(kept, known))) == Array(Self.bytes.prefix(max(kept, known))), "seed \(seed)")
            #expect(records.count == max(kept, known) + (known < kept ? 1 : 0), "seed \(seed)")
        }
    }

    @Test func `a unit that waits for records is woken by its end, and by no answer to another question`() async {
        let asked = Mutex<[UInt64]>([])
        let holder = Mutex<UnitControl?>(nil)
        let control = UnitControl(
            report: { _ in },
            wanted: { first in
                asked.withLock { $0.append(first) }
                guard let control = holder.withLock({ $0 }) else { return }
                if first == 1 {
                    control.storedRecords(from: 2, [[9]])
                    control.storedRecords(from: 1, [[1]])
                    control.storedRecords(from: 1, [[2]])
                } else {
                    control.stop()
                }
            })
        holder.withLock { $0 = control }
        #expect(await control.storedRecords(from: 1) == [[1]])
        #expect(await control.storedRecords(from: 2) == nil)
        #expect(await control.storedRecords(from: 3) == nil, "it is to end already")
        #expect(asked.withLock { $0 } == [1, 2])
        holder.withLock { $0 = nil }
    }
}

private struct Generator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
