import Exchange
import Market
import Matching
import Money

/// The parameters of a request in their order, from a query, a form or a message of the WebSocket API.
struct BinanceParameters: Sendable {
    struct Entry: Hashable, Sendable {
        var name: String
        var value: String
    }

    private(set) var entries: [Entry] = []
    private var values: [String: String] = [:]
    static let maximumCount = 100
    static let maximumLength = 65_536

    init() {}

    /// From a query and a form, percent-encoded; what the query says goes before the form.
    init(query: String, form: [UInt8]) throws(BinanceFailure) {
        guard query.utf8.count + form.count <= Self.maximumLength else {
            throw BinanceFailure(-1101, "Too many parameters sent for this endpoint.")
        }
        try read(Array(query.utf8), passingOver: [])
        try read(form, passingOver: Set(values.keys))
    }

    /// From the `params` of a message: texts, numbers and truth values; of a list its JSON.
    init(_ json: JSONValue) throws(BinanceFailure) {
        guard case .object(let members) = json else {
            throw BinanceFailure(-1135, "Invalid JSON Request: 'params' must be an object.")
        }
        for member in members {
            guard let text = Self.text(member.value) else { continue }
            try add(member.name, text)
        }
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null: nil
        case .array, .object: String(decoding: value.bytes, as: UTF8.self)
        }
    }

    private mutating func read(_ text: [UInt8], passingOver known: Set<String>) throws(BinanceFailure) {
        for part in text.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = try Self.decoded(part[..<equals])
            let value = try Self.decoded(part[min(equals + 1, part.endIndex)...])
            if !known.contains(name) { try add(name, value) }
        }
    }

    private mutating func add(_ name: String, _ value: String) throws(BinanceFailure) {
        guard values[name] == nil else { throw BinanceFailure(-1101, "Duplicate values for parameter '\(name)'.") }
        guard entries.count < Self.maximumCount else {
            throw BinanceFailure(-1101, "Too many parameters sent for this endpoint.")
        }
        entries.append(Entry(name: name, value: value))
        values[name] = value
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) throws(BinanceFailure) -> String {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): result.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = hex(rest.popFirst()), let low = hex(rest.popFirst()) else { throw illegalEscape }
                result.append(high << 4 | low)
            default: result.append(byte)
            }
        }
        guard let text = String(validating: result, as: UTF8.self) else { throw illegalEscape }
        return text
    }

    private static let illegalEscape = BinanceFailure(-1100, "Illegal characters found in a parameter.")

    private static func hex(_ byte: UInt8?) -> UInt8? {
        guard let byte else { return nil }
        return Character(Unicode.Scalar(byte)).hexDigitValue.flatMap { byte < 0x80 ? UInt8($0) : nil }
    }

    subscript(name: String) -> String? { values[name] }

    /// The same parameters under other names: `renamed` gives for each new name the one that it has here.
    func renamed(_ names: [String: String]) -> BinanceParameters {
        var result = BinanceParameters()
        for (new, old) in names.sorted(by: { $0.key < $1.key }) {
            guard let value = values[old] else { continue }
            result.entries.append(Entry(name: new, value: value))
            result.values[new] = value
        }
        return result
    }

    /// Refuses parameters that the endpoint does not have.
    func check(only names: Set<String>) throws(BinanceFailure) {
        let known = entries.filter { names.contains($0.name) }.count
        guard known < entries.count else { return }
        throw BinanceFailure(
            -1104, "Not all sent parameters were read; read '\(known)' parameter(s) but was sent '\(entries.count)'.")
    }
}

// MARK: - Values

extension BinanceParameters {
    /// Nil where it was not sent; sent empty it is refused.
    func text(_ name: String) throws(BinanceFailure) -> String? {
        guard let value = self[name] else { return nil }
        guard !value.isEmpty else { throw BinanceFailure(-1105, "Parameter '\(name)' was empty.") }
        return value
    }

    func required(_ name: String) throws(BinanceFailure) -> String {
        guard let value = self[name], !value.isEmpty else { throw .missing(name) }
        return value
    }

    func integer(_ name: String) throws(BinanceFailure) -> Int64? {
        guard let text = try text(name) else { return nil }
        guard text.utf8.count <= 20, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let value = Int64(text)
        else { throw .illegal(name, "^[0-9]{1,20}$") }
        return value
    }

