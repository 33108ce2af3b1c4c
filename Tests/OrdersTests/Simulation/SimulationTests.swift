import Foundation
import Orders
import Testing

@Suite struct `Order management on a bad network, with crashes at every step` {
    /// How many seeds: `PRAGMA_ORDER_SEEDS`.
    private static let seeds = ProcessInfo.processInfo.environment["PRAGMA_ORDER_SEEDS"].flatMap { UInt64($0) } ?? 2000

    @Test func `places no order twice, loses none, and ends with what the venue has`() {
        var crashes = 0, orders = 0, fills = 0, failures = 0
        var ends: [String: Int] = [:]
        for seed in 1...Self.seeds {
            var world = SimWorld(seed: seed)
            world.run()
            crashes += world.crashes
            orders += world.venue.orders.count
            fills += world.venue.fills.count
            for order in world.manager?.ledger.orders.values.map(\.status) ?? [] { ends[order.rawValue, default: 0] += 1 }
            guard !world.violations.isEmpty else { continue }
            failures += 1
            if failures <= 5 { Issue.record("seed \(seed): \(world.violations.prefix(6))") }
        }
        #expect(failures == 0)
        #expect(crashes > 0 && orders > 0 && fills > 0)
        for status in OrderStatus.allCases where status.isFinal {
            #expect(Self.seeds < 100 || ends[status.rawValue] != nil, "no order ended as \(status)")
        }
        print(
            "order simulation: \(Self.seeds) seeds, \(crashes) crashes, \(orders) orders, \(fills) fills; "
                + ends.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    }

    @Test(arguments: Plant.allCases) func `finds each planted fault`(_ plant: Plant) {
        let found = (1...UInt64(300)).contains { seed in
            var world = SimWorld(seed: seed, plant: plant)
            world.run()
            return !world.violations.isEmpty
        }
        #expect(found, "\(plant) was not found in 300 seeds")
    }
}
