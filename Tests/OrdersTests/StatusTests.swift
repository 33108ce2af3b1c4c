import Exchange
import Foundation
import Money
import Orders
import Testing

@Suite struct `The status of an order` {
    @Test func `never leaves an end for a working status, whatever comes in whatever order`() {
        for status in OrderStatus.allCases where status.isFinal {
            for event in OrderEvent.allCases {
                guard case .success(let next) = status.transition(on: event) else { continue }
                #expect(next.isFinal, "\(status) on \(event)")
                #expect(status != .filled || next == .filled, "\(status) on \(event)")
            }
        }
    }

    @Test func `has a way to an end from everywhere, and none back to the beginning`() {
        for status in OrderStatus.allCases {
            var reached: Set<OrderStatus> = []
            var open = [status]
            while let next = open.popLast() {
                for event in OrderEvent.allCases {
                    if case .success(let after) = next.transition(on: event), reached.insert(after).inserted {
                        open.append(after)
                    }
                }
            }
            #expect(reached.contains { $0.isFinal }, "\(status) leads nowhere")
            #expect(status == .intended || !reached.contains(.intended), "\(status) leads back")
        }
    }

    @Test func `is not changed by a report that comes twice`() {
        for status in OrderStatus.allCases {
            for event in OrderEvent.allCases {
                guard case .success(let once) = status.transition(on: event) else { continue }
                guard event != .provedAbsent, event != .notSent, event != .denied else { continue }
                #expect((try? once.transition(on: event).get()) == once, "\(status) on \(event)")
            }
        }
    }

    @Test func `is not placed only after it was unknown`() {
        for status in OrderStatus.allCases where status != .unknown && status != .notPlaced {
            #expect((try? status.transition(on: .provedAbsent).get()) != .notPlaced)
        }
    }

    @Test func `stands in the documents as it is in the code`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/orders.md"), encoding: .utf8)
        #expect(
            text.contains(OrderStatus.transitionTable()),
            "docs/orders.md has another table than:\n\(OrderStatus.transitionTable())")
    }

    @Test func `fills only grow, and an end stays an end, through any records`() throws {
        for seed in UInt64(1)...500 {
            var random = SplitMix64(seed: seed)
            var ledger = OrderLedger()
            let request = try Sample.request(OrderTicket(1))
            let id = try ClientOrderCode(Sample.identity, OrderTicket(1)).id
            let intended = IntendedOrder(
                request: request, clientOrderID: id, deadline: Sample.time(10), time: Sample.time(0))
            try ledger.apply(.intended(intended))
            for step in 0..<40 {
                let before = try #require(ledger.orders[OrderTicket(1)])
                var record = JournalRecord.fill(OrderTicket(1), Sample.fill("T\(random.below(12))", "0.1"))
                if random.chance(60) {
                    let event = OrderEvent.allCases[random.below(OrderEvent.allCases.count)]
                    let told = random.chance(50) ? Quantity(units: Int64(random.below(11)), decimals: 1) : nil
                    record = .outcome(
                        OrderOutcome(ticket: OrderTicket(1), event: event, filled: told, time: Sample.time(Int64(step))))
                }
                do { try ledger.apply(record) } catch {
                    #expect(ledger.orders[OrderTicket(1)] == before, "seed \(seed): a refused record changed something")
                }
                let after = try #require(ledger.orders[OrderTicket(1)])
                #expect(after.filled >= before.filled, "seed \(seed)")
                #expect(!before.status.isFinal || after.status.isFinal, "seed \(seed): \(before.status) became \(after.status)")
                #expect(after.fills.count == Set(after.fills.map(\.tradeID)).count, "seed \(seed)")
            }
        }
    }
}
