/// Why bytes are no promotion record.
package enum PromotionDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    case notARecord
    case unsupportedVersion(Int)
    case truncated
    case invalidValue(String)
    case trailingBytes(Int)

    package var description: String {
        switch self {
        case .notARecord: "the bytes are no promotion record"
        case .unsupportedVersion(let version): "the promotion record has version \(version); this program reads version 1"
        case .truncated: "the promotion record ends too early"
        case .invalidValue(let what): "\(what) of the promotion record has a value that cannot be"
        case .trailingBytes(let count): "\(count) bytes follow the promotion record"
        }
    }
}

/// The bytes that are hashed and signed: one encoding for one record.
///
/// Layout, little-endian: magic `PRPR`, version (1), strategy, parameters (32), executable (32), backtest and dry-run (1, then 32 if 1),
/// dry-run's milliseconds, issued at, expires at (8 each), issued by, override (1, then reason and by). Texts: length (2), UTF-8.
extension PromotionRecord {
    private static let magic = Array("PRPR".utf8)
    private static let version: UInt8 = 1
    /// UTF-8 bytes of a text; longer ones are cut where records are made.
    package static let textBytes = 1024

    package var encoded: [UInt8] {
        var bytes = Self.magic + [Self.version]
        Self.append(subject.strategy, &bytes)
        bytes += subject.parameters.bytes + subject.executable.bytes
        for digest in [backtest, dryRun] { bytes += digest.map { [1] + $0.bytes } ?? [0] }
        for number in [dryRunMilliseconds, issuedAt, expiresAt] {
            withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        Self.append(issuedBy, &bytes)
        bytes.append(override == nil ? 0 : 1)
        if let override {
            Self.append(override.reason, &bytes)
            Self.append(override.by, &bytes)
        }
        return bytes
    }

    private static func append(_ text: String, _ bytes: inout [UInt8]) {
        let part = Array(text.prefix(textBytes).utf8.prefix(textBytes))
        // Cut inside of a character: the whole one goes.
        let whole = String(validating: part, as: UTF8.self).map { Array($0.utf8) } ?? Self.wholeCharacters(part)
        bytes += [UInt8(whole.count & 255), UInt8(whole.count >> 8)] + whole
    }

    private static func wholeCharacters(_ bytes: [UInt8]) -> [UInt8] {
        var part = bytes[...]
        while let last = part.last, last & 0xC0 == 0x80 { part.removeLast() }
        return Array(part.dropLast())
    }

    package init(decoding bytes: [UInt8]) throws(PromotionDecodingError) {
        guard bytes.starts(with: Self.magic) else { throw .notARecord }
        var reader = PromotionReader(bytes.dropFirst(Self.magic.count))
        let version = try reader.take(1)[0]
        guard version == Self.version else { throw .unsupportedVersion(Int(version)) }
        let strategy = try reader.text("the strategy")
        let parameters = try reader.digest()
        subject = PromotionSubject(strategy: strategy, parameters: parameters, executable: try reader.digest())
        backtest = try reader.flag("the backtest") ? try reader.digest() : nil
        dryRun = try reader.flag("the dry-run") ? try reader.digest() : nil
        dryRunMilliseconds = try reader.number()
        issuedAt = try reader.number()
        expiresAt = try reader.number()
        issuedBy = try reader.text("the issuer")
        if try reader.flag("the override") {
            let reason = try reader.text("the reason")
            override = PromotionOverride(reason: reason, by: try reader.text("who overrode"))
        } else {
            override = nil
        }
        guard reader.rest == 0 else { throw .trailingBytes(reader.rest) }
    }
}

private struct PromotionReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    var rest: Int { bytes.count }

    mutating func take(_ count: Int) throws(PromotionDecodingError) -> [UInt8] {
        guard bytes.count >= count else { throw .truncated }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }

    mutating func number() throws(PromotionDecodingError) -> Int64 {
        Int64(bitPattern: try take(8).reversed().reduce(0) { ($0 << 8) | UInt64($1) })
    }

    mutating func flag(_ what: String) throws(PromotionDecodingError) -> Bool {
        switch try take(1)[0] {
        case 0: false
        case 1: true
        default: throw .invalidValue(what)
        }
    }

    mutating func digest() throws(PromotionDecodingError) -> LiveDigest {
        guard let digest = LiveDigest(try take(32)) else { throw .truncated }
        return digest
    }

    mutating func text(_ what: String) throws(PromotionDecodingError) -> String {
        let size = try take(2)
        let count = Int(size[0]) | Int(size[1]) << 8
        guard count <= PromotionRecord.textBytes, let text = String(validating: try take(count), as: UTF8.self) else {
            throw .invalidValue(what)
        }
        return text
    }
}
