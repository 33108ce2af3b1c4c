import Exchange
import Market
import Money
import Orders
import Testing

/// A job whose journal came back out of a store that lacked its newest records.
@Suite struct RecoveryTests {
    private func desk() throws -> Desk {
        var desk = try Desk()
        desk.manager = try OrderManager(Sample.identity, instruments: [Sample.instrument()])
        desk.manager.recover(since: Sample.time(500_000))
        desk.feed { $0.start(now: $1) }
        return desk
    }

    private var lost: ClientOrderID {
        get throws {
            var earlier = Sample.identity
            earlier.token -= 1
            return try ClientOrderCode(earlier, OrderTicket(9)).id
        }
    }

    private func asked(_ desk: Desk) -> [[ReconciliationRequest.Fills]] {
        desk.said.compactMap { directive in
            guard case .requestReconciliation(let request, _) = directive else { return nil }
            return request.fills
        }
    }

    @Test func `fills of pairs without an order are read since the last record that is there`() throws {
        let desk = try desk()
        #expect(asked(desk) == [[.init(pair: try Sample.pair(), after: nil, from: Sample.time(440_000))]])
        var usual = try Desk()
        usual.feed { $0.refresh(now: $1) }
        #expect(asked(usual) == [[]])
    }

    @Test func `a fill that is in the journal hides no older one of another order`() throws {
        let mark = ReconciliationMark(
            cursors: [.init(pair: try Sample.pair(), tradeID: "77")], balances: [], time: Sample.time(600_000))
        var desk = try Desk()
        desk.manager = try OrderManager(Sample.identity, instruments: [Sample.instrument()], replaying: [.reconciled(mark)])
        desk.manager.recover(since: Sample.time(500_000))
        desk.feed { $0.start(now: $1) }
        #expect(asked(desk) == [[.init(pair: try Sample.pair(), after: nil, from: Sample.time(440_000))]])
    }

    @Test func `a store without a record that has a time is followed by all fills that the venue has`() throws {
        var desk = try Desk()
        desk.manager = try OrderManager(Sample.identity, instruments: [Sample.instrument()])
        desk.manager.recover(since: Timestamp(milliseconds: 0))
        desk.feed { $0.start(now: $1) }
        #expect(asked(desk) == [[.init(pair: try Sample.pair(), after: nil, from: Timestamp(milliseconds: 0))]])
    }

    @Test(arguments: [false, true])
    func `an order that only the venue knows is found by its fills, and nothing is right before that`(saysClient: Bool) throws {
        var desk = try desk()
        let id = try lost
        desk.reconcile(fills: [Sample.fill("T1", "1", client: saysClient ? id : nil)])
        #expect(desk.said.contains(.identify(try Sample.pair(), VenueOrderID("V1"))))
        #expect(desk.manager.isRecovering && desk.manager.blocked.contains(.fillsMissing))
        // The answer is lost: it is asked again, and after a while a person is told.
        var alarms = 0
        for _ in 0..<6 {
            desk.now += 6000
            desk.feed { $0.tick(now: $1) }
            #expect(desk.said.contains(.identify(try Sample.pair(), VenueOrderID("V1"))))
            alarms += desk.alarms
        }
        #expect(alarms == 1)
        var report = Sample.report(id, "V1", .filled, filled: "1")
        report.quantity = Quantity("1")
        desk.feed { $0.accountEvent(.order(report, fill: nil), now: $1) }
        #expect(!desk.manager.isRecovering)
        let adopted = try #require(desk.manager.ledger.orders.values.first)
        #expect(adopted.isAdopted && adopted.clientOrderID == id && adopted.status == .filled && adopted.filled == Quantity("1"))
        #expect(desk.said.contains { if case .requestReconciliation = $0 { true } else { false } }, "the balances are read anew")
        desk.reconcile(fills: [Sample.fill("T1", "1", client: saysClient ? id : nil)])
        #expect(desk.manager.isReconciled && desk.manager.ledger.orders.count == 1)
    }

    @Test func `a stranger's fills are asked about once, and left alone`() throws {
        var desk = try desk()
        desk.reconcile(fills: [Sample.fill("T1", "1")])
        #expect(desk.manager.isRecovering)
        desk.feed {
            $0.accountEvent(.order(Sample.report(ClientOrderID("by-hand"), "V1", .filled, filled: "1"), fill: nil), now: $1)
        }
        #expect(!desk.manager.isRecovering && desk.manager.ledger.orders.isEmpty)
        desk.reconcile(fills: [Sample.fill("T1", "1")])
        #expect(!desk.manager.isRecovering && desk.manager.isReconciled)
    }
}
