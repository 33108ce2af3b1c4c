package import Market

/// What a candle file holds; raw values are the suffixes of freqtrade's file names.
package enum CandleKind: String, Hashable, Sendable, CaseIterable {
    /// Candles of a spot pair; its files have no suffix.
    case spot = ""
    /// Candles of a contract.
    case futures
    /// Candles of a contract's mark price.
    case mark
    /// Candles of a contract's index price.
    case index
    /// Candles of a contract's premium over its index.
    case premiumIndex
    /// Funding rates of a contract, in the column `open`; the other prices mean nothing.
    case fundingRate = "funding_rate"

    /// Whether rows are prices over a span of time, so that a missing one can be filled.
    package var isCandle: Bool { self != .fundingRate }
}

/// Names the candles of one pair, timeframe and kind.
package struct CandleKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The pair.
    package var pair: Pair
    /// The length of a candle.
    package var timeframe: Timeframe
    /// Spot, futures, mark, funding rates.
    package var kind: CandleKind

    /// A key; without a kind it is spot, or futures for a pair with a settlement currency.
    package init(_ pair: Pair, _ timeframe: Timeframe, kind: CandleKind? = nil) {
        self.pair = pair
        self.timeframe = timeframe
        self.kind = kind ?? (pair.settle == nil ? .spot : .futures)
    }

    package var description: String { "\(pair) \(timeframe)" + (kind == .spot ? "" : " \(kind.rawValue)") }

    /// Pairs first, then timeframes, then kinds.
    package static func < (a: CandleKey, b: CandleKey) -> Bool {
        (a.pair, a.timeframe, a.kind.rawValue) < (b.pair, b.timeframe, b.kind.rawValue)
    }

    /// The file's path below the exchange's folder: `BTC_USDT-5m.feather`, `futures/XRP_USDT_USDT-1h-mark.feather`.
    package var relativePath: String {
        let stem = pair.fileStem + "-" + timeframe.description
        return kind == .spot ? stem + ".feather" : "futures/" + stem + "-" + kind.rawValue + ".feather"
    }

    /// The key of a path below the exchange's folder; nil where it is no candle file of freqtrade's naming.
    ///
    /// A file name does not tell an underscore of a currency's name from the separators: the first underscore becomes `/`,
    /// the second `:`, as freqtrade reads them.
    package init?(relativePath: String) {
        let isFutures = relativePath.hasPrefix("futures/")
        let name = relativePath.dropFirst(isFutures ? 8 : 0)
        guard name.hasSuffix(".feather"), !name.contains("/") else { return nil }
        let parts = name.dropLast(8).split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        // Currencies may contain a hyphen: the timeframe is the last part, or the one before a known suffix.
        guard let last = parts.last, parts.count >= 2 else { return nil }
        let suffix = isFutures ? CandleKind(rawValue: last) : .spot
        guard let kind = suffix, (kind == .spot) != isFutures else { return nil }
        let timeframeIndex = parts.count - (isFutures ? 2 : 1)
        guard timeframeIndex >= 1, let timeframe = Timeframe(parts[timeframeIndex]),
            let pair = Self.pair(parts[..<timeframeIndex].joined(separator: "-"))
        else { return nil }
        self.init(pair, timeframe, kind: kind)
    }

    private static func pair(_ stem: String) -> Pair? {
        let parts = stem.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        switch parts.count {
        case 2: return Pair("\(parts[0])/\(parts[1])")
        case 3: return Pair("\(parts[0])/\(parts[1]):\(parts[2])")
        default: return nil
        }
    }
}
