import GRDB

/// The tables of the store. A change of them is a new migration and a new version, never an edit of an old migration.
enum Layout {
    /// The newest layout version that this program knows.
    static let version = 4
    /// Marks a file as a job store of this program ("PRJS").
    static let applicationID: Int32 = 0x5052_4A53

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration("1") { database in
            try database.execute(sql: firstVersion)
            try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
        }
        migrator.registerMigration("2") { database in
            try database.execute(sql: secondVersion)
            try database.execute(sql: "PRAGMA user_version = 2")
        }
        migrator.registerMigration("3") { database in
            try database.execute(sql: thirdVersion)
            try database.execute(sql: "PRAGMA user_version = 3")
        }
        migrator.registerMigration("4") { database in
            try database.execute(sql: fourthVersion)
            try database.execute(sql: "PRAGMA user_version = 4")
        }
        return migrator
    }

    // A row of `job` is written once, with its payload at the end, where what is before it is read without it. The end of a
    // job stands in `ended_job`, which is also the last line of its log.
    //
    // An open job lives in one of two ways. `open_job`, `unit`, `log` and `attempt` can say everything: sweeps, failures,
    // further attempts, cancels. An ordinary job of one unit is `recent` (see `RecentJob`): it has no row in these tables, or
    // one in `open_job` as it was when the journal was emptied last, and its result, its attempt and the middle of its log
    // come into `ended_job` with its end.
    //
    // `journal` has one row a batch: what happened to recent jobs, which jobs succeeded and how many ended. What it says is
    // kept in memory too; from time to time it is moved to the tables, many jobs at once and in the order of their pages.
    // Jobs above `settled_job` (in `meta`) that are in no table of open or ended jobs are recent and wait.
    //
    // Addresses are random, so an index over them would be written at a different page for every job: `success` gets the
    // keys (the first 64 bits of the addresses) sorted, when the journal is emptied.
    //
    // A result in `result` has a number of its own, so that results are appended and the scan over a sweep's units never
    // passes through their bytes.
    private static let firstVersion = """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO meta(name, value) VALUES ('incarnation', 0);

        CREATE TABLE job(
            id INTEGER PRIMARY KEY,
            address BLOB NOT NULL,
            kind INTEGER NOT NULL,
            fair_group TEXT NOT NULL,
            priority INTEGER NOT NULL,
            combinations INTEGER NOT NULL,
            slice_size INTEGER NOT NULL,
            max_attempts INTEGER NOT NULL,
            fresh INTEGER NOT NULL,
            memory INTEGER,
            expires_at INTEGER,
            submission BLOB NOT NULL,
            submission_index INTEGER NOT NULL,
            first_state INTEGER NOT NULL,
            submitted_at INTEGER NOT NULL
        );

        CREATE TABLE ended_job(
            id INTEGER PRIMARY KEY,
            state INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            reason INTEGER NOT NULL,
            message TEXT,
            completed INTEGER NOT NULL,
            failed INTEGER NOT NULL
        );
        CREATE INDEX ended_job_unsuccessful ON ended_job(state) WHERE state > 6;

        CREATE TABLE open_job(id INTEGER PRIMARY KEY, state INTEGER NOT NULL, changed_at INTEGER NOT NULL);
        CREATE TABLE ended_count(state INTEGER PRIMARY KEY, jobs INTEGER NOT NULL);
        CREATE TABLE success(key INTEGER NOT NULL, job INTEGER NOT NULL, PRIMARY KEY (key, job)) WITHOUT ROWID;
        CREATE TABLE fresh_success(job INTEGER PRIMARY KEY, key INTEGER NOT NULL);
        CREATE TABLE payload(job INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE result(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE submission(id BLOB PRIMARY KEY, jobs BLOB NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE session(id INTEGER PRIMARY KEY, worker TEXT NOT NULL, session BLOB NOT NULL, UNIQUE(session, worker));

        CREATE TABLE unit(
            job INTEGER NOT NULL,
            unit INTEGER NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            counter INTEGER NOT NULL,
            session INTEGER NOT NULL,
            dispatched_at INTEGER NOT NULL,
            not_before INTEGER,
            finished_at INTEGER,
            result INTEGER,
            failure INTEGER,
            message TEXT,
            PRIMARY KEY (job, unit)
        ) WITHOUT ROWID;

        CREATE TABLE attempt(
            id INTEGER PRIMARY KEY,
            job INTEGER NOT NULL,
            unit INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            counter INTEGER NOT NULL,
            session INTEGER NOT NULL,
            dispatched_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            ending INTEGER NOT NULL,
            code INTEGER NOT NULL,
            message TEXT NOT NULL
        );
        CREATE INDEX attempt_job ON attempt(job);

        CREATE TABLE log(
            job INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            state INTEGER NOT NULL,
            reason INTEGER NOT NULL,
            at INTEGER NOT NULL,
            message TEXT,
            PRIMARY KEY (job, sequence)
        ) WITHOUT ROWID;

        CREATE TABLE late_report(
            id INTEGER PRIMARY KEY,
            job INTEGER NOT NULL,
            unit INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            counter INTEGER NOT NULL,
            session INTEGER NOT NULL,
            ending INTEGER NOT NULL,
            code INTEGER NOT NULL,
            message TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX late_report_job ON late_report(job);
        """

    // `worker` has the sessions that the coordinator knows, in the order in which they joined; `dead_session` the last ones whose
    // death was proved.
    private static let thirdVersion = """
        CREATE TABLE worker(
            id INTEGER PRIMARY KEY,
            session BLOB NOT NULL UNIQUE,
            name TEXT NOT NULL,
            class INTEGER NOT NULL,
            start INTEGER NOT NULL
        );
        CREATE TABLE dead_session(id INTEGER PRIMARY KEY, session BLOB NOT NULL UNIQUE);
        """

    // `record` has what dry-run and live jobs' journals say, numbered from 1 for each job.
    private static let fourthVersion = """
        CREATE TABLE record(
            job INTEGER NOT NULL,
            number INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (job, number)
        ) WITHOUT ROWID;
        """

    private static let secondVersion = """
        ALTER TABLE job ADD COLUMN payload BLOB NOT NULL DEFAULT x'';
        UPDATE job SET payload = bytes FROM payload WHERE payload.job = job.id;
        DROP TABLE payload;

        ALTER TABLE ended_job ADD COLUMN log BLOB;
        ALTER TABLE ended_job ADD COLUMN attempt INTEGER;
        ALTER TABLE ended_job ADD COLUMN incarnation INTEGER;
        ALTER TABLE ended_job ADD COLUMN counter INTEGER;
        ALTER TABLE ended_job ADD COLUMN session INTEGER;
        ALTER TABLE ended_job ADD COLUMN dispatched_at INTEGER;
        ALTER TABLE ended_job ADD COLUMN finished_at INTEGER;
        ALTER TABLE ended_job ADD COLUMN result BLOB;

        CREATE TABLE journal(batch INTEGER PRIMARY KEY, changes BLOB NOT NULL);
        INSERT INTO meta(name, value) SELECT 'settled_job', coalesce(max(id), 0) FROM job;

        INSERT OR IGNORE INTO success(key, job) SELECT key, job FROM fresh_success ORDER BY key;
        DROP TABLE fresh_success;
        """
}
