/// Numbers of seven bits a byte, lowest first: how blobs of the store hold their numbers.
enum Varint {
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    /// A negative number takes ten bytes.
    static func append(_ value: Int64, to bytes: inout [UInt8]) { append(UInt64(bitPattern: value), to: &bytes) }

    /// The number at the front, which is taken away; nil: there is no whole one.
    static func take(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
