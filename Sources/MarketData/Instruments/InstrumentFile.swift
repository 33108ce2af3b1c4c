package import Market

/// What a venue allows for its pairs, as the file `instruments.json` beside the candles holds it.
///
/// Keys of the file, none of which ever changes its meaning:
/// - `format`: 1
/// - `exchange`: the venue's name as ccxt spells it
/// - `precisionMode`: `decimalPlaces`, `significantDigits` or `tickSize`; how the precisions are to be read
/// - `makerFee`, `takerFee`: ratios for pairs that name none themselves; may be missing
/// - `instruments`: an object with one entry for each pair, `BTC/USDT` or `BTC/USDT:USDT`:
///   `amountPrecision`, `pricePrecision`, `amount`, `price`, `cost` (each `{"minimum": x, "maximum": y}`), `makerFee`,
///   `takerFee`. Whatever is missing or null is not limited, or not known.
package struct InstrumentFile: Hashable, Sendable {
    /// The file's name.
    package static let name = "instruments.json"
    /// The command that makes the file, for messages.
    package static let command = "pragma data instruments --from FILE"

    /// The venue's name as ccxt spells it; empty where it is not known.
    package var exchange: String
    /// How the precisions are to be read.
    package var precisionMode: Instrument.PrecisionMode
    /// The instruments by pair; a fee that the whole file names is already in each of them.
    package var instruments: [Pair: Instrument]
    /// Where it was read from, for messages.
    package var path: String

    /// Instruments of a venue.
    package init(
        exchange: String, precisionMode: Instrument.PrecisionMode = .tickSize, instruments: [Instrument], path: String = "memory"
    ) {
        self.exchange = exchange
        self.precisionMode = precisionMode
        self.instruments = Dictionary(instruments.map { ($0.pair, $0) }) { $1 }
        self.path = path
    }

    /// Reads `instruments.json` at `path`. Throws `.missing` with the command that makes it.
    package init(path: String) throws(MarketDataError) {
        let document = try InstrumentReader.document(path)
        guard document["format"] == .number(1) else {
            throw MarketDataError(
                .unsupported, file: path, "\"format\" is not 1", remedy: "Make the file anew with `\(Self.command)`")
        }
        try self.init(document, path: path)
    }

    /// The instrument of `pair`; throws `.missing` and names the command where the file has none.
    package func instrument(_ pair: Pair) throws(MarketDataError) -> Instrument {
        guard let instrument = instruments[pair] else {
            throw MarketDataError(
                .missing, file: path, "has no instrument \(pair) (\(instruments.count) others)",
                remedy: "Add it with `\(Self.command)`")
        }
        return instrument
    }

    /// Writes the file to `path`, replacing what was there as a whole. Pairs are sorted, so that equal files are equal bytes.
    package func write(to path: String) throws(MarketDataError) {
        let bytes = Array(encoded.utf8)
        try AtomicFile.replace(path) { (file) throws(MarketDataError) in
            try bytes.withUnsafeBufferPointer { (buffer) throws(MarketDataError) in
                try file.write(UnsafeRawBufferPointer(buffer))
            }
        }
    }

    /// The file's text.
    package var encoded: String {
        let entries = instruments.values.sorted { $0.pair < $1.pair }.map { instrument in
            "    \(JSONValue.quoted(instrument.pair.description)): \(Self.encoded(instrument))"
        }
        return """
            {
              "format": 1,
              "exchange": \(JSONValue.quoted(exchange)),
              "precisionMode": \(JSONValue.quoted("\(precisionMode)")),
              "instruments": {
            \(entries.joined(separator: ",\n"))
              }
            }

            """
    }

    private static func encoded(_ instrument: Instrument) -> String {
        func limits(_ limits: Instrument.Limits) -> String? {
            let members = [("minimum", limits.minimum), ("maximum", limits.maximum)].compactMap { name, value in
                value.map { "\"\(name)\": \($0)" }
            }
            return members.isEmpty ? nil : "{" + members.joined(separator: ", ") + "}"
        }
        let members: [(String, String?)] = [
            ("amountPrecision", instrument.amountPrecision.map { "\($0)" }),
            ("pricePrecision", instrument.pricePrecision.map { "\($0)" }),
            ("amount", limits(instrument.amountLimits)), ("price", limits(instrument.priceLimits)),
            ("cost", limits(instrument.costLimits)), ("makerFee", instrument.makerFee.map { "\($0)" }),
            ("takerFee", instrument.takerFee.map { "\($0)" }),
        ]
        return "{" + members.compactMap { name, value in value.map { "\"\(name)\": \($0)" } }.joined(separator: ", ") + "}"
    }
}

extension CandleStore {
    /// The path of the instruments beside the candles.
    package var instrumentsPath: String { folder + "/" + InstrumentFile.name }

    /// The instruments beside the candles.
    package func instruments() throws(MarketDataError) -> InstrumentFile { try InstrumentFile(path: instrumentsPath) }
}
