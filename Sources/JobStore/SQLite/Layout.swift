import GRDB

/// The tables of the store. A change of them is a new migration and a new version, never an edit of an old migration.
enum Layout {
    /// The newest layout version that this program knows.
    static let version = 1
    /// Marks a file as a job store of this program ("PRJS").
    static let applicationID: Int32 = 0x5052_4A53

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration("1") { database in
            try database.execute(sql: firstVersion)
            try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
        }
        return migrator
    }

    // A row of `job` is written once. The state of an open job stands in `open_job`, where a change is a small write in place,
    // and the end of a job in `ended_job`, which is also the last line of its log. A result has a number of its own, so that results are appended to their table and
    // the scan over a sweep's units never passes through their bytes.
    //
    // Addresses are random, so an index over them would be written at a different page for every job. `fresh_success` takes
    // the keys (the first 64 bits of the addresses) in the order in which they come; from time to time they are sorted and
    // moved to `success` together, many to a page.
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
}
