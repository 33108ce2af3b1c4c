internal import Glibc

/// The few file operations the fleet needs, with errors that name the file and what to do, and with writes that are durable.
package enum Files {
    /// The whole content of `path`. Throws where it is missing, unreadable, or longer than `limit` bytes.
    package static func read(_ path: String, limit: Int = 64 << 20) throws(FleetError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("cannot read", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot read", path)
            }
            bytes.append(contentsOf: chunk[0..<count])
            guard bytes.count <= limit else {
                throw FleetError(.input, "\(path) is larger than the \(limit) bytes that are read here; is it the right file?")
            }
        }
    }

    /// The content of `path`, or nil where there is no such file.
    package static func readIfPresent(_ path: String, limit: Int = 64 << 20) throws(FleetError) -> [UInt8]? {
        exists(path) ? try read(path, limit: limit) : nil
    }

    /// Whether something is at `path`.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Writes `bytes` to `path` so that after a crash either the old or the new content is there: temporary file, fsync, rename,
    /// fsync of the folder.
    ///
    /// - Parameter temporarySuffix: of the temporary file; unless one process alone writes the file, its number keeps others' apart.
    package static func write(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, temporarySuffix: String = ".new-\(getpid())"
    ) throws(FleetError) {
        let file = try StreamedFile(path, mode: mode, temporarySuffix: temporarySuffix)
        try file.append(bytes)
        try file.finish()
    }

    /// Adds `line` to a file with a single write at its end, so that lines of several processes never mix; makes the file where there
    /// is none. Throws also where the file would become longer than `limit` bytes.
    package static func append(_ line: [UInt8], to path: String, mode: UInt32 = 0o600, limit: Int) throws(FleetError) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw failure("cannot write", path) }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw failure("cannot write", path) }
        guard Int(info.st_size) + line.count <= limit else {
            throw FleetError(.refused, "\(path) would become larger than \(limit) bytes; remove it")
        }
        let count = line.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw failure("cannot write", path) }
        guard count == line.count else { throw FleetError(.system, "\(path) took only a part of a line; free some space") }
    }

    /// Makes a rename or a new file in the folder of `path` durable.
    package static func syncFolder(of path: String) throws(FleetError) {
        let folder = parent(of: path)
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failure("cannot open the folder", folder) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("cannot sync the folder", folder) }
    }

    /// Removes a file; nothing happens where there is none.
    package static func remove(_ path: String) throws(FleetError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("cannot remove", path) }
    }

    /// Makes a folder and its parents, accessible to this user only; an existing folder is left as it is.
    package static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(FleetError) {
        if exists(path) {
            guard isFolder(path) else { throw FleetError(.input, "\(path) is a file; a folder is needed there") }
            return
        }
        let up = parent(of: path)
        if up != path, !exists(up) { try makeFolder(up, mode: mode) }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("cannot make the folder", path) }
    }

    /// Whether `path` is a folder.
    package static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// The folder that holds `path`.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// `path` made absolute against `folder`; `~` at the start is `home`.
    package static func absolute(_ path: String, in folder: String, userHome: String? = nil) -> String {
        if path.hasPrefix("/") { return path }
        if let userHome, path == "~" || path.hasPrefix("~/") { return userHome + path.dropFirst(1) }
        return folder == "/" ? "/" + path : folder + "/" + path
    }

    /// The names in a folder, sorted, without `.` and `..`.
    package static func names(in folder: String) throws(FleetError) -> [String] {
        guard let handle = opendir(folder) else { throw failure("cannot read the folder", folder) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// An error from `errno` about `path`, with a remedy for the frequent causes.
    package static func failure(_ what: String, _ path: String) -> FleetError {
        let cause = errno
        let remedy =
            switch cause {
            case ENOSPC, EDQUOT: "; free some space and try again, nothing that was acknowledged is lost"
            case EACCES, EPERM: "; check who owns it and its permissions"
            case ENOENT: "; check the path"
            case EROFS: "; the file system is read-only"
            default: ""
            }
        let code: FleetError.Code = cause == ENOENT || cause == EACCES || cause == EISDIR || cause == ENOTDIR ? .input : .system
        return FleetError(code, "\(what) \(path): \(String(cString: strerror(cause)))\(remedy)")
    }
}
