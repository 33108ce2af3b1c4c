internal import Configuration
internal import Coordination
internal import DryRunJob
internal import Exchange
internal import Execution
internal import Fleet
internal import Halt
internal import Logging
internal import Market
internal import Money
internal import OrderJournal
internal import TradingJournal
internal import TradingLoop

/// Start, ticks, the coordinator, the end.
extension DryRunEngine {
    /// Begins once the market is known and the coordinator has said that it has no record that the journal lacks.
    mutating func startIfReady() {
        guard !isStarted, end == nil, !isStopping, instance != nil, plan.pairs.allSatisfy(candles.isKnown),
            kept != nil || !links.hasCoordinator
        else { return }
        do throws(DryRunStartError) {
            guard let output = try instance?.start(books, now: now) else { return }
            isStarted = true
            apply(output)
        } catch { return fail(JobFault(.internalError, "the dry-run cannot go on from \(journal.path): \(error)")) }
        let openTrades = books.openTrades.count
        log.info(
            books.recordCount == 0 ? "the dry-run begins" : "the dry-run goes on from its journal",
            metadata: ["records": "\(books.recordCount)", "open_trades": "\(openTrades)", "gate": "\(gate.rawValue)"])
        recordHistory()
        apply(instance?.gate(gate, now: now))
        // The simulated venue was restored without books.
        changedBooks = liveBooks
        feedBooks()
        tick()
    }

    /// Of a new job what it begins with and the newest candle, which is the first that is decided on; of an older one all since its last
    /// record.
    private mutating func recordHistory() {
        for pair in plan.pairs {
            let list = unrecorded[pair] ?? []
            if books.recordCount == 0, let instrument = instruments[pair] {
                let rules = plan.usualFees?.filled(into: instrument) ?? instrument
                batch += JournalNote.beginning(rules.instrument, history: Array(list.dropLast())).map(\.record)
            }
            let known = books.lastCloses[pair]?.time
            let missing = known.map { time in list.filter { $0.time > time } } ?? Array(list.suffix(1))
            batch += missing.map { JournalNote.candle(pair, $0).record }
        }
        unrecorded = [:]
    }

    mutating func tick() {
        if let patienceEnd {
            nextWake = patienceEnd
            if now >= patienceEnd {
                log.warning("the coordinator does not have all records yet; it gets them when the job goes on")
                isOver = true
            }
        }
        guard end == nil else { return }
        askForCandles()
        if isStarted {
            apply(instance?.tick(now: now))
            reportFigures()
        } else {
            nextWake = now.advanced(byMilliseconds: plan.settings.processThrottle)
        }
    }

    private mutating func reportFigures() {
        guard now >= reportDue ?? now else { return }
        reportDue = now.advanced(byMilliseconds: settings.reportInterval.wholeMilliseconds)
        let (metrics, profit) = (executor.metrics, ProfitSummary(books))
        log.info(
            "dry-run",
            metadata: [
                "execution_mode": "\(metrics.executionMode.rawValue)", "uptime": "\(metrics.uptimeMilliseconds)",
                "trades_executed": "\(metrics.tradesExecuted)", "errors": "\(metrics.errors)",
                "exchange_connected": "\(executor.health(memoryUsage: 0, cpuUsage: 0).exchangeConnected ?? false)",
                "open_trades": "\(profit.openTrades)", "realized_profit": "\(profit.realized)",
            ])
    }

    // MARK: - The worker

    mutating func take(_ signal: UnitSignal) {
        switch signal {
        case .stop: stop()
        case .sendRecords(let first): send(from: first)
        case .recordsKept(let count): keep(count)
        }
    }

    private mutating func stop() {
        guard !isStopping else { return }
        isStopping = true
        guard end == nil else { return }
        if isStarted { apply(instance?.stop(now: now)) } else { end = .stopped }
    }

    /// After the end the coordinator gets the rest, for a while.
    mutating func finishIfKept() {
        guard end != nil, !isOver else { return }
        guard links.hasCoordinator, kept.map({ $0 < UInt64(clamping: journal.lastSequence) }) ?? (journal.lastSequence > 0) else {
            isOver = true
            return
        }
        guard patienceEnd == nil else { return }
        let time = now.advanced(byMilliseconds: settings.recordPatience.wholeMilliseconds)
        patienceEnd = time
        nextWake = time
    }

    private mutating func send(from first: UInt64) {
        let entries: [OrderJournal.Entry]
        do {
            entries = try journal.entries(from: Int64(clamping: first), limit: RecordBatch.recordLimit)
        } catch { return fail(JobFault(error)) }
        var records: [[UInt8]] = []
        var bytes = 0
        for entry in entries {
            records.append(entry.bytes)
            bytes += entry.bytes.count
            if bytes >= RecordBatch.batchBytes { break }
        }
        links.records(first, records)
    }

    private mutating func keep(_ count: UInt64) {
        kept = count
        let own = UInt64(clamping: journal.lastSequence)
        guard count <= own else {
            return fail(
                JobFault(
                    .dataMissing,
                    "the journal \(journal.path) has \(own) records, and the coordinator has \(count) of this job: run it on the worker "
                        + "whose home has the newer journal, or put that file back; nothing was traded from the older one"))
        }
        do { try journal.acknowledge(upTo: Int64(clamping: count)) } catch { fail(JobFault(error)) }
    }

    // MARK: - A stop of the fleet

    /// The gate is closed by now. Positions stay: there is nothing at stake in them.
    mutating func cancelOrders(_ action: HaltAction) {
        log.notice("the halt cancels every order", metadata: ["action": "\(action)"])
        apply(instance?.cancelOrders(now: now))
    }

    func leftovers(after action: HaltAction) -> AckStage {
        guard action == .flatten else { return .ordersCanceled(remaining: []) }
        let held = books.openTrades.filter { !$0.held.isZero }
        return .flat(
            remaining: held.map {
                HaltResidual(
                    account: "dry-run", asset: $0.pair.base, amount: $0.held.description,
                    reason: "a simulated position; the stop leaves it as it is")
            })
    }
}
