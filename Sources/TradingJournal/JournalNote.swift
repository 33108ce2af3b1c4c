package import Exchange
package import Market
package import Orders
package import TradingLoop

/// What a job's journal has beside its orders: the notes in `JournalRecord.note`, JSON each.
package enum JournalNote: Hashable, Sendable {
    /// State of the trading loop: of each kind and key the newest counts.
    case loop(TradingRecord)
    /// The state of a dry-run's simulated venue; the newest counts.
    case dryRunVenue([UInt8])
    /// What is kept of the account's risk (`RiskState.snapshot`); the newest counts.
    case risk([UInt8])
    /// A trade as people see it; of each number the newest counts.
    case trade(TradeReport)
    /// Why something was or was not done.
    case decision(Decision)
    /// A closed candle that the loop decided on, so that a backtest can be held against it.
    case candle(Pair, Candle)
    /// What a pair's orders were bound to when the job began.
    case instrument(Instrument)
    /// Candles before the first one that was decided on, oldest first: part of what the strategy's indicators were warmed up with.
    case history(Pair, [Candle])
    /// All that a live job's account had when the job began, before its first order.
    case startBalances([Balance])
    /// The records before this one came back out of the coordinator's store, since the journal had been lost: those after `since`, which nobody had
    /// acknowledged, may be missing.
    case restored(since: Timestamp)

    /// The number in the journal. Never used for anything else.
    private enum Kind: UInt16, CaseIterable {
        case loopJob = 1, loopTrade, dryRunVenue, trade, decision, candle, instrument, history, risk, startBalances,
            restored
    }

    /// Nil for a note of another kind, which a newer program may have written.
    package init?(kind number: UInt16, _ bytes: [UInt8]) throws(JournalNoteError) {
        guard let kind = Kind(rawValue: number) else { return nil }
        if kind == .dryRunVenue || kind == .risk {
            self = kind == .risk ? .risk(bytes) : .dryRunVenue(bytes)
            return
        }
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch { throw JournalNoteError(kind: number, problem: "\(error)") }
        let reader = NoteReader(kind: number, value: value)
        switch kind {
        case .loopJob: self = .loop(TradingRecord(kind: .job, key: 0, bytes: bytes))
        case .loopTrade:
            guard let key = value["number"]?.digits.flatMap({ UInt64($0) }), let state = value["state"] else {
                throw JournalNoteError(kind: number, problem: "it has no number or state")
            }
            self = .loop(TradingRecord(kind: .trade, key: key, bytes: state.bytes))
        case .trade: self = .trade(try reader.trade())
        case .decision: self = .decision(try reader.decision())
        case .candle: self = try reader.candle()
        case .instrument: self = .instrument(try reader.instrument())
        case .history: self = try reader.history()
        case .startBalances: self = .startBalances(try reader.balances())
        case .restored: self = .restored(since: try reader.time("since"))
        case .dryRunVenue, .risk: return nil
        }
    }

    package var record: JournalRecord {
        switch self {
        case .loop(let record) where record.kind == .job: .note(kind: Kind.loopJob.rawValue, record.bytes)
        case .loop(let record): .note(kind: Kind.loopTrade.rawValue, Self.numbered(record))
        case .dryRunVenue(let bytes): .note(kind: Kind.dryRunVenue.rawValue, bytes)
        case .risk(let bytes): .note(kind: Kind.risk.rawValue, bytes)
        case .trade(let report): .note(kind: Kind.trade.rawValue, report.json.bytes)
        case .decision(let decision): .note(kind: Kind.decision.rawValue, decision.json.bytes)
        case .candle(let pair, let candle): .note(kind: Kind.candle.rawValue, candle.json(pair).bytes)
        case .instrument(let instrument): .note(kind: Kind.instrument.rawValue, instrument.json.bytes)
        case .history(let pair, let candles): .note(kind: Kind.history.rawValue, Candle.json(pair, candles).bytes)
        case .startBalances(let balances): .note(kind: Kind.startBalances.rawValue, Balance.json(balances).bytes)
        case .restored(let since):
            .note(kind: Kind.restored.rawValue, (["since": .integer(since.milliseconds)] as JSONValue).bytes)
        }
    }

    /// What the journal of a new job begins with, so that the job can be replayed from its records alone: a pair's rules and the candles
    /// before the first that is decided on.
    package static func beginning(_ instrument: Instrument, history: [Candle]) -> [JournalNote] {
        [.instrument(instrument)]
            + stride(from: 0, to: history.count, by: historyChunk).map { first in
                .history(instrument.pair, Array(history[first..<min(first + historyChunk, history.count)]))
            }
    }

    /// Candles in one note: some ten kilobytes.
    private static let historyChunk = 200

    private static func numbered(_ record: TradingRecord) -> [UInt8] {
        Array("{\"number\":\(record.key),\"state\":".utf8) + record.bytes + [UInt8(ascii: "}")]
    }
}

/// Why a note cannot be read.
package struct JournalNoteError: Error, Hashable, CustomStringConvertible {
    package var kind: UInt16
    package var problem: String
    package var description: String { "a note of kind \(kind) in the journal cannot be read: \(problem)" }
}
