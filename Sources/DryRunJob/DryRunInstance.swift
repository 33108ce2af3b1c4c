package import DryRun
package import Exchange
package import Market
import Money
package import Orders
package import Strategies
package import TradingJournal
package import TradingLoop

/// A dry-run as one value: the trading loop and the simulated venue that its orders go to.
///
/// Pure. A shell feeds market data, time and the gate in, commits the records of each answer in one transaction, and carries nothing else
/// out: there is nothing to be sent. After a crash `restore` continues from the records that were committed, those of one input all or none.
package struct DryRunInstance: Sendable {
    /// What came of one input.
    package struct Output: Sendable {
        /// To be committed together, before the next input.
        package var records: [JournalRecord] = []
        /// Trades that changed, for display.
        package var trades: [TradeReport] = []
        package var decisions: [Decision] = []
        /// Orders that were placed and fills that came, for figures.
        package var placed = 0
        package var fills = 0
        /// `tick` is due then at the latest.
        package var wakeAt: Timestamp?
        /// After `stop`: nothing more is to come.
        package var isFinished = false
    }

    private(set) package var loop: TradingInstance
    private(set) package var venue: DryRunVenue
    private let instruments: [Pair: TradedInstrument]
    /// Of the venue, as it was last recorded.
    private var recordedVenue: [UInt8] = []
    private var now = Timestamp(milliseconds: 0)

    /// A new dry-run, or one to be restored. Nothing happens before `start`.
    package init(
        settings: TradingSettings, strategy: any Strategy, whitelist: [Pair], instruments: [TradedInstrument],
        wallet: DryRunWallet, rules: DryRunRules, gate: GateMode
    ) throws(TradingError) {
        loop = try TradingInstance(
            settings: settings, strategy: strategy, whitelist: whitelist, instruments: instruments, gate: gate)
        venue = DryRunVenue(wallet: wallet, rules: rules)
        self.instruments = Dictionary(instruments.map { ($0.pair, $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: - Start

    /// Begins, after the history of each pair was given, and its book where that is known. `books`: what the journal's records add up to.
    package mutating func start(_ books: TradingBooks, now time: Timestamp) throws(DryRunStartError) -> Output {
        now = time
        if let bytes = books.dryRunVenue {
            do throws(DryRunSnapshotError) { try venue.restore(bytes) } catch { throw DryRunStartError(problem: "\(error)") }
            recordedVenue = bytes
        }
        do throws(TradingError) {
            let orders = books.ordersOfOpenTrades.map { $0.update(time: time) }
            let records = books.loopRecords.values.sorted { ($0.kind.rawValue, $0.key) < ($1.kind.rawValue, $1.key) }
            let directives = try loop.start(records: records, orders: orders, balances: balances, now: time)
            return run(directives)
        } catch { throw DryRunStartError(problem: "\(error)") }
    }

    // MARK: - Inputs

    /// The closed candles of a pair before the first `candle`.
    package mutating func history(_ pair: Pair, _ candles: Candles, now time: Timestamp) -> Output {
        now = time
        return run(loop.history(pair, candles, now: time))
    }

    /// A candle of a pair is over.
    package mutating func candle(_ pair: Pair, _ candle: Candle, now time: Timestamp) -> Output {
        now = time
        var output = run(loop.candle(pair, candle, now: time))
        output.records.insert(JournalNote.candle(pair, candle).record, at: 0)
        return output
    }

    /// The upper levels of a pair's book, best first. Waiting orders are filled before the loop looks at the prices.
    package mutating func book(_ pair: Pair, bids: [BookLevel], asks: [BookLevel], now time: Timestamp) -> Output {
        now = time
        let updates = venue.book(pair, bids: bids, asks: asks, at: time)
        var output = take(updates)
        output.append(run(loop.book(pair, bids: bids, asks: asks, now: time)))
        return output
    }

    /// The market of a pair is not known any more: nothing is filled in it until its next book.
    package mutating func lostMarket(_ pair: Pair) { venue.lostMarket(pair) }

    package mutating func tick(now time: Timestamp) -> Output {
        now = time
        return run(loop.tick(now: time))
    }

    package mutating func gate(_ mode: GateMode, now time: Timestamp) -> Output {
        now = time
        return run(loop.gate(mode, now: time))
    }

    /// Cancels every order that waits, stops included. The gate should be closed before, so that none is placed again.
    package mutating func cancelOrders(now time: Timestamp) -> Output {
        now = time
        var output = Output()
        var updates: [OrderUpdate] = []
        for ticket in venue.workingTickets {
            output.records.append(.cancelRequested(ticket, now))
            updates += venue.cancel(ticket, at: now)
        }
        output.append(take(updates))
        return output
    }

    /// The job is to end.
    package mutating func stop(now time: Timestamp) -> Output {
        now = time
        return run(loop.stopRequested(now: time))
    }

    // MARK: - Carrying out

    private var balances: [Balance] { venue.wallet.balances }

    /// Carries out what the loop wants, and what it wants about that, to the end.
    private mutating func run(_ first: [TradingDirective]) -> Output {
        var output = Output()
        var queue = first[...]
        // Each round places or cancels something; a loop that never comes to an end would be a fault of ours.
        var rounds = 0
        while let directive = queue.popFirst() {
            let updates = carryOut(directive, &output)
            guard !updates.isEmpty else { continue }
            rounds += 1
            precondition(rounds < 10_000, "a dry-run places orders without end")
            for update in updates {
                note(update, &output)
                queue += loop.orderUpdate(update, now: now)
            }
            queue += loop.wallet(balances, isComplete: true, now: now)
        }
        if rounds > 0 { noteVenue(&output) }
        return output
    }

    /// What the venue did on its own: told to the loop, with what that leads to.
    private mutating func take(_ updates: [OrderUpdate]) -> Output {
        guard !updates.isEmpty else { return Output() }
        var output = Output()
        var directives: [TradingDirective] = []
        for update in updates {
            note(update, &output)
            directives += loop.orderUpdate(update, now: now)
        }
        directives += loop.wallet(balances, isComplete: true, now: now)
        output.append(run(directives))
        noteVenue(&output)
        return output
    }

    private mutating func carryOut(_ directive: TradingDirective, _ output: inout Output) -> [OrderUpdate] {
        switch directive {
        case .record(let record): output.records.append(JournalNote.loop(record).record)
        case .place(let request): return place(request, &output)
        case .cancel(let ticket, _):
            let updates = venue.cancel(ticket, at: now)
            if !updates.isEmpty { output.records.append(.cancelRequested(ticket, now)) }
            return updates
        case .trade(let report):
            output.trades.append(report)
            output.records.append(JournalNote.trade(report).record)
        case .decision(let decision):
            output.decisions.append(decision)
            output.records.append(JournalNote.decision(decision).record)
        case .wakeAt(let time): output.wakeAt = min(output.wakeAt ?? time, time)
        case .finished: output.isFinished = true
        }
        return []
    }

    private mutating func place(_ request: OrderRequest, _ output: inout Output) -> [OrderUpdate] {
        output.placed += 1
        output.records.append(
            .intended(
                IntendedOrder(
                    request: request, clientOrderID: ClientOrderID("dry-\(request.ticket)"), deadline: now, time: now)))
        guard let instrument = instruments[request.pair] else {
            return [
                OrderUpdate(
                    ticket: request.ticket, status: .rejected, filled: .zero, cost: .zero, fees: [],
                    reason: "the venue does not list \(request.pair)", time: now)
            ]
        }
        return venue.place(request, on: instrument, at: now)
    }

    private func note(_ update: OrderUpdate, _ output: inout Output) {
        if let fill = update.fill {
            output.fills += 1
            output.records.append(.fill(update.ticket, fill))
        }
        guard let event = update.status.event else { return }
        output.records.append(
            .outcome(
                OrderOutcome(
                    ticket: update.ticket, event: event, filled: update.filled, reason: update.reason, time: update.time)))
    }

    /// The venue's state belongs to the records of every input that changed it: without it a restored venue would fill orders again.
    private mutating func noteVenue(_ output: inout Output) {
        let bytes = venue.snapshot()
        guard bytes != recordedVenue else { return }
        recordedVenue = bytes
        output.records.append(JournalNote.dryRunVenue(bytes).record)
    }
}

/// Why a dry-run cannot go on from its journal.
package struct DryRunStartError: Error, Hashable, CustomStringConvertible {
    package var problem: String
    package var description: String { problem }
}

extension DryRunInstance.Output {
    fileprivate mutating func append(_ other: DryRunInstance.Output) {
        records += other.records
        trades += other.trades
        decisions += other.decisions
        placed += other.placed
        fills += other.fills
        wakeAt = [wakeAt, other.wakeAt].compactMap { $0 }.min()
        isFinished = isFinished || other.isFinished
    }
}

extension OrderStatus {
    /// What the simulated venue says of an order in this state; nil for states that it never answers.
    fileprivate var event: OrderEvent? {
        switch self {
        case .open: .opened
        case .partiallyFilled: .partlyFilled
        case .filled: .filled
        case .canceled: .canceled
        case .expired: .expired
        case .rejected: .rejected
        case .intended, .submitted, .unknown, .denied, .notPlaced: nil
        }
    }
}
