import Testing

@testable import Halt

#if canImport(Glibc)
    import Glibc
#endif

/// A number from the environment.
private func environment(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

private let replay = "PRAGMA_HALT_SEED"

private func replayCommand(_ seed: UInt64) -> String {
    "\(replay)=\(seed) PRAGMA_ONLY=Halt swift test --disable-xctest --filter HaltTests.SimulationTests"
}

@Suite struct SimulationTests {
    static let seeds: ClosedRange<UInt64> = {
        if let seed = environment(replay) { return seed...seed }
        #if DEBUG
            let usual: UInt64 = 40
        #else
            let usual: UInt64 = 2_000
        #endif
        return 1...max(1, environment("PRAGMA_HALT_SEEDS") ?? usual)
    }()

    /// Parts of the seeds, so that all cores take part.
    static let parts = 4

    @Test(arguments: 0..<parts) func `no order, loss, replay, restart or clock opens what a stop closed`(part: Int) {
        var total = SimulationStatistics()
        for seed in Self.seeds where Int(seed) % Self.parts == part {
            let simulation = Simulation(seed: seed, trace: Self.seeds.count == 1)
            do throws(SimulationFailure) {
                try simulation.run()
            } catch {
                Issue.record("seed \(seed), \(error)\nreplay with: \(replayCommand(seed))")
                return
            }
            total.add(simulation.statistics)
        }
        print("halt simulation, part \(part) of \(Self.seeds.count) seeds: \(total)")
        guard Self.seeds.count >= 1_000 else { return }
        // The runs do what they are for.
        #expect(total.stops > 1_000 && total.rearms > 1_000 && total.openings > 2_000 && total.crashes > 500)
        #expect(total.latchFaults > 100 && total.replays > 1_000 && total.takeOvers > 10 && total.files > 500)
        #expect(total.proofs > 200 && total.deaths > 500 && total.proofsByDeath > 5)
    }

    @Test(arguments: PlantedBug.allCases) func `a planted mistake is found`(bug: PlantedBug) {
        for seed: UInt64 in 1...2_000 {
            let simulation = Simulation(seed: seed, bug: bug)
            do throws(SimulationFailure) {
                try simulation.run()
            } catch {
                print("\(bug): found with seed \(seed), \(error)")
                return
            }
        }
        Issue.record("no seed found \(bug)")
    }

    @Test func `a seed gives the same run again`() {
        for seed: UInt64 in 1...20 {
            let runs = (0..<2).map { _ in
                let simulation = Simulation(seed: seed)
                let failure = Result { () throws(SimulationFailure) in try simulation.run() }
                return "\(failure) \(simulation.statistics) \(simulation.random.state) \(simulation.obligations.count)"
            }
            #expect(runs[0] == runs[1])
        }
    }
}

extension SimulationStatistics {
    mutating func add(_ other: SimulationStatistics) {
        events += other.events
        stops += other.stops
        rearms += other.rearms
        proofs += other.proofs
        openings += other.openings
        crashes += other.crashes
        latchFaults += other.latchFaults
        replays += other.replays
        takeOvers += other.takeOvers
        files += other.files
        deaths += other.deaths
        proofsByDeath += other.proofsByDeath
    }
}
