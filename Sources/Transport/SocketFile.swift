import Glibc

/// What is checked and prepared around the file of an ipc socket: libzmq would delete whatever is at the path, take over
/// from a living listener in silence, and leave the file open to everybody.
enum SocketFile {
    /// Makes a path ready for bind: its folder exists and is open to its owner only, and nothing listens there.
    static func prepare(_ path: String) throws(TransportError) {
        try prepareFolder(of: path)
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw TransportError(.unusablePath, "ipc://\(path): there is a file at this path that is no socket: move it away")
        }
        if try isListening(path) {
            throw TransportError(
                .addressInUse,
                "ipc://\(path) is in use by another process (or another socket of this one): stop it or choose another endpoint")
        }
    }

    /// Closes the socket's file to other users.
    static func protect(_ path: String) throws(TransportError) {
        if chmod(path, 0o600) != 0 { throw failure("ipc://\(path): its rights cannot be set") }
    }

    private static func prepareFolder(of path: String) throws(TransportError) {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        if folder.isEmpty { throw TransportError(.unusablePath, "ipc://\(path): a socket needs a folder of its own") }
        if mkdir(folder, 0o700) != 0 && errno != EEXIST { throw failure("the folder \(folder) cannot be made") }
        var status = stat()
        // A link that somebody else has put there leads where he wants, later too.
        for look in [lstat, stat] {
            if look(folder, &status) != 0 { throw failure("the folder \(folder) cannot be read") }
            guard status.st_uid == geteuid() else {
                throw TransportError(.unusablePath, "the folder \(folder) of the socket belongs to another user")
            }
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw TransportError(
                .unusablePath, "the folder \(folder) of the socket is open to other users (mode 0\(mode)): chmod 700 \(folder)")
        }
    }

    /// Whether a process accepts connections at the path. A file left behind by a dead one refuses them.
    private static func isListening(_ path: String) throws(TransportError) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { throw failure("no socket could be made") }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(Address.longestPath)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // EAGAIN: a listener is there, its backlog is full.
        return result == 0 || errno == EAGAIN
    }

    private static func failure(_ what: String) -> TransportError {
        TransportError(.unusablePath, what + ": " + String(cString: strerror(errno)))
    }
}
