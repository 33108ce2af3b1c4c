import Glibc

/// Files that nobody but this user may read.
package enum PrivateFile {
    /// The most bytes of one: room for an RSA key in PEM.
    static let largest = 64 << 10

    /// The whole file; nil where there is none.
    ///
    /// - Throws: `VenueSetupError` where others can read it, or it is no plain file.
    package static func read(_ path: String) throws(VenueSetupError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw VenueSetupError("\(path) cannot be opened (\(text(errno))): it must be a file that this user can read")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw VenueSetupError("\(path) is no plain file")
        }
        // Checked on what was opened, so that it cannot be changed for another in between.
        guard status.st_uid == getuid() || status.st_uid == 0 else {
            throw VenueSetupError("\(path) belongs to another user: it must be yours")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw VenueSetupError("\(path) can be read by others: chmod 600 \(path), and make new keys if others have been there")
        }
        return try bytes(file, path)
    }

    private static func bytes(_ file: Int32, _ path: String) throws(VenueSetupError) -> [UInt8] {
        var result: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = part.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw VenueSetupError("\(path) cannot be read (\(text(errno)))") }
            if count == 0 { return result }
            result += part[..<count]
            guard result.count <= largest else {
                throw VenueSetupError("\(path) is larger than \(largest) bytes: it is no such file")
            }
        }
    }

    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
