import Exchange
import Market
import Money
import Orders
import Testing

/// A manager and all that it said.
struct Desk {
    var manager: OrderManager
    var now: Int64 = 1_000_000
    var said: [OrderDirective] = []
    var journal: [JournalRecord] = []

    init(replaying records: [JournalRecord] = []) throws {
        manager = try OrderManager(Sample.identity, instruments: [Sample.instrument()], replaying: records)
        journal = records
        feed { $0.start(now: $1) }
    }

    /// Reconciled with an empty account.
    static func ready() throws -> Desk {
        var desk = try Desk()
        desk.reconcile()
        return desk
    }

    mutating func feed(_ body: (inout OrderManager, Timestamp) -> [OrderDirective]) {
        said = body(&manager, Sample.time(now))
        for case .journal(let record) in said { journal.append(record) }
    }

    mutating func reconcile(open: [OrderReport] = [], fills: [Fill] = []) {
        let number =
            (try? #require(
                said.compactMap { if case .requestReconciliation(let request, _) = $0 { request.number } else { nil } }.last))
            ?? 1
        feed { $0.reconciled(ReconciliationSnapshot(openOrders: open, fills: fills, balances: []), number: number, now: $1) }
    }

    mutating func place(_ number: UInt64 = 1, side: OrderSide = .sell, purpose: OrderPurpose = .exit) throws -> ClientOrderID {
        let request = try Sample.request(OrderTicket(number), side: side, purpose: purpose)
        let instrument = try Sample.instrument()
        feed { $0.place(request, instrument, deadline: Sample.time(1_005_000), now: $1) }
        return try ClientOrderCode(Sample.identity, OrderTicket(number)).id
    }

    func status(_ number: UInt64 = 1) -> OrderStatus? { manager.order(OrderTicket(number))?.status }
    var alarms: Int { said.count { if case .alarm = $0 { true } else { false } } }
    var lookUps: Int { said.count { if case .lookUp = $0 { true } else { false } } }
    var sends: Int { said.count { if case .send = $0 { true } else { false } } }
    var cancels: [OrderReference] { said.compactMap { if case .cancel(_, let reference) = $0 { reference } else { nil } } }
    var updates: [OrderUpdate] { said.compactMap { if case .update(let update) = $0 { update } else { nil } } }
}

@Suite struct `The order manager` {
    private static let lost = VenueError(.requestTimeout, .outcomeUnknown, code: "no-answer", message: "timeout")
    private static let notFound = VenueError(.orderNotFound, .permanent, code: "-2011", message: "unknown order")

    @Test func `writes an order down before it sends it`() throws {
        var desk = try Desk.ready()
        let id = try desk.place()
        guard case .journal(.intended(let order)) = desk.said.first, case .send(_, let intent) = desk.said.last else {
            Issue.record("\(desk.said)")
            return
        }
        #expect(order.clientOrderID == id && intent.clientOrderID == id && intent.deadline == order.deadline)
        desk.feed { $0.handedOver(OrderTicket(1), now: $1) }
        #expect(desk.status() == .submitted)
    }

    @Test func `places no entry before the account was reconciled, and exits all the same`() throws {
        var desk = try Desk()
        #expect(desk.said.first == .blockEntries(.notReconciled))
        _ = try desk.place(1, side: .buy, purpose: .entry)
        #expect(desk.status() == .denied && desk.sends == 0)
        #expect(desk.updates.last?.reason?.contains("not_reconciled") == true)
        _ = try desk.place(2)
        #expect(desk.sends == 1)
        desk = try Desk.ready()
        #expect(desk.said.contains(.unblockEntries(.notReconciled)))
        _ = try desk.place(1, side: .buy, purpose: .entry)
        #expect(desk.sends == 1)
        desk.feed { $0.streamLost("gone", now: $1) }
        #expect(desk.said.contains(.blockEntries(.notReconciled)))
        desk.feed { $0.reconciliationFailed(Self.lost, number: 2, now: $1) }
        #expect(desk.manager.blocked.contains(.notReconciled))
    }

