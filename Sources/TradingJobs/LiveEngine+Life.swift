internal import Configuration
internal import Coordination
internal import Exchange
internal import Execution
internal import Fleet
internal import Halt
internal import LiveJob
internal import Logging
internal import Market
internal import Money
internal import OrderJournal
internal import Orders
internal import Risk
internal import TradingJournal
internal import TradingLoop

/// Start, ticks, the coordinator, a stop of the fleet, the end.
extension LiveEngine {
    /// Begins once the market is known and the coordinator has said that it has no record that the journal lacks.
    mutating func startIfReady() {
        guard !isStarted, end == nil, !isStopping, instance != nil, market.isKnown,
            records.kept != nil || !links.hasCoordinator
        else { return }
        feedBooks()
        do throws(LiveStartError) {
            guard let output = try instance?.start(records.books, now: instant) else { return }
            isStarted = true
            apply(output)
        } catch { return fail(JobFault(.internalError, "the live job cannot go on from \(records.journal.path): \(error)")) }
        let openTrades = records.books.openTrades.count
        log.notice(
            records.books.recordCount == 0 ? "the live job begins" : "the live job goes on from its journal",
            metadata: [
                "records": "\(records.books.recordCount)", "open_trades": "\(openTrades)", "gate": "\(gate.rawValue)",
                "account": "\(plan.accountName)",
            ])
        records.recordHistory(of: plan.job, market.instruments)
        streamStart = market.instruments.values.sorted { $0.pair < $1.pair }
        market.showBooksAgain()
        feedBooks()
        tick()
        if ordered != nil { apply(instance?.cancelOrders(now: instant)) }
        if let reset = earlyReset { resetBreaker(by: reset.person, reset.reason) }
        earlyReset = nil
    }

    mutating func tick() {
        if let patienceEnd {
            wake(at: patienceEnd)
            if now >= patienceEnd {
                log.warning("the coordinator does not have all records yet; it gets them when the job goes on")
                isOver = true
            }
        }
        guard end == nil else { return }
        if instance != nil { market.askForCandles(now: now) }
        if isStarted {
            apply(instance?.tick(now: instant))
            reportFigures()
        } else {
            wake(at: now.advanced(byMilliseconds: plan.job.settings.processThrottle))
        }
    }

    private mutating func reportFigures() {
        guard now >= reportDue ?? now else { return }
        reportDue = now.advanced(byMilliseconds: settings.reportInterval.wholeMilliseconds)
        let (metrics, profit) = (executor.metrics, ProfitSummary(records.books))
        log.info(
            "live",
            metadata: [
                "execution_mode": "\(metrics.executionMode.rawValue)", "uptime": "\(metrics.uptimeMilliseconds)",
                "trades_executed": "\(metrics.tradesExecuted)", "errors": "\(metrics.errors)",
                "exchange_connected": "\(isConnected)", "open_trades": "\(profit.openTrades)",
                "realized_profit": "\(profit.realized)",
                "equity": "\(instance?.risk.breaker.ledger.equity?.description ?? "unknown")",
            ])
    }

    // MARK: - The worker

    mutating func take(_ signal: UnitSignal) {
        switch signal {
        case .stop: stop()
        case .sendRecords(let first):
            do throws(JobFault) { links.records(first, try records.page(from: first)) } catch { fail(error) }
        case .recordsKept(let count): do throws(JobFault) { try records.keep(count) } catch { fail(error) }
        case .resetBreaker(let person, let reason): resetBreaker(by: person, reason)
        }
    }

    /// Before the start there is no breaker: it is kept until then.
    private mutating func resetBreaker(by person: String, _ reason: String) {
        guard end == nil else { return }
        guard isStarted else { return earlyReset = (person, reason) }
        log.notice("the circuit breaker is reset", metadata: ["by": "\(person)", "reason": "\(reason)"])
        apply(instance?.resetBreaker(by: person, reason: reason, now: instant))
    }

    private mutating func stop() {
        guard !isStopping else { return }
        isStopping = true
        guard end == nil else { return }
        if isStarted { apply(instance?.stop(now: instant)) } else { end = .stopped }
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
        wake(at: time)
    }

    // MARK: - A stop of the fleet

    /// The gate is closed by now. Before the start there is nobody who could read the venue: the answer comes once there is.
    mutating func cancelOrders(_ action: HaltAction) {
        log.notice("the halt cancels every order", metadata: ["action": "\(action)"])
        ordered = action
        guard isStarted else { return }
        apply(instance?.cancelOrders(now: instant))
    }

    /// What the venue has after the cancels. Positions stay: closing them by the halt is not part of this version.
    mutating func tellCanceled(_ remaining: [OrderLeft]) {
        let orders = remaining.map {
            HaltOrder(account: plan.account, pair: $0.pair, order: $0.order, reason: $0.reason)
        }
        for order in orders {
            log.warning("an order is left", metadata: ["order": "\(order.order)", "cause": "\(order.reason)"])
        }
        links.exchangeRead(.ordersCanceled(remaining: orders))
        guard ordered == .flatten else { return }
        let held = instance?.risk.positions.sorted { $0.key < $1.key } ?? []
        links.exchangeRead(
            .flat(
                remaining: held.map {
                    HaltResidual(
                        account: plan.account, asset: $0.key.base, amount: $0.value.description,
                        reason: "the stop cancels and does not sell yet: close it at the venue")
                }))
    }
}
