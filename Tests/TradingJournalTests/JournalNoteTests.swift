import Exchange
import Market
import Money
import Orders
import Testing
import TradingJournal
import TradingLoop

private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private let pair = Pair("BTC/USDT") ?? { preconditionFailure("a pair") }()

private func report(_ number: UInt64, _ state: TradeReport.State = .open, cash: String = "-100.5", held: String = "2")
    -> TradeReport
{
    TradeReport(
        number: TradeNumber(number), pair: pair, state: state, enterTag: "größe \"1\"", exitReason: "roi",
        openTime: Timestamp(milliseconds: 1_700_000_000_000), closeTime: state == .closed ? Timestamp(milliseconds: 5) : nil,
        held: Amount(held) ?? .zero, dust: .zero, openRate: 0.1 + 0.2, closeRate: 0, stake: 100.4, stop: 1e-9,
        initialStop: 45, isStopTrailing: true, profitRatio: -0.25, profit: 1 / 3, cashFlow: Amount(cash) ?? .zero,
        fees: [FeeTotal(asset: "BNB", amount: Amount("0.00000001") ?? .zero)], orderCount: 3)
}

@Suite struct JournalNoteTests {
    static let notes: [JournalNote] = [
        .loop(TradingRecord(kind: .job, key: 0, bytes: Array("{\"next_ticket\":7}".utf8))),
        .loop(TradingRecord(kind: .trade, key: .max, bytes: Array("{\"state\":\"open\",\"rate\":0.30000000000000004}".utf8))),
        .dryRunVenue([0, 1, 255]), .risk([7, 0]), .trade(report(1)), .trade(report(.max, .closed)),
        .decision(Decision(kind: .noFreeSlot, pair: nil, trade: nil, text: "3 of 3", time: Timestamp(milliseconds: 9))),
        .decision(
            Decision(kind: .timedOut, pair: pair, trade: TradeNumber(4), text: "\u{1}\n", time: Timestamp(milliseconds: -9))),
        .candle(pair, Candle(time: Timestamp(milliseconds: 300_000), open: 0.1, high: 1e300, low: 1e-300, close: 2, volume: 0)),
        .instrument(
            Instrument(
                pair: pair, amountPrecision: 0.00001, pricePrecision: 0.01, amountLimits: .init(minimum: 0.1),
                costLimits: .init(maximum: 9e6),
                takerFee: 0.001)),
        .history(
            pair,
            (0..<3).map {
                Candle(
                    time: Timestamp(milliseconds: $0 * 300_000), open: 0.1, high: 0.30000000000000004, low: 0.1, close: 0.2,
                    volume: 7)
            }),
        .startBalances([
            Balance(asset: "USDT", free: Amount("1000.00000001") ?? .zero, locked: .zero),
            Balance(asset: "größe", free: .zero, locked: Amount("3") ?? .zero),
        ]),
        .startBalances([]), .restored(since: Timestamp(milliseconds: 1_700_000_000_123)),
    ]

    @Test(arguments: notes) func `a note reads back to what was written`(_ note: JournalNote) throws {
        let bytes = note.record.encoded
        guard case .note(let kind, let inner) = try JournalRecord(decoding: bytes) else {
            Issue.record("no note")
            return
        }
        #expect(try JournalNote(kind: kind, inner) == note)
    }

    @Test func `a note of a kind that is not known is left aside`() throws {
        #expect(try JournalNote(kind: 999, [1]) == nil)
        var books = TradingBooks()
        try books.take(JournalRecord.note(kind: 999, [1]).encoded)
        #expect(books.recordCount == 1)
    }

    @Test func `damaged notes give an error and never trap`() throws {
        var generator = Generator(state: 5)
        var failed = 0
        for _ in 0..<4000 {
            guard case .note(let kind, var bytes) = Self.notes[Int(generator.next() % UInt64(Self.notes.count))].record else {
                continue
            }
            for _ in 0...(generator.next() % 3) where !bytes.isEmpty {
                let place = Int(generator.next() % UInt64(bytes.count))
                switch generator.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
                }
            }
            do { _ = try JournalNote(kind: kind, bytes) } catch { failed += 1 }
        }
        print("damaged notes: \(failed) of 4000 refused")
        #expect(failed > 500)
    }
}

