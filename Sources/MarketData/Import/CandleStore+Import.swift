package import Market

extension CandleStore {
    /// The store that an import or a download into `folder` writes to, which need not exist.
    ///
    /// With `exchange` it is the folder of that name below `folder`, unless `folder` has candle files itself and no such folder:
    /// as a reader with the same options looks for it. Without it a folder that only holds folders of exchanges is refused where there are
    /// several, and the only one is taken.
    package static func target(folder: String, exchange: String? = nil) throws(MarketDataError) -> CandleStore {
        let root = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        let isThere = Directory.isFolder(root)
        let hasFiles = isThere ? try hasCandles(root) : false
        if let exchange {
            let allowed = exchange.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ".")
            }
            guard allowed, !exchange.isEmpty, !exchange.hasPrefix(".") else {
                throw MarketDataError(.content, file: root, "'\(exchange)' cannot be the name of an exchange's folder")
            }
            let below = root + "/" + exchange
            return CandleStore(at: hasFiles && !Directory.isFolder(below) ? root : below)
        }
        guard isThere, !hasFiles, try hasExchanges(root) else { return CandleStore(at: root) }
        return try CandleStore(folder: root)
    }

    private static func hasExchanges(_ root: String) throws(MarketDataError) -> Bool {
        for name in try Directory.names(root) where Directory.isFolder(root + "/" + name) && name != "futures" {
            if try hasCandles(root + "/" + name) { return true }
        }
        return false
    }

    private init(at folder: String) { self.folder = folder }

    /// The candles of `key`; nil where there is no file of them.
    package func storedCandles(_ key: CandleKey) throws(MarketDataError) -> Candles? {
        do throws(MarketDataError) {
            return try FeatherTable(path: path(key), limits: limits).candles(nulls: key.kind.allowsEmpty ? .notANumber : .refused)
        } catch {
            guard error.kind == .missing else { throw error }
            return nil
        }
    }

    /// Adds candles to those of `key` and writes the union atomically; rows that are there already stay. What downloads store with.
    package func add(_ candles: Candles, to key: CandleKey) throws(MarketDataError) {
        let merge = CandleMerge(stored: try storedCandles(key) ?? .empty, parts: [candles], policy: .keep)
        if !merge.isUnchanged { try write(merge.candles, as: key) }
    }
}
