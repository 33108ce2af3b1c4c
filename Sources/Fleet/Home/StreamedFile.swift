internal import Glibc

/// A file that is written piece by piece and appears under its name only when it is complete and durable. What is not finished leaves
/// nothing behind.
package final class StreamedFile {
    private let path: String
    private let temporary: String
    private let file: Int32
    private var isDone = false

    /// Begins the file that will be at `path`.
    ///
    /// - Parameter temporarySuffix: of the file until then; unless one process alone writes it, its number keeps others' apart.
    package init(
        _ path: String, mode: UInt32 = 0o600, temporarySuffix: String = ".new-\(getpid())"
    ) throws(FleetError) {
        self.path = path
        temporary = path + temporarySuffix
        file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else {
            isDone = true
            throw Files.failure("cannot write", path)
        }
    }

    deinit {
        guard file >= 0 else { return }
        close(file)
        if !isDone { unlink(temporary) }
    }

    /// Adds `bytes` at the end.
    package func append(_ bytes: [UInt8]) throws(FleetError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Files.failure("cannot write", path)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Puts the file to its place: fsync, rename, fsync of the folder. Nothing can be added after it.
    package func finish() throws(FleetError) {
        guard fsync(file) == 0, rename(temporary, path) == 0 else { throw Files.failure("cannot write", path) }
        isDone = true
        try Files.syncFolder(of: path)
    }
}
