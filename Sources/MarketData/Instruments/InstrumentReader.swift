import Market

/// Reads members of a JSON object with messages that name file and key.
struct InstrumentReader {
    let value: JSONValue
    let path: String
    /// The key of `value` in the file, for messages.
    let key: String

    private static let maximumBytes = 256 << 20

    /// The JSON document at `path`; a missing file names the command that makes one.
    static func document(_ path: String) throws(MarketDataError) -> JSONValue {
        let file: FileBytes
        do throws(MarketDataError) {
            file = try FileBytes.reading(path)
        } catch {
            guard error.kind == .missing else { throw error }
            throw MarketDataError(
                .missing, file: path, "there is no such file; steps, limits and fees of the pairs are not known",
                remedy: "Make it with `\(InstrumentFile.command)`")
        }
        guard file.count <= maximumBytes else { throw MarketDataError(.tooLarge, file: path, "it has \(file.count) bytes") }
        do throws(JSONFault) {
            return try JSONReader.value(file.withBytes { Array($0) })
        } catch {
            throw MarketDataError(.damaged, file: path, "it is not JSON: line \(error.line): \(error.problem)")
        }
    }

    func fault(_ name: String, _ problem: String) -> MarketDataError {
        MarketDataError(.content, file: path, "\(key.isEmpty ? "" : key + ".")\(name) \(problem)")
    }

    /// The object `name`; nil where it is missing or null.
    func object(_ name: String) throws(MarketDataError) -> InstrumentReader? {
        switch value[name] {
        case nil, .null: return nil
        case .object(let members):
            return InstrumentReader(value: .object(members), path: path, key: key.isEmpty ? name : key + "." + name)
        default: throw fault(name, "is not an object")
        }
    }

    /// The number `name`, which ccxt may spell as a text; nil where it is missing, null or an empty text.
    func number(_ name: String) throws(MarketDataError) -> Double? {
        switch value[name] {
        case nil, .null, .text(""): return nil
        case .number(let number): return number
        case .text(let text):
            guard let number = Double(text), number.isFinite else { throw fault(name, "is \"\(text)\", not a number") }
            return number
        default: throw fault(name, "is not a number")
        }
    }

    /// The number `name`, which must be above zero.
    func positive(_ name: String) throws(MarketDataError) -> Double? {
        guard let number = try number(name) else { return nil }
        guard number > 0 else { throw fault(name, "is \(number), it must be above 0") }
        return number
    }

    /// A fee as a ratio; a rebate is negative.
    func fee(_ name: String) throws(MarketDataError) -> Double? {
        guard let fee = try number(name) else { return nil }
        guard fee > -0.1, fee < 0.5 else { throw fault(name, "is \(fee); a fee is a ratio, 0.001 for 0.1 %") }
        return fee
    }

    /// A precision: above zero where it is a step, else a number of digits.
    func precision(_ name: String, _ mode: Instrument.PrecisionMode) throws(MarketDataError) -> Double? {
        if mode == .tickSize { return try positive(name) }
        guard let digits = try number(name) else { return nil }
        guard digits == digits.rounded(), digits.magnitude <= 30 else {
            throw fault(name, "is \(digits), not a number of digits")
        }
        return digits
    }

    /// Bounds in the object `name`, whose members are called `minimum` and `maximum`.
    func limits(_ name: String, _ minimum: String, _ maximum: String) throws(MarketDataError) -> Instrument.Limits {
        guard let object = try object(name) else { return Instrument.Limits() }
        let limits = Instrument.Limits(minimum: try object.number(minimum), maximum: try object.number(maximum))
        for (name, bound) in [(minimum, limits.minimum), (maximum, limits.maximum)] {
            if let bound, bound < 0 { throw object.fault(name, "is \(bound), it must not be negative") }
        }
        return limits
    }
}

extension InstrumentFile {
    /// Decodes the keys that `InstrumentFile` documents.
    init(_ document: JSONValue, path: String) throws(MarketDataError) {
        let reader = InstrumentReader(value: document, path: path, key: "")
        let modes: [String: Instrument.PrecisionMode] = [
            "decimalPlaces": .decimalPlaces, "significantDigits": .significantDigits, "tickSize": .tickSize,
        ]
        guard let mode = modes[document["precisionMode"]?.text ?? ""] else {
            throw reader.fault("precisionMode", "is not decimalPlaces, significantDigits or tickSize")
        }
        guard let entries = try reader.object("instruments") else { throw reader.fault("instruments", "is missing") }
        let (maker, taker) = (try reader.fee("makerFee"), try reader.fee("takerFee"))
        var instruments: [Instrument] = []
        for name in (entries.value.object ?? [:]).keys {
            guard let pair = Pair(name) else { throw reader.fault("instruments", "has \"\(name)\", which is no pair BASE/QUOTE") }
            guard let entry = try entries.object(name) else { continue }
            instruments.append(
                Instrument(
                    pair: pair, precisionMode: mode, amountPrecision: try entry.precision("amountPrecision", mode),
                    pricePrecision: try entry.precision("pricePrecision", mode),
                    amountLimits: try entry.limits("amount", "minimum", "maximum"),
                    priceLimits: try entry.limits("price", "minimum", "maximum"),
                    costLimits: try entry.limits("cost", "minimum", "maximum"),
                    makerFee: try entry.fee("makerFee") ?? maker, takerFee: try entry.fee("takerFee") ?? taker))
        }
        self.init(exchange: document["exchange"]?.text ?? "", precisionMode: mode, instruments: instruments, path: path)
    }
}
