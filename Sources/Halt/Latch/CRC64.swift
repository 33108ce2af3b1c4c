/// The CRC-64 of ECMA-182, reflected, as the xz format uses it: finds torn and rotten slots. It protects from accidents, not from attackers.
package enum CRC64 {
    private static let table: [UInt64] = (0..<256).map { index in
        var value = UInt64(index)
        for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xC96C_5795_D787_0F42 : value >> 1 }
        return value
    }

    package static func value(of bytes: some Sequence<UInt8>) -> UInt64 {
        var crc = ~UInt64(0)
        for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
        return ~crc
    }

    /// As a `LatchChecksum`: eight bytes, little-endian.
    package static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: value(of: bytes).littleEndian) { Array($0) }
    }
}

/// A checksum over the bytes of a slot; always the same number of bytes.
package typealias LatchChecksum = @Sendable ([UInt8]) -> [UInt8]
