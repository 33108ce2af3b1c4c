/// A client's own name of an order or a list: 1 to 39 bytes of UTF-8, kept in place so that an order needs no heap.
package struct ClientID: Hashable, Sendable, CustomStringConvertible {
    /// The bytes in order, lowest first; the highest byte of the last word is their number.
    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64)

    package static let maximumLength = 39
    /// No name was given.
    package static let none = ClientID(words: (0, 0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Nil: the text is empty or longer than `maximumLength` bytes.
    package init?(_ text: some StringProtocol) {
        self = .none
        var length = 0
        for byte in text.utf8 {
            guard length < Self.maximumLength else { return nil }
            set(byte, at: length)
            length += 1
        }
        guard length > 0 else { return nil }
        words.4 |= UInt64(length) << 56
    }

    /// A name made of a number, for programs that place very many orders.
    package init(number: UInt64) {
        words = (number, 0, 0, 0, 8 << 56)
    }

    package var isNone: Bool { words.4 == 0 }

    package var description: String {
        let length = Int(words.4 >> 56)
        return String(decoding: (0..<length).map { byte(at: $0) }, as: UTF8.self)
    }

    private mutating func set(_ byte: UInt8, at index: Int) {
        let bits = UInt64(byte) << UInt64((index & 7) << 3)
        switch index >> 3 {
        case 0: words.0 |= bits
        case 1: words.1 |= bits
        case 2: words.2 |= bits
        case 3: words.3 |= bits
        default: words.4 |= bits
        }
    }

    private func byte(at index: Int) -> UInt8 {
        let word =
            switch index >> 3 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            case 3: words.3
            default: words.4
            }
        return UInt8(truncatingIfNeeded: word >> UInt64((index & 7) << 3))
    }

    package static func == (a: ClientID, b: ClientID) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2 && a.words.3 == b.words.3
            && a.words.4 == b.words.4
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
        hasher.combine(words.4)
    }

    /// A hash for the engine's own tables.
    func mixed(_ seed: UInt64) -> UInt64 {
        var result = Mixing.fold(seed ^ words.0, words.4 ^ 0x9E37_79B9_7F4A_7C15)
        if words.1 | words.2 | words.3 != 0 {
            result = Mixing.fold(result ^ words.1, words.2 ^ 0xC2B2_AE3D_27D4_EB4F)
            result = Mixing.fold(result ^ words.3, 0xD6E8_FEB8_6659_FD93)
        }
        return result
    }
}

/// Fast hashing of words.
enum Mixing {
    /// Both halves of the product, folded.
    static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low ^ a
    }
}