    @Test func `uses no ticket twice`() throws {
        var desk = try Desk.ready()
        _ = try desk.place(5)
        _ = try desk.place(5)
        #expect(desk.sends == 0 && desk.alarms == 1)
        _ = try desk.place(3)
        #expect(desk.sends == 0 && desk.manager.nextTicket == OrderTicket(6))
    }

    @Test func `looks an unknown outcome up with growing waits, and gives up only after the end and the venue's own time`() throws
    {
        var desk = try Desk.ready()
        _ = try desk.place()
        desk.feed { $0.sendResult(OrderTicket(1), .failure(Self.lost), now: $1) }
        #expect(desk.status() == .unknown && desk.lookUps == 1 && desk.manager.blocked.contains(.orderUnresolved))
        var waits: [Duration] = []
        // Deadline 1,005,000, then 10 s of the venue's and 2 s of clock.
        while desk.now <= 1_017_000 {
            desk.now += 1500
            desk.feed { [now = desk.now] in $0.lookUpResult(OrderTicket(1), .absent(asked: Sample.time(now)), now: $1) }
            #expect(desk.sends == 0)
            for case .lookUp(_, _, let wait) in desk.said { waits.append(wait) }
            #expect((desk.status() == .notPlaced) == (desk.now > 1_017_000), "\(desk.now)")
        }
        #expect(waits == waits.sorted() && waits.first == .milliseconds(250) && waits.last == .seconds(5))
        #expect(desk.manager.isReconciled && desk.manager.unsettledOrders.isEmpty)
    }

    @Test func `proves nothing by a look-up that was not answered`() throws {
        var desk = try Desk.ready()
        _ = try desk.place()
        desk.feed { $0.sendResult(OrderTicket(1), .failure(Self.lost), now: $1) }
        desk.now += 3_600_000
        desk.feed { $0.lookUpResult(OrderTicket(1), .unanswered, now: $1) }
        #expect(desk.status() == .unknown && desk.lookUps == 1)
        desk.feed { $0.lookUpResult(OrderTicket(1), .absent(asked: Sample.time(1_000_500)), now: $1) }
        #expect(desk.status() == .unknown)
    }

    @Test func `cancels an order that turns up after it was given up`() throws {
        var desk = try Desk.ready()
        let id = try desk.place()
        desk.feed { $0.sendResult(OrderTicket(1), .failure(Self.lost), now: $1) }
        desk.now += 60_000
        desk.feed { [now = desk.now] in $0.lookUpResult(OrderTicket(1), .absent(asked: Sample.time(now)), now: $1) }
        #expect(desk.status() == .notPlaced)
        desk.feed { $0.accountEvent(.order(Sample.report(id), fill: nil), now: $1) }
        #expect(desk.status() == .notPlaced && desk.cancels == [.venue(VenueOrderID("V1"))] && desk.alarms == 1)
        // The cancel survives a crash.
        var next = try Desk(replaying: desk.journal)
        #expect(next.cancels == [.venue(VenueOrderID("V1"))] && next.lookUps == 1)
        next.feed { $0.lookUpResult(OrderTicket(1), .found(Sample.report(id, "V1", .canceled, filled: "0")), now: $1) }
        #expect(next.status() == .canceled && next.manager.unsettledOrders.isEmpty)
    }

    @Test func `takes what was written down but not confirmed for unknown after a crash`() throws {
        var desk = try Desk.ready()
        _ = try desk.place()
        var next = try Desk(replaying: desk.journal)
        #expect(next.status() == .unknown && next.lookUps == 1 && next.sends == 0)
        // And again, wherever the next crash comes.
        next = try Desk(replaying: next.journal)
        #expect(next.status() == .unknown && next.lookUps == 1)
        next.now += 60_000
        next.feed { [now = next.now] in $0.lookUpResult(OrderTicket(1), .absent(asked: Sample.time(now)), now: $1) }
        #expect(try Desk(replaying: next.journal).status() == .notPlaced)
    }

