import Coordination

/// The statements that are prepared once.
final class Statements {
    let begin, commit, rollback: SQLStatement
    let insertJob, insertOpen, insertResult, insertSubmission: SQLStatement
    let insertJournal, journal, clearJournal, settledJob, setSettledJob: SQLStatement
    let waitingJobs, recentJob, endRecentJob, endedLog, keepUnit, keepResult: SQLStatement
    let changeOpen, removeOpen, endJob, keepEnd, removeEnd, countEnded, insertLog: SQLStatement
    let dispatchUnit, dispatchAgain, isOpen, completeUnit, failUnit, requeueUnit, removeUnit: SQLStatement
    let closeAttempt, closeFailedAttempts, forgetUnits, insertLateReport: SQLStatement
    let findSession, insertSession, raiseIncarnation: SQLStatement
    let insertSuccess, removeSuccess: SQLStatement
    let successCandidates, jobAddress, acceptedJobs, unitCount, readIncarnation, openSweeps, endState, lastJob,
        lastResult: SQLStatement
    let openJobs, anyJob, units, payload, results, log, attempts: SQLStatement
    let insertRecord, recordCount, records: SQLStatement
    let insertWorker, removeWorker, insertDead, forgetDead, workers, deadSessions, recordedSuccess, recordedFailure: SQLStatement

