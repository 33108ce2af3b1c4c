package import Coordination

/// The way from an address to the jobs that succeeded at it.
extension SQLiteJobStore {
    package func succeededJob(at address: JobAddress) -> JobID? {
        lookup { statements in
            let key = Self.key(address)
            var candidates = freshSuccesses[key] ?? []
            statements.successCandidates.bind(key, at: 1)
            try statements.successCandidates.forEachRow { row in
                candidates.append(JobID(row.int(0)))
                return true
            }
            // Nearly always one or none; two different addresses with the same 64 bits are told apart by the job's row.
            return try candidates.sorted().last { try Self.key(of: $0, matching: address, statements) != nil }
        }
    }

    static func key(_ address: JobAddress) -> Int64 { Int64(bitPattern: address.digest.words.0) }

    /// The key of a stored job; nil: it has another address.
    private static func key(of job: JobID, matching: JobAddress? = nil, _ statements: Statements) throws(SQLFault) -> Int64? {
        statements.jobAddress.bind(job.rawValue, at: 1)
        let digest = try statements.jobAddress.first { (row) throws(SQLFault) in try row.digest(0) }
        guard let digest else { throw SQLFault(damaged: "job \(job) is missing") }
        let address = JobAddress(digest)
        return matching == nil || matching == address ? key(address) : nil
    }

    /// A job that is in the tables has succeeded.
    func noteSuccess(_ job: JobID, _ statements: Statements) throws {
        if let key = try Self.key(of: job, statements) { noteSuccess(job, key: key) }
    }

    func noteSuccess(_ job: JobID, key: Int64) {
        journal.succeeded(job, key: key)
        freshSuccesses[key, default: []].append(job)
        unsettledCount += 1
    }

    func forgetSuccess(_ job: JobID, _ statements: Statements) throws {
        guard let key = try Self.key(of: job, statements) else { return }
        if forgetFreshSuccess(job, key: key) { return journal.unsucceeded(job, key: key) }
        statements.removeSuccess.bind(key, at: 1)
        statements.removeSuccess.bind(job.rawValue, at: 2)
        try statements.removeSuccess.run()
    }

    /// False: the key of the job is not among those that were collected since the journal was emptied.
    @discardableResult
    func forgetFreshSuccess(_ job: JobID, key: Int64) -> Bool {
        guard let place = freshSuccesses[key]?.firstIndex(of: job) else { return false }
        freshSuccesses[key]?.remove(at: place)
        return true
    }

    /// Moves the collected keys to their table.
    func mergeSuccesses(_ statements: Statements) throws {
        for (key, jobs) in freshSuccesses.sorted(by: { $0.key < $1.key }) {
            for job in jobs {
                statements.insertSuccess.bind(key, at: 1)
                statements.insertSuccess.bind(job.rawValue, at: 2)
                try statements.insertSuccess.run()
            }
        }
        freshSuccesses.removeAll()
    }
}
