#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file that takes the place of another only when it is complete and on disk.
struct AtomicFile: ~Copyable {
    private let path: String
    private let temporary: String
    private let descriptor: Int32

    /// Writes `path` through `body`: into a temporary file beside it, flushed, then renamed over it. Where anything fails the
    /// old file stays as it was and the temporary one is removed.
    static func replace(
        _ path: String, _ body: (borrowing AtomicFile) throws(MarketDataError) -> Void
    ) throws(MarketDataError) {
        let file = try AtomicFile(path)
        do throws(MarketDataError) {
            try body(file)
            try file.commit()
        } catch {
            unlink(file.temporary)
            throw error
        }
    }

    private init(_ path: String) throws(MarketDataError) {
        self.path = path
        var template = Array((path + ".XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be written", errno) }
    }

    deinit { close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(MarketDataError) {
        var done = 0
        while done < bytes.count {
            let count = Self.systemWrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path, "cannot be written", errno) }
            done += count
        }
    }

    private static func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, base, count)
        #else
            Darwin.write(descriptor, base, count)
        #endif
    }

    private func commit() throws(MarketDataError) {
        // mkstemp makes files that only their owner may read; candles are no secret and freqtrade may run as another user.
        guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0 else {
            throw Self.failure(path, "cannot be written to disk", errno)
        }
        guard rename(temporary, path) == 0 else { throw Self.failure(path, "cannot be replaced", errno) }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let folderDescriptor = open(folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder, O_RDONLY | O_CLOEXEC)
        if folderDescriptor >= 0 {
            fsync(folderDescriptor)
            close(folderDescriptor)
        }
    }

    private static func failure(_ path: String, _ what: String, _ code: Int32) -> MarketDataError {
        MarketDataError(.inputOutput, file: path, "\(what): \(systemMessage(code))")
    }
}
