package import Market

/// A folder of candle files in freqtrade's layout: `<BASE>_<QUOTE>-<timeframe>.feather`, contracts below `futures/`.
package struct CandleStore: CandleSource {
    /// Makes the content hash of a file's bytes, SHA-256 in lower-case hex for example.
    package typealias Hash = @Sendable (UnsafeRawBufferPointer) -> String

    /// The folder in which the files of one exchange lie, without a slash at its end.
    package let folder: String
    /// Limits of the reader.
    package var limits = FeatherLimits()

    /// The store at `folder`: the folder of the files itself, or one that has a folder for each exchange.
    ///
    /// With `exchange`, a folder of that name is taken where there is one. Throws `.missing` where no candle file is found
    /// and names the exchanges where there are several to choose from.
    package init(folder: String, exchange: String? = nil) throws(MarketDataError) {
        let root = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        self.folder = try Self.exchangeFolder(root, exchange: exchange)
    }

    /// The store at `folder`, the folder of the files themselves, which is made where it is missing.
    package init(creating folder: String) throws(MarketDataError) {
        self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        try Directory.make(self.folder)
    }

    private static func exchangeFolder(_ root: String, exchange: String?) throws(MarketDataError) -> String {
        guard Directory.isFolder(root) else {
            throw MarketDataError(
                .missing, file: root, "there is no such folder", remedy: "Name the data folder that holds the candle files")
        }
        if let exchange {
            let below = root + "/" + exchange
            if Directory.isFolder(below) { return below }
        }
        if try hasCandles(root) { return root }
        var found: [String] = []
        for name in try Directory.names(root) where Directory.isFolder(root + "/" + name) && name != "futures" {
            if try hasCandles(root + "/" + name) { found.append(name) }
        }
        if exchange == nil, found.count == 1 { return root + "/" + found[0] }
        if found.isEmpty {
            throw MarketDataError(
                .missing, file: root, "holds no candle files (<BASE>_<QUOTE>-<timeframe>.feather)",
                remedy: "Get some with `freqtrade download-data` or `pragma data`")
        }
        let names = found.joined(separator: ", ")
        throw MarketDataError(
            .missing, file: root,
            exchange.map { "has no folder for exchange \($0), only for \(names)" } ?? "has several exchanges",
            remedy: "Name one of them: \(names)")
    }

    /// Whether candle files are in `folder` itself.
    static func hasCandles(_ folder: String) throws(MarketDataError) -> Bool {
        try !paths(folder).isEmpty
    }

    /// Paths of all candle files below `folder`, sorted.
    private static func paths(_ folder: String) throws(MarketDataError) -> [(path: String, key: CandleKey)] {
        var names = try Directory.names(folder)
        if Directory.isFolder(folder + "/futures") {
            names += try Directory.names(folder + "/futures").map { "futures/" + $0 }
        }
        return names.sorted().compactMap { name in CandleKey(relativePath: name).map { (name, $0) } }
    }

    package func keys() throws(MarketDataError) -> [CandleKey] {
        try Self.paths(folder).map(\.key).sorted()
    }

    /// The path of the file that holds, or would hold, the candles of `key`.
    package func path(_ key: CandleKey) -> String { folder + "/" + key.relativePath }

    /// The candles of `key` as stored. Plain files are mapped: the columns then point into the file, and nothing is copied
    /// where times are in milliseconds.
    package func candles(_ key: CandleKey) throws(MarketDataError) -> Candles {
        do throws(MarketDataError) {
            return try FeatherTable(path: path(key), limits: limits).candles(nulls: key.nulls)
        } catch {
            guard error.kind == .missing else { throw error }
            throw try .noCandles(key, in: folder, known: keys())
        }
    }

    /// The candles of `key` from exactly the bytes whose content hash is `expected`; else throws `.changed`.
    ///
    /// The file is read into memory, so that the bytes that were hashed are the bytes that are used.
    package func candles(_ key: CandleKey, expecting expected: String, hash: Hash) throws(MarketDataError) -> Candles {
        let path = path(key)
        let bytes = try FileBytes.reading(path)
        let found = bytes.withBytes(hash)
        guard found == expected else {
            throw MarketDataError(
                .changed, file: path, "its content hash is \(found), the job asks for \(expected)",
                remedy: "Copy the file from the machine that submitted the job, or submit the job again")
        }
        return try FeatherTable(bytes, file: path, limits: limits).candles(nulls: key.nulls)
    }

    /// Stores `candles` as `key`, replacing what was there as a whole. Whoever has the old file mapped keeps the old candles.
    package func write(_ candles: Candles, as key: CandleKey) throws(MarketDataError) {
        try Directory.make(key.kind == .spot ? folder : folder + "/futures")
        try FeatherWriter.write(candles, to: path(key))
    }

    /// The content hash of the file of `key`.
    package func contentHash(_ key: CandleKey, using hash: Hash) throws(MarketDataError) -> String {
        try FileBytes.reading(path(key)).withBytes(hash)
    }
}

extension CandleStore {
    /// What there is, sorted by key; only times are decoded.
    package func list() throws(MarketDataError) -> [CandleSummary] {
        var result: [CandleSummary] = []
        for key in try keys() {
            let times = try FeatherTable(path: path(key), limits: limits).milliseconds("date")
            result.append(
                CandleSummary(
                    key: key, rows: times.count, first: times.first.map(Timestamp.init(milliseconds:)),
                    last: times.last.map(Timestamp.init(milliseconds:))))
        }
        return result
    }
}

extension CandleKey {
    /// Funding rates and mark prices have no volume, and writers leave it empty; an empty price of a candle is an error.
    fileprivate var nulls: FeatherNulls { kind == .spot || kind == .futures ? .refused : .notANumber }
}
