internal import CLZ4
internal import CZstd

/// Memory that is filled once and then only read; columns keep it alive.
final class OwnedBytes: @unchecked Sendable {
    // Sendable because it is written before it is shared, and never after.
    let bytes: UnsafeMutableRawBufferPointer

    /// Room for `count` bytes, aligned for SIMD loads.
    init(count: Int) {
        bytes = .allocate(byteCount: max(count, 1), alignment: 64)
    }

    deinit { bytes.deallocate() }
}

extension ArrowBatch.Codec {
    /// Decompresses a buffer of Arrow's format: its length as 64 bits, then one frame. A length of -1 says that the bytes that
    /// follow are not compressed; nil is returned then.
    func decompressed(_ source: UnsafeRawBufferPointer, limits: FeatherLimits) throws(FeatherFault) -> (OwnedBytes, Int)? {
        let length = try FlatBuffer(bytes: source).load(0, as: Int64.self)
        guard length != -1 else { return nil }
        guard length >= 0, length <= limits.bufferBytes else { throw .tooLarge("a buffer claims \(length) bytes") }
        let frame = UnsafeRawBufferPointer(rebasing: source[8...])
        let count = Int(length)
        guard plausible(frame, count: count) else { throw .damaged("a buffer claims more bytes than its data can hold") }
        let result = OwnedBytes(count: count)
        guard count > 0 else { return (result, 0) }
        switch self {
        case .lz4Frame: try Self.lz4(frame, into: result.bytes, count: count)
        case .zstd: try Self.zstd(frame, into: result.bytes, count: count)
        }
        return (result, count)
    }

    /// Whether `count` bytes can come out of `frame`, so that nothing is allocated for a lie.
    private func plausible(_ frame: UnsafeRawBufferPointer, count: Int) -> Bool {
        switch self {
        case .lz4Frame:
            // A byte of LZ4 stands for at most 255.
            return count <= frame.count * 255
        case .zstd:
            // All ones and all ones but one: unknown (then the claim itself is bounded by the ratio of repeated blocks), invalid.
            let size = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
            if size == UInt64.max { return count <= frame.count * 65_536 }
            return size != UInt64.max - 1 && size == UInt64(count)
        }
    }

    private static func zstd(
        _ frame: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, count: Int
    ) throws(FeatherFault) {
        let size = ZSTD_decompress(target.baseAddress, count, frame.baseAddress, frame.count)
        guard ZSTD_isError(size) == 0, size == count else { throw .damaged("a buffer cannot be decompressed (ZSTD)") }
    }

    private static func lz4(
        _ frame: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, count: Int
    ) throws(FeatherFault) {
        var context: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0, let context else {
            throw FeatherFault(kind: .inputOutput, problem: "no memory for the LZ4 decoder", remedy: nil)
        }
        defer { LZ4F_freeDecompressionContext(context) }
        var options = LZ4F_decompressOptions_t()
        options.stableDst = 1
        var (read, written, pending) = (0, 0, 1)
        while pending != 0 {
            var room = count - written
            var rest = frame.count - read
            pending = LZ4F_decompress(
                context, target.baseAddress.map { $0 + written }, &room, frame.baseAddress.map { $0 + read }, &rest, &options)
            guard LZ4F_isError(pending) == 0, room > 0 || rest > 0 else {
                throw .damaged("a buffer cannot be decompressed (LZ4)")
            }
            read += rest
            written += room
        }
        guard written == count else { throw .damaged("a buffer has \(written) bytes where \(count) are named (LZ4)") }
    }
}
