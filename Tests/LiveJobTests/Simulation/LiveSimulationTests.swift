import Foundation
import Testing

@Suite struct `A live job on a bad network, killed at every step` {
    /// How many seeds: `PRAGMA_LIVE_SEEDS`; the first of them: `PRAGMA_LIVE_SEED`.
    private static let seeds = ProcessInfo.processInfo.environment["PRAGMA_LIVE_SEEDS"].flatMap { UInt64($0) } ?? 300
    private static let first = ProcessInfo.processInfo.environment["PRAGMA_LIVE_SEED"].flatMap { UInt64($0) } ?? 1

    @Test func `places no order twice, loses none, and ends with the venue's money to the last digit`() throws {
        var figures = LiveFigures()
        var failures = 0
        for seed in Self.first..<(Self.first + Self.seeds) {
            var world = try LiveWorld(seed: seed)
            world.run()
            figures.add(world.figures)
            guard !world.violations.isEmpty else { continue }
            failures += 1
            if failures <= 5 { Issue.record("seed \(seed): \(world.violations.prefix(6))") }
        }
        #expect(failures == 0)
        #expect(figures.placed > 0 && figures.fills > 0 && figures.kills > 0 && figures.closedTrades > 0)
        #expect(figures.uncommitted > 0)
        #expect(Self.seeds < 100 || figures.lostJournals > 0 && figures.adopted > 0)
        print("live simulation: \(Self.seeds) seeds from \(Self.first): \(figures)")
    }

    @Test(arguments: LivePlant.allCases) func `finds each planted fault`(_ plant: LivePlant) throws {
        var tried: UInt64 = 0
        for seed in 1...UInt64(250) {
            tried = seed
            var world = try LiveWorld(seed: seed, plant: plant)
            world.run()
            if !world.violations.isEmpty {
                print("\(plant): found with seed \(seed): \(world.violations[0])")
                return
            }
        }
        Issue.record("\(plant) was not found in \(tried) seeds")
    }
}
