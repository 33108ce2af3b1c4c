package import Market

/// What the name of a file says about the candles in it.
package struct CandleFileName: Hashable, Sendable {
    /// Names whose meaning is not decided by the name alone carry why.
    package struct Unclear: Error, Hashable, Sendable {
        package var reason: String
    }

    /// The pair; nil where the name does not tell.
    package var pair: Pair?
    /// The venue's symbol, `BTCUSDT`, of which `pair` was made; nil where the name has a pair.
    package var symbol: String?
    /// The timeframe; nil where the name does not tell.
    package var timeframe: Timeframe?
    /// What the rows are.
    package var kind = CandleKind.spot
    /// Whether the name has the date of one of Binance's archives, where nothing is quoted in `USD`.
    package var isDated = false
    /// Whether a symbol is that of a linear contract, settled in its quote currency.
    package var isContract = false

    /// Endings of files that hold candles, longest first.
    static let endings = [".json.gz", ".csv.gz", ".feather", ".json", ".csv", ".zip"]

    /// Whether a file of this name is worth a look.
    static func isCandidate(_ path: String) -> Bool { endings.contains { path.lowercased().hasSuffix($0) } }

    /// Reads the last parts of a path: freqtrade's names (`BTC_USDT-5m.json.gz`, below `futures` with a suffix), those of
    /// Binance's public data (`.../futures/um/monthly/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip`) and Kraken's
    /// (`XBTUSD_60.csv`). Whatever it does not understand stays nil.
    package init(path: String) {
        let parts = path.split(separator: "/").map(String.init)
        guard let file = parts.last, let ending = Self.endings.first(where: { file.lowercased().hasSuffix($0) }) else { return }
        let stem = String(file.dropLast(ending.count))
        let isInFutures = parts.count >= 2 && parts[parts.count - 2] == "futures"
        if let key = CandleKey(relativePath: (isInFutures ? "futures/" : "") + stem + ".feather") {
            (pair, timeframe, kind) = (key.pair, key.timeframe, key.kind)
            return
        }
        if readArchiveName(stem) {
            readArchiveFolders(parts.dropLast())
        } else if !readKrakenName(stem) {
            readTimeframe(stem)
        }
    }

    /// `BTCUSDT-1m`, `BTCUSDT-1m-2024-01`, `BTCUSDT-1m-2024-01-15`.
    private mutating func readArchiveName(_ stem: String) -> Bool {
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard [2, 4, 5].contains(parts.count), let timeframe = Timeframe(String(parts[1])), Self.isSymbol(parts[0]),
            parts.dropFirst(2).allSatisfy({ $0.count <= 4 && $0.allSatisfy { $0.isASCII && $0.isNumber } })
        else { return false }
        self.timeframe = timeframe
        symbol = String(parts[0])
        isDated = parts.count > 2
        return true
    }

    private mutating func readArchiveFolders(_ folders: ArraySlice<String>) {
        guard let futures = folders.lastIndex(of: "futures"), futures + 1 < folders.endIndex else { return }
        isContract = folders[futures + 1] == "um"
        guard isContract else { return }
        kind = .futures
        for (folder, kind) in Self.archiveKinds where folders.contains(folder) { self.kind = kind }
    }

    private static let archiveKinds: [(String, CandleKind)] = [
        ("markPriceKlines", .mark), ("indexPriceKlines", .index), ("premiumIndexKlines", .premiumIndex),
    ]

    /// `XBTUSD_60`: the symbol and minutes.
    private mutating func readKrakenName(_ stem: String) -> Bool {
        let parts = stem.split(separator: "_", omittingEmptySubsequences: false)
        let names: [Substring: String] = [
            "1": "1m", "5": "5m", "15": "15m", "30": "30m", "60": "1h", "240": "4h", "720": "12h", "1440": "1d",
        ]
        guard parts.count == 2, Self.isSymbol(parts[0]), let name = names[parts[1]] else { return false }
        timeframe = Timeframe(name)
        symbol = String(parts[0]).replacing("XBT", with: "BTC").replacing("XDG", with: "DOGE")
        return true
    }

    /// Anything that ends in `-5m` or `_5m`.
    private mutating func readTimeframe(_ stem: String) {
        guard let last = stem.split(whereSeparator: { $0 == "-" || $0 == "_" || $0 == " " }).last, last.count < stem.count
        else { return }
        timeframe = Timeframe(String(last))
    }

    private static func isSymbol(_ text: Substring) -> Bool {
        text.count >= 5 && text.count <= 24 && text.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) }
    }

    /// Quote currencies of symbols without a separator.
    static let quotes = [
        "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USD1", "USDS", "USDP", "DAI", "USD", "EUR", "GBP", "TRY", "BRL", "JPY", "AUD",
        "CAD",
        "CHF", "ARS", "UAH", "RUB", "NGN", "ZAR", "PLN", "RON", "MXN", "IDR", "BTC", "ETH", "BNB", "XRP", "TRX", "DOGE", "SOL",
    ]

    /// The key that the name and the options together give.
    ///
    /// - Parameters:
    ///   - pair: what the user says; must fit the name where the name tells.
    ///   - timeframe: likewise.
    package func key(pair wantedPair: Pair?, timeframe wantedTimeframe: Timeframe?) throws(Unclear) -> CandleKey {
        let pair = try resolvedPair(wantedPair)
        guard let timeframe = timeframe ?? wantedTimeframe else {
            throw Unclear(reason: "its name tells no timeframe; name it with --timeframe")
        }
        if let wantedTimeframe, wantedTimeframe != timeframe {
            throw Unclear(reason: "its name says \(timeframe), --timeframe says \(wantedTimeframe)")
        }
        return CandleKey(pair, timeframe, kind: kind == .spot && pair.settle != nil ? .futures : kind)
    }

    private func resolvedPair(_ wanted: Pair?) throws(Unclear) -> Pair {
        if let pair {
            guard wanted == nil || wanted == pair || wanted?.fileStem == pair.fileStem else {
                throw Unclear(reason: "its name says \(pair), --pair says \(wanted.map { "\($0)" } ?? "")")
            }
            return wanted ?? pair
        }
        guard let symbol else {
            if let wanted { return wanted }
            throw Unclear(reason: "its name tells no pair; name it with --pair")
        }
        if let wanted {
            guard wanted.base + wanted.quote == symbol else {
                throw Unclear(reason: "its name says \(symbol), --pair says \(wanted)")
            }
            return wanted
        }
        let quotes = Self.quotes.filter { symbol.hasSuffix($0) && symbol.count > $0.count && !(isDated && $0 == "USD") }
        let possible = quotes.compactMap { quote in
            Pair("\(symbol.dropLast(quote.count))/\(quote)" + (isContract ? ":\(quote)" : ""))
        }
        guard let first = possible.first, possible.count == 1 else {
            let names = possible.map(\.description).joined(separator: " or ")
            throw Unclear(reason: "\(symbol) may be \(possible.isEmpty ? "any pair" : names); name it with --pair")
        }
        return first
    }
}
