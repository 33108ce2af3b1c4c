internal import Crypto
internal import Transport

/// The short name of a public connection key: it says which key is meant and is of no other use.
package enum KeyFingerprint {
    /// The first 16 hexadecimal digits of the SHA-256 of a key's text.
    package static func of(publicKey text: String) -> String {
        Hex.text(Array(SHA256.hash(data: Array(text.utf8)).prefix(8)))
    }
}

extension Authenticator.Cause {
    /// The refusal for a log. Up to the colon it is the same for all of a cause.
    var sentence: String {
        switch self {
        case .unknownKey(let key, let address):
            "a connection was refused whose key is in no file of keys/peers: fingerprint "
                + KeyFingerprint.of(publicKey: key.text)
                + (address.isEmpty ? "" : ", from \(address.filter { $0.isLetter || $0.isNumber || ".:[]%-".contains($0) })")
        case .wrongDomain(let key, let name, let domain):
            "a connection was refused whose key has no right to this endpoint: '\(name)', fingerprint "
                + "\(KeyFingerprint.of(publicKey: key.text)), at '\(domain)'"
        case .malformed:
            "a connection was refused that is not encrypted or no fleet's: set PRAGMA__ENCRYPTION=on where it comes from"
        }
    }
}
