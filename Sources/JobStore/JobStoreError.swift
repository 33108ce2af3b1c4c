/// Why the store could not do what it was asked. Every description names the store and says what to do about it.
package struct JobStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is; `description` explains it to people.
    package enum Code: Hashable, Sendable {
        /// The file cannot be created, opened or written: a missing folder, a read-only one, missing rights.
        case notWritable
        /// The file is not a database, or a part of it cannot be read.
        case damaged
        /// It is a database, but none that this program made.
        case notAJobStore
        /// A newer program made the file: the versions of its layout and of the one that this program knows.
        case newerVersion(found: Int, supported: Int)
        /// Another process has the file open.
        case inUse
        /// No space is left. Nothing of the batch was stored; once there is space, the next commit works.
        case diskFull
        /// A batch contradicts what is stored (a result of a unit that is not out, a job that does not exist): a fault of the
        /// program, never of its user. Nothing of the batch was stored.
        case contradiction
        /// Reading or writing failed in another way; the text is the database's own.
        case failed
    }
    package var code: Code
    /// The file, or `memory`.
    package var store: String
    package var detail: String

    package init(_ code: Code, store: String, detail: String) {
        self.code = code
        self.store = store
        self.detail = detail
    }

    package var description: String {
        switch code {
        case .notWritable:
            "the job store \(store) cannot be opened for writing (\(detail)); check that its folder exists and may be written to"
        case .damaged:
            "the job store \(store) is damaged (\(detail)); put back a backup of the file or move it away to start with an empty one"
        case .notAJobStore: "\(store) is not a job store (\(detail)); choose another home folder or move the file away"
        case .newerVersion(let found, let supported):
            "the job store \(store) has layout version \(found), this program knows versions up to \(supported); "
                + "use the program that wrote it, or a newer one"
        case .inUse: "the job store \(store) is in use by another process (\(detail)); stop the other coordinator first"
        case .diskFull: "no space is left for the job store \(store) (\(detail)); make space, nothing that was confirmed is lost"
        case .contradiction: "a change contradicts the job store \(store): \(detail); nothing of its batch was stored"
        case .failed: "the job store \(store) failed: \(detail)"
        }
    }
}