    init(_ connection: OpaquePointer) throws(SQLFault) {
        func prepare(_ sql: String) throws(SQLFault) -> SQLStatement { try SQLStatement(connection, sql) }
        begin = try prepare("BEGIN IMMEDIATE")
        commit = try prepare("COMMIT")
        rollback = try prepare("ROLLBACK")
        insertJob = try prepare(
            """
            INSERT INTO job(id, address, kind, fair_group, priority, combinations, slice_size, max_attempts, fresh,
                memory, expires_at, submission, submission_index, first_state, submitted_at, payload)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insertOpen = try prepare("INSERT OR REPLACE INTO open_job(id, state, changed_at) VALUES (?, ?, ?)")
        insertResult = try prepare("INSERT INTO result(id, bytes) VALUES (?, ?)")
        insertSubmission = try prepare("INSERT OR REPLACE INTO submission(id, jobs, at) VALUES (?, ?, ?)")
        changeOpen = try prepare("UPDATE open_job SET state = ?2, changed_at = ?3 WHERE id = ?1")
        removeOpen = try prepare("DELETE FROM open_job WHERE id = ?")
        endJob = try prepare(
            """
            INSERT INTO ended_job(id, state, changed_at, reason, message, completed, failed)
            VALUES (?1, ?2, ?3, ?4, nullif(?5, ''), ?6, ?7)
            """)
        endRecentJob = try prepare(
            """
            INSERT INTO ended_job(id, state, changed_at, reason, message, completed, failed, log, attempt, incarnation, counter,
                session, dispatched_at, finished_at, result)
            VALUES (?1, 6, ?2, ?3, nullif(?4, ''), 1, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """)
        endedLog = try prepare("SELECT log FROM ended_job WHERE id = ? AND log IS NOT NULL")
        keepUnit = try prepare(
            """
            INSERT INTO unit(job, unit, state, attempts, incarnation, counter, session, dispatched_at, finished_at, result)
            SELECT id, 0, 2, attempt, incarnation, counter, session, dispatched_at, finished_at, ?2 FROM ended_job
            WHERE id = ?1 AND attempt IS NOT NULL
            """)
        keepResult = try prepare("INSERT INTO result(id, bytes) SELECT ?2, result FROM ended_job WHERE id = ?1")
        insertJournal = try prepare("INSERT INTO journal(changes) VALUES (?)")
        journal = try prepare("SELECT changes FROM journal ORDER BY batch")
        clearJournal = try prepare("DELETE FROM journal")
        settledJob = try prepare("SELECT value FROM meta WHERE name = 'settled_job'")
        setSettledJob = try prepare("UPDATE meta SET value = ? WHERE name = 'settled_job'")
        // Above the last settled job: what is in no table of open or ended jobs.
        waitingJobs = try prepare(
            """
            SELECT id, address, first_state, submitted_at FROM job WHERE id > ? AND combinations <= slice_size
                AND NOT EXISTS (SELECT 1 FROM open_job WHERE open_job.id = job.id)
                AND NOT EXISTS (SELECT 1 FROM ended_job WHERE ended_job.id = job.id)
            """)
        // A job of one unit of which the tables know nothing but its state.
        recentJob = try prepare(
            """
            SELECT open_job.id, address, state, changed_at FROM open_job CROSS JOIN job ON job.id = open_job.id
            WHERE open_job.id = ?1 AND combinations <= slice_size AND NOT EXISTS (SELECT 1 FROM unit WHERE unit.job = ?1)
            """)
        removeEnd = try prepare("DELETE FROM ended_job WHERE id = ?")
        keepEnd = try prepare(
            """
            INSERT INTO log(job, sequence, state, reason, at, message)
            SELECT id, ?2, state, reason, changed_at, message FROM ended_job WHERE id = ?1
            """)
        countEnded = try prepare(
            """
            INSERT INTO ended_count(state, jobs) VALUES (?1, ?2) ON CONFLICT(state) DO UPDATE SET jobs = jobs + ?2
            """)
        insertLog = try prepare(
            "INSERT INTO log(job, sequence, state, reason, at, message) VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, ''))")
        dispatchUnit = try prepare(
            """
            INSERT INTO unit(job, unit, state, attempts, incarnation, counter, session, dispatched_at)
            VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7)
            """)
        dispatchAgain = try prepare(
            """
            UPDATE unit SET state = 1, attempts = ?3, incarnation = ?4, counter = ?5, session = ?6, dispatched_at = ?7,
                not_before = NULL WHERE job = ?1 AND unit = ?2 AND state = 0
            """)
        isOpen = try prepare("SELECT 1 FROM open_job WHERE id = ?")
        completeUnit = try prepare("UPDATE unit SET state = 2, finished_at = ?5, result = ?6 \(Self.isOut)")
        failUnit = try prepare("UPDATE unit SET state = 3, finished_at = ?5, failure = ?6, message = ?7 \(Self.isOut)")
        requeueUnit = try prepare("UPDATE unit SET state = 0, attempts = ?5, not_before = ?6 \(Self.isOut)")
        removeUnit = try prepare("DELETE FROM unit \(Self.isOut)")
        closeAttempt = try prepare(
            """
            INSERT INTO attempt(job, unit, attempt, incarnation, counter, session, dispatched_at, ended_at, ending, code, message)
            SELECT job, unit, attempts, incarnation, counter, session, dispatched_at, ?5, ?6, ?7, ?8 FROM unit \(Self.isOut)
            """)
        closeFailedAttempts = try prepare(
            """
            INSERT INTO attempt(job, unit, attempt, incarnation, counter, session, dispatched_at, ended_at, ending, code, message)
            SELECT job, unit, attempts, incarnation, counter, session, dispatched_at, finished_at, 1, failure, message
            FROM unit WHERE job = ? AND state = 3
            """)
        forgetUnits = try prepare("DELETE FROM unit WHERE job = ? AND state IN (0, 3)")
        insertLateReport = try prepare(
            """
            INSERT INTO late_report(job, unit, incarnation, counter, session, ending, code, message, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        findSession = try prepare("SELECT id FROM session WHERE session = ? AND worker = ?")
        insertSession = try prepare("INSERT INTO session(session, worker) VALUES (?, ?) RETURNING id")
        raiseIncarnation = try prepare("UPDATE meta SET value = ? WHERE name = 'incarnation'")
        insertSuccess = try prepare("INSERT INTO success(key, job) VALUES (?, ?)")
        removeSuccess = try prepare("DELETE FROM success WHERE key = ? AND job = ?")
        successCandidates = try prepare("SELECT job FROM success WHERE key = ? ORDER BY job DESC")
        jobAddress = try prepare("SELECT address FROM job WHERE id = ?")
        acceptedJobs = try prepare("SELECT jobs FROM submission WHERE id = ?")
        unitCount = try prepare(
            """
            SELECT state, count(*) FROM unit WHERE job = ?1 GROUP BY state
            UNION ALL SELECT 2, 1 FROM ended_job WHERE id = ?1 AND attempt IS NOT NULL
            """)
        openSweeps = try prepare(
            "SELECT open_job.id FROM open_job JOIN job ON job.id = open_job.id WHERE combinations > slice_size")
        readIncarnation = try prepare("SELECT value FROM meta WHERE name = 'incarnation'")
        endState = try prepare("SELECT state FROM ended_job WHERE id = ?")
        lastJob = try prepare("SELECT coalesce(max(id), 0) FROM job")
        lastResult = try prepare("SELECT coalesce(max(id), 0) FROM result")
        openJobs = try prepare(
            """
            SELECT \(Self.jobColumns) FROM open_job CROSS JOIN job ON job.id = open_job.id
            LEFT JOIN ended_job ON ended_job.id = job.id ORDER BY open_job.id
            """)
        anyJob = try prepare("SELECT \(Self.jobColumns) FROM \(Self.jobTables) WHERE job.id = ?")
        // Only rows that are out need their session: a sweep's completed units are read without it.
        units = try prepare(
            """
            SELECT unit, unit.state, attempts, not_before, incarnation, counter, dispatched_at, session.worker, session.session
            FROM unit LEFT JOIN session ON unit.state = 1 AND session.id = unit.session WHERE job = ? ORDER BY unit
            """)
        payload = try prepare("SELECT payload FROM job WHERE id = ?")
        results = try prepare(
            """
            SELECT unit, bytes FROM unit JOIN result ON result.id = unit.result
            WHERE job = ?1 AND unit >= ?2 AND unit.state = 2
            UNION ALL SELECT 0, result FROM ended_job WHERE id = ?1 AND ?2 = 0 AND attempt IS NOT NULL
            ORDER BY unit LIMIT ?3
            """)
        log = try prepare("SELECT state, reason, at, message FROM log WHERE job = ? ORDER BY sequence")
        attempts = try prepare(Self.newestAttempts)
        insertRecord = try prepare("INSERT INTO record(job, number, bytes) VALUES (?1, ?2, ?3)")
        recordCount = try prepare("SELECT coalesce(max(number), 0) FROM record WHERE job = ?")
        records = try prepare("SELECT bytes FROM record WHERE job = ?1 AND number >= ?2 ORDER BY number LIMIT ?3")
        insertWorker = try prepare("INSERT OR REPLACE INTO worker(session, name, class, start) VALUES (?, ?, ?, ?)")
        removeWorker = try prepare("DELETE FROM worker WHERE session = ?")
        insertDead = try prepare("INSERT OR IGNORE INTO dead_session(session) VALUES (?)")
        forgetDead = try prepare("DELETE FROM dead_session WHERE id <= (SELECT max(id) FROM dead_session) - ?")
        workers = try prepare("SELECT name, session, class, start FROM worker ORDER BY id")
        deadSessions = try prepare("SELECT session FROM dead_session ORDER BY id")
        recordedSuccess = try prepare(
            """
            SELECT 1 FROM unit WHERE job = ?1 AND unit = ?2 AND incarnation = ?3 AND counter = ?4 AND state = 2
            UNION ALL SELECT 1 FROM ended_job
            WHERE id = ?1 AND ?2 = 0 AND attempt IS NOT NULL AND incarnation = ?3 AND counter = ?4
            """)
        recordedFailure = try prepare(
            """
            SELECT 1 FROM unit WHERE job = ?1 AND unit = ?2 AND incarnation = ?3 AND counter = ?4 AND state = 3
            UNION ALL SELECT 1 FROM attempt WHERE job = ?1 AND unit = ?2 AND incarnation = ?3 AND counter = ?4
                AND (ending = \(StoredEnding.failed)
                    OR ending = \(StoredEnding.requeued) AND code = \(StateReason.Code.attemptFailed.storedCode))
            """)
    }

    /// What `SQLRow.jobRecord()` reads.
    static let jobColumns = """
        job.id, coalesce(open_job.state, ended_job.state), address, kind, fair_group, priority, combinations, slice_size, max_attempts,
        fresh, memory, expires_at, submission, submission_index, first_state, submitted_at,
        coalesce(open_job.changed_at, ended_job.changed_at), completed, failed, ended_job.state, ended_job.reason,
        ended_job.message, ended_job.log, ended_job.attempt
        """

    static let jobTables = """
        job LEFT JOIN open_job ON open_job.id = job.id LEFT JOIN ended_job ON ended_job.id = job.id
        """

    /// Closed attempts and the last one of every unit that is out or has ended, the newest first.
    private static let newestAttempts = """
        SELECT unit, attempt, incarnation, counter, worker, session.session, dispatched_at, ended_at, ending, code, message FROM (
            SELECT unit, attempt, incarnation, counter, session, dispatched_at, ended_at, ending, code, message
            FROM attempt WHERE job = ?1
            UNION ALL
            SELECT unit, attempts, incarnation, counter, session, dispatched_at, finished_at,
                CASE state WHEN 2 THEN 0 WHEN 3 THEN 1 END, failure, message
            FROM unit WHERE job = ?1 AND state <> 0
            UNION ALL
            SELECT 0, attempt, incarnation, counter, session, dispatched_at, finished_at, 0, NULL, NULL
            FROM ended_job WHERE id = ?1 AND attempt IS NOT NULL
            ORDER BY incarnation DESC, counter DESC LIMIT ?2
        ) AS latest JOIN session ON session.id = latest.session ORDER BY incarnation DESC, counter DESC
        """

    /// The one row of a unit that is out under exactly this grant.
    private static let isOut = "WHERE job = ?1 AND unit = ?2 AND state = 1 AND incarnation = ?3 AND counter = ?4"
}
