internal import Crypto
internal import CryptoExtras
import Exchange

/// Makes signatures with one key: HMAC-SHA256 for a text secret, Ed25519 or RSA for a private key in PEM.
struct BinanceSigner {
    private enum Key {
        case hmac(SymmetricKey)
        case ed25519(Curve25519.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    private let key: Key

    /// Throws where the secret is no key; the error says why without showing any of it.
    init(secret: String) throws(VenueError) {
        guard secret.contains("-----BEGIN") else {
            key = .hmac(SymmetricKey(data: Array(secret.utf8)))
            return
        }
        guard let der = Self.der(secret) else { throw Self.unusable("the private key is no PEM text") }
        do {
            if let seed = Self.ed25519Seed(der) {
                key = .ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: seed))
            } else {
                key = .rsa(try _RSA.Signing.PrivateKey(pemRepresentation: secret))
            }
        } catch {
            throw Self.unusable("the private key is neither Ed25519 (PKCS#8) nor RSA with at least 2048 bits, or it is encrypted")
        }
    }

    /// The signature as it stands in a request: hexadecimal for HMAC, else Base64, not percent-encoded yet.
    func signature(of text: String) throws(VenueError) -> String {
        let message = Array(text.utf8)
        do {
            switch key {
            case .hmac(let key): return BinanceEncoding.hexadecimal(HMAC<SHA256>.authenticationCode(for: message, using: key))
            case .ed25519(let key): return Base64.encode(Array(try key.signature(for: message)))
            case .rsa(let key):
                let signature = try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
                return Base64.encode(Array(signature.rawRepresentation))
            }
        } catch {
            throw Self.unusable("the private key cannot sign")
        }
    }

    private static func unusable(_ text: String) -> VenueError {
        VenueError(.authentication, .fatal, code: "key", message: text)
    }

    /// The bytes between the first pair of PEM lines.
    private static func der(_ pem: String) -> [UInt8]? {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard let begin = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN") }),
            let end = lines[begin...].firstIndex(where: { $0.hasPrefix("-----END") })
        else { return nil }
        return Base64.decode(lines[(begin + 1)..<end].joined())
    }

    /// The 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410); nil for other keys.
    private static func ed25519Seed(_ der: [UInt8]) -> [UInt8]? {
        let head: [UInt8] = [0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
        guard der.count >= 48, Array(der[2..<16]) == head else { return nil }
        return Array(der[16..<48])
    }
}
