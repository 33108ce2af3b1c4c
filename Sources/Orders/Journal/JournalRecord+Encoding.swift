import Exchange
import Market
import Money

// A record: version, kind, the kind's fields, and a CRC-32 of all that, lowest byte first.
extension JournalRecord {
    /// The newest version that this program writes and reads.
    package static let version: UInt8 = 1
    /// No record is longer; a note that would be is refused by whoever stores it.
    package static let byteLimit = 1 << 20

    private var kind: UInt8 {
        switch self {
        case .intended: 1
        case .sent: 2
        case .outcome: 3
        case .fill: 4
        case .cancelRequested: 5
        case .reconciled: 6
        case .adopted: 7
        case .note: 8
        }
    }

    package var encoded: [UInt8] {
        var writer = RecordWriter()
        writer.byte(Self.version)
        writer.byte(kind)
        switch self {
        case .intended(let order), .adopted(let order): writer.order(order)
        case .sent(let ticket, let time), .cancelRequested(let ticket, let time):
            writer.number(ticket.number)
            writer.time(time)
        case .outcome(let outcome): writer.outcome(outcome)
        case .fill(let ticket, let fill):
            writer.number(ticket.number)
            writer.fill(fill)
        case .reconciled(let mark): writer.mark(mark)
        case .note(let kind, let bytes):
            writer.number(UInt64(kind))
            writer.blob(bytes)
        }
        let check = CyclicCheck.crc32(writer.bytes)
        return writer.bytes + (0..<4).map { UInt8(truncatingIfNeeded: check >> UInt32(8 * $0)) }
    }

    package init(decoding bytes: [UInt8]) throws(JournalRecordError) {
        guard bytes.count >= 6, bytes.count <= Self.byteLimit else { throw .damaged("it has \(bytes.count) bytes") }
        let check = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard CyclicCheck.crc32(bytes.dropLast(4)) == check else { throw .damaged("its checksum is wrong") }
        guard bytes[0] <= Self.version, bytes[0] > 0 else {
            throw .newerVersion(found: Int(bytes[0]), supported: Int(Self.version))
        }
        var reader = RecordReader(bytes[2..<(bytes.count - 4)])
        self = try Self.read(bytes[1], version: Int(bytes[0]), &reader)
        guard reader.isAtEnd else { throw .damaged("it is longer than its fields") }
    }

    private static func read(
        _ kind: UInt8, version: Int, _ reader: inout RecordReader
    ) throws(JournalRecordError) -> JournalRecord {
        switch kind {
        case 1: return .intended(try reader.order())
        case 2: return .sent(OrderTicket(try reader.number()), try reader.time())
        case 3: return .outcome(try reader.outcome())
        case 4: return .fill(OrderTicket(try reader.number()), try reader.fill())
        case 5: return .cancelRequested(OrderTicket(try reader.number()), try reader.time())
        case 6: return .reconciled(try reader.mark())
        case 7: return .adopted(try reader.order())
        case 8:
            guard let kind = UInt16(exactly: try reader.number()) else { throw .damaged("the kind of a note is too large") }
            return .note(kind: kind, Array(try reader.blob()))
        default: throw .unknownKind(Int(kind), version: version)
        }
    }
}

extension RecordWriter {
    mutating func order(_ order: IntendedOrder) {
        let request = order.request
        number(request.ticket.number)
        number(request.trade.number)
        text(request.pair.description)
        text(request.side.rawValue)
        orderKind(request.kind)
        fixed(request.quantity)
        text(request.timeInForce.rawValue)
        text(request.purpose.rawValue)
        text(request.tag)
        text(order.clientOrderID.text)
        time(order.deadline)
        time(order.time)
    }

    private mutating func orderKind(_ kind: OrderKind) {
        switch kind {
        case .limit(let price): prices(1, [price])
        case .postOnly(let price): prices(2, [price])
        case .market: byte(3)
        case .marketByCost(let cost):
            byte(4)
            amount(cost)
        case .stopLoss(let trigger): prices(5, [trigger])
        case .stopLossLimit(let trigger, let price): prices(6, [trigger, price])
        case .takeProfit(let trigger): prices(7, [trigger])
        case .takeProfitLimit(let trigger, let price): prices(8, [trigger, price])
        }
    }

