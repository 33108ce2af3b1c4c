import Foundation
import Testing

@Suite struct `Order management on a bad network, with crashes at every step` {
    /// How many seeds: `PRAGMA_ORDER_SEEDS`.
    private static let seeds = ProcessInfo.processInfo.environment["PRAGMA_ORDER_SEEDS"].flatMap { UInt64($0) } ?? 2000

    @Test func `places no order twice, loses none, and ends with what the venue has`() {
        var crashes = 0, orders = 0, fills = 0, failures = 0
        for seed in 1...Self.seeds {
            var world = SimWorld(seed: seed)
            world.run()
            crashes += world.crashes
            orders += world.venue.orders.count
            fills += world.venue.fills.count
            guard !world.violations.isEmpty else { continue }
            failures += 1
            if failures <= 5 { Issue.record("seed \(seed): \(world.violations.prefix(6))") }
        }
        #expect(failures == 0)
        #expect(crashes > 0 && orders > 0 && fills > 0)
        print("order simulation: \(Self.seeds) seeds, \(crashes) crashes, \(orders) orders, \(fills) fills")
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