    @Test func `looks up before it cancels an order that may not be there, then cancels it`() throws {
        var desk = try Desk.ready()
        let id = try desk.place()
        desk.feed { $0.sendResult(OrderTicket(1), .failure(Self.lost), now: $1) }
        desk.feed { $0.cancel(OrderTicket(1), now: $1) }
        #expect(desk.cancels.isEmpty)
        desk.feed { $0.lookUpResult(OrderTicket(1), .found(Sample.report(id)), now: $1) }
        #expect(desk.cancels == [.venue(VenueOrderID("V1"))])
        // Not found: it ended meanwhile, or the venue's lists lag.
        desk.feed { $0.cancelResult(OrderTicket(1), .failure(Self.notFound), now: $1) }
        #expect(desk.lookUps == 1)
        desk.feed { $0.lookUpResult(OrderTicket(1), .found(Sample.report(id, "V1", .canceled, filled: "0")), now: $1) }
        #expect(desk.status() == .canceled && desk.manager.unsettledOrders.isEmpty)
    }

    @Test func `holds an end back until the fills that the venue told of are here`() throws {
        var desk = try Desk.ready()
        let id = try desk.place()
        desk.feed { $0.sendResult(OrderTicket(1), .success(Sample.report(id, "V1", .filled, filled: "1")), now: $1) }
        #expect(desk.status() == .open && desk.said.contains(.blockEntries(.fillsMissing)))
        desk.feed {
            $0.accountEvent(
                .order(Sample.report(id, "V1", .partiallyFilled, filled: "0.4"), fill: Sample.fill("T1", "0.4")), now: $1)
        }
        #expect(desk.status() == .partiallyFilled)
        desk.now += 5000
        desk.feed { $0.tick(now: $1) }
        // By time, because the missing one may lie before the last known one.
        guard case .requestReconciliation(let request, _) = desk.said.first else {
            Issue.record("\(desk.said)")
            return
        }
        #expect(request.fills.map(\.after) == [nil])
        let fills = [Sample.fill("T1", "0.4"), Sample.fill("T2", "0.6")]
        desk.reconcile(fills: fills)
        #expect(desk.status() == .filled && desk.updates.count == 1 && desk.updates.first?.filled == Quantity("1"))
        #expect(desk.said.contains(.unblockEntries(.fillsMissing)) && desk.manager.isReconciled)
    }

    @Test func `takes a late fill of a canceled order, once`() throws {
        var desk = try Desk.ready()
        let id = try desk.place()
        desk.feed { $0.sendResult(OrderTicket(1), .success(Sample.report(id, "V1", .canceled, filled: "0")), now: $1) }
        for _ in 0..<2 {
            let event = AccountEvent.order(Sample.report(id, "V1", .canceled, filled: "0.3"), fill: Sample.fill("T9", "0.3"))
            desk.feed { $0.accountEvent(event, now: $1) }
        }
        #expect(desk.status() == .canceled && desk.manager.order(OrderTicket(1))?.filled == Quantity("0.3"))
        #expect(desk.updates.isEmpty, "the second one changed something")
    }

    @Test func `tells apart what never left, what the venue refused, and what a gate stopped`() throws {
        let cases: [(VenueError, OrderStatus)] = [
            (VenueError(.network, .retryable(after: nil), code: "not-sent", message: ""), .denied),
            (VenueError(.permissionDenied, .permanent, code: "gate-halted", message: ""), .denied),
            (VenueError(.insufficientFunds, .permanent, code: "-2010", message: ""), .rejected),
            (VenueError(.duplicateClientOrderID, .permanent, code: "-2010", message: ""), .unknown),
        ]
        for (error, expected) in cases {
            var desk = try Desk.ready()
            _ = try desk.place()
            desk.feed { $0.sendResult(OrderTicket(1), .failure(error), now: $1) }
            #expect(desk.status() == expected, "\(error)")
        }
        var desk = try Desk.ready()
        _ = try desk.place()
        desk.feed { $0.denied(OrderTicket(1), "the lease ran out", now: $1) }
        #expect(desk.status() == .denied && desk.manager.unsettledOrders.isEmpty)
    }

