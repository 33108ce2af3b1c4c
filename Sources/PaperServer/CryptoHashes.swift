import Crypto
package import PaperExchange

extension PaperHashes {
    /// The hashes of swift-crypto.
    package static let real = PaperHashes(
        sha256: { Array(SHA256.hash(data: $0)) },
        hmacSHA256: { Array(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: $1))) },
        hmacSHA512: { Array(HMAC<SHA512>.authenticationCode(for: $0, using: SymmetricKey(data: $1))) })
}
