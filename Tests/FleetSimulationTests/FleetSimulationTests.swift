import Coordination
import SimulationSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Seeded runs of the whole fleet: coordinator, workers and monitors as processes, each with its guard. `PRAGMA_FLEET_SEED=N` in the
/// environment runs that seed alone; `PRAGMA_FLEET_COUNT=N` sets how many are run: 2,000 unless set otherwise, a tenth without optimisation.
@Suite struct FleetSimulationTests {
    static func environment(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    static func replay(_ seed: UInt64) -> String {
        "PRAGMA_FLEET_SEED=\(seed) PRAGMA_ONLY=FleetSimulation swift test --disable-xctest --filter FleetSimulationTests"
    }

    /// Seeds in parts that run side by side.
    static var parts: [ClosedRange<UInt64>] {
        if let seed = environment("PRAGMA_FLEET_SEED") { return [seed...seed] }
        #if DEBUG
            let usual: UInt64 = 200
        #else
            let usual: UInt64 = 2_000
        #endif
        let count = max(8, environment("PRAGMA_FLEET_COUNT") ?? usual)
        return (0..<8).map { part in count * part / 8 + 1...count * (part + 1) / 8 }
    }

    @Test(arguments: parts)
    func `a fleet keeps its promises and its halts whatever goes wrong`(seeds: ClosedRange<UInt64>) {
        var total = WholeFleet.Statistics()
        for seed in seeds {
            let fleet = WholeFleet(seed: seed)
            let violations = fleet.run()
            total.add(fleet.statistics)
            if !violations.isEmpty {
                Issue.record("seed \(seed): \(violations)\nreplay with: \(Self.replay(seed))")
                return
            }
        }
        print("simulated fleets \(seeds): \(total)")
        guard seeds.count >= 200 else { return }
        // The runs do what they are for.
        #expect(total.crashes > 200 && total.pauses > 50 && total.lateReports > 0 && total.orders > 1_000)
        #expect(total.stops > 200 && total.rearms > 200 && total.openings > 1_000)
        #expect(total.heldBack > 50 && total.files > 10)
    }

    @Test(arguments: PlantedBug.allCases)
    func `a bug planted around the instances is noticed`(bug: PlantedBug) {
        var missing = Set(bug.symptoms)
        var seed: UInt64 = 0
        while seed < 2_000, !missing.isEmpty {
            seed += 1
            let violations = WholeFleet(seed: seed, bug: bug).run()
            missing = missing.filter { symptom in !violations.contains { $0.contains(symptom) } }
        }
        print("planted bug \(bug.rawValue): noticed by seed \(seed)")
        #expect(missing.isEmpty, "2,000 seeds did not notice \(bug.rawValue): \(missing)")
    }

    @Test func `a seed gives the same run again`() {
        for seed: UInt64 in 1...10 {
            let runs = (0..<2).map { _ in
                let fleet = WholeFleet(seed: seed)
                return "\(fleet.run()) \(fleet.statistics) \(fleet.time.now.nanoseconds)"
            }
            #expect(runs[0] == runs[1])
        }
    }
}

extension WholeFleet.Statistics {
    mutating func add(_ other: Self) {
        events += other.events
        crashes += other.crashes
        pauses += other.pauses
        stops += other.stops
        rearms += other.rearms
        openings += other.openings
        heldBack += other.heldBack
        files += other.files
        takeOvers += other.takeOvers
        dispatches += other.dispatches
        results += other.results
        lateReports += other.lateReports
        orders += other.orders
    }
}
