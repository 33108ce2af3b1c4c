internal import Glibc
internal import Synchronization

/// The file that this process runs.
package enum OwnExecutable {
    private static let kept = Mutex<[UInt8]?>(nil)

    /// Its path.
    package static func path() throws(FleetError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw Files.failure("cannot find", "the own executable") }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The SHA-256 of the program that runs, also when its file has been replaced meanwhile. Strategies are compiled in, so this
    /// names their version, too.
    package static func hash() throws(FleetError) -> [UInt8] {
        if let known = kept.withLock({ $0 }) { return known }
        let digest = try SHA256Digest.ofFile("/proc/self/exe")
        kept.withLock { $0 = digest }
        return digest
    }
}