    private mutating func prices(_ kind: UInt8, _ prices: [Price]) {
        byte(kind)
        for price in prices { fixed(price) }
    }

    mutating func outcome(_ outcome: OrderOutcome) {
        number(outcome.ticket.number)
        text(outcome.event.rawValue)
        optional(outcome.venueOrderID) { $0.text($1.text) }
        optional(outcome.filled) { $0.fixed($1) }
        optional(outcome.reason) { $0.text($1) }
        time(outcome.time)
    }

    mutating func fill(_ fill: Fill) {
        text(fill.tradeID)
        optional(fill.venueOrderID) { $0.text($1.text) }
        optional(fill.clientOrderID) { $0.text($1.text) }
        text(fill.symbol)
        text(fill.side.rawValue)
        fixed(fill.price)
        fixed(fill.quantity)
        amount(fill.fee)
        text(fill.feeAsset)
        optional(fill.isMaker) { $0.byte($1 ? 1 : 0) }
        time(fill.time)
    }

    mutating func mark(_ mark: ReconciliationMark) {
        number(UInt64(mark.cursors.count))
        for cursor in mark.cursors {
            text(cursor.pair.description)
            text(cursor.tradeID)
        }
        number(UInt64(mark.balances.count))
        for balance in mark.balances {
            text(balance.asset)
            amount(balance.free)
            amount(balance.locked)
            byte(balance.lockedIsKnown ? 1 : 0)
        }
        time(mark.time)
    }
}

extension RecordReader {
    mutating func order() throws(JournalRecordError) -> IntendedOrder {
        let request = OrderRequest(
            ticket: OrderTicket(try number()), trade: TradeNumber(try number()), pair: try pair(), side: try word(),
            kind: try orderKind(), quantity: try fixed(), timeInForce: try word(), purpose: try word(), tag: try text())
        return IntendedOrder(
            request: request, clientOrderID: ClientOrderID(try text()), deadline: try time(), time: try time())
    }

    private mutating func orderKind() throws(JournalRecordError) -> OrderKind {
        switch try byte() {
        case 1: return .limit(try fixed())
        case 2: return .postOnly(try fixed())
        case 3: return .market
        case 4: return .marketByCost(try amount())
        case 5: return .stopLoss(trigger: try fixed())
        case 6: return .stopLossLimit(trigger: try fixed(), price: try fixed())
        case 7: return .takeProfit(trigger: try fixed())
        case 8: return .takeProfitLimit(trigger: try fixed(), price: try fixed())
        case let other: throw .damaged("\(other) is no kind of order")
        }
    }

    mutating func outcome() throws(JournalRecordError) -> OrderOutcome {
        OrderOutcome(
            ticket: OrderTicket(try number()), event: try word(), venueOrderID: try venueOrderID(),
            filled: try optional { reader throws(JournalRecordError) in try reader.fixed() },
            reason: try optional { reader throws(JournalRecordError) in try reader.text() }, time: try time())
    }

    private mutating func venueOrderID() throws(JournalRecordError) -> VenueOrderID? {
        try optional { reader throws(JournalRecordError) in VenueOrderID(try reader.text()) }
    }

    mutating func fill() throws(JournalRecordError) -> Fill {
        Fill(
            tradeID: try text(), venueOrderID: try venueOrderID(),
            clientOrderID: try optional { reader throws(JournalRecordError) in ClientOrderID(try reader.text()) },
            symbol: try text(), side: try word(), price: try fixed(), quantity: try fixed(), fee: try amount(),
            feeAsset: try text(),
            isMaker: try optional { reader throws(JournalRecordError) in try reader.flag() }, time: try time())
    }

    private mutating func flag() throws(JournalRecordError) -> Bool {
        let value = try byte()
        guard value <= 1 else { throw .damaged("a flag is neither 0 nor 1") }
        return value == 1
    }

    mutating func mark() throws(JournalRecordError) -> ReconciliationMark {
        let cursors = try list { reader throws(JournalRecordError) in
            ReconciliationMark.Cursor(pair: try reader.pair(), tradeID: try reader.text())
        }
        let balances = try list { reader throws(JournalRecordError) in
            var balance = Balance(asset: try reader.text(), free: try reader.amount(), locked: try reader.amount())
            balance.lockedIsKnown = try reader.flag()
            return balance
        }
        return ReconciliationMark(cursors: cursors, balances: balances, time: try time())
    }
}
