internal import Crypto
internal import Foundation
internal import Transport

/// A key pair on disk, or the public half of one: JSON, mode 0600 where it holds a secret.
package struct KeyFile: Codable, Sendable {
    /// What the pair is for.
    package enum Purpose: String, Codable, Sendable {
        /// Encrypts and identifies a connection (CURVE, Z85).
        case connection
        /// Signs halt states (Ed25519, hexadecimal).
        case signing
    }

    /// The name of the process or person that owns it.
    package var name: String
    /// What its owner may do; see `Rights.Role`.
    package var role: String
    package var purpose: Purpose
    package var publicKey: String
    /// nil in a file that may be copied to others.
    package var secretKey: String?

    private enum CodingKeys: String, CodingKey {
        case name, role, purpose
        case publicKey = "public_key"
        case secretKey = "secret_key"
    }

    /// A new pair of random keys.
    package static func make(name: String, role: Rights.Role, purpose: Purpose) throws(FleetError) -> KeyFile {
        switch purpose {
        case .connection:
            do throws(TransportError) {
                let pair = try KeyPair.generate()
                return KeyFile(
                    name: name, role: role.rawValue, purpose: purpose, publicKey: pair.publicKey.text, secretKey: pair.secretText)
            } catch { throw FleetError(.system, error.description) }
        case .signing:
            let key = Curve25519.Signing.PrivateKey()
            return KeyFile(
                name: name, role: role.rawValue, purpose: purpose, publicKey: Hex.text(key.publicKey.rawRepresentation),
                secretKey: Hex.text(key.rawRepresentation))
        }
    }

    /// The same without the secret.
    package var publicHalf: KeyFile {
        var copy = self
        copy.secretKey = nil
        return copy
    }

    /// Reads a key file. The error never shows a key.
    package static func read(_ path: String) throws(FleetError) -> KeyFile {
        let bytes = try Files.read(path, limit: 65536)
        guard let file = try? JSONDecoder().decode(KeyFile.self, from: Data(bytes)) else {
            throw FleetError(.input, "\(path) is not a key file; make a new one with 'pragma keys new'")
        }
        return file
    }

    /// Writes it, secrets readable by this user only. An existing file is never replaced: a lost key locks its owner out.
    package func write(to path: String) throws(FleetError) {
        guard !Files.exists(path) else {
            throw FleetError(.refused, "\(path) is there already; move it away first if it is really to be replaced")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { throw FleetError(.system, "cannot encode the key file \(path)") }
        try Files.write(Array(data) + [10], to: path, mode: secretKey == nil ? 0o644 : 0o600)
    }
}

/// Printing, dumping or reflecting a key file shows everything but the secret.
extension KeyFile: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "key '\(name)' (\(role), \(purpose.rawValue))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "name": name, "role": role, "purpose": purpose.rawValue, "publicKey": publicKey, "hasSecret": secretKey != nil,
            ])
    }
}

/// Bytes as lowercase hexadecimal digits.
package enum Hex {
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The bytes of an even number of digits; nil for anything else.
    package static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// SHA-256 of bytes and files.
package enum SHA256Digest {
    package static func of(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        Array(SHA256.hash(data: Data(bytes)))
    }

    package static func of(_ buffer: UnsafeRawBufferPointer) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(bufferPointer: buffer)
        return Array(hasher.finalize())
    }

    /// The digest of a file, read in pieces.
    package static func ofFile(_ path: String) throws(FleetError) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw Files.failure("cannot read", path) }
        defer { try? handle.close() }
        var hasher = SHA256()
        do {
            while let piece = try handle.read(upToCount: 128 << 10), !piece.isEmpty { hasher.update(data: piece) }
        } catch {
            throw FleetError(.system, "cannot read \(path): \(error)")
        }
        return Array(hasher.finalize())
    }
}
