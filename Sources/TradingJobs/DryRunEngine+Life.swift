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
        guard !isStarted, end == nil, !isStopping, instance != nil, market.isKnown,
            records.kept != nil || !links.hasCoordinator
        else { return }
        do throws(DryRunStartError) {
            guard let output = try instance?.start(records.books, now: now) else { return }
            isStarted = true
            apply(output)
        } catch { return fail(JobFault(.internalError, "the dry-run cannot go on from \(records.journal.path): \(error)")) }
        let openTrades = books.openTrades.count
        log.info(
            books.recordCount == 0 ? "the dry-run begins" : "the dry-run goes on from its journal",
            metadata: ["records": "\(books.recordCount)", "open_trades": "\(openTrades)", "gate": "\(gate.rawValue)"])
        records.recordHistory(of: plan.job, market.instruments)
        apply(instance?.gate(gate, now: now))
        // The simulated venue was restored without books.
        market.showBooksAgain()
        feedBooks()
        tick()
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
        if instance != nil { market.askForCandles(now: now) }
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
        case .sendRecords(let first):
            do throws(JobFault) { links.records(first, try records.page(from: first)) } catch { fail(error) }
        // Only an account at a venue has a breaker.
        case .resetBreaker: break
        case .recordsKept(let count): do throws(JobFault) { try records.keep(count) } catch { fail(error) }
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
        guard !records.isKept(hasCoordinator: links.hasCoordinator) else {
            isOver = true
            return
        }
        guard patienceEnd == nil else { return }
        let time = now.advanced(byMilliseconds: settings.recordPatience.wholeMilliseconds)
        patienceEnd = time
        nextWake = time
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
