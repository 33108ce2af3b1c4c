import Halt
import Testing

@testable import LiveGates

@Suite struct PermitTests {
    private func at(_ milliseconds: Int64) -> BootInstant { BootInstant(nanoseconds: milliseconds * 1_000_000) }
    private var open: OrderGate { OrderGate(activeUntil: at(2_000), reducingUntil: at(30_000)) }

    @Test func `while the gate is active all goes and after its end only what reduces`() {
        func decide(_ intent: OrderIntent, _ now: Int64) -> OrderPermitRefusal? {
            OrderPermit.decide(intent, gate: open, now: at(now), leaseEnd: at(2_000), holder: .current, end: .at(at(3_000)))
        }
        for intent in OrderIntent.allCases { #expect(decide(intent, 1_999) == nil) }
        #expect(decide(.adds, 2_000) == .gateReducing && decide(.reduces, 2_000) == nil)
        #expect(decide(.adds, 30_000) == .gateHalted && decide(.reduces, 30_000) == .gateHalted)
        #expect(decide(.flatten, 30_000) == nil && decide(.cancel, 30_000) == nil)
    }

    @Test func `an order that adds ends at the venue at most a second after the lease`() {
        func decide(_ end: OrderPermit.End) -> OrderPermitRefusal? {
            OrderPermit.decide(.adds, gate: open, now: at(1_000), leaseEnd: at(2_000), holder: .current, end: end)
        }
        #expect(decide(.at(at(3_000))) == nil && decide(.at(at(3_001))) == .endTooLate)
        #expect(decide(.none) == .noEnd && decide(.notAtThisVenue) == nil)
        #expect(OrderPermit.latestEnd(wanted: at(9_000), leaseEnd: at(2_000)) == at(3_000))
        #expect(OrderPermit.latestEnd(wanted: at(1_500), leaseEnd: at(2_000)) == at(1_500))
        #expect(OrderPermit.decide(.reduces, gate: open, now: at(1_000), leaseEnd: .never, holder: .current, end: .none) == nil)
    }

    @Test func `a gate that is open without a lease opens nothing`() {
        let gate = OrderGate(activeUntil: .distantFuture, reducingUntil: .distantFuture)
        for leaseEnd in [BootInstant.never, at(1_000)] {
            #expect(
                OrderPermit.decide(.adds, gate: gate, now: at(1_000), leaseEnd: leaseEnd, holder: .current, end: .at(at(1_001)))
                    == .tradingLeaseOver)
        }
    }

    @Test func `whoever was superseded may only cancel and whose job lease is over may only reduce`() {
        for intent in OrderIntent.allCases {
            func decide(_ holder: HolderStanding) -> OrderPermitRefusal? {
                OrderPermit.decide(intent, gate: open, now: at(1_000), leaseEnd: at(2_000), holder: holder, end: .at(at(2_000)))
            }
            #expect(decide(.superseded) == (intent == .cancel ? nil : .superseded))
            #expect(decide(.leaseOver) == (intent == .adds ? .jobLeaseOver : nil))
        }
    }

    @Test(arguments: [41, 42]) func `nothing that adds ever passes unless gate, lease, holder and end all allow it`(seed: UInt64)
    {
        var random = SplitMix64(seed: seed)
        var passed = 0
        for _ in 0..<50_000 {
            func instant() -> BootInstant { at(Int64.random(in: 0...6_000, using: &random)) }
            let gate = OrderGate(activeUntil: instant(), reducingUntil: instant())
            let (now, leaseEnd, endTime) = (instant(), instant(), instant())
            let holder = HolderStanding.allCases.randomElement(using: &random) ?? .current
            let refusal = OrderPermit.decide(.adds, gate: gate, now: now, leaseEnd: leaseEnd, holder: holder, end: .at(endTime))
            let allowed =
                now < gate.activeUntil && now < leaseEnd && holder == .current
                && endTime.nanoseconds <= leaseEnd.nanoseconds + 1_000_000_000
            if (refusal == nil) != allowed { Issue.record("seed \(seed): \(gate) \(now) \(leaseEnd) \(holder) \(endTime)") }
            passed += refusal == nil ? 1 : 0
        }
        #expect(passed > 1_000)
    }

    @Test func `an account is taken only when the lock is ours and no other fleet has orders there`() {
        func refusal(
            _ lock: AccountOwnership.Lock = .ours, _ orders: [AccountOwnership.OrderOwner]? = [], exclusive: Bool = false
        ) -> OwnershipRefusal? { AccountOwnership.refusal(lock: lock, openOrders: orders, fleet: 7, isExclusive: exclusive) }
        #expect(refusal() == nil && refusal(.ours, [.fleet(7), .fleet(7)], exclusive: true) == nil)
        #expect(refusal(.heldBy("live-2")) == .lockedBy("live-2"))
        #expect(refusal(.unknown) == .lockUnknown && refusal(.ours, nil) == .ordersUnknown)
        #expect(refusal(.ours, [.fleet(7), .fleet(8), .stranger, .fleet(9)]) == .otherFleets(orders: 2))
        #expect(refusal(.ours, [.stranger]) == nil)
        #expect(refusal(.ours, [.stranger, .fleet(7)], exclusive: true) == .notExclusive(orders: 1))
    }

    @Test func `a lock is named by the hash of the key and not by the key`() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let hash = try #require(LiveDigest(bytes))
        #expect(AccountLockID(keyDigest: hash).description == "00070e151c232a31383f464d545b6269")
        #expect(AccountLockID(keyDigest: hash) != AccountLockID(keyDigest: digest(0)))
        #expect(LiveDigest([1, 2, 3]) == nil)
    }
}