@Suite struct TradingBooksTests {
    @Test func `of trades, loop states and closes the newest counts`() throws {
        var books = TradingBooks(keepsCandles: true)
        func candle(_ minute: Int64, _ close: Double) -> JournalNote {
            .candle(
                pair, Candle(time: Timestamp(milliseconds: minute * 60_000), open: 1, high: 1, low: 1, close: close, volume: 1))
        }
        for note in [
            .trade(report(2)), .trade(report(1)), candle(5, 60), .trade(report(1, .closed, cash: "10.25", held: "0")),
            candle(10, 70),
            .trade(report(3, .dropped)), .dryRunVenue([1]), .dryRunVenue([2]),
            .loop(TradingRecord(kind: .trade, key: 2, bytes: Array("{\"a\":1}".utf8))),
            .loop(TradingRecord(kind: .trade, key: 2, bytes: Array("{\"a\":2}".utf8))),
        ] as [JournalNote] { try books.take(note.record.encoded) }
        #expect(books.openTrades.map(\.number.number) == [2])
        #expect(books.closedTrades.map(\.number.number) == [1])
        #expect(books.dryRunVenue == [2])
        #expect(books.loopRecords.values.map(\.bytes) == [Array("{\"a\":2}".utf8)])
        #expect(books.startBalance(of: "USDT") == nil)
        let held = Balance(asset: "USDT", free: Amount("7.5") ?? .zero, locked: Amount("2") ?? .zero)
        try books.take(JournalNote.startBalances([held]).record.encoded)
        #expect(books.startBalance(of: "USDT") == Amount("9.5") && books.startBalance(of: "EUR") == .zero)
        #expect(books.candles.map(\.candle.close) == [60, 70])
        let profit = ProfitSummary(books)
        #expect(profit.closedTrades == 1 && profit.winningTrades == 1 && profit.openTrades == 1 && profit.unvalued == 0)
        #expect(profit.realized == Amount("10.25"))
        #expect(profit.unrealized == 39.5)
    }

    @Test func `the loop's state of a trade is kept until the trade is over`() throws {
        var books = TradingBooks()
        for number in UInt64(1)...3000 {
            for end in [TradeReport.State.open, number % 2 == 0 ? .closed : .dropped] {
                let state = TradingRecord(kind: .trade, key: number, bytes: Array("{\"state\":\"\(end.rawValue)\"}".utf8))
                try books.take(JournalNote.loop(state).record)
                try books.take(JournalNote.loop(TradingRecord(kind: .job, key: 0, bytes: Array("{}".utf8))).record)
                try books.take(JournalNote.trade(report(number, end)).record)
                #expect(books.loopRecords.count == (end == .open ? 2 : 1))
            }
        }
        #expect(books.closedTrades.count == 1500 && books.openTrades.isEmpty)
    }

    @Test func `what a job began with is in notes of a bounded size, and is put together again`() throws {
        let candles = (0..<1001).map { row in
            Candle(
                time: Timestamp(milliseconds: Int64(row) * 60_000), open: 1, high: 2, low: 0.5, close: 1.5, volume: Double(row))
        }
        let instrument = Instrument(pair: pair, amountPrecision: 0.1, pricePrecision: nil)
        let notes = JournalNote.beginning(instrument, history: candles)
        #expect(notes.count == 7 && notes.allSatisfy { $0.record.encoded.count < 32 << 10 })
        var (books, plain) = (TradingBooks(keepsCandles: true), TradingBooks())
        for note in notes {
            try books.take(note.record.encoded)
            try plain.take(note.record.encoded)
        }
        #expect(books.instruments == [pair: instrument] && books.histories == [pair: candles])
        #expect(plain.instruments.isEmpty && plain.histories.isEmpty && plain.recordCount == 7)
        #expect(JournalNote.beginning(instrument, history: []).count == 1)
    }

    @Test func `a damaged record is named by its number, and changes nothing`() throws {
        var books = TradingBooks()
        try books.take(JournalNote.trade(report(1)).record.encoded)
        var bytes = JournalNote.trade(report(2)).record.encoded
        bytes[9] ^= 1
        #expect(throws: TradingBooksError.self) { try books.take(bytes) }
        do { try books.take(bytes) } catch { #expect("\(error)".hasPrefix("record 2: ")) }
        #expect(books.recordCount == 1 && books.trades.count == 1)
        #expect(throws: TradingBooksError.self) { try books.take(.sent(OrderTicket(9), Timestamp(milliseconds: 1))) }
    }
}
