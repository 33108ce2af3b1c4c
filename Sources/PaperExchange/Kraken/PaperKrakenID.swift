import Matching

/// Kraken's ids, `OQCLML-BW3P3-BUCMWZ` and the like, made of the engine's numbers: spread over the whole range so that they look as
/// random as Kraken's do, and each can be turned back.
enum PaperKrakenID {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    private static let orders: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let trades: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    static func text(_ id: OrderID) -> String { write("O", number: UInt64(bitPattern: id.rawValue), orders) }
    static func text(_ id: TradeID) -> String { write("T", number: UInt64(bitPattern: id.rawValue), trades) }
    /// The id of an amendment; they are counted from the top, so that none is that of a trade.
    static func amendment(_ number: UInt64) -> String { write("T", number: .max - number, trades) }
    /// The id of a ledger entry.
    static func ledger(_ number: UInt64) -> String { write("L", number: number, trades) }

    static func order(_ text: String) -> OrderID? { read("O", text, orders).map { OrderID(Int64(bitPattern: $0)) } }
    static func trade(_ text: String) -> TradeID? { read("T", text, trades).map { TradeID(Int64(bitPattern: $0)) } }

    /// 64 bits of the number and 16 that check them, five to a letter.
    private static func write(_ prefix: String, number: UInt64, _ factor: UInt64) -> String {
        let mixed = mix(number, factor)
        let bits = UInt128(mixed) << 16 | UInt128(check(mixed))
        var letters: [UInt8] = []
        for place in 0..<16 {
            if place == 5 || place == 10 { letters.append(UInt8(ascii: "-")) }
            letters.append(alphabet[Int(truncatingIfNeeded: bits >> (75 - 5 * UInt128(place))) & 31])
        }
        return prefix + String(decoding: letters, as: UTF8.self)
    }

    private static func read(_ prefix: Character, _ text: String, _ factor: UInt64) -> UInt64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 19, text.first == prefix, bytes[6] == UInt8(ascii: "-"), bytes[12] == UInt8(ascii: "-") else {
            return nil
        }
        var bits: UInt128 = 0
        for (place, byte) in bytes.enumerated() where place != 0 && place != 6 && place != 12 {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 5 | UInt128(value)
        }
        let mixed = UInt64(truncatingIfNeeded: bits >> 16)
        guard UInt64(truncatingIfNeeded: bits) & 0xFFFF == check(mixed) else { return nil }
        return unmix(mixed, factor)
    }

    private static func check(_ mixed: UInt64) -> UInt64 { (mixed &* 0xFF51_AFD7_ED55_8CCD) >> 48 }

    private static func mix(_ number: UInt64, _ factor: UInt64) -> UInt64 {
        let product = number &* factor
        return (product ^ product >> 32) &* factor
    }

    private static func unmix(_ mixed: UInt64, _ factor: UInt64) -> UInt64 {
        let inverse = inverse(factor)
        let folded = mixed &* inverse
        return (folded ^ folded >> 32) &* inverse
    }

    /// The factor by which an odd factor is undone, modulo 2^64 (Newton's method: each step doubles the right bits).
    private static func inverse(_ odd: UInt64) -> UInt64 {
        (0..<6).reduce(odd) { value, _ in value &* (2 &- odd &* value) }
    }
}
