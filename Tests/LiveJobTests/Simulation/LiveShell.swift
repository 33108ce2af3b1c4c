import Exchange
import Halt
import LiveGates
import LiveJob
import Market
import Matching
import Money
import Orders
import PaperExchange
import Risk
import SyntheticMarket
import TradingJournal
import TradingLoop

// The process: commits, then carries out; it may be killed between any two steps.
extension LiveWorld {
    /// Feeds one input and carries out what comes of it.
    mutating func input(_ body: (inout LiveInstance, RiskInstant) -> LiveInstance.Output) {
        guard var instance else { return }
        let output = body(&instance, instant.risk)
        self.instance = instance
        take(output)
    }

    mutating func take(_ output: LiveInstance.Output) {
        inspect(output)
        if plant == .sendsBeforeCommit { carryOut(output.directives) }
        if dies() { return }
        waiting += output.records
        // Records of which nothing is sent wait for others (`LiveEngine.settle`), here longer than there: until the next input.
        let mayWait = output.directives.isEmpty && !output.isFinished && !isStopped
        if !mayWait || waitsSince.map({ now.milliseconds - $0.milliseconds >= 10 }) ?? false { commitWaiting() }
        waitsSince = waiting.isEmpty ? nil : waitsSince ?? now
        if plant != .sendsBeforeCommit { carryOut(output.directives) }
        guard instance != nil else { return }
        if output.isFinished { isFinished = true }
        wake(output.wakeAt)
    }

    /// In one transaction.
    mutating func commitWaiting() {
        for record in waiting { commit(record) }
        waiting = []
        if let last = commits.last, last < journal.count { commits.append(journal.count) }
    }

    private mutating func commit(_ record: JournalRecord) {
        if plant == .forgetsFills, case .fill = record, random.chance(30) { return }
        journal.append(record.encoded)
        if case .intended(let order) = record { journaled.insert(order.clientOrderID) }
    }

    private mutating func carryOut(_ directives: [LiveDirective]) {
        for directive in directives {
            if dies() { return }
            carryOut(directive)
        }
    }

    private mutating func wake(_ time: Timestamp?) {
        guard let time = time?.advanced(byMilliseconds: -skew), wakeAt.map({ time < $0 }) ?? true else { return }
        wakeAt = time
        after(Int(max(1, time.milliseconds - now.milliseconds)), .wake(epoch: epoch))
    }

    /// SIGKILL.
    mutating func dies() -> Bool {
        guard instance != nil, !isHealed, random.below(400) == 0 else { return instance == nil }
        instance = nil
        figures.kills += 1
        figures.uncommitted += waiting.count
        waiting = []
        epoch += 1
        if losesJournal, lossRandom.chance(50) { loseJournal() }
        dropSession()
        wakeAt = nil
        // Longer than the timer runs, now and then.
        let isLong = setup.deadMan != nil && random.chance(25)
        after(isLong ? 20_000 + random.below(60_000) : 50 + random.below(4000), .restart)
        return true
    }

    /// The journal is lost with the process, and comes back out of the coordinator's store, which has all but the newest records. The job has a new
    /// grant; what was sent by the missing records is known to the venue alone.
    private mutating func loseJournal() {
        // Records that were committed together reach the store together.
        let ends = commits.filter { $0 >= stored }.suffix(15)
        guard let kept = ends.dropFirst(lossRandom.below(max(ends.count, 1))).first, kept > 0 else { return }
        let missing = journal.count - kept
        journal.removeLast(missing)
        commits.removeAll { $0 > kept }
        hasLost = true
        figures.lostJournals += 1
        figures.lostRecords += missing
        token += 1
        let since = (try? TradingBooks(adding: journal))?.newestTime ?? Timestamp(milliseconds: 0)
        if plant != .forgetsLost { journal.append(JournalNote.restored(since: since).record.encoded) }
        commits.append(journal.count)
        stored = journal.count
    }

    mutating func restart() {
        guard instance == nil else { return }
        do {
            var books = TradingBooks()
            for bytes in journal where !isForgotten(bytes) { try books.take(bytes) }
            var fresh = try setup.instance(venue, seed, token: token)
            for (pair, rows) in venue.candles.sorted(by: { $0.key < $1.key }) {
                let known = rows.filter { $0.time.milliseconds + 60_000 <= now.milliseconds }
                _ = fresh.history(pair, Candles(known), now: instant.risk)
                if let book = venue.book(pair) { _ = fresh.book(pair, bids: book.bids, asks: book.asks, now: instant.risk) }
            }
            let output = try fresh.start(books, now: instant.risk)
            instance = fresh
            fedGate = .halted
            take(output)
        } catch {
            violations.append("the job cannot go on from its journal: \(error)")
            return
        }
        feedGate()
        if isStopped { input { $0.stop(now: $1) } }
        // The guard of the worker asks again.
        if haltedSince != nil, gate == .halted {
            awaitsCanceled = true
            input { $0.cancelOrders(now: $1) }
        }
        after(random.below(300), .connect(connection: connection))
    }

