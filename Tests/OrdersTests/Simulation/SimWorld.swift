import Exchange
import Market
import Money
import Orders

/// Faults that a test plants to see that the checks find them.
enum Plant: CaseIterable {
    /// A request without an answer is sent again.
    case resends
    /// Orders go out before the journal has them.
    case sendsBeforeJournal
    /// A fill counts as often as it is heard of.
    case countsFillsTwice
    /// Cancels are not in the journal.
    case forgetsCancels
    /// An order that was not found once counts as not placed.
    case givesUpAtOnce
    /// After a restart, orders whose sending was not confirmed count as never sent.
    case forgetsIntended
    /// The process does not look at the account after a loss of its stream.
    case neverReconciles
}

/// One venue, one process that crashes at any step, and a network between them that loses, delays and repeats, from one seed.
struct SimWorld {
    enum Event {
        case arrive(OrderTicket, OrderIntent, epoch: Int, isLate: Bool)
        case sent(OrderTicket, Result<OrderReport, VenueError>, epoch: Int)
        case arriveCancel(OrderTicket, OrderReference, epoch: Int)
        case canceled(OrderTicket, Result<OrderReport?, VenueError>, epoch: Int)
        case ask(OrderTicket, OrderReference, epoch: Int)
        case answer(OrderTicket, LookUpAnswer, epoch: Int)
        case identify(VenueOrderID, epoch: Int)
        case readOrders(ReconciliationRequest, epoch: Int)
        case readFills(ReconciliationRequest, [OrderReport], epoch: Int)
        case snapshot(ReconciliationSnapshot, Int, epoch: Int)
        case snapshotFailed(Int, epoch: Int)
        case stream(AccountEvent, connection: Int)
        case loseStream
        case venueStep
        case loop
        case tick(epoch: Int)
        case restart
    }

    let plant: Plant?
    var random: SplitMix64
    var now = Timestamp(milliseconds: 1_000_000)
    var queue: [(time: Timestamp, order: Int, event: Event)] = []
    var sequence = 0
    var venue = SimVenue()
    var manager: OrderManager?
    var journal: [[UInt8]] = []
    var journaledIDs: Set<ClientOrderID> = []
    var epoch = 0
    var connection = 0
    /// From here on nothing is lost any more and nothing new is wanted.
    let healsAt = Timestamp(milliseconds: 1_012_000)
    let endsAt = Timestamp(milliseconds: 1_120_000)
    /// Cancels that were asked for and are in the journal.
    var canceled: Set<OrderTicket> = []
    var committed: Set<OrderTicket> = []
    var violations: [String] = []
    var crashes = 0
    var deliveries = 0

    init(seed: UInt64, plant: Plant? = nil) {
        self.plant = plant
        random = SplitMix64(seed: seed)
        venue.fillsNameClient = random.chance(50)
        venue.answersInFull = random.chance(50)
    }

    var isHealed: Bool { now >= healsAt }

    // MARK: - Time

    mutating func after(_ milliseconds: Int, _ event: Event) {
        sequence += 1
        let time = now.advanced(byMilliseconds: Int64(milliseconds))
        let place = queue.firstIndex { (time, sequence) > ($0.time, $0.order) } ?? queue.count
        queue.insert((time, sequence, event), at: place)
    }

    mutating func run() {
        after(0, .restart)
        for _ in 0..<(3 + random.below(10)) { after(random.below(11_000), .loop) }
        for _ in 0..<(5 + random.below(20)) { after(random.below(20_000), .venueStep) }
        for _ in 0..<random.below(4) { after(random.below(11_000), .loseStream) }
        while let next = queue.popLast(), next.time < endsAt {
            now = next.time
            step(next.event)
            publish()
            if isHealed, now > healsAt.advanced(byMilliseconds: 10_000), isQuiet { break }
        }
        check()
    }

    private var isQuiet: Bool {
        guard let manager, manager.isReconciled, queue.allSatisfy({ if case .tick = $0.event { true } else { false } }) else {
            return false
        }
        return manager.unsettledOrders.allSatisfy { !$0.wantsCancel && ($0.status == .open || $0.status == .partiallyFilled) }
    }

    /// What the venue's stream said is on its way, each event by itself: late, twice, out of order.
    private mutating func publish() {
        let events = venue.events
        venue.events = []
        for event in events {
            for _ in 0..<(random.chance(8) ? 2 : 1) { after(1 + random.below(400), .stream(event, connection: connection)) }
        }
    }

    // MARK: - Events

