/// A bounds-checked view of FlatBuffers data, the encoding of Arrow's metadata.
///
/// Nothing is trusted: every offset is checked against the bytes at hand. Valid only while the bytes live.
struct FlatBuffer {
    let bytes: UnsafeRawBufferPointer

    /// The little-endian integer at `offset`.
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type = T.self) throws(FeatherFault) -> T {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else {
            throw .damaged("metadata points outside of itself")
        }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// The position to which the 32-bit offset at `offset` points.
    func follow(_ offset: Int) throws(FeatherFault) -> Int {
        offset + Int(try load(offset, as: UInt32.self))
    }

    /// The outermost table.
    func root() throws(FeatherFault) -> FlatTable {
        try FlatTable(buffer: self, position: try follow(0))
    }
}

/// A table: fields by index, each of which may be absent.
struct FlatTable {
    let buffer: FlatBuffer
    private let position: Int
    private let vtable: Int
    private let vtableSize: Int

    init(buffer: FlatBuffer, position: Int) throws(FeatherFault) {
        self.buffer = buffer
        self.position = position
        vtable = position - Int(try buffer.load(position, as: Int32.self))
        vtableSize = Int(try buffer.load(vtable, as: UInt16.self))
        guard vtableSize >= 4, vtableSize % 2 == 0 else { throw .damaged("metadata has an impossible table") }
    }

    /// The position of field `index`, nil where it is absent.
    private func field(_ index: Int) throws(FeatherFault) -> Int? {
        let entry = 4 + 2 * index
        guard entry + 2 <= vtableSize else { return nil }
        let offset = Int(try buffer.load(vtable + entry, as: UInt16.self))
        return offset == 0 ? nil : position + offset
    }

    /// The integer in field `index`, or `missing` where the field is absent.
    func integer<T: FixedWidthInteger & BitwiseCopyable>(_ index: Int, missing: T) throws(FeatherFault) -> T {
        guard let at = try field(index) else { return missing }
        return try buffer.load(at)
    }

    /// The truth value in field `index`.
    func bool(_ index: Int, missing: Bool = false) throws(FeatherFault) -> Bool {
        try integer(index, missing: UInt8(missing ? 1 : 0)) != 0
    }

    /// The table in field `index`.
    func table(_ index: Int) throws(FeatherFault) -> FlatTable? {
        guard let at = try field(index) else { return nil }
        return try FlatTable(buffer: buffer, position: try buffer.follow(at))
    }

    /// The vector in field `index`, whose elements take `stride` bytes each.
    func vector(_ index: Int, stride: Int) throws(FeatherFault) -> FlatVector? {
        guard let at = try field(index) else { return nil }
        let start = try buffer.follow(at)
        let count = Int(try buffer.load(start, as: UInt32.self))
        guard count <= (buffer.bytes.count - start - 4) / stride else {
            throw .damaged("a metadata list is longer than its file")
        }
        return FlatVector(buffer: buffer, start: start + 4, count: count, stride: stride)
    }

    /// The text in field `index`, at most `limit` bytes of UTF-8.
    func text(_ index: Int, limit: Int) throws(FeatherFault) -> String? {
        guard let bytes = try vector(index, stride: 1) else { return nil }
        guard bytes.count <= limit else { throw .tooLarge("a name of \(bytes.count) bytes") }
        let slice = UnsafeRawBufferPointer(rebasing: buffer.bytes[bytes.start..<bytes.start + bytes.count])
        guard let text = String(validating: slice, as: UTF8.self) else { throw .damaged("a name is not UTF-8") }
        return text
    }
}

/// A vector of structs, or of offsets to tables (stride 4).
struct FlatVector {
    let buffer: FlatBuffer
    let start: Int
    let count: Int
    let stride: Int

    /// The position of element `index`, which must be below `count`.
    func position(_ index: Int) -> Int { start + index * stride }

    /// The table to which element `index` points.
    func table(_ index: Int) throws(FeatherFault) -> FlatTable {
        try FlatTable(buffer: buffer, position: try buffer.follow(position(index)))
    }
}