    private func isForgotten(_ bytes: [UInt8]) -> Bool {
        guard plant == .forgetsIntended, case .intended(let order)? = try? JournalRecord(decoding: bytes) else { return false }
        let heard = journal.contains {
            if case .outcome(let outcome)? = try? JournalRecord(decoding: $0) {
                outcome.ticket == order.request.ticket
            } else {
                false
            }
        }
        return !heard
    }

    // MARK: - What comes out

    private mutating func inspect(_ output: LiveInstance.Output) {
        figures.take(output)
        if let refusal = output.refusal { violations.append("refused: \(refusal)") }
        for alarm in output.alarms where !alarm.contains("circuit breaker") { note(alarm: alarm) }
        for case .place(let sending) in output.directives {
            if sending.effect == .adds, fedGate != .active { violations.append("\(sending.ticket) adds while \(fedGate)") }
            if sending.effect == .reduces, fedGate == .halted { violations.append("\(sending.ticket) was placed while halted") }
            if sending.effect == .adds { checkTimer(before: sending) }
        }
        for case .canceled(let remaining) in output.directives { readBack(remaining) }
    }

    private mutating func note(alarm: String) {
        // A venue that refuses everything for long is what this is told for.
        if alarm.contains("cannot be reconciled") || alarm.contains("cannot be canceled") { return }
        if alarm.contains("dead-man timer"), now < healsAt.advanced(byMilliseconds: 15_000) {
            figures.timerAlarms += 1
            return
        }
        if hasLost, alarm.contains("its journal does not know") || alarm.contains("whose orders its fills are of") {
            figures.adopted += 1
            return
        }
        violations.append("alarm: \(alarm)")
    }

    /// What the answer to a halt says must be what the venue has.
    private mutating func readBack(_ remaining: [OrderLeft]) {
        figures.readBacks += 1
        guard haltedSince != nil, gate == .halted else { return }
        let open = venue.core.venue.engine.openOrders(of: venue.account).map { $0.clientID.description }
        let ours = open.filter { $0 != "by-hand" }
        if remaining.allSatisfy({ $0.reason.contains("somebody else") }) {
            awaitsCanceled = false
            if !ours.isEmpty { violations.append("all were canceled, and the venue has \(ours)") }
            // It is told with the reading that was just heard; one that was made since that began is not in it.
            if remaining.count != foreignInReading { violations.append("orders by hand are not told of: \(remaining)") }
        }
    }

    private mutating func carryOut(_ directive: LiveDirective) {
        switch directive {
        case .place(let sending): send(sending)
        case .cancel(let ticket, let reference, let pair, _):
            if plant == .dropsCancels { return }
            request(.cancel(ticket, reference, pair))
        case .lookUp(let ticket, let reference, let pair, let wait): request(.lookUp(ticket, reference, pair), wait)
        case .identify(let pair, let id): request(.identify(pair, id))
        case .reconcile(let reading, let wait):
            if plant == .neverReconciles, reading.number > 1 {
                let empty = ReconciliationSnapshot(openOrders: [], fills: [], balances: instance?.orders.balances ?? [])
                return after(1, .answer(.read(empty, reading.number), epoch: epoch))
            }
            request(.readOrders(reading), wait)
        case .deadMan(let number, let timeout):
            timerRequests.sent += 1
            if plant == .fakesTimer { return after(1, .answer(.deadMan(number: number, nil), epoch: epoch)) }
            request(.deadMan(number: number, timeout, order: timerRequests.sent))
        case .canceled: break
        }
    }

    private mutating func send(_ sending: OrderSending) {
        if !journaled.contains(sending.intent.clientOrderID) { violations.append("\(sending.ticket) was sent before its commit") }
        // Where the permit is asked, the write may have to wait for the venue's budget.
        if asksPermit {
            after(random.below(random.chance(80) ? 50 : 1200), .write(sending, epoch: epoch))
        } else {
            write(sending)
        }
    }

    mutating func write(_ sending: OrderSending) {
        if asksPermit, let refusal = permit(sending) {
            figures.permitRefusals += 1
            let reason = refusal.rawValue + ": " + refusal.description
            return input { $0.denied(sending.ticket, reason, now: $1) }
        }
        if sending.effect == .adds, gate != .active { violations.append("\(sending.ticket) was written while \(gate)") }
        if sending.effect != .flatten, gate == .halted { violations.append("\(sending.ticket) was written while halted") }
        request(.place(sending))
        if plant == .resends, random.chance(20) { after(300, .request(.place(sending), epoch: epoch)) }
    }

    private func permit(_ sending: OrderSending) -> OrderPermitRefusal? {
        let boot = BootInstant(nanoseconds: now.milliseconds * 1_000_000)
        let later = boot + BootDuration.milliseconds(1_000)
        let gate = OrderGate(
            activeUntil: gate == .active ? later : .never, reducingUntil: gate == .halted ? .never : later)
        let end = BootInstant(nanoseconds: sending.end.advanced(byMilliseconds: -skew).milliseconds * 1_000_000)
        return OrderPermit.decide(sending.effect, gate: gate, now: boot, leaseEnd: later, holder: .current, end: .at(end))
    }

