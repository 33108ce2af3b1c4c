import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Processes die in the middle of a farm and of a halt, and the leaderboard does not change.
    @Suite(.serialized) struct Kills {
        @Test func `at least fifty kills change nothing in the leaderboard`() async throws {
            let seed =
                ProcessInfo.processInfo.environment["PRAGMA_E2E_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...999_999)
            print("kill test: PRAGMA_E2E_SEED=\(seed)")
            let market = Market.best(for: "kill test")
            let data = try await Farm.candles(market)
            let reference = try await Farm.reference(market)
            try await withRig { rig in
                let farm = try Farm.write(market, in: rig.folder)
                var monkey = Monkey(seed: seed)
                var rounds = 0
                // A new `up` for each farm: a child that dies again and again is started ever later.
                while monkey.kills < 50, rounds < 12 {
                    rounds += 1
                    try await round(rig, farm, data, reference, halt: rounds % 2 == 0, &monkey)
                }
                #expect(monkey.kills >= 50)
                print("kill test: \(monkey.kills) kills in \(rounds) farms: \(monkey.victims)")
            }
        }

        /// One farm on a fleet of its own, with at most twelve kills.
        private func round(
            _ rig: Rig, _ farm: String, _ data: String, _ reference: Data, halt: Bool, _ monkey: inout Monkey
        ) async throws {
            let fleet = try await rig.up(workers: 4)
            let csv = rig.folder + "/rows-\(Serial.next()).csv"
            let known = Set(try await rig.jobs().map(\.job))
            let sweep = try rig.start(["sweep", farm, "--datadir", data, "--fresh", "--csv", csv])
            let job = try await eventually("the job") { try await rig.jobs().map(\.job).first { !known.contains($0) } }
            for _ in 0..<(halt ? 5 : 12) where sweep.isRunning { try await monkey.kill(in: fleet, unless: { !sweep.isRunning }) }
            if halt, sweep.isRunning { try await haltInTheMiddle(rig, fleet, job, &monkey) }
            #expect(try await sweep.ending(within: .seconds(120)) == .code(0), "\(sweep.output.suffix(500)) \(sweep.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: csv)) == reference, "the leaderboard changed")
            let detail = try await rig.job(job)
            #expect(detail.terminalStates == ["succeeded"])
            #expect(detail.job.units_completed == detail.job.units)
            let recorded = Dictionary(grouping: detail.attempts.filter { $0.ending == "succeeded" }, by: \.unit)
            #expect(recorded.values.allSatisfy { $0.count == 1 }, "a result was recorded twice")
            if detail.attempts.count < 200 { #expect(recorded.count == detail.job.units) }
            try await rig.end(fleet)
        }

        /// Stops the fleet, kills while it writes its latches and while it stands, and re-arms it.
        private func haltInTheMiddle(_ rig: Rig, _ fleet: Child, _ job: Int64, _ monkey: inout Monkey) async throws {
            let stop = try rig.start(["stop", "--all", "--reason", "kill test", "--yes", "--timeout", "2"])
            for _ in 0..<3 { try await monkey.kill(in: fleet, longest: 40) }
            _ = try await stop.ending()
            try await eventually("a halted fleet") { try await rig.status().halted }
            for _ in 0..<4 { try await monkey.kill(in: fleet, longest: 60) }
            // What a killed worker held is out until its death is known: at the latest when its lease has ended.
            try await eventually("everybody's return, and nothing held", within: .seconds(40), every: .milliseconds(50)) {
                let status = try await rig.status()
                return status.coordinatorAnswers && status.monitorsAnswer
                    && status.workers.count { $0.connected } >= 4 && status.workers.allSatisfy { $0.units_held == 0 }
            }
            let status = try await rig.status()
            #expect(status.halted, "kills ended the stop")
            let before = try await rig.job(job)
            #expect(before.job.units_out == 0)
            #expect(before.terminalStates.isEmpty)
            try await rig.rearm("kill test goes on")
        }
    }
}

/// Kills children of `pragma up` at random. The seed settles whom and how long the pauses are; what runs at that moment is the machine's affair.
struct Monkey {
    private var random: SplitMix64
    private(set) var kills = 0
    private(set) var victims: [String: Int] = [:]

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// Waits for a random while (milliseconds) and kills a child that lives.
    mutating func kill(in fleet: Child, longest: UInt64 = 120, unless stop: () -> Bool = { false }) async throws {
        let pause = Duration.milliseconds(Int(random.next() % longest))
        if try await happens(within: pause, { stop() }) { return }
        let names = try await eventually("a child that lives") {
            let living = fleet.living
            return living.isEmpty ? nil : living
        }
        let name = names.keys.sorted()[Int(random.next() % UInt64(names.count))]
        guard try await fleet.killChild(name) else { return }
        kills += 1
        victims[name, default: 0] += 1
    }
}

struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
