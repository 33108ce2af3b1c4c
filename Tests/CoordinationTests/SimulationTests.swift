import Coordination
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Seeded runs of a whole fleet. `PRAGMA_SIM_SEED=N` in the environment runs that seed alone; `PRAGMA_SIM_COUNT=N` sets how
/// many are run: 2,000 unless set otherwise, which takes about ten seconds of one core, or a minute without optimisation.
@Suite struct SimulationTests {
    static func environment(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    /// Seeds in parts that run side by side.
    static var parts: [ClosedRange<UInt64>] {
        if let seed = environment("PRAGMA_SIM_SEED") { return [seed...seed] }
        let count = max(8, environment("PRAGMA_SIM_COUNT") ?? 2_000)
        return (0..<8).map { part in count * part / 8 + 1...count * (part + 1) / 8 }
    }

    @Test(arguments: parts)
    func `a fleet keeps its promises whatever goes wrong`(seeds: ClosedRange<UInt64>) {
        var total = FleetSimulation.Statistics()
        for seed in seeds {
            var simulation = FleetSimulation(seed: seed)
            let violations = simulation.run()
            total.add(simulation.statistics)
            #expect(
                violations.isEmpty, "PRAGMA_SIM_SEED=\(seed) swift test --filter CoordinationTests.SimulationTests: \(violations)"
            )
        }
        print("simulated seeds \(seeds): \(total)")
        if seeds.count > 100 {
            #expect(total.crashes > 0 && total.lateReports > 0 && total.liveGrants > 0, "the runs are too tame: \(total)")
        }
    }

    @Test(arguments: PlantedBug.allCases)
    func `a bug planted around the instances is noticed`(bug: PlantedBug) {
        var missing = Set(bug.symptoms)
        var seed: UInt64 = 0
        while seed < 1_000, !missing.isEmpty {
            seed += 1
            var simulation = FleetSimulation(seed: seed, bug: bug)
            let violations = simulation.run()
            missing = missing.filter { symptom in !violations.contains { $0.contains(symptom) } }
        }
        print("planted bug \(bug.rawValue): noticed by seed \(seed)")
        #expect(missing.isEmpty, "1,000 seeds did not notice \(bug.rawValue): \(missing)")
    }
}

extension FleetSimulation.Statistics {
    mutating func add(_ other: Self) {
        events += other.events
        dispatches += other.dispatches
        crashes += other.crashes
        results += other.results
        lateReports += other.lateReports
        liveGrants += other.liveGrants
    }
}