    private mutating func request(_ request: Request, _ wait: Duration = .zero) {
        let delay = Int(wait.wholeMilliseconds) + 1 + random.below(random.chance(8) ? 2500 : 150)
        if loses(4) {
            if let answer = lost(request, isSent: false) { after(delay, .answer(answer, epoch: epoch)) }
        } else if loses(5) {
            if let answer = lost(request, isSent: true) { after(delay + 1500, .answer(answer, epoch: epoch)) }
        } else if loses(4) {
            // Nobody waits for it any more when it arrives.
            if let answer = lost(request, isSent: true) { after(300 + random.below(500), .answer(answer, epoch: epoch)) }
            after(1000 + random.below(4000), .request(request, epoch: -1))
        } else {
            after(delay, .request(request, epoch: epoch))
        }
    }

    // MARK: - What the process hears

    mutating func hear(_ answer: Answer) {
        switch answer {
        case .placed(let ticket, let result): input { $0.sendResult(ticket, result, now: $1) }
        case .canceled(let ticket, let result): input { $0.cancelResult(ticket, result, now: $1) }
        case .found(let ticket, var found):
            if plant == .givesUpAtOnce, case .absent = found { found = .absent(asked: Timestamp(milliseconds: .max)) }
            let heard = found
            input { $0.lookUpResult(ticket, heard, now: $1) }
        case .identified(let report): input { $0.accountEvent(.order(report, fill: nil), now: $1) }
        case .read(let snapshot, let number):
            let snapshot = tampered(snapshot)
            foreignInReading = snapshot.openOrders.count { $0.clientOrderID?.text == "by-hand" }
            input { $0.reconciled(snapshot, number: number, now: $1) }
        case .unread(let error, let number): input { $0.reconciliationFailed(error, number: number, now: $1) }
        case .deadMan(let number, let error): input { $0.deadManResult(number, error, now: $1) }
        }
    }

    private mutating func renamed(_ fill: Exchange.Fill) -> Exchange.Fill {
        guard plant == .countsFillsTwice else { return fill }
        var fill = fill
        deliveries += 1
        fill.tradeID += "/\(deliveries)"
        return fill
    }

    private mutating func tampered(_ snapshot: ReconciliationSnapshot) -> ReconciliationSnapshot {
        var snapshot = snapshot
        snapshot.fills = snapshot.fills.map { renamed($0) }
        return snapshot
    }

    /// A message of the account's stream.
    mutating func hear(_ bytes: [UInt8]) {
        let message: AccountInput
        do { message = try venue.trading.decodeAccount(bytes) } catch { return loseStream() }
        switch message {
        case .events(let events):
            for event in events {
                var event = event
                if case .order(let report, let fill?) = event { event = .order(report, fill: renamed(fill)) }
                let heard = event
                input { $0.accountEvent(heard, now: $1) }
                if case .ended = event { return loseStream() }
            }
        case .acknowledged(_, let error):
            if error != nil { return loseStream() }
            acknowledgements -= 1
            if acknowledgements == 0 { input { $0.streamReady(now: $1) } }
        case .closingSoon: loseStream()
        case .heartbeat, .ignored: break
        }
    }

    // MARK: - The stream

    mutating func connect() {
        guard instance != nil else { return }
        var token: String?
        if let call = venue.trading.streamToken() {
            var delay = 0
            guard case .success(let text) = venue.perform(call, at: now, clock: instant.time, delay: &delay) else {
                return after(1000, .connect(connection: connection))
            }
            token = text
        }
        let request = WebRequest(.get, venue.trading.accountStreamPath(token: token))
        guard venue.core.refusal(toOpen: request, now: now.milliseconds) == nil,
            let session = venue.core.open(request, peer: "p", now: now.milliseconds),
            let texts = try? venue.subscriptions(token, instant.time)
        else { return after(1000, .connect(connection: connection)) }
        self.session = session
        acknowledgements = texts.count
        for text in texts { venue.core.receive(Array(text.utf8), from: session, now: now.milliseconds) }
        after(5000, .streamSilent(connection: connection))
    }

    private mutating func dropSession() {
        if let session { venue.core.close(session) }
        session = nil
        connection += 1
    }

    mutating func loseStream() {
        dropSession()
        guard instance != nil else { return }
        input { $0.streamLost("lost", now: $1) }
        after(100 + random.below(3000), .connect(connection: connection))
    }

    /// What the venue wants to send goes on its way, in order.
    mutating func deliver() {
        for action in venue.core.drainActions() {
            switch action {
            case .send(let session, let bytes):
                guard session == self.session else { continue }
                let time = max(lastDelivery, now.advanced(byMilliseconds: Int64(1 + random.below(200))))
                lastDelivery = time
                queue.push(.stream(bytes, connection: connection), at: time)
            case .close(let session, _):
                guard session == self.session else { continue }
                self.session = nil
                loseStream()
            }
        }
    }
}

extension TradingBooks {
    init(adding records: [[UInt8]]) throws {
        self.init()
        for bytes in records { try take(bytes) }
    }
}
