internal import CZlib

/// Unpacks DEFLATE streams with the system's zlib, in pieces, so that what a file claims of itself is never believed.
struct Inflater {
    /// What is around the compressed bytes.
    enum Wrapping: Int32 {
        /// Header and checksum of gzip (zlib's window bits and 16).
        case gzip = 31
        /// None at all, as in zip archives.
        case raw = -15
    }

    /// The most that a byte of DEFLATE can stand for.
    private static let maximumRatio = 1032
    private static let pieceBytes = 1 << 18

    private let limits: ImportLimits
    private var output: [UInt8] = []

    /// The content of a gzip file. Several members, as `cat a.gz b.gz` makes them, are one content; zeros behind the last
    /// are padding.
    static func gzip(_ bytes: [UInt8], limits: ImportLimits) throws(ImportFault) -> [UInt8] {
        var inflater = Inflater(limits: limits)
        var position = 0
        repeat {
            position += try inflater.member(bytes, from: position, to: bytes.count, .gzip, total: bytes.count)
        } while position < bytes.count && !bytes[position...].allSatisfy { $0 == 0 }
        return inflater.output
    }

    /// The content of the raw stream in `range`, which must be of `size` bytes and fill the range.
    static func raw(_ bytes: [UInt8], _ range: Range<Int>, size: Int, limits: ImportLimits) throws(ImportFault) -> [UInt8] {
        guard size <= limits.inflatedBytes else { throw tooLarge(limits) }
        guard size / maximumRatio <= range.count else { throw .damaged("it claims more bytes than its data can hold") }
        var inflater = Inflater(limits: limits)
        inflater.output.reserveCapacity(min(size, 64 << 20))
        let used = try inflater.member(bytes, from: range.lowerBound, to: range.upperBound, .raw, total: range.count)
        guard used == range.count, inflater.output.count == size else {
            throw .damaged("its content has \(inflater.output.count) bytes where \(size) are named")
        }
        return inflater.output
    }

    /// The CRC-32 of zip and gzip.
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
    }

    private init(limits: ImportLimits) { self.limits = limits }

    private static func tooLarge(_ limits: ImportLimits) -> ImportFault {
        .tooLarge("its content is larger than \(limits.inflatedBytes) bytes")
    }

    /// Unpacks one stream and returns how many bytes of the input it took.
    private mutating func member(
        _ bytes: [UInt8], from start: Int, to end: Int, _ wrapping: Wrapping, total: Int
    ) throws(ImportFault) -> Int {
        var stream = z_stream()
        guard inflateInit2_(&stream, wrapping.rawValue, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw ImportFault(kind: .inputOutput, problem: "no memory to unpack it", remedy: nil)
        }
        defer { inflateEnd(&stream) }
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        var position = start
        while true {
            let (status, taken, made) = Self.step(&stream, bytes, position..<end, into: &piece)
            position += taken
            guard output.count + made <= limits.inflatedBytes else { throw Self.tooLarge(limits) }
            output.append(contentsOf: piece[..<made])
            try checkRatio(total)
            if status == Z_STREAM_END { return position - start }
            guard status == Z_OK || (status == Z_BUF_ERROR && made > 0) else {
                throw .damaged(
                    status == Z_BUF_ERROR ? "its compressed data ends in the middle" : "its compressed data is damaged")
            }
            guard taken > 0 || made > 0 else { throw .damaged("its compressed data ends in the middle") }
        }
    }

    private func checkRatio(_ total: Int) throws(ImportFault) {
        guard output.count > limits.ratioFreeBytes, output.count / max(total, 1) >= limits.inflationRatio else { return }
        throw .tooLarge("its content is over \(limits.inflationRatio) times as large as the file: this is no candle file")
    }

    /// One call of zlib: its answer, and how many bytes it took and made.
    private static func step(
        _ stream: inout z_stream, _ bytes: [UInt8], _ range: Range<Int>, into piece: inout [UInt8]
    ) -> (status: Int32, taken: Int, made: Int) {
        let offered = min(range.count, 1 << 24)
        return bytes.withUnsafeBufferPointer { source in
            piece.withUnsafeMutableBufferPointer { target in
                // zlib only reads the input; its C type lacks the const.
                stream.next_in = source.baseAddress.map { UnsafeMutablePointer(mutating: $0 + range.lowerBound) }
                stream.avail_in = UInt32(offered)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                let status = inflate(&stream, Z_NO_FLUSH)
                return (status, offered - Int(stream.avail_in), target.count - Int(stream.avail_out))
            }
        }
    }
}
