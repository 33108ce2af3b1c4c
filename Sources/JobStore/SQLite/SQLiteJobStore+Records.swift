package import Coordination

/// The records of dry-run and live jobs.
extension SQLiteJobStore {
    func add(_ records: [[UInt8]], _ first: UInt64, of job: JobID, _ statements: Statements) throws {
        statements.jobAddress.bind(job.rawValue, at: 1)
        guard try statements.jobAddress.first({ _ in true }) != nil else { throw contradiction(Contradiction.noJob(job)) }
        let count = try recordCount(of: job, statements)
        guard first == count + 1 else { throw contradiction(Contradiction.recordGap(job, first: first, count: count)) }
        let statement = statements.insertRecord
        for (place, record) in records.enumerated() {
            statement.bind(job.rawValue, at: 1)
            statement.bind(first + UInt64(place), at: 2)
            try statement.run(binding: record, at: 3)
        }
    }

    func recordCount(of job: JobID, _ statements: Statements) throws(SQLFault) -> UInt64 {
        statements.recordCount.bind(job.rawValue, at: 1)
        return try statements.recordCount.first { $0.uint(0) } ?? 0
    }

    package func records(
        of job: JobID, from first: UInt64, limit: Int, byteLimit: Int
    ) throws(JobStoreError) -> [[UInt8]] {
        guard limit > 0, first <= UInt64(Int64.max) else { return [] }
        return try withStatements { statements in
            var found: [[UInt8]] = []
            var total = 0
            statements.records.bind(job.rawValue, at: 1)
            statements.records.bind(first, at: 2)
            statements.records.bind(limit, at: 3)
            try statements.records.forEachRow { row in
                let bytes = row.blob(0)
                total += bytes.count
                found.append(bytes)
                return total < byteLimit
            }
            return found
        }
    }
}
