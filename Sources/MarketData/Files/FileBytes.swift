#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The bytes of a file: mapped, or read into memory. Alive as long as a column points into it.
package final class FileBytes: @unchecked Sendable {
    // Sendable because the bytes are never written after `init`.
    /// All bytes of the file; alive as long as this object, so hold it while you use them.
    let bytes: UnsafeRawBufferPointer
    /// Whether the bytes are a mapping of the file.
    let isMapped: Bool

    private init(bytes: UnsafeRawBufferPointer, isMapped: Bool) {
        self.bytes = bytes
        self.isMapped = isMapped
    }

    /// A copy of bytes that are already in memory.
    package init(copying source: some Collection<UInt8>) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(source.count, 1), alignment: 64)
        memory.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(rebasing: memory[..<source.count])
        isMapped = false
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }

    /// How many bytes the file has.
    package var count: Int { bytes.count }

    /// Calls `body` with all bytes, which are valid during the call.
    package func withBytes<R, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
    ) throws(Failure) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    /// Reads the file at `path` into memory. Throws `.tooLarge` where it has more than `limit` bytes.
    package static func reading(_ path: String, limit: Int = .max) throws(MarketDataError) -> FileBytes {
        let file = try OpenFile(path)
        guard file.size <= limit else {
            throw MarketDataError(.tooLarge, file: path, "has \(file.size) bytes, more than the \(limit) that are read here")
        }
        return try file.contents()
    }

    /// Maps the file at `path` where `prefersMapping` of its first bytes says so, else reads it into memory.
    ///
    /// A mapped file must not shrink while it is in use (the process would be killed by SIGBUS). Pragma's own files are replaced
    /// by renaming, never rewritten in place; compressed files, which freqtrade rewrites in place, are better read.
    package static func opening(
        _ path: String, prefersMapping: (UnsafeRawBufferPointer) -> Bool
    ) throws(MarketDataError) -> FileBytes {
        let file = try OpenFile(path)
        let head = try file.head(count: 65_536)
        guard file.size > 0, head.withBytes(prefersMapping) else { return try file.contents() }
        return try file.mapping()
    }

    fileprivate static func mapped(_ memory: UnsafeMutableRawPointer, count: Int) -> FileBytes {
        FileBytes(bytes: UnsafeRawBufferPointer(start: memory, count: count), isMapped: true)
    }

    fileprivate static func owned(_ memory: UnsafeMutableRawBufferPointer, count: Int) -> FileBytes {
        FileBytes(bytes: UnsafeRawBufferPointer(rebasing: memory[..<count]), isMapped: false)
    }
}

/// A file descriptor open for reading, closed at the end of its life.
private struct OpenFile: ~Copyable {
    let path: String
    let descriptor: Int32
    let size: Int

    init(_ path: String) throws(MarketDataError) {
        self.path = path
        // A FIFO would be waited for without O_NONBLOCK; regular files do not know it.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw MarketDataError(
                code == ENOENT || code == ENOTDIR ? .missing : .inputOutput, file: path,
                code == ENOENT ? "there is no such file" : "cannot be opened: \(systemMessage(code))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw MarketDataError(.inputOutput, file: path, "is not a regular file")
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func head(count: Int) throws(MarketDataError) -> FileBytes { try read(count: min(count, size)) }

    func contents() throws(MarketDataError) -> FileBytes { try read(count: size) }

    private func read(count: Int) throws(MarketDataError) -> FileBytes {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 64)
        var done = 0
        while done < count {
            let got = pread(descriptor, memory.baseAddress.map { $0 + done }, count - done, off_t(done))
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else {
                let problem = got == 0 ? "became shorter while it was read" : "cannot be read: \(systemMessage(errno))"
                memory.deallocate()
                throw MarketDataError(.inputOutput, file: path, problem)
            }
            done += got
        }
        return .owned(memory, count: count)
    }

    func mapping() throws(MarketDataError) -> FileBytes {
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
            throw MarketDataError(.inputOutput, file: path, "cannot be mapped: \(systemMessage(errno))")
        }
        return .mapped(memory, count: size)
    }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
