package import Connectors
import Crypto
package import Exchange
import Glibc

/// The mark of used nonces of one key, in a file that survives crashes, and a lock that keeps a second process of this machine from
/// using the key at the same time.
package actor NonceFile {
    private let path: String
    private let lock: Int32
    /// The mark of the last run; 0 for a key that was never used here.
    package nonisolated let stored: UInt64

    /// `folder` is made where it is not there. The key itself is not to be seen: the file is named by its hash.
    ///
    /// - Throws: `VenueSetupError` where another process has the key, or the file is damaged.
    package init(folder: String, credentials: Credentials) throws(VenueSetupError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw VenueSetupError("the folder \(folder) cannot be made: \(PrivateFile.text(errno))")
        }
        let digits = Array("0123456789abcdef".utf8)
        let name = SHA256.hash(data: Array(credentials.key.utf8)).prefix(8).flatMap {
            [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
        }
        path = folder + "/" + String(decoding: name, as: UTF8.self) + ".nonce"
        lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw VenueSetupError("\(path).lock cannot be made: \(PrivateFile.text(errno))") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw VenueSetupError(
                "another process of this machine uses this key: the venue wants the requests of a key in one order. Stop that one, or "
                    + "make a key of its own for this")
        }
        do throws(VenueSetupError) {
            stored = try Self.mark(path)
        } catch {
            close(lock)
            throw error
        }
    }

    deinit { close(lock) }

    private static func mark(_ path: String) throws(VenueSetupError) -> UInt64 {
        guard let bytes = try PrivateFile.read(path) else { return 0 }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasSuffix("\n"), let mark = UInt64(text.dropLast()) else {
            throw VenueSetupError(
                "\(path) is damaged: it should hold one number. Make a new key at the venue, then remove the file")
        }
        return mark
    }

    /// Writes a mark and waits until it is on the disk.
    package func store(_ mark: UInt64) throws(VenueSetupError) {
        let fresh = path + ".new"
        let file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(fresh) }
        let bytes = Array("\(mark)\n".utf8)
        let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        let code = errno
        close(file)
        guard isWritten else {
            errno = code
            throw failure(fresh)
        }
        guard rename(fresh, path) == 0 else { throw failure(path) }
        let folder = open(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private func failure(_ path: String) -> VenueSetupError {
        VenueSetupError("\(path) cannot be written: \(PrivateFile.text(errno))")
    }
}

extension NonceKeeper {
    /// Nonces whose mark is kept in a file.
    package init(_ file: NonceFile) { self.init(stored: file.stored) { try await file.store($0) } }
}
