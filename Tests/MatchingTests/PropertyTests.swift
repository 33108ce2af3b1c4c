import Testing

@testable import Matching

@Suite("Against a slow and obvious engine")
struct PropertyTests {
    #if DEBUG
        private static let usual = 40_000
    #else
        private static let usual = 1_000_000
    #endif
    private static let perSession = 1_000

    @Test func `random orders make the same trades, reports, states and balances, and every invariant holds`() throws {
        let (seed, count) = Scale.announced("comparison", count: Self.usual)
        var random = SplitMix64(seed: seed)
        var (orders, trades, accepted, sessions, triggered, lists) = (0, 0, 0, 0, 0, 0)
        while orders < count {
            var session = try RandomSession(seed: random.next())
            var step = 0
            while session.orders < Self.perSession {
                step += 1
                let result = try session.step()
                if let difference = session.difference(result) {
                    Issue.record("session \(sessions), step \(step): \(difference)")
                    return
                }
                trades += session.engine.trades.count
                accepted += session.engine.updates.count { $0.kind == .new }
                triggered += session.engine.updates.count { $0.kind == .triggered }
                lists += session.engine.listUpdates.count { $0.isOpen }
                if step % 100 == 0 {
                    try #require(Invariants.violations(session.engine) == [], "session \(sessions), step \(step)")
                }
            }
            orders += session.orders
            sessions += 1
        }
        print(
            "matching, comparison: \(orders) orders in \(sessions) sessions, \(accepted) accepted (house not counted), \(trades) trades, "
                + "\(triggered) stops triggered, \(lists) lists")
        #expect(orders >= count)
        #expect(trades > orders / 20 && triggered > orders / 500 && lists > orders / 500)
    }

    @Test func `every invariant holds after every single request`() throws {
        let (seed, _) = Scale.announced("invariants", count: 0)
        var random = SplitMix64(seed: seed)
        for _ in 0..<10 {
            var session = try RandomSession(seed: random.next())
            for step in 0..<500 {
                _ = try session.step()
                try #require(Invariants.violations(session.engine) == [], "step \(step)")
            }
        }
    }

    @Test func `every maker is the oldest at the best price, as its reports tell`() throws {
        let (seed, _) = Scale.announced("priority", count: 0)
        var random = SplitMix64(seed: seed)
        var trades = 0
        for _ in 0..<10 {
            var session = try RandomSession(seed: random.next(), isHouseReported: true)
            var watch = PriorityWatch()
            for _ in 0..<1_000 {
                _ = try session.step()
                trades += session.engine.trades.count
                try #require(watch.violations(session.engine.updates) == [])
            }
        }
        #expect(trades > 500)
    }

    @Test func `the depth changes lead from any book to the present one`() throws {
        let (seed, _) = Scale.announced("depth changes", count: 0)
        var session = try RandomSession(seed: seed)
        var (bids, asks): ([Int64: Int64], [Int64: Int64]) = ([:], [:])
        var version: Int64 = 0
        for step in 0..<5_000 {
            _ = try session.step()
            guard step % 7 == 0 else { continue }
            let changes = session.engine.drainDepthChanges(RandomSession.instruments[0])
            #expect(changes.first == version + 1)
            version = changes.last
            for level in changes.bids { bids[level.price] = level.quantity == 0 ? nil : level.quantity }
            for level in changes.asks { asks[level.price] = level.quantity == 0 ? nil : level.quantity }
            let depth = session.engine.depth(RandomSession.instruments[0], levels: .max)
            #expect(depth.version == version)
            try #require(depth.bids == bids.sorted { $0.key > $1.key }.map { DepthLevel(price: $0.key, quantity: $0.value) })
            try #require(depth.asks == asks.sorted { $0.key < $1.key }.map { DepthLevel(price: $0.key, quantity: $0.value) })
        }
    }

    /// A comparison that finds nothing proves something only if it would find something.
    @Test(arguments: SlowEngine.Fault.allCases)
    func `a planted mistake is found by the comparison`(fault: SlowEngine.Fault) throws {
        for seed in UInt64(1)...50 {
            var session = try RandomSession(seed: seed, fault: fault)
            for _ in 0..<1_000 where session.difference(try session.step()) != nil { return }
        }
        Issue.record("50,000 requests did not show the mistake")
    }
}
