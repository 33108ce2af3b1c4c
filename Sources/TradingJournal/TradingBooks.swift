package import Exchange
package import Market
package import Money
package import Orders
package import TradingLoop

/// What the records of one job add up to: orders, trades, profit. The same at the worker and wherever the records were sent to.
package struct TradingBooks: Sendable {
    package private(set) var orders = OrderLedger()
    /// Trades by number.
    package private(set) var trades: [TradeNumber: TradeReport] = [:]
    /// The last ones, oldest first; all of them where the market is kept.
    package private(set) var decisions: [Decision] = []
    /// The close of the newest candle of each pair.
    package private(set) var lastCloses: [Pair: (time: Timestamp, close: Double)] = [:]
    /// Candles that were decided on, in the order of the journal; kept only where asked for.
    package private(set) var candles: [(pair: Pair, candle: Candle)] = []
    /// What the job was bound to when it began, and the candles before the first one that it decided on; kept only where asked for.
    package private(set) var instruments: [Pair: Instrument] = [:]
    package private(set) var histories: [Pair: [Candle]] = [:]
    package private(set) var recordCount: UInt64 = 0
    /// Newest state of the loop by kind and key, without trades that are over, and of a dry-run's venue: what a restart begins with.
    package private(set) var loopRecords: [LoopKey: TradingRecord] = [:]
    package private(set) var dryRunVenue: [UInt8]?
    /// Newest state of a live account's risk.
    package private(set) var risk: [UInt8]?
    /// What a live job's account had when the job began; nil where no record says so.
    package private(set) var startBalances: [Balance]?

    private var newestCandle: Timestamp?
    /// The newest time that a record names, of a candle or a reading of the account.
    package var newestTime: Timestamp? { [newestCandle, orders.reconciledAt].compactMap { $0 }.max() }
    /// Records after this time may be missing: the journal was lost, and came back out of the coordinator's store.
    package private(set) var restoredSince: Timestamp?

    private let keepsCandles: Bool
    private static let decisionLimit = 1000

    package struct LoopKey: Hashable, Sendable {
        package var kind: TradingRecord.Kind
        package var key: UInt64
    }

    /// - Parameter keepsCandles: whether candles, instruments and all decisions are kept, which a replay needs.
    package init(keepsCandles: Bool = false) { self.keepsCandles = keepsCandles }

    /// The next record of the job.
    ///
    /// - Throws: `TradingBooksError` with the record's number; nothing was changed then.
    package mutating func take(_ bytes: [UInt8]) throws(TradingBooksError) {
        do {
            try take(JournalRecord(decoding: bytes))
        } catch let error as TradingBooksError {
            throw error
        } catch {
            throw TradingBooksError(record: recordCount + 1, problem: "\(error)")
        }
    }

    package mutating func take(_ record: JournalRecord) throws(TradingBooksError) {
        if case .note(let kind, let bytes) = record {
            do throws(JournalNoteError) {
                if let note = try JournalNote(kind: kind, bytes) { take(note) }
            } catch { throw TradingBooksError(record: recordCount + 1, problem: "\(error)") }
        } else {
            do throws(OrderLedger.Fault) { try orders.apply(record) } catch {
                throw TradingBooksError(record: recordCount + 1, problem: "\(error)")
            }
        }
        recordCount += 1
    }

    private mutating func take(_ note: JournalNote) {
        switch note {
        case .loop(let record): loopRecords[LoopKey(kind: record.kind, key: record.key)] = record
        case .dryRunVenue(let bytes): dryRunVenue = bytes
        case .risk(let bytes): risk = bytes
        case .startBalances(let balances): startBalances = balances
        case .trade(let report):
            trades[report.number] = report
            // Nothing of a trade that is over is restored.
            if report.state.isOver { loopRecords[LoopKey(kind: .trade, key: report.number.number)] = nil }
        case .decision(let decision):
            decisions.append(decision)
            if !keepsCandles, decisions.count > Self.decisionLimit { decisions.removeFirst(decisions.count - Self.decisionLimit) }
        case .restored(let since): restoredSince = min(restoredSince ?? since, since)
        case .candle(let pair, let candle):
            noteTime(candle.time)
            lastCloses[pair] = (candle.time, candle.close)
            if keepsCandles { candles.append((pair, candle)) }
        case .instrument(let instrument): if keepsCandles { instruments[instrument.pair] = instrument }
        case .history(let pair, let list):
            if let time = list.last?.time { noteTime(time) }
            if keepsCandles { histories[pair, default: []] += list }
        }
    }

    private mutating func noteTime(_ time: Timestamp) { newestCandle = max(newestCandle ?? time, time) }

    /// All that a live job's account had of a currency when the job began; nil where no record says so.
    package func startBalance(of asset: String) -> Amount? {
        guard let startBalances else { return nil }
        guard let balance = startBalances.first(where: { $0.asset == asset }) else { return .zero }
        return balance.free.adding(balance.locked)
    }

    /// Trades that are not over, in the order of their numbers.
    package var openTrades: [TradeReport] { sorted { !$0.isOver } }
    /// Trades that are over and had a position.
    package var closedTrades: [TradeReport] { sorted { $0 == .closed } }

    /// Orders of the trades whose loop state is kept, in no order.
    package var ordersOfOpenTrades: [OrderState] {
        orders.orders.values.filter { loopRecords[LoopKey(kind: .trade, key: $0.request.trade.number)] != nil }
    }

    private func sorted(_ isMeant: (TradeReport.State) -> Bool) -> [TradeReport] {
        trades.values.filter { isMeant($0.state) }.sorted { $0.number < $1.number }
    }
}

/// A record that does not fit.
package struct TradingBooksError: Error, Hashable, CustomStringConvertible {
    /// Its number.
    package var record: UInt64
    package var problem: String
    package var description: String { "record \(record): \(problem)" }
}
