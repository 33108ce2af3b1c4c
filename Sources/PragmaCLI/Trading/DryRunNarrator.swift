internal import Fleet
internal import Market
internal import Money
internal import Orders
internal import TradingJournal
internal import TradingLoop

/// Something that happened in a job and that is worth telling, with documented keys.
struct TradingEvent: Encodable, Equatable {
    /// `opened`, `closed`, `dropped` (an entry that bought nothing), `decision`, `problem`; of the job itself `submitted`, `state`, `note`.
    var event: String
    var job: Int64
    var time: String?
    var pair: String?
    var trade: UInt64?
    /// The kind of a decision, or the state of the job.
    var kind: String?
    var text: String
    /// In stake currency, exactly.
    var profit: String?

    /// As a line for people.
    var line: String {
        var parts = [time.map(Format.shortTime) ?? "", pair ?? "", text]
        parts.removeAll { $0.isEmpty }
        return parts.joined(separator: "  ")
    }
}

/// Picks what a person wants to hear out of a job's records. It keeps nothing but the numbers of open trades and of the last closed ones.
struct DryRunNarrator {
    let job: Int64
    let stakeCurrency: String
    private var open: Set<TradeNumber> = []
    private var over: [TradeNumber] = []
    private var recordCount: UInt64 = 0

    private static let overLimit = 1000

    init(job: Int64, stakeCurrency: String) {
        self.job = job
        self.stakeCurrency = stakeCurrency
    }

    /// What the next record tells; nil: nothing that is worth a line.
    mutating func take(_ bytes: [UInt8]) -> TradingEvent? {
        recordCount += 1
        do {
            guard case .note(let kind, let inner) = try JournalRecord(decoding: bytes),
                let note = try JournalNote(kind: kind, inner)
            else { return nil }
            switch note {
            case .trade(let report): return take(report)
            case .decision(let decision): return Self.isTold(decision.kind) ? event(decision) : nil
            case .loop, .dryRunVenue, .candle, .risk, .instrument, .history, .startBalances, .restored: return nil
            }
        } catch {
            return TradingEvent(event: "problem", job: job, text: "record \(recordCount): \(error)")
        }
    }

    private mutating func take(_ report: TradeReport) -> TradingEvent? {
        guard !over.contains(report.number) else { return nil }
        switch report.state {
        case .opening: return nil
        case .open, .closing: return open.insert(report.number).inserted ? opened(report) : nil
        case .closed, .dropped:
            open.remove(report.number)
            over.append(report.number)
            if over.count > Self.overLimit { over.removeFirst() }
            return report.state == .closed ? closed(report) : event(report, "dropped", "bought nothing")
        }
    }

    private func opened(_ report: TradeReport) -> TradingEvent {
        let tag = report.enterTag.isEmpty ? "" : " (\(report.enterTag))"
        return event(
            report, "opened", "opened: \(report.held) \(report.pair.base) at \(Format.figure(report.openRate))\(tag)")
    }

    private func closed(_ report: TradeReport) -> TradingEvent {
        var result = event(
            report, "closed",
            "closed at \(Format.figure(report.closeRate)) (\(report.exitReason)): \(report.cashFlow) \(stakeCurrency), \(Format.percent(report.profitRatio))",
            at: report.closeTime)
        result.profit = report.cashFlow.description
        return result
    }

    private func event(_ report: TradeReport, _ name: String, _ text: String, at time: Timestamp? = nil) -> TradingEvent {
        TradingEvent(
            event: name, job: job, time: (time ?? report.openTime).iso8601, pair: report.pair.description,
            trade: report.number.number, text: "trade \(report.number) \(text)")
    }

    private func event(_ decision: Decision) -> TradingEvent {
        TradingEvent(
            event: "decision", job: job, time: decision.time.iso8601, pair: decision.pair?.description,
            trade: decision.trade?.number, kind: decision.kind.rawValue, text: decision.text)
    }

    /// What goes as it should, or comes with every candle, is left out: placed orders show as trades, and a full house is no news.
    static func isTold(_ kind: Decision.Kind) -> Bool {
        switch kind {
        case .noFreeSlot, .pairLocked, .expiredSignal, .entryPlaced, .exitPlaced, .stopPlaced, .lateUpdate: false
        case .outdatedCandles, .entriesPaused, .gateClosed, .noPrice, .noWallet, .stakeUnavailable, .stakeTooSmall, .notTradable,
            .entryFailed, .exitFailed, .belowMinimum, .notEnoughToExit, .keptOpen, .stopFailed, .timedOut:
            true
        }
    }
}
