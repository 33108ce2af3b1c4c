import Foundation
import SyntheticMarket
import Testing

/// How long, and which chances.
private enum SoakSettings {
    private static func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
    static let seconds = environment("PRAGMA_SOAK_SECONDS").flatMap { Int($0) }
    static let minutes = 10 + (seconds ?? 0) / 30

    static func firstSeed() -> UInt64 {
        if let seed = environment("PRAGMA_SOAK_SEED").flatMap({ UInt64($0) }) { return seed }
        // A short run, of which nobody reads the output, is the same each time.
        return seconds == nil ? 20_261_123 : UInt64.random(in: 1...1_000_000_000)
    }
}

/// Random orders under random faults, and equal books after each round.
///
/// `PRAGMA_SOAK_SECONDS` says how long each protocol is soaked (both at once); without it there are a few rounds. Each round prints its seed.
/// `PRAGMA_SOAK_SEED` repeats a run's chances; sockets and scheduling stay what they are.
@Suite(.timeLimit(.minutes(SoakSettings.minutes)))
struct FaultSoakTests {
    /// Rounds of one venue; then a new one takes its place, with another market.
    private static let roundsOfVenue = 6
    private static let usualRounds = 2
    private static let operations = 25

    @Test(arguments: ["binance", "kraken"])
    func `after random faults the books of client and venue are equal`(dialect: String) async throws {
        let begin = ContinuousClock.now
        var seed = SoakSettings.firstSeed()
        var sum = SoakTally()
        var rounds = 0
        var isOver: Bool {
            guard let seconds = SoakSettings.seconds else { return rounds >= Self.usualRounds }
            return ContinuousClock.now - begin >= .seconds(seconds)
        }
        while !isOver {
            let session = try await SoakSession(dialect, seed: seed)
            try await session.run {
                for number in 0..<Self.roundsOfVenue where !isOver {
                    sum.add(try await Self.round(session, number, seed: seed))
                    rounds += 1
                    seed += 1
                }
            }
        }
        print("\(dialect): \(rounds) rounds, \(sum.text)")
        #expect(sum.placed > 0 && sum.fills > 0 && !sum.faults.isEmpty, "nothing was tested")
    }

    private static func round(_ session: SoakSession, _ number: Int, seed: UInt64) async throws -> SoakTally {
        let round = SoakRound(session: session, number: number, seed: seed, operations: operations)
        let place = "\(session.rig.name), round \(number), PRAGMA_SOAK_SEED=\(seed)"
        do {
            let (tally, problems) = try await round.run()
            print("\(place): \(tally.placed) orders, \(tally.fills) fills, \(tally.faults.values.reduce(0, +)) faults")
            try #require(problems.isEmpty, "\(place): \(problems.joined(separator: "\n"))")
            return tally
        } catch let failure as SoakFailure {
            throw SoakFailure(description: "\(place): \(failure)")
        }
    }
}
