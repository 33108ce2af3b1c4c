package import Coordination

/// The way from an address to the jobs that succeeded at it, and what else is kept in memory beside the file.
extension SQLiteJobStore {
    /// So many keys are collected before they are sorted and moved: a few hundred kilobytes of memory.
    private static let mergeCount = 8_192

    /// A megabyte or two of memory.
    private static let openKeyLimit = 32_768

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

    private static func key(_ address: JobAddress) -> Int64 { Int64(bitPattern: address.digest.words.0) }

    /// The key of a stored job; nil: it has another address.
    private static func key(of job: JobID, matching: JobAddress? = nil, _ statements: Statements) throws(SQLFault) -> Int64? {
        statements.jobAddress.bind(job.rawValue, at: 1)
        let digest = try statements.jobAddress.first { (row) throws(SQLFault) in try row.digest(0) }
        guard let digest else { throw SQLFault(damaged: "job \(job) is missing") }
        let address = JobAddress(digest)
        return matching == nil || matching == address ? key(address) : nil
    }

    /// Remembers the key of a new job for its end: otherwise its row is read again.
    func note(key address: JobAddress, of job: JobID) {
        if openKeys.count < Self.openKeyLimit { openKeys[job] = Self.key(address) }
    }

    func noteSuccess(_ job: JobID, _ statements: Statements) throws {
        guard let key = try openKeys[job] ?? Self.key(of: job, statements) else { return }
        statements.insertFreshSuccess.bind(job.rawValue, at: 1)
        statements.insertFreshSuccess.bind(key, at: 2)
        try statements.insertFreshSuccess.run()
        freshSuccesses[key, default: []].append(job)
        freshSuccessCount += 1
    }

    func forgetSuccess(_ job: JobID, _ statements: Statements) throws {
        guard let key = try Self.key(of: job, statements) else { return }
        statements.removeFreshSuccess.bind(job.rawValue, at: 1)
        try statements.removeFreshSuccess.run()
        statements.removeSuccess.bind(key, at: 1)
        statements.removeSuccess.bind(job.rawValue, at: 2)
        try statements.removeSuccess.run()
        freshSuccesses[key]?.removeAll { $0 == job }
    }

    /// Moves the collected keys to their table once there are enough of them.
    func mergeSuccesses(_ statements: Statements) throws {
        guard freshSuccessCount >= Self.mergeCount else { return }
        for (key, jobs) in freshSuccesses.sorted(by: { $0.key < $1.key }) {
            for job in jobs {
                statements.insertSuccess.bind(key, at: 1)
                statements.insertSuccess.bind(job.rawValue, at: 2)
                try statements.insertSuccess.run()
            }
        }
        try statements.clearFreshSuccess.run()
        freshSuccesses.removeAll(keepingCapacity: true)
        freshSuccessCount = 0
    }

    /// Reads again what is kept in memory, after a batch that failed half-way.
    func reloadIfNeeded(_ statements: Statements) throws {
        if mustReload { try reload(statements) }
    }

    /// `countingSweeps` is false where the caller goes over their units anyway.
    func reload(_ statements: Statements, countingSweeps: Bool = true) throws {
        sessions.removeAll()
        for state in endedDeltas.indices { endedDeltas[state] = 0 }
        nextResult = (try statements.lastResult.first { $0.int(0) } ?? 0) + 1
        var open: [JobID] = []
        openKeys.removeAll()
        try statements.openSweeps.forEachRow { row in
            open.append(JobID(row.int(0)))
            return true
        }
        sweeps.removeAll()
        if countingSweeps { for job in open { sweeps[job] = try endedUnits(job, statements) } }
        freshSuccesses.removeAll()
        freshSuccessCount = 0
        try statements.freshSuccesses.forEachRow { row in
            freshSuccesses[row.int(1), default: []].append(JobID(row.int(0)))
            freshSuccessCount += 1
            return true
        }
        mustReload = false
    }
}
