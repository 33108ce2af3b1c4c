/// Cyclic redundancy checks: of client order ids and of journal records.
enum CyclicCheck {
    /// CRC-8 with the primitive polynomial x^8 + x^4 + x^3 + x^2 + 1, over hexadecimal digits, highest bit first.
    ///
    /// It catches every change within eight neighbouring bits. Because the polynomial is primitive (its order is 255, longer than the
    /// 128 bits of an id), every swap of any two digits is caught, too.
    static func crc8(digits: some Sequence<UInt8>) -> UInt8 {
        var check: UInt8 = 0
        for digit in digits {
            check ^= digit << 4
            for _ in 0..<4 { check = check & 0x80 != 0 ? check << 1 ^ 0x1D : check << 1 }
        }
        return check
    }

    /// CRC-32 as in zlib and Ethernet (polynomial 0xEDB88320, reflected).
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var check = ~UInt32(0)
        for byte in bytes { check = check >> 8 ^ table[Int(UInt8(truncatingIfNeeded: check) ^ byte)] }
        return ~check
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 != 0 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
}
