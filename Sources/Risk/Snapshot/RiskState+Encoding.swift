package import Market
import Money

/// A state as bytes, for the coordinator's store.
///
/// Layout, little-endian: magic `PRRS`, version (1 byte), saved at (8), account, currency, content, FNV-1a of all before it (8). Tables are
/// sorted by key, so that equal states have equal bytes.
extension RiskState {
    static let magic = Array("PRRS".utf8)
    package static let snapshotVersion = 1
    /// How far a saved time may lie ahead of the clock: two machines are never quite of one mind.
    static let clockTolerance: Int64 = 5_000

    package func snapshot(savedAt time: Timestamp) -> [UInt8] {
        var writer = RiskByteWriter()
        writer.append(raw: Self.magic)
        writer.append(UInt8(Self.snapshotVersion))
        writer.append(time)
        writer.append(account)
        writer.append(currency)
        write(breaker, &writer)
        writeTables(&writer)
        writer.append(RiskChecksum.value(of: writer.bytes))
        return writer.bytes
    }

    private func writeTables(_ writer: inout RiskByteWriter) {
        writer.append(list: positions.sorted { $0.key < $1.key }) { writer, entry in
            writer.append(entry.key.description)
            writer.append(entry.value)
        }
        writer.append(list: marks.sorted { $0.key < $1.key }) { writer, entry in
            writer.append(entry.key.description)
            writer.append(Amount(entry.value))
        }
        writer.append(list: orders.sorted { $0.key < $1.key }) { writer, entry in
            writer.append(entry.key)
            writer.append(entry.value.pair.description)
            writer.append(entry.value.side.rawValue)
            writer.append(entry.value.remaining)
            writer.append(entry.value.price)
        }
        writer.append(list: sendings) { $0.append($1) }
        writer.append(list: returns.closes.sorted { $0.key < $1.key }) { writer, entry in
            writer.append(entry.key.description)
            writer.append(list: entry.value) { writer, close in
                writer.append(close.time)
                writer.append(close.price)
            }
        }
        writer.append(trial) { $0.append($1.description) }
        writer.append(isUnreliable)
    }

    /// Reads what `snapshot` wrote.
    ///
    /// - Throws: `RiskSnapshotError` for bytes that are damaged, of another account or currency, or later than the clock.
    package static func restore(
        _ bytes: [UInt8], account: String, currency: String, at now: Timestamp
    ) throws(RiskSnapshotError) -> RiskState {
        guard bytes.count <= RiskBounds.stateBytes else { throw .tooLong(bytes: bytes.count) }
        guard bytes.starts(with: magic) else { throw .notASnapshot }
        var reader = RiskByteReader(bytes.dropFirst(magic.count).dropLast(8))
        let version = Int(try reader.number("the version", as: UInt8.self))
        guard version == snapshotVersion else { throw .unsupportedVersion(version) }
        var tail = RiskByteReader(bytes.suffix(8))
        guard try tail.number("the checksum") == RiskChecksum.value(of: bytes.dropLast(8)) else { throw .wrongChecksum }
        let saved = try reader.time("the time of saving")
        let foundAccount = try reader.text("the account")
        let foundCurrency = try reader.text("the currency")
        guard foundAccount == account else { throw .otherAccount(found: foundAccount, wanted: account) }
        guard foundCurrency == currency else { throw .otherCurrency(found: foundCurrency, wanted: currency) }
        let (latest, overflow) = now.milliseconds.addingReportingOverflow(clockTolerance)
        if !overflow, saved.milliseconds > latest { throw .fromTheFuture(saved: saved, now: now) }
        var state = RiskState(account: account, currency: currency)
        state.breaker = try readBreaker(&reader)
        try state.readTables(&reader)
        guard reader.remaining == 0 else { throw .invalidValue(what: "the end") }
        return state
    }

    private mutating func readTables(_ reader: inout RiskByteReader) throws(RiskSnapshotError) {
        positions = try reader.table("the positions", limit: RiskBounds.pairs) { reader throws(RiskSnapshotError) in
            let pair = try reader.pair("a position")
            let amount = try reader.amount("a position")
            guard !amount.isZero else { throw .invalidValue(what: "a position") }
            return (pair, amount)
        }
        marks = try reader.table("the marks", limit: RiskBounds.pairs) { reader throws(RiskSnapshotError) in
            let pair = try reader.pair("a mark")
            guard let price: Price = try reader.amount("a mark").fixedPoint(), price.isPositive else {
                throw .invalidValue(what: "a mark")
            }
            return (pair, price)
        }
        orders = try reader.table("the orders", limit: RiskBounds.orders) { reader throws(RiskSnapshotError) in
            (try reader.number("an order"), try Self.readOrder(&reader))
        }
        sendings = try reader.list("the sent orders", limit: RiskBounds.sendings) { reader throws(RiskSnapshotError) in
            try reader.time("a sent order")
        }
        guard zip(sendings, sendings.dropFirst()).allSatisfy({ $0 <= $1 }) else { throw .invalidValue(what: "the sent orders") }
        returns.closes = try reader.table("the returns", limit: RiskBounds.pairs) { reader throws(RiskSnapshotError) in
            (try reader.pair("a return"), try Self.readCloses(&reader))
        }
        trial = try reader.optional("the trial") { reader throws(RiskSnapshotError) in try reader.pair("the trial") }
        isUnreliable = try reader.bool("the mark of reliability")
    }

    private static func readOrder(_ reader: inout RiskByteReader) throws(RiskSnapshotError) -> WorkingOrder {
        let pair = try reader.pair("an order")
        guard let side = RiskSide(rawValue: try reader.number("a side")) else { throw .invalidValue(what: "a side") }
        let remaining = try reader.amount("an order's quantity")
        let price = try reader.amount("an order's price")
        guard remaining.isPositive, !price.isNegative else { throw .invalidValue(what: "an order") }
        return WorkingOrder(pair: pair, side: side, remaining: remaining, price: price)
    }

    private static func readCloses(_ reader: inout RiskByteReader) throws(RiskSnapshotError) -> [ReturnHistory.Close] {
        let closes = try reader.list("the closes", limit: RiskBounds.returns + 1) { reader throws(RiskSnapshotError) in
            let time = try reader.time("a close")
            let price = try reader.double("a close")
            guard price.isFinite, price > 0 else { throw .invalidValue(what: "a close") }
            return ReturnHistory.Close(time: time, price: price)
        }
        guard zip(closes, closes.dropFirst()).allSatisfy({ $0.time < $1.time }) else { throw .invalidValue(what: "the closes") }
        return closes
    }
}
