import Coordination
import Exchange
import Fleet
import FleetProtocol
import Market
import Money
import Orders
import TradingJournal
import TradingLoop

@testable import PragmaCLI

/// Jobs and records made by hand, and a coordinator that answers questions about them.
struct TradingFixture {
    static let bitcoin = Pair("BTC/USDT") ?? { preconditionFailure("a pair") }()

    static func amount(_ text: String) -> Amount { Amount(text) ?? { preconditionFailure("an amount: \(text)") }() }
    static func quantity(_ text: String) -> Quantity { Quantity(text) ?? { preconditionFailure("a quantity: \(text)") }() }
    static func price(_ text: String) -> Price { Price(text) ?? { preconditionFailure("a price: \(text)") }() }
    /// Minutes after 2026-01-01.
    static func time(_ minutes: Int64) -> Timestamp { Timestamp(milliseconds: 1_767_225_600_000 + minutes * 60_000) }

    static func trade(
        _ number: UInt64, _ state: TradeReport.State = .open, cash: String = "-100", held: String = "2", closed: Int64? = nil
    ) -> TradeReport {
        TradeReport(
            number: TradeNumber(number), pair: bitcoin, state: state, enterTag: "cross",
            exitReason: state == .closed ? "roi" : "",
            openTime: time(Int64(number)), closeTime: closed.map(time), held: amount(held), dust: .zero, openRate: 50,
            closeRate: 60,
            stake: 100, stop: 45, initialStop: 45, isStopTrailing: false, profitRatio: 0.1, profit: 10, cashFlow: amount(cash),
            fees: [FeeTotal(asset: "USDT", amount: amount("0.1"))], orderCount: 2)
    }

    static func record(_ trade: TradeReport) -> [UInt8] { JournalNote.trade(trade).record.encoded }

    static func candle(close: Double) -> [UInt8] {
        JournalNote.candle(bitcoin, Candle(time: time(5), open: 1, high: 1, low: 1, close: close, volume: 1)).record.encoded
    }

    static func decision(_ kind: Decision.Kind, _ text: String) -> [UInt8] {
        JournalNote.decision(Decision(kind: kind, pair: bitcoin, trade: TradeNumber(3), text: text, time: time(9))).record.encoded
    }

    /// A limit order that was filled by half, and a market order that nobody answered yet.
    static let orders: [[UInt8]] = [
        JournalRecord.intended(intended(1, .limit(price("50.5")), minute: 1)).encoded,
        JournalRecord.sent(OrderTicket(1), time(1)).encoded,
        JournalRecord.outcome(
            OrderOutcome(ticket: OrderTicket(1), event: .opened, venueOrderID: VenueOrderID("V1"), time: time(2))
        ).encoded,
        JournalRecord.fill(
            OrderTicket(1),
            Fill(
                tradeID: "T1", venueOrderID: VenueOrderID("V1"), clientOrderID: nil, symbol: "BTCUSDT", side: .buy,
                price: price("50"),
                quantity: quantity("1"), fee: amount("0.05"), feeAsset: "USDT", isMaker: false, time: time(3))
        ).encoded,
        JournalRecord.intended(intended(2, .stopLossLimit(trigger: price("45"), price: price("44")), minute: 4)).encoded,
    ]

    private static func intended(_ ticket: UInt64, _ kind: OrderKind, minute: Int64) -> IntendedOrder {
        IntendedOrder(
            request: OrderRequest(
                ticket: OrderTicket(ticket), trade: TradeNumber(1), pair: bitcoin, side: ticket == 1 ? .buy : .sell, kind: kind,
                quantity: quantity("2"), purpose: ticket == 1 ? .entry : .stopLoss, tag: "cross"),
            clientOrderID: ClientOrderID("c\(ticket)"), deadline: time(100), time: time(minute))
    }

    static func job(
        _ id: Int64, kind: TradingJob.Kind = .dryRun, state: JobState = .running, exchange: String = "paper-binance",
        strategy: String = "EmaCross", currency: String = "USDT"
    ) -> TradingJob {
        TradingJob(
            id: JobID(id), kind: kind, state: state, group: "g", exchange: exchange, strategy: strategy, stakeCurrency: currency)
    }

    static func books(_ records: [[UInt8]]) throws -> TradingBooks {
        var books = TradingBooks()
        for record in records { try books.take(record) }
        return books
    }

    // MARK: - A coordinator

    struct Stored {
        var job: TradingJob
        var records: [[UInt8]] = []
        var payload: [UInt8]?
        var lineKind: JobKind?
    }

    var stored: [Stored]
    /// Records in one answer.
    var pageSize = 2

    private func line(_ stored: Stored) -> JobLine {
        JobLine(
            id: stored.job.id, address: JobAddress(Digest256(words: (1, 2, 3, UInt64(stored.job.id.rawValue)))),
            kind: stored.lineKind ?? (stored.job.kind == .live ? .live : .dryRun), group: stored.job.group, priority: 0,
            state: stored.job.state, combinationCount: 1, unitCount: 1, completedUnits: 0, failedUnits: 0, unitsOut: 1,
            submittedAtMilliseconds: 0, changedAtMilliseconds: 0)
    }

    static func payload(_ job: TradingJob, kind: String? = nil, mode: String? = nil) -> [UInt8] {
        let configuration = """
            {"exchange":{"name":"\(job.exchange)"},"execution":{"mode":"\(mode ?? job.kind.rawValue)"},\
            "stake_currency":"\(job.stakeCurrency)","strategy":"\(job.strategy)"}
            """
        return JobSpecification(
            kind: kind ?? job.kind.rawValue, configuration: Array(configuration.utf8), dataFolder: "", dataFiles: [],
            executable: [UInt8](repeating: 7, count: 32), submission: [UInt8](repeating: 1, count: 16)
        ).encoded()
    }

    func ask(_ query: ClientQuery) throws(FleetError) -> QueryAnswer {
        switch query {
        case .list(let filter):
            let found = stored.map(line).filter { line in
                filter.kinds.contains(line.kind) && (filter.before.map { line.id.rawValue < $0.rawValue } ?? true)
            }
            return .jobs(Array(found.sorted { $0.id.rawValue > $1.id.rawValue }.prefix(filter.limit)))
        case .show(let id):
            guard let found = stored.first(where: { $0.job.id == id }) else {
                throw FleetError(.refused, "there is no job \(id)")
            }
            let payload = found.payload ?? Self.payload(found.job)
            return .job(JobAnswer(line: line(found), log: [], attempts: [], payload: payload, lateReports: 0))
        case .records(let id, let first):
            let all = stored.first { $0.job.id == id }?.records ?? []
            let rest = all.dropFirst(Int(first) - 1)
            return .records(
                RecordsPage(job: id, first: first, records: Array(rest.prefix(pageSize)), hasMore: rest.count > pageSize))
        default: throw FleetError(.system, "not asked for here")
        }
    }

    func books(_ scope: FleetBooks.Scope = FleetBooks.Scope()) -> FleetBooks {
        FleetBooks(ask: { query throws(FleetError) in try ask(query) }, scope: scope)
    }
}
