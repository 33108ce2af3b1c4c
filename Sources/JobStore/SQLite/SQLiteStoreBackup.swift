internal import GRDBSQLite
internal import Glibc

extension SQLiteJobStore {
    package func backUp(to path: String) throws(JobStoreError) -> any StoreBackup {
        var backup: SQLiteStoreBackup?
        try withConnection { connection, _ in backup = try SQLiteStoreBackup(of: connection, store: self.path, to: path) }
        guard let backup else { throw JobStoreError(.failed, store: self.path, detail: "no copy could be begun") }
        return backup
    }
}

/// A copy by SQLite's own backup functions, a few megabytes at a time, over the connection that writes the store: nobody else may open the
/// file, and what is written meanwhile goes into the copy by itself.
///
/// It grows under another name beside its own, and gets its own when it is whole: a file of that name is never half a copy, and one that
/// is there is never written over.
final class SQLiteStoreBackup: StoreBackup {
    private let store: String
    private let path: String
    private let partial: String
    private var destination: OpaquePointer?
    private var backup: OpaquePointer?

    /// Pages of 4 KiB a step: 4 MiB.
    private static let pages: Int32 = 1024

    /// - Parameter source: must outlive the copy's last step.
    init(of source: OpaquePointer, store: String, to path: String) throws(JobStoreError) {
        self.store = store
        self.path = path
        partial = path + ".part"
        guard access(path, F_OK) != 0 else { throw Self.failure(store, path, "it is there already") }
        // Made here, so that nobody else may read it, and not by two at a time.
        let file = Glibc.open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure(store, partial, String(cString: strerror(errno))) }
        Glibc.close(file)
        guard sqlite3_open_v2(partial, &destination, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
            let why = message
            end()
            throw Self.failure(store, partial, why)
        }
        backup = sqlite3_backup_init(destination, "main", source, "main")
        guard backup != nil else {
            let why = message
            end()
            throw Self.failure(store, partial, why)
        }
    }

    deinit { end() }

    func step() throws(JobStoreError) -> UInt64? {
        guard let backup else { throw Self.failure(store, path, "the copy has ended") }
        let code = sqlite3_backup_step(backup, Self.pages)
        if code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED { return nil }
        guard code == SQLITE_DONE else {
            let why = sqlite3_errstr(code).map { String(cString: $0) } ?? "code \(code)"
            end()
            throw Self.failure(store, path, why)
        }
        let finished = sqlite3_backup_finish(backup)
        self.backup = nil
        let closed = sqlite3_close(destination)
        destination = nil
        guard finished == SQLITE_OK, closed == SQLITE_OK else {
            end()
            throw Self.failure(store, path, "code \(finished), \(closed)")
        }
        return try publish()
    }

    /// Puts the whole copy on disk and gives it its name.
    private func publish() throws(JobStoreError) -> UInt64 {
        defer { unlink(partial) }
        var status = stat()
        let file = Glibc.open(partial, O_RDONLY | O_CLOEXEC)
        guard file >= 0, fstat(file, &status) == 0, fsync(file) == 0 else {
            let why = String(cString: strerror(errno))
            if file >= 0 { Glibc.close(file) }
            throw Self.failure(store, partial, why)
        }
        Glibc.close(file)
        // Unlike a renaming it replaces nothing.
        guard link(partial, path) == 0 else { throw Self.failure(store, path, String(cString: strerror(errno))) }
        let folder = Glibc.open(folderPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let isSynced = folder >= 0 && fsync(folder) == 0
        if folder >= 0 { Glibc.close(folder) }
        guard isSynced else { throw Self.failure(store, path, "its folder cannot be written to disk") }
        return UInt64(clamping: status.st_size)
    }

    private var folderPath: String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    private func end() {
        if let backup {
            sqlite3_backup_finish(backup)
            unlink(partial)
        } else if destination != nil {
            unlink(partial)
        }
        backup = nil
        if let destination { sqlite3_close(destination) }
        destination = nil
    }

    private var message: String { sqlite3_errmsg(destination).map { String(cString: $0) } ?? "no memory" }

    private static func failure(_ store: String, _ path: String, _ why: String) -> JobStoreError {
        JobStoreError(.failed, store: store, detail: "it cannot be copied to \(path): \(why)")
    }
}
