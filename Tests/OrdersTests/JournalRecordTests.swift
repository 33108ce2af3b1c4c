import Exchange
import Market
import Money
import Orders
import Testing

@Suite struct `A journal record` {
    private static func records() throws -> [JournalRecord] {
        let kinds: [OrderKind] = [
            .limit(Price(units: .max, decimals: 18)), .postOnly(Price(units: 1, decimals: 0)), .market,
            .marketByCost(Amount(units: 123_456_789_012_345_678_901_234_567, decimals: 25)),
            .stopLoss(trigger: Price(units: 5, decimals: 1)),
            .stopLossLimit(trigger: Price(units: 5, decimals: 1), price: Price(units: 4, decimals: 1)),
            .takeProfit(trigger: Price(units: 7, decimals: 3)),
            .takeProfitLimit(trigger: Price(units: 7, decimals: 3), price: Price(units: -7, decimals: 3)),
        ]
        var records: [JournalRecord] = []
        for (index, kind) in kinds.enumerated() {
            var request = try Sample.request(OrderTicket(UInt64(index) + 1))
            request.kind = kind
            request.tag = index == 0 ? "" : "grün \u{1F40B} \"x\""
            request.purpose = OrderPurpose.allCases[index % OrderPurpose.allCases.count]
            let order = IntendedOrder(
                request: request, clientOrderID: ClientOrderID("id\(index)"), deadline: Sample.time(.max), time: Sample.time(-1))
            records.append(index % 2 == 0 ? .intended(order) : .adopted(order))
        }
        for event in OrderEvent.allCases {
            records.append(.outcome(OrderOutcome(ticket: OrderTicket(.max), event: event, time: Sample.time(0))))
        }
        let full = OrderOutcome(
            ticket: OrderTicket(1), event: .canceled, venueOrderID: VenueOrderID("O-1"), filled: Quantity("0.00000001"),
            reason: "why",
            time: Sample.time(1))
        var balance = Balance(asset: "BTC", free: Amount(units: -1, decimals: 36), locked: Amount(units: .max, decimals: 0))
        balance.lockedIsKnown = false
        let mark = ReconciliationMark(
            cursors: [.init(pair: try Sample.pair("A/B:C"), tradeID: "77")], balances: [balance], time: Sample.time(9))
        return records + [
            .sent(OrderTicket(3), Sample.time(4)), .cancelRequested(OrderTicket(4), Sample.time(5)), .outcome(full),
            .fill(OrderTicket(5), Sample.fill("T", "1.5")),
            .fill(OrderTicket(5), Sample.fill("", "0.1", order: nil, client: ClientOrderID("c"))),
            .reconciled(mark), .reconciled(ReconciliationMark(cursors: [], balances: [], time: Sample.time(0))),
            .note(kind: .max, []), .note(kind: 0, (0..<255).map { UInt8($0) }),
        ]
    }

    @Test func `reads as it was written, to the last digit`() throws {
        for record in try Self.records() {
            #expect(try JournalRecord(decoding: record.encoded) == record)
            #expect(record.encoded.count < 400)
        }
    }

    @Test func `cut off, or with any bit changed, is damaged and never another record`() throws {
        var cases = 0
        for record in try Self.records() {
            let sound = record.encoded
            for count in 0..<sound.count {
                #expect(throws: JournalRecordError.self) { try JournalRecord(decoding: Array(sound.prefix(count))) }
            }
            for bit in 0..<(sound.count * 8) {
                var bytes = sound
                bytes[bit / 8] ^= 1 << (bit % 8)
                #expect(throws: JournalRecordError.self) { try JournalRecord(decoding: bytes) }
                cases += 1
            }
        }
        #expect(cases > 10_000)
    }

    @Test func `made of hostile bytes with a right checksum gives an error or a record, never a trap`() throws {
        var random = SplitMix64(seed: 0xBAD_F00D)
        var read = 0
        for _ in 0..<50_000 {
            let kind = 1 + UInt8(random.below(9))
            var bytes: [UInt8] = [1, kind]
            for _ in 0..<random.below(40) { bytes.append(random.chance(60) ? UInt8(random.below(4)) : UInt8(random.below(256))) }
            if (try? JournalRecord(decoding: Self.sealed(bytes))) != nil { read += 1 }
        }
        #expect(read > 0)
    }

    @Test func `of a newer kind or version names the version`() {
        #expect(throws: JournalRecordError.unknownKind(99, version: 1)) { try JournalRecord(decoding: Self.sealed([1, 99])) }
        #expect(throws: JournalRecordError.newerVersion(found: 2, supported: 1)) {
            try JournalRecord(decoding: Self.sealed([2, 1]))
        }
        #expect(JournalRecordError.unknownKind(99, version: 1).description.contains("version 1"))
    }

    /// With a CRC-32 made bit by bit.
    private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        var check = ~UInt32(0)
        for byte in bytes {
            check ^= UInt32(byte)
            for _ in 0..<8 { check = check & 1 != 0 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
        }
        check = ~check
        return bytes + (0..<4).map { UInt8(truncatingIfNeeded: check >> UInt32(8 * $0)) }
    }
}
