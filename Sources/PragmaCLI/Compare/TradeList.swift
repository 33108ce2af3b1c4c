internal import Configuration
internal import Fleet
internal import Market

/// A list of trades as a file holds it.
struct TradeList {
    /// One trade: what it is known by, and its fields.
    struct Trade {
        /// What trades of two lists are matched by.
        struct Key: Hashable {
            var pair: String
            /// Opening time in milliseconds, or the text of the file where it is no date.
            var open: String
            var isShort: Bool
            /// 0 for the first trade of this pair, time and direction.
            var occurrence: Int
        }

        var key: Key
        /// The trade's id, or its place in the file counted from 1.
        var number: Int
        /// The opening time as the file has it.
        var openDate: String
        var fields: ConfigValue.Object
    }

    /// The path, for messages.
    let path: String
    let trades: [Trade]

    private static let maximumBytes = 1 << 30

    /// Reads the trades of the file at `path`.
    init(path: String) throws(FleetError) { try self.init(bytes: Files.read(path, limit: Self.maximumBytes), path: path) }

    /// Reads trades from the bytes of a file: a list of trades, an object with `trades`, or freqtrade's result.
    init(bytes: [UInt8], path: String) throws(FleetError) {
        self.path = path
        var limits = JSONReader.Limits()
        limits.bytes = Self.maximumBytes
        limits.values = 100_000_000
        let root: ConfigValue
        do throws(JSONReader.SyntaxError) {
            root = try JSONReader.read(bytes, origin: .file(path), limits: limits).value
        } catch {
            throw FleetError(.input, "\(error.location): \(error.problem); a list of trades in JSON is expected")
        }
        let list = try Self.list(in: root, path: path)
        var seen: [Trade.Key: Int] = [:]
        var trades: [Trade] = []
        for (index, value) in list.enumerated() { trades.append(try Self.trade(value, index: index, path: path, seen: &seen)) }
        self.trades = trades
    }

    /// The array of trades, wherever the file has it.
    private static func list(in root: ConfigValue, path: String) throws(FleetError) -> [ConfigValue] {
        if let list = root.array { return list }
        if let list = root["trades"]?.array { return list }
        if let strategies = root["strategy"]?.object {
            let names = strategies.keys.sorted()
            guard names.count == 1, let list = strategies[names[0]]?["trades"]?.array else {
                throw FleetError(
                    .input,
                    names.count > 1
                        ? "\(path) holds the results of \(names.count) strategies (\(names.joined(separator: ", "))); give one with a single one"
                        : "\(path) holds no trades under strategy.\(names.first ?? "NAME").trades")
            }
            return list
        }
        throw FleetError(
            .input,
            "\(path) holds no trades: expected is a list of trades, an object with \"trades\", or freqtrade's result "
                + "{\"strategy\": {NAME: {\"trades\": [...]}}}")
    }

    private static func trade(
        _ value: ConfigValue, index: Int, path: String, seen: inout [Trade.Key: Int]
    ) throws(FleetError) -> Trade {
        guard let fields = value.object, let pair = fields["pair"]?.string else {
            throw FleetError(.input, "\(path): entry \(index + 1) is no trade: it has no \"pair\"")
        }
        guard let openDate = fields["open_date"]?.string ?? fields["open_timestamp"]?.number?.text else {
            throw FleetError(.input, "\(path): trade \(index + 1) (\(pair)) has neither \"open_date\" nor \"open_timestamp\"")
        }
        let instant = Timestamp(iso8601: openDate).map { String($0.milliseconds) } ?? openDate
        var key = Trade.Key(pair: pair, open: instant, isShort: fields["is_short"]?.boolean ?? false, occurrence: 0)
        let occurrence = seen[key, default: 0]
        seen[key] = occurrence + 1
        key.occurrence = occurrence
        let number = fields["id"]?.number?.integer.flatMap { Int(exactly: $0) } ?? index + 1
        return Trade(key: key, number: number, openDate: openDate, fields: fields)
    }
}
