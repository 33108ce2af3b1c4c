#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Keeps other writers out of a folder of candles until it is released or the process ends, however it ends.
///
/// A writer reads a file, joins rows to it and replaces it: of two at once one would lose its rows. Readers need no lock.
package final class StoreLock: Sendable {
    /// The file in the folder that is locked, and that names its holder. It stays there: removing it could give the lock to two.
    package static let name = ".pragma-store.lock"

    private let descriptor: Int32

    /// Takes the lock of `folder`, which is made where it is missing, and never waits. `holder` is what a second one is told,
    /// for example the command.
    ///
    /// - Throws: `.inUse` with the lock's file and who holds it.
    package init(folder: String, holder: String) throws(MarketDataError) {
        try Directory.make(folder)
        let path = folder + "/" + Self.name
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw MarketDataError(.inputOutput, file: path, "the lock cannot be opened: \(systemMessage(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let other = Self.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw MarketDataError(.inputOutput, file: path, "cannot be locked: \(systemMessage(code))")
            }
            throw MarketDataError(
                .inUse, file: path, "\(other) is writing candles into this folder",
                remedy: "Wait until it is done, or name another folder")
        }
        let text = Array("\(holder) (process \(getpid()))".utf8)
        // Only for the message: a lock that names nobody holds as well.
        _ = ftruncate(descriptor, 0)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    deinit {
        // Closing alone would leave the lock to a child that another thread is about to start.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return "another process" }
        return ImportText.shown(bytes[..<count], limit: 200)
    }
}

extension CandleStore {
    /// Keeps other writers out of this folder for as long as the lock lives; see `StoreLock`.
    package func lock(for holder: String) throws(MarketDataError) -> StoreLock { try StoreLock(folder: folder, holder: holder) }
}