    @Test func `asks about an order that is not open any more, and blocks entries while nobody knows`() throws {
        var desk = try Desk.ready()
        let id = try desk.place()
        desk.feed { $0.sendResult(OrderTicket(1), .success(Sample.report(id)), now: $1) }
        desk.now += 60_000
        desk.feed { $0.tick(now: $1) }
        desk.reconcile()
        #expect(desk.lookUps == 1 && desk.manager.blocked == [.orderUnresolved])
        for _ in 0..<5 {
            desk.feed { [now = desk.now] in $0.lookUpResult(OrderTicket(1), .absent(asked: Sample.time(now)), now: $1) }
        }
        #expect(desk.alarms == 1 && desk.status() == .open && desk.manager.blocked == [.orderUnresolved])
        desk.feed { $0.lookUpResult(OrderTicket(1), .found(Sample.report(id)), now: $1) }
        #expect(desk.manager.isReconciled)
    }
}

@Suite struct `Orders that the journal does not know` {
    private func report(_ identity: OrderIdentity, side: OrderSide = .sell, ticket: UInt64 = 9) throws -> OrderReport {
        var report = Sample.report(try ClientOrderCode(identity, OrderTicket(ticket)).id, "V9")
        report.side = side
        return report
    }

    @Test func `of this job are adopted: exits stay, entries are canceled, and their tickets are not used again`() throws {
        var older = Sample.identity
        older.token = 1
        for (identity, side) in [(Sample.identity, OrderSide.sell), (older, .buy)] {
            var desk = try Desk()
            desk.reconcile(open: [try report(identity, side: side)])
            let adopted = desk.said.compactMap { if case .adopted(let request) = $0 { request } else { nil } }
            #expect(adopted.map(\.purpose) == [side == .sell ? .exit : .entry])
            #expect(desk.cancels.count == (side == .sell ? 0 : 1))
            #expect(desk.manager.nextTicket == OrderTicket(identity == older ? 1 : 10))
            #expect(desk.manager.unsettledOrders.map(\.status) == [.open])
            // Once.
            desk.feed { $0.streamLost("gone", now: $1) }
            desk.reconcile(open: [try report(identity, side: side)])
            #expect(desk.manager.unsettledOrders.count == 1)
            #expect(try Desk(replaying: desk.journal).manager.unsettledOrders.count == 1)
        }
    }

    @Test func `of another fleet or a later holder refuse the start`() throws {
        var fleet = Sample.identity, later = Sample.identity
        fleet.owner = 5
        later.token = 4
        for identity in [fleet, later] {
            var desk = try Desk()
            desk.reconcile(open: [try report(identity)])
            #expect(desk.said.contains { if case .refuse = $0 { true } else { false } })
            #expect(desk.cancels.isEmpty && desk.manager.blocked == [.secondOwner])
            _ = try desk.place()
            #expect(desk.sends == 0 && desk.status() == .denied)
        }
    }

    @Test func `of strangers and other jobs are shown once and never touched`() throws {
        var other = Sample.identity
        other.job = 8
        var desk = try Desk()
        let reports = [Sample.report(ClientOrderID("x-freqtrade-1"), "V1"), Sample.report(nil, "V2"), try report(other)]
        desk.reconcile(open: reports)
        #expect(desk.said.count { if case .foreignOrder = $0 { true } else { false } } == 3)
        desk.feed { $0.cancelAll(now: $1) }
        #expect(desk.cancels.isEmpty)
        desk.feed { $0.accountEvent(.order(reports[1], fill: Sample.fill("T1", "0.1", order: "V2")), now: $1) }
        #expect(desk.said == [.identify(try Sample.pair(), VenueOrderID("V2"))])
        #expect(desk.manager.isReconciled)
    }
}
