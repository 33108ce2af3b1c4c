import Exchange
import Foundation
import Market
import Money
import Orders
import Testing

@testable import DryRun

/// freqtrade's dry-run against ours: the same orders on the same books, drawn and answered by `Fixtures/make.py`.
@Suite struct OracleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    @Test func `the stored answers of freqtrade are ours`() throws {
        let text = try Data(contentsOf: Self.folder.appending(path: "dryrun.jsonl"))
        let tally = try OracleReplay.run([UInt8](text))
        print("freqtrade's stored dry-run orders: \(tally)")
        #expect(tally.compared > 500)
        #expect(tally.filled > 300)
    }

    @Test func `fresh answers of freqtrade are ours`() throws {
        guard let python = ProcessInfo.processInfo.environment["PRAGMA_PYTHON"] else {
            print("skipped: PRAGMA_PYTHON names no Python with freqtrade")
            return
        }
        let seed = Seed.announced("freqtrade's dry-run")
        guard let text = try Self.make(python, seed: seed % 1_000_000_007 + 1, count: 1500) else {
            print("skipped: \(python) has no freqtrade")
            return
        }
        let tally = try OracleReplay.run(text)
        print("freqtrade's fresh dry-run orders: \(tally)")
        #expect(tally.compared > 5000)
    }

    /// The lines of `make.py`; nil where freqtrade is absent.
    private static func make(_ python: String, seed: UInt64, count: Int) throws -> [UInt8]? {
        let probe = try run(python, ["-c", "import importlib.util as u; print(u.find_spec('freqtrade') is not None)"])
        guard String(decoding: probe, as: UTF8.self).contains("True") else { return nil }
        return try run(python, [folder.appending(path: "make.py").path, "\(seed)", "\(count)"])
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let bytes = [UInt8](try output.fileHandleForReading.readToEnd() ?? Data())
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) failed")
        return bytes
    }
}

/// Where we differ from freqtrade's dry-run on purpose, or cannot be the same.
enum OracleException: String, CaseIterable {
    /// freqtrade buys at a price of 0 (sells at the worst price) when the side has no levels; we let a market order expire, and a stop is filled at
    /// its worst price.
    case emptySide
    /// freqtrade fills a limit order that crosses far at an average beyond its limit; we keep the limit.
    case beyondLimit
    /// freqtrade cuts a quantity to the step; a venue rejects it, and so do we.
    case offStep
    /// freqtrade computes in doubles: an average halfway between two ticks, or a limit exactly 1 % beyond, falls on either side.
    case tie
}

struct OracleTally: CustomStringConvertible {
    var compared = 0
    var filled = 0
    var answers = 0
    var exceptions: [OracleException: Int] = [:]

    var description: String {
        let names = OracleException.allCases.map { "\($0.rawValue) \(exceptions[$0, default: 0])" }.joined(separator: ", ")
        return "\(compared) orders, \(answers) answers, \(filled) fills compared; exceptions: \(names)"
    }
}

/// Replays scenarios on our venue, one venue a scenario.
struct OracleReplay {
    /// What freqtrade said of an order after a book.
    struct Answer {
        var book: Int
        var status: String
        var average: Price?
        var cost = 0.0
        var fee = 0.0
    }

    struct Line {
        var request: OrderRequest
        var reference: Price?
        var answers: [Answer]
    }

    static func run(_ bytes: [UInt8]) throws -> OracleTally {
        var tally = OracleTally()
        for line in bytes.split(separator: 10) { try replay(try JSONValue(parsing: Array(line)), &tally) }
        return tally
    }

    private static func replay(_ json: JSONValue, _ tally: inout OracleTally) throws {
        let instrument = try instrument(json)
        let wallet = try DryRunWallet(["USDT": try Sample.amount("1e12"), "AAA": try Sample.amount("1e12")])
        var venue = DryRunVenue(wallet: wallet, rules: DryRunRules(fee: json["fee"]?.amount))
        let books = try #require(json["books"]?.elements).map { try book($0, instrument) }
        let lines = try #require(json["orders"]?.elements).enumerated().map { try line($1, number: $0 + 1, instrument) }
        var latest: [OrderTicket: OrderUpdate] = [:]
        for (number, book) in books.enumerated() {
            let updates = venue.book(instrument.pair, bids: book.bids, asks: book.asks, at: Sample.now)
            for update in updates { latest[update.ticket] = update }
            if number == 0 {
                for line in lines {
                    for update in venue.place(line.request, on: instrument, reference: line.reference, at: Sample.now) {
                        latest[update.ticket] = update
                    }
                }
            }
            for line in lines {
                guard let answer = line.answers.first(where: { $0.book == number }) else { continue }
                let ours = try #require(latest[line.request.ticket])
                try compare(ours, answer, line, book, instrument, &tally)
            }
        }
        tally.compared += lines.count
    }

    private static func compare(
        _ ours: OrderUpdate, _ theirs: Answer, _ line: Line, _ book: DryRunBook, _ instrument: TradedInstrument,
        _ tally: inout OracleTally
    ) throws {
        tally.answers += 1
        if let exception = exception(ours, theirs, line, book, instrument) {
            tally.exceptions[exception, default: 0] += 1
            return
        }
        let expected: OrderStatus = theirs.status == "closed" ? .filled : theirs.status == "open" ? .open : .rejected
        #expect(ours.status == expected, "\(line.request) \(theirs) \(ours.reason ?? "")")
        guard let fill = ours.fill, expected == .filled else { return }
        #expect(fill.price == theirs.average, "\(line.request) \(theirs)")
        #expect(abs(ours.cost.approximation - theirs.cost) <= 1e-12 * theirs.cost)
        let fee = try #require(ours.fees.first)
        #expect(abs(fee.amount.approximation - theirs.fee) <= 1e-12 * theirs.fee, "\(line.request) \(theirs)")
        #expect(fill.isMaker == (theirs.book > 0))
        tally.filled += 1
    }

