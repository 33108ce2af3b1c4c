package import Market
import Money

/// Why bytes are no state of this account.
package enum RiskSnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong(bytes: Int)
    case notASnapshot
    case unsupportedVersion(Int)
    case wrongChecksum
    case truncated(what: String)
    case invalidValue(what: String)
    case otherAccount(found: String, wanted: String)
    case otherCurrency(found: String, wanted: String)
    case fromTheFuture(saved: Timestamp, now: Timestamp)

    package var description: String {
        switch self {
        case .tooLong(let bytes): "the risk state has \(bytes) bytes; the limit is \(RiskBounds.stateBytes)"
        case .notASnapshot: "the bytes are no risk state"
        case .unsupportedVersion(let version):
            "the risk state has version \(version); this program reads version \(RiskState.snapshotVersion)"
        case .wrongChecksum: "the checksum of the risk state does not match: it is damaged"
        case .truncated(let what): "the risk state ends inside \(what)"
        case .invalidValue(let what): "\(what) of the risk state has a value that cannot be"
        case .otherAccount(let found, let wanted): "the risk state is that of account \(found), not of \(wanted)"
        case .otherCurrency(let found, let wanted): "the risk state is counted in \(found), not in \(wanted)"
        case .fromTheFuture(let saved, let now):
            "the risk state was saved at \(saved), and it is \(now): set the clock of this machine right, then start again"
        }
    }
}

/// Appends little-endian numbers, and texts and lists with their lengths.
struct RiskByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(raw: [UInt8]) { bytes += raw }
    mutating func append(_ value: Double) { append(value.bitPattern) }
    mutating func append(_ value: Bool) { append(UInt8(value ? 1 : 0)) }
    mutating func append(_ value: Timestamp) { append(value.milliseconds) }

    mutating func append(_ value: Amount) {
        let short = value.trimmed
        append(short.units)
        append(short.decimals)
    }

    mutating func append(_ text: String) {
        append(UInt16(clamping: text.utf8.count))
        bytes += Array(text.utf8.prefix(Int(UInt16.max)))
    }

    mutating func append<T>(_ value: T?, _ write: (inout RiskByteWriter, T) -> Void) {
        append(value != nil)
        if let value { write(&self, value) }
    }

    mutating func append<C: Collection>(list: C, _ write: (inout RiskByteWriter, C.Element) -> Void) {
        append(UInt32(clamping: list.count))
        for element in list { write(&self, element) }
    }
}

/// Reads what `RiskByteWriter` writes out of hostile bytes: never traps, never reserves more than there is.
struct RiskByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var remaining: Int { bytes.endIndex - position }

    mutating func number<T: FixedWidthInteger>(_ what: String, as _: T.Type = T.self) throws(RiskSnapshotError) -> T {
        let size = T.bitWidth / 8
        guard remaining >= size else { throw .truncated(what: what) }
        var value: T = 0
        for offset in (0..<size).reversed() { value = (value << 8) | T(truncatingIfNeeded: bytes[position + offset]) }
        position += size
        return value
    }

    mutating func raw(_ count: Int, _ what: String) throws(RiskSnapshotError) -> ArraySlice<UInt8> {
        guard count >= 0, remaining >= count else { throw .truncated(what: what) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func bool(_ what: String) throws(RiskSnapshotError) -> Bool {
        switch try number(what, as: UInt8.self) {
        case 0: false
        case 1: true
        default: throw .invalidValue(what: what)
        }
    }

    mutating func double(_ what: String) throws(RiskSnapshotError) -> Double { Double(bitPattern: try number(what)) }
    mutating func time(_ what: String) throws(RiskSnapshotError) -> Timestamp { Timestamp(milliseconds: try number(what)) }

    mutating func amount(_ what: String) throws(RiskSnapshotError) -> Amount {
        let units: Int128 = try number(what)
        let decimals = try number(what, as: UInt8.self)
        guard decimals <= 36, units != .min else { throw .invalidValue(what: what) }
        return Amount(units: units, decimals: Int(decimals))
    }

    mutating func text(_ what: String, limit: Int = RiskBounds.textBytes) throws(RiskSnapshotError) -> String {
        let count = Int(try number(what, as: UInt16.self))
        guard count <= limit else { throw .invalidValue(what: what) }
        guard let text = String(validating: try raw(count, what), as: UTF8.self) else { throw .invalidValue(what: what) }
        return text
    }

    mutating func pair(_ what: String) throws(RiskSnapshotError) -> Pair {
        guard let pair = Pair(try text(what)) else { throw .invalidValue(what: what) }
        return pair
    }

    mutating func optional<T>(
        _ what: String, _ read: (inout RiskByteReader) throws(RiskSnapshotError) -> T
    ) throws(RiskSnapshotError) -> T? {
        try bool(what) ? try read(&self) : nil
    }

    mutating func list<T>(
        _ what: String, limit: Int, _ read: (inout RiskByteReader) throws(RiskSnapshotError) -> T
    ) throws(RiskSnapshotError) -> [T] {
        let count = Int(try number(what, as: UInt32.self))
        guard count <= limit else { throw .invalidValue(what: what) }
        var result: [T] = []
        for _ in 0..<count { result.append(try read(&self)) }
        return result
    }

    /// Entries of a table, keys strictly growing.
    mutating func table<Key: Hashable & Comparable, Value>(
        _ what: String, limit: Int, _ read: (inout RiskByteReader) throws(RiskSnapshotError) -> (Key, Value)
    ) throws(RiskSnapshotError) -> [Key: Value] {
        let entries = try list(what, limit: limit, read)
        for (a, b) in zip(entries, entries.dropFirst()) where a.0 >= b.0 { throw .invalidValue(what: what) }
        return Dictionary(uniqueKeysWithValues: entries)
    }
}

/// The 64-bit FNV-1a hash: finds accidents (each single wrong byte for certain), not attackers.
enum RiskChecksum {
    static func value(of bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