    /// A number of results, at most `most`; more is taken for `most`.
    func limit(_ usual: Int, most: Int) throws(BinanceFailure) -> Int {
        guard let value = try integer("limit") else { return usual }
        guard value > 0 else { throw .illegal("limit", "^[1-9][0-9]{0,4}$") }
        return Int(min(value, Int64(most)))
    }

    func flag(_ name: String) throws(BinanceFailure) -> Bool? {
        guard let text = try text(name) else { return nil }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default: throw .illegal(name, "^(true|false)$")
        }
    }

    /// The text of a decimal number, checked for its characters and for digits beyond the precision.
    private func decimal(_ name: String, precision: Int) throws(BinanceFailure) -> String? {
        guard let text = try text(name) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { part in
            1...20 ~= part.count && part.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        }
        guard areDigits else { throw .illegal(name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$") }
        let digits = parts.count == 2 ? parts[1].reversed().drop { $0 == UInt8(ascii: "0") }.count : 0
        guard digits <= precision else { throw BinanceFailure(-1111, "Parameter '\(name)' has too much precision.") }
        return text
    }

    /// A price in ticks.
    func price(_ name: String, _ instrument: PaperInstrument) throws(BinanceFailure) -> Int64? {
        guard let text = try decimal(name, precision: max(8, Int(instrument.tick.decimals))) else { return nil }
        guard let price = Price(text) else { throw .filter("PRICE_FILTER") }
        guard price.isPositive else { throw BinanceFailure(-1013, name == "stopPrice" ? "Invalid stopPrice." : "Invalid price.") }
        guard let ticks = instrument.ticks(price), instrument.rules.price ~= ticks else { throw .filter("PRICE_FILTER") }
        return ticks
    }

    /// A quantity in lots.
    func quantity(_ name: String, _ instrument: PaperInstrument) throws(BinanceFailure) -> Int64? {
        guard let text = try decimal(name, precision: max(8, Int(instrument.lot.decimals))) else { return nil }
        guard let quantity = Quantity(text) else { throw .filter("LOT_SIZE") }
        guard quantity.isPositive else { throw BinanceFailure(-1013, "Invalid quantity.") }
        guard let lots = instrument.lots(quantity), instrument.rules.quantity ~= lots else { throw .filter("LOT_SIZE") }
        return lots
    }

    /// An amount of an asset in its units.
    func amount(_ name: String, _ asset: PaperAsset) throws(BinanceFailure) -> Int128? {
        guard let text = try decimal(name, precision: max(8, asset.decimals)) else { return nil }
        guard let amount = Amount(text), let units = asset.units(amount) else { throw .filter("NOTIONAL") }
        guard units > 0 else { throw BinanceFailure(-1013, "Invalid quoteOrderQty.") }
        return units
    }

    /// A client's own name of an order or a list.
    func clientID(_ name: String) throws(BinanceFailure) -> ClientID? {
        guard let text = try text(name) else { return nil }
        guard Self.isClientID(text), let id = ClientID(text) else { throw .illegal(name, "^[\\.A-Z\\:/a-z0-9_-]{1,36}$") }
        return id
    }

    private static func isClientID(_ text: String) -> Bool {
        1...36 ~= text.utf8.count
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    func side() throws(BinanceFailure) -> Matching.Side {
        switch try required("side") {
        case "BUY": .buy
        case "SELL": .sell
        default: throw BinanceFailure(-1117, "Invalid side.")
        }
    }

    func timeInForce(_ name: String) throws(BinanceFailure) -> Matching.TimeInForce? {
        switch try text(name) {
        case nil: nil
        case "GTC": .goodTillCanceled
        case "IOC": .immediateOrCancel
        case "FOK": .fillOrKill
        default: throw BinanceFailure(-1115, "Invalid timeInForce.")
        }
    }

    /// Binance's usual mode where none is asked for.
    func selfTrade() throws(BinanceFailure) -> SelfTradePrevention {
        switch try text("selfTradePreventionMode") {
        case nil, "EXPIRE_MAKER": .expireMaker
        case "NONE": .none
        case "EXPIRE_TAKER": .expireTaker
        case "EXPIRE_BOTH": .expireBoth
        default: throw .invalid("selfTradePreventionMode")
        }
    }
}