    /// Names the reason where the answers are expected to differ; each is checked to be what it says.
    private static func exception(
        _ ours: OrderUpdate, _ theirs: Answer, _ line: Line, _ book: DryRunBook, _ instrument: TradedInstrument
    ) -> OracleException? {
        let request = line.request
        if !request.quantity.isMultiple(of: instrument.quantityStep) { return ours.status == .rejected ? .offStep : nil }
        guard theirs.status == "closed" else { return nil }
        if book.opposite(request.side).isEmpty {
            return request.kind == .market
                ? (ours.status == .expired ? .emptySide : nil) : (ours.status == .filled ? .emptySide : nil)
        }
        guard let price = ours.fill?.price, let average = theirs.average, price != average else { return nil }
        if case .limit(let limit) = request.kind {
            if request.side == .buy ? average > limit : average < limit { return price == limit ? .beyondLimit : nil }
            if let best = book.opposite(request.side).first?.price, onePercent(limit, best, request.side) { return .tie }
        }
        return isHalfway(request, book, instrument.priceTick) && isNextTick(price, average, instrument.priceTick) ? .tie : nil
    }

    private static func onePercent(_ limit: Price, _ best: Price, _ side: OrderSide) -> Bool {
        Amount(limit, times: Quantity(units: side == .buy ? 99 : 101, decimals: 2)) == Amount(best)
    }

    private static func isNextTick(_ a: Price, _ b: Price, _ tick: Price) -> Bool { a.adding(tick) == b || b.adding(tick) == a }

    /// Whether the exact average lies so near to the middle between two ticks that doubles cannot tell.
    private static func isHalfway(_ request: OrderRequest, _ book: DryRunBook, _ tick: Price) -> Bool {
        var rest = request.quantity.approximation
        var value = 0.0
        let levels = book.opposite(request.side)
        for level in levels {
            let taken = min(rest, level.quantity.approximation)
            value += taken * level.price.approximation
            rest -= taken
        }
        value += rest * (levels.last?.price.approximation ?? 0)
        let ticks = value / request.quantity.approximation / tick.approximation
        return abs(ticks - ticks.rounded(.down) - 0.5) < 1e-6
    }
}

extension OracleReplay {
    private static func instrument(_ json: JSONValue) throws -> TradedInstrument {
        var instrument = TradedInstrument(
            pair: try Sample.pair("AAA/USDT"), symbol: "AAAUSDT", streamSymbol: "AAAUSDT",
            priceTick: try #require(json["tick"]?.fixedPoint()), quantityStep: try #require(json["step"]?.fixedPoint()))
        instrument.makerFee = json["maker"]?.amount
        instrument.takerFee = json["taker"]?.amount
        return instrument
    }

    private static func book(_ json: JSONValue, _ instrument: TradedInstrument) throws -> DryRunBook {
        var book = DryRunBook()
        book.load(bids: try levels(json[0], instrument), asks: try levels(json[1], instrument))
        return book
    }

    private static func levels(_ json: JSONValue?, _ instrument: TradedInstrument) throws -> [BookLevel] {
        let numbers = try #require(json?.elements).map { try #require($0.integer) }
        let (tick, step) = (instrument.priceTick, instrument.quantityStep)
        return stride(from: 0, to: numbers.count, by: 2).map { index in
            BookLevel(
                Price(units: numbers[index] * tick.units, decimals: Int(tick.decimals)),
                Quantity(units: numbers[index + 1] * step.units, decimals: Int(step.decimals)))
        }
    }

    private static func line(_ json: JSONValue, number: Int, _ instrument: TradedInstrument) throws -> Line {
        let price: Price = try #require(json["price"]?.fixedPoint())
        let side = try #require(json["side"]?.text.flatMap(OrderSide.init))
        let kind: OrderKind =
            switch json["kind"]?.text {
            case "market": .market
            case "limit": .limit(price)
            default: try stop(json, price, side, instrument)
            }
        let request = OrderRequest(
            ticket: OrderTicket(UInt64(number)), trade: TradeNumber(1), pair: instrument.pair, side: side, kind: kind,
            quantity: try #require(json["quantity"]?.fixedPoint()), purpose: kind == .market ? .exit : .entry)
        let answers = try #require(json["answers"]?.elements).map { try answer($0) }
        return Line(request: request, reference: kind == .market ? price : nil, answers: answers)
    }

    /// freqtrade has rounded the trigger and made the limit; a rejected one tells neither, and is asked for at the trigger.
    private static func stop(_ json: JSONValue, _ price: Price, _ side: OrderSide, _ instrument: TradedInstrument) throws
        -> OrderKind
    {
        guard let trigger: Price = json["trigger"]?.fixedPoint(), let limit: Price = json["limit"]?.fixedPoint() else {
            return .stopLoss(trigger: price)
        }
        return trigger == limit ? .stopLoss(trigger: trigger) : .stopLossLimit(trigger: trigger, price: limit)
    }

    private static func answer(_ json: JSONValue) throws -> Answer {
        var answer = Answer(
            book: Int(try #require(json["book"]?.integer)), status: try #require(json["status"]?.text),
            average: json["average"]?.fixedPoint())
        if answer.status == "closed" {
            answer.cost = try #require(json["cost"]?.double)
            answer.fee = try #require(json["fee"]?.double)
        }
        return answer
    }
}