    private mutating func step(_ event: Event) {
        switch event {
        case .arrive(let ticket, let intent, let epoch, let isLate): arrive(ticket, intent, epoch, isLate: isLate)
        case .arriveCancel(let ticket, let reference, let epoch):
            let result = venue.cancel(reference, now)
            if !loses(12) {
                after(1 + random.below(300), .canceled(ticket, result, epoch: epoch))
            } else {
                cancelTimeout(ticket, epoch)
            }
        case .ask(let ticket, let reference, let epoch): ask(ticket, reference, epoch)
        case .identify(let id, let epoch):
            if let report = venue.report(id), epoch == self.epoch {
                input { $0.accountEvent(.order(report, fill: nil), now: $1) }
            }
        case .readOrders(let request, let epoch):
            if loses(15) { return after(1000, .snapshotFailed(request.number, epoch: epoch)) }
            after(random.below(200), .readFills(request, venue.openOrders, epoch: epoch))
        case .readFills(let request, let orders, let epoch): readFills(request, orders, epoch)
        case .venueStep: venue.step(now, &random)
        case .restart: restart()
        case .loop: loop()
        case .loseStream:
            connection += 1
            input { $0.streamLost("lost", now: $1) }
        case .sent, .canceled, .answer, .snapshot, .snapshotFailed, .stream, .tick: hear(event)
        }
    }

    /// What the process hears, if it is still the one that asked.
    private mutating func hear(_ event: Event) {
        switch event {
        case .sent(let ticket, let result, epoch): input { $0.sendResult(ticket, result, now: $1) }
        case .canceled(let ticket, let result, epoch): input { $0.cancelResult(ticket, result, now: $1) }
        case .answer(let ticket, let answer, epoch):
            var answer = answer
            if plant == .givesUpAtOnce, case .absent = answer { answer = .absent(asked: Timestamp(milliseconds: .max)) }
            input { $0.lookUpResult(ticket, answer, now: $1) }
        case .snapshot(let snapshot, let number, epoch):
            let snapshot = tampered(snapshot)
            input { $0.reconciled(snapshot, number: number, now: $1) }
        case .snapshotFailed(let number, epoch):
            let error = VenueError(.network, .retryable(after: nil), code: "no-answer", message: "")
            input { $0.reconciliationFailed(error, number: number, now: $1) }
        case .stream(let event, connection):
            let event = tampered(event)
            input { $0.accountEvent(event, now: $1) }
        case .tick(epoch): input { $0.tick(now: $1) }
        default: break
        }
    }

    mutating func loses(_ percent: Int) -> Bool { !isHealed && random.chance(percent) }

    private mutating func arrive(_ ticket: OrderTicket, _ intent: OrderIntent, _ epoch: Int, isLate: Bool) {
        guard let deadline = intent.deadline else { return }
        let result: Result<OrderReport, VenueError>
        if now > deadline, !isLate {
            result = .failure(VenueError(.badRequest, .permanent, code: "-1021", message: "outside of the window"))
        } else {
            result = venue.place(intent, now, &random)
        }
        let unknown = VenueError(.requestTimeout, .outcomeUnknown, code: "no-answer", message: "")
        if loses(15) {
            after(1500, .sent(ticket, .failure(unknown), epoch: epoch))
        } else {
            after(1 + random.below(500), .sent(ticket, result, epoch: epoch))
        }
    }

    mutating func cancelTimeout(_ ticket: OrderTicket, _ epoch: Int) {
        let error = VenueError(.requestTimeout, .outcomeUnknown, code: "no-answer", message: "")
        after(1000, .canceled(ticket, .failure(error), epoch: epoch))
    }

    private mutating func ask(_ ticket: OrderTicket, _ reference: OrderReference, _ epoch: Int) {
        var answer = LookUpAnswer.absent(asked: now)
        if loses(20) {
            answer = .unanswered
        } else if let report = venue.find(reference).flatMap({ venue.report($0) }) {
            answer = .found(report)
        }
        after(1 + random.below(300), .answer(ticket, answer, epoch: epoch))
    }

    private mutating func readFills(_ request: ReconciliationRequest, _ orders: [OrderReport], _ epoch: Int) {
        let fills = request.fills.flatMap { venue.fills($0) }
        let snapshot = ReconciliationSnapshot(openOrders: orders, fills: fills, balances: venue.balances)
        after(1 + random.below(300), .snapshot(snapshot, request.number, epoch: epoch))
    }

    /// What the trading loop wants.
    private mutating func loop() {
        guard let manager else { return }
        let choice = random.below(10)
        let unsettled = manager.unsettledOrders
        if choice < 3, !unsettled.isEmpty {
            let ticket = unsettled[random.below(unsettled.count)].ticket
            if input({ $0.cancel(ticket, now: $1) }) { canceled.insert(ticket) }
        } else if choice == 3 {
            if input({ $0.cancelAll(now: $1) }) { canceled.formUnion(unsettled.map(\.ticket)) }
        } else {
            place(manager.nextTicket)
        }
    }

    private mutating func place(_ ticket: OrderTicket) {
        let isEntry = random.chance(50)
        guard
            let request = try? Sample.request(
                ticket, side: isEntry ? .buy : .sell, purpose: isEntry ? .entry : .exit, units: Int64(1 + random.below(500))),
            let instrument = try? Sample.instrument()
        else { return violations.append("no sample") }
        let deadline = now.advanced(byMilliseconds: Int64(1000 + random.below(3000)))
        if input({ $0.place(request, instrument, deadline: deadline, now: $1) }) { committed.insert(ticket) }
    }
}
