internal import COperatingSystem
internal import Glibc

/// An advisory lock on a file, held until the value is released or the process ends, however it ends.
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at `path`, or throws naming who holds it. `holder` is written into the file for the next one's message.
    package init(_ path: String, holder: String) throws(FleetError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Files.failure("cannot open the lock", path) }
        guard csystem_lock(file) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let failure = Files.failure("cannot lock", path)
            close(file)
            guard isHeld else { throw failure }
            let other = (try? Files.read(path, limit: 4096)).map { String(decoding: $0, as: UTF8.self) } ?? "another process"
            throw FleetError(
                .system, "\(path) is held by \(other): one process of this kind may run per home; stop it, or use another --home")
        }
        descriptor = file
        let text = Array("\(holder) (pid \(getpid()))".utf8)
        _ = ftruncate(file, 0)
        _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, text.count, 0) }
    }

    deinit {
        // Closing alone leaves the lock to a child that another thread is about to spawn, until the child's exec closes its copy.
        csystem_unlock(descriptor)
        close(descriptor)
    }

    /// Whether somebody holds the lock at `path` now. Only looks: who takes the lock meanwhile gets it.
    package static func isHeld(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return csystem_is_locked(file) == 1
    }
}
