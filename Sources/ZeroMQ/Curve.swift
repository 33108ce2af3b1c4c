import CZeroMQ
import Glibc

/// Key pairs of CURVE (Curve25519) in Z85, libzmq's spelling: 40 printable characters for 32 bytes.
package enum Curve {
    /// A new random key pair.
    package static func keyPair() throws(ZeroMQError) -> (publicKey: String, secretKey: String) {
        var publicKey = [CChar](repeating: 0, count: 41)
        var secretKey = [CChar](repeating: 0, count: 41)
        if zmq_curve_keypair(&publicKey, &secretKey) != 0 { throw .last("make a key pair") }
        return (text(publicKey), text(secretKey))
    }

    /// The public key that belongs to a secret one.
    package static func publicKey(ofSecret secretKey: String) throws(ZeroMQError) -> String {
        guard isKey(secretKey) else { throw ZeroMQError(errno: EINVAL, operation: "derive a public key") }
        var publicKey = [CChar](repeating: 0, count: 41)
        if zmq_curve_public(&publicKey, secretKey) != 0 { throw .last("derive a public key") }
        return text(publicKey)
    }

    /// Whether a text is a key: 40 characters of the Z85 alphabet that stand for 32 bytes.
    package static func isKey(_ text: String) -> Bool { decode(text)?.count == 32 }

    /// The bytes of a Z85 text, or nil where it is none (length not a multiple of five, a foreign character, a group above
    /// 32 bits).
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 5 == 0, !digits.isEmpty else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 5 * 4)
        for start in stride(from: 0, to: digits.count, by: 5) {
            var group: UInt64 = 0
            for digit in digits[start..<start + 5] {
                let value = values[Int(digit)]
                guard value < 85 else { return nil }
                group = group * 85 + UInt64(value)
            }
            guard group <= UInt64(UInt32.max) else { return nil }
            for shift in [24, 16, 8, 0] as [UInt64] { bytes.append(UInt8(truncatingIfNeeded: group >> shift)) }
        }
        return bytes
    }

    /// The Z85 text of bytes whose number is a multiple of four (a precondition).
    package static func encode(_ bytes: [UInt8]) -> String {
        precondition(bytes.count % 4 == 0, "Z85 encodes groups of four bytes")
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 4 * 5)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let group = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            var divisor: UInt32 = 85 * 85 * 85 * 85
            while divisor > 0 {
                text.append(alphabet[Int(group / divisor % 85)])
                divisor /= 85
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The alphabet of ZeroMQ RFC 32.
    private static let alphabet = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    private static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix(40).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
