package import Market

extension InstrumentFile {
    /// Imports instruments from a file of another kind at `path`:
    /// - a run of the corpus (`run.json`: `markets`, `settings.fee`, `settings.precision_mode`),
    /// - ccxt markets: an object by symbol or a list, alone or below a key with the exchange's name,
    /// - or an `instruments.json`.
    ///
    /// `exchange` names the venue, and chooses where the file has several. `precisionMode` says how ccxt's precisions are meant;
    /// nil is steps, as all of ccxt's large exchanges have them, and an error where the numbers look like digits.
    package init(
        importing path: String, exchange: String? = nil, precisionMode: Instrument.PrecisionMode? = nil
    ) throws(MarketDataError) {
        let document = try InstrumentReader.document(path)
        if document["format"] != nil {
            try self.init(path: path)
            if let exchange { self.exchange = exchange }
            return
        }
        let reader = InstrumentReader(value: document, path: path, key: "")
        let settings = try? reader.object("settings")
        let mode = try Self.mode(settings) ?? precisionMode
        let markets = try Self.markets(document, exchange: exchange, path: path)
        let fee = try settings?.fee("fee")
        let known = if let mode { mode } else { try Self.guessedMode(markets, path: path) }
        var instruments: [Instrument] = []
        for (pair, market) in markets { instruments.append(try Self.instrument(pair, market, mode: known, fee: fee)) }
        self.init(
            exchange: exchange ?? document["exchange"]?.text ?? "", precisionMode: known, instruments: instruments, path: path)
    }

    private static func mode(_ settings: InstrumentReader?) throws(MarketDataError) -> Instrument.PrecisionMode? {
        guard let settings, let number = try settings.number("precision_mode") else { return nil }
        guard let mode = Int(exactly: number).flatMap(Instrument.PrecisionMode.init(rawValue:)) else {
            throw settings.fault("precision_mode", "is \(number), not 2, 3 or 4")
        }
        return mode
    }

    /// The markets of a document by pair; entries that are no pair (options, index prices) are left out.
    private static func markets(
        _ document: JSONValue, exchange: String?, path: String
    ) throws(MarketDataError) -> [(Pair, InstrumentReader)] {
        var root = document["markets"] ?? document
        if let exchange, let below = root[exchange] { root = below }
        var result: [(Pair, InstrumentReader)] = []
        switch root {
        case .object(let members):
            for (name, market) in members where market["precision"] != nil || market["limits"] != nil {
                guard let pair = Pair(market["symbol"]?.text ?? name) else { continue }
                result.append((pair, InstrumentReader(value: market, path: path, key: name)))
            }
        case .array(let list):
            for (index, market) in list.enumerated() {
                guard let pair = market["symbol"]?.text.flatMap(Pair.init) else { continue }
                result.append((pair, InstrumentReader(value: market, path: path, key: "[\(index)]")))
            }
        default: break
        }
        guard result.isEmpty else { return result }
        let names = (root.object ?? [:]).filter { $0.value.object != nil || $0.value != .null }.keys.sorted().prefix(8)
        throw MarketDataError(
            .content, file: path, "holds no markets with \"precision\" and \"limits\"",
            remedy: "Name a run.json, ccxt's markets or an instruments.json"
                + (names.isEmpty ? "" : "; where it holds several exchanges, name one of: \(names.joined(separator: ", "))"))
    }

    /// Steps, unless every precision is a whole number and one of them above 1: then they are digits of some kind.
    private static func guessedMode(
        _ markets: [(Pair, InstrumentReader)], path: String
    ) throws(MarketDataError) -> Instrument.PrecisionMode {
        var numbers: [Double] = []
        for (_, market) in markets {
            guard let precision = try market.object("precision") else { continue }
            numbers += [try precision.number("amount"), try precision.number("price")].compactMap { $0 }
        }
        guard !numbers.isEmpty, numbers.allSatisfy({ $0 == $0.rounded() }), numbers.contains(where: { $0 > 1 }) else {
            return .tickSize
        }
        throw MarketDataError(
            .content, file: path, "its precisions look like numbers of digits, not steps",
            remedy: "Say which they are: --precision-mode decimalPlaces, significantDigits or tickSize")
    }

    private static func instrument(
        _ pair: Pair, _ market: InstrumentReader, mode: Instrument.PrecisionMode, fee: Double?
    ) throws(MarketDataError) -> Instrument {
        let precision = try market.object("precision")
        let limits = try market.object("limits")
        return Instrument(
            pair: pair, precisionMode: mode, amountPrecision: try precision?.precision("amount", mode),
            pricePrecision: try precision?.precision("price", mode),
            amountLimits: try limits?.limits("amount", "min", "max") ?? Instrument.Limits(),
            priceLimits: try limits?.limits("price", "min", "max") ?? Instrument.Limits(),
            costLimits: try limits?.limits("cost", "min", "max") ?? Instrument.Limits(),
            makerFee: try market.fee("maker") ?? fee, takerFee: try market.fee("taker") ?? fee)
    }
}
