package import Coordination

/// The questions whose statements depend on what is asked; none of them runs per job.
extension SQLiteJobStore {
    package func jobs(matching filter: JobFilter) throws(JobStoreError) -> [JobSummary] {
        try withConnection { connection, statements in
            try reloadIfNeeded(statements)
            return try withExpanded(nil, statements) { try expandedJobs(filter, connection, statements) }
        }
    }

    private func expandedJobs(
        _ filter: JobFilter, _ connection: OpaquePointer, _ statements: Statements
    ) throws -> [JobSummary] {
        let statement = try SQLStatement(connection, Self.listSQL(filter))
        statement.bind(filter.before?.rawValue ?? Int64.max, at: 1)
        statement.bind(max(0, filter.limit), at: 2)
        if let group = filter.group { statement.bind(group, at: 3) }
        var found: [JobSummary] = []
        try statement.forEachRow { (row) throws(SQLFault) in
            found.append(try row.jobSummary())
            return true
        }
        for index in found.indices where !found[index].record.state.isTerminal {
            let counts = try endedUnits(found[index].record.id, statements)
            found[index].completedUnits = counts.completed
            found[index].failedUnits = counts.failed
        }
        return found
    }

    /// States of one sort are found through their own index or table; only a mixed question goes through all jobs.
    private static func listSQL(_ filter: JobFilter) -> String {
        let codes = (filter.states.isEmpty ? JobState.allCases : filter.states).map(\.storedCode)
        let list = codes.map(String.init).joined(separator: ", ")
        var conditions: [String] = []
        let open = filter.states.allSatisfy { !$0.isTerminal } && !filter.states.isEmpty
        let unsuccessful = filter.states.allSatisfy { $0.isTerminal && $0 != .succeeded } && !filter.states.isEmpty
        if open {
            conditions.append("open_job.state IN (\(list))")
        } else if unsuccessful {
            conditions.append("ended_job.state IN (\(list)) AND ended_job.state > 6")
        } else if !filter.states.isEmpty {
            conditions.append("coalesce(open_job.state, ended_job.state) IN (\(list))")
        }
        if !filter.kinds.isEmpty {
            conditions.append("kind IN (\(filter.kinds.map { String($0.storedCode) }.joined(separator: ", ")))")
        }
        conditions.append("\(open ? "open_job" : unsuccessful ? "ended_job" : "job").id < ?1")
        if filter.group != nil { conditions.append("fair_group = ?3") }
        var tables = Statements.jobTables
        var order = "job"
        if open {
            tables = "open_job CROSS JOIN job ON job.id = open_job.id LEFT JOIN ended_job ON ended_job.id = job.id"
            order = "open_job"
        } else if unsuccessful {
            tables = "ended_job CROSS JOIN job ON job.id = ended_job.id LEFT JOIN open_job ON open_job.id = job.id"
            order = "ended_job"
        }
        return """
            SELECT \(Statements.jobColumns) FROM \(tables) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(order).id DESC LIMIT ?2
            """
    }

    package func lateReports(of job: JobID?, limit: Int) throws(JobStoreError) -> [StoredLateReport] {
        try withConnection { connection, _ in
            let statement = try SQLStatement(
                connection,
                """
                SELECT job, unit, incarnation, counter, worker, session.session, ending, code, message, at
                FROM late_report JOIN session ON session.id = late_report.session
                \(job == nil ? "" : "WHERE job = ?2") ORDER BY late_report.id LIMIT ?1
                """)
            statement.bind(max(0, limit), at: 1)
            if let job { statement.bind(job.rawValue, at: 2) }
            var found: [StoredLateReport] = []
            try statement.forEachRow { (row) throws(SQLFault) in
                found.append(try row.lateReport())
                return true
            }
            return found
        }
    }

    package func counts() throws(JobStoreError) -> [JobState: Int] {
        try withConnection { connection, statements in
            try reloadIfNeeded(statements)
            let statement = try SQLStatement(
                connection, "SELECT state, count(*) FROM open_job GROUP BY state UNION ALL SELECT state, jobs FROM ended_count")
            var counts: [JobState: Int] = [:]
            try statement.forEachRow { (row) throws(SQLFault) in
                counts[try JobState(storedCode: row.int(0), column: "state"), default: 0] += Int(row.int(1))
                return true
            }
            for job in recent.values {
                if let listed = job.listedState { counts[listed, default: 0] -= 1 }
                counts[job.state, default: 0] += 1
            }
            for state in JobState.allCases { counts[state, default: 0] += Int(endedDeltas[Int(state.storedCode)]) }
            return counts.filter { $0.value > 0 }
        }
    }
}

extension SQLRow {
    fileprivate func lateReport() throws(SQLFault) -> StoredLateReport {
        let grant = Grant(
            unit: UnitID(job: JobID(int(0)), index: uint(1)), token: FencingToken(incarnation: uint(2), counter: uint(3)))
        let report = LateReport(
            grant: grant, worker: WorkerID(text(4)), session: SessionID(try uint128(5)),
            outcome: try outcome(int(6), code: 7, message: 8))
        return StoredLateReport(report: report, wallMilliseconds: int(9))
    }
}
