/// The hashes that the venues' signatures are made of; passed in, so that this module needs no cryptography.
package struct PaperHashes: Sendable {
    package var sha256: @Sendable (_ data: [UInt8]) -> [UInt8]
    package var hmacSHA256: @Sendable (_ data: [UInt8], _ key: [UInt8]) -> [UInt8]
    package var hmacSHA512: @Sendable (_ data: [UInt8], _ key: [UInt8]) -> [UInt8]

    package init(
        sha256: @escaping @Sendable (_ data: [UInt8]) -> [UInt8],
        hmacSHA256: @escaping @Sendable (_ data: [UInt8], _ key: [UInt8]) -> [UInt8],
        hmacSHA512: @escaping @Sendable (_ data: [UInt8], _ key: [UInt8]) -> [UInt8]
    ) {
        self.sha256 = sha256
        self.hmacSHA256 = hmacSHA256
        self.hmacSHA512 = hmacSHA512
    }
}
