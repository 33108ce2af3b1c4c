/// A tradable pair as freqtrade and ccxt write it: `BTC/USDT`, or `BTC/USDT:USDT` for a perpetual settled in USDT.
public struct Pair: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The currency that is bought and sold.
    public let base: String
    /// The currency in which the price is given.
    public let quote: String
    /// The settlement currency of a contract; nil for spot.
    public let settle: String?

    /// Reads `BASE/QUOTE` or `BASE/QUOTE:SETTLE`; nil where a part is empty or there is another `/` or `:`.
    public init?(_ text: String) {
        let slash = text.split(separator: "/", omittingEmptySubsequences: false)
        guard slash.count == 2 else { return nil }
        let tail = slash[1].split(separator: ":", omittingEmptySubsequences: false)
        guard tail.count <= 2, !slash[0].isEmpty, tail.allSatisfy({ !$0.isEmpty }), !slash[0].contains(":") else { return nil }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F && $0 != "\\" }) else { return nil }
        base = String(slash[0])
        quote = String(tail[0])
        settle = tail.count == 2 ? String(tail[1]) : nil
    }

    /// The pair as it was read.
    public var description: String { base + "/" + quote + (settle.map { ":" + $0 } ?? "") }

    /// The order of the texts.
    public static func < (a: Pair, b: Pair) -> Bool { a.description < b.description }

    /// The pair in a file name: the characters `/ : . @ $ +` and blank become underscores (freqtrade's rule).
    public var fileStem: String {
        String(description.map { "/:.@$+ ".contains($0) ? "_" : $0 })
    }
}
