import COperatingSystem
import Glibc

/// The lock beside a journal's file: one process holds a journal, however it ends.
final class JournalLock {
    private let descriptor: Int32

    init(beside path: String, holder: String) throws(OrderJournalError) {
        let file = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw OrderJournalError(.notWritable, path: path, detail: Self.reason(errno)) }
        guard csystem_lock(file) == 0 else {
            let code = errno
            let other = Self.text(file)
            close(file)
            guard code == EWOULDBLOCK else { throw OrderJournalError(.failed, path: path, detail: Self.reason(code)) }
            throw OrderJournalError(.inUse, path: path, detail: other.isEmpty ? "another process" : other)
        }
        descriptor = file
        let text = Array("\(holder) (pid \(getpid()))".utf8)
        _ = ftruncate(file, 0)
        _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    deinit {
        // A child that is being spawned may have a copy of the descriptor: closing alone would leave the lock to it.
        csystem_unlock(descriptor)
        close(descriptor)
    }

    private static func text(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
