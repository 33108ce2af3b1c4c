internal import Crypto
import Exchange

/// Kraken's signature: HMAC-SHA512, with the secret's bytes, over the path and SHA-256 of nonce and body.
enum KrakenSigner {
    static let formType = "application/x-www-form-urlencoded"
    static let jsonType = "application/json"

    /// A signed request with this body. The nonce stands in the body, too; it must be the same.
    static func request(
        path: String, nonce: UInt64, body: [UInt8], contentType: String, credentials: Credentials
    ) throws(VenueError) -> WebRequest {
        guard let secret = KrakenBase64.decode(credentials.secret), !secret.isEmpty else {
            throw VenueError(
                .authentication, .fatal, code: "secret-form",
                message: "the secret is not base64: copy it again from Kraken's page of API keys")
        }
        let headers = [
            WebHeader("API-Key", credentials.key),
            WebHeader("API-Sign", signature(path: path, nonce: nonce, body: body, secret: secret)),
            WebHeader("Content-Type", contentType), Kraken.userAgent,
        ]
        return WebRequest(.post, path, headers: headers, body: body)
    }

    private static func signature(path: String, nonce: UInt64, body: [UInt8], secret: [UInt8]) -> String {
        var digest = SHA256()
        digest.update(data: Array(String(nonce).utf8))
        digest.update(data: body)
        var code = HMAC<SHA512>(key: SymmetricKey(data: secret))
        code.update(data: Array(path.utf8))
        code.update(data: Array(digest.finalize()))
        return KrakenBase64.encode(Array(code.finalize()))
    }
}
