/// Why the order journal could not do what it was asked. Every description names the file and says what to do.
package struct OrderJournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The file cannot be created, opened or written: a missing folder, a read-only one, missing rights.
        case notWritable
        /// The file is not a database, a record is missing, or one cannot be read.
        case damaged
        /// It is a database, but no order journal.
        case notAnOrderJournal
        /// A newer program made the file or one of its records.
        case newerVersion
        /// Another process has it open.
        case inUse
        /// Nothing of the batch was stored.
        case diskFull
        /// A record is larger than `JournalRecord.byteLimit`. Nothing of the batch was stored.
        case tooLarge
        /// It was closed, or the database failed in another way.
        case failed
    }

    package var code: Code
    package var path: String
    package var detail: String

    package init(_ code: Code, path: String, detail: String) {
        self.code = code
        self.path = path
        self.detail = detail
    }

    package var description: String {
        switch code {
        case .notWritable:
            "the order journal \(path) cannot be opened for writing (\(detail)); check that its folder exists and may be written to"
        case .damaged:
            "the order journal \(path) is damaged (\(detail)); without it nobody knows which orders were sent: put back the file, or cancel "
                + "the job's open orders at the venue, close its positions, and move the file away to start with an empty one"
        case .notAnOrderJournal: "\(path) is not an order journal (\(detail)); move the file away or name another place"
        case .newerVersion: "the order journal \(path) was written by a newer program (\(detail)); use that one, or a newer one"
        case .inUse: "the order journal \(path) is in use by \(detail); one process may hold it: stop the other one first"
        case .diskFull: "no space is left for the order journal \(path) (\(detail)); no order goes out before there is"
        case .tooLarge: "a record is too large for the order journal \(path): \(detail)"
        case .failed: "the order journal \(path) failed: \(detail)"
        }
    }
}
