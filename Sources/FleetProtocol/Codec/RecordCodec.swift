import Coordination
import Foundation
import SwiftProtobuf

// The records of dry-run and live jobs: to the coordinator, and from it to clients.

extension WireRecordBatch {
    init(_ batch: RecordBatch) {
        self.init()
        grant = WireUnitGrant(batch.grant)
        first = batch.first
        records = batch.records.map { Data($0) }
    }

    func read() throws(ProtocolError) -> RecordBatch {
        RecordBatch(
            grant: try grant.read(), first: try RecordCodec.number(first),
            records: try RecordCodec.read(records, limit: RecordBatch.recordLimit))
    }
}

extension WireStoredRecords {
    init(_ stored: StoredRecords) {
        self.init()
        token = WireToken(stored.token)
        first = stored.first
        records = stored.records.map { Data($0) }
    }

    func read() throws(ProtocolError) -> StoredRecords {
        guard hasToken else { throw .missing("the token of stored records") }
        return StoredRecords(
            token: token.token, first: try RecordCodec.number(first),
            records: try RecordCodec.read(records, limit: RecordBatch.recordLimit))
    }
}

extension WireRecordsPage {
    init(_ page: RecordsPage) {
        self.init()
        job = page.job.rawValue
        first = page.first
        records = page.records.map { Data($0) }
        hasMore_p = page.hasMore
    }

    func read() throws(ProtocolError) -> RecordsPage {
        RecordsPage(
            job: try Values.job(job),
            first: try RecordCodec.number(first),
            records: try RecordCodec.read(records, limit: ProtocolLimits.results), hasMore: hasMore_p)
    }
}

enum RecordCodec {
    static func number(_ first: UInt64) throws(ProtocolError) -> UInt64 {
        try Values.inRange(first, 1...ProtocolLimits.combinations, "the number of the first record")
    }

    static func read(_ records: [Data], limit: Int) throws(ProtocolError) -> [[UInt8]] {
        try Values.list(records, "records", limit: limit) { (record) throws(ProtocolError) in
            try Values.bytes(record, "a record", limit: RecordBatch.recordBytes)
        }
    }
}
