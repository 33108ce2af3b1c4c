import Halt
import Testing

@testable import LiveGates

@Suite struct GateTests {
    @Test func `with everything there every side lets it through`() {
        for side in LiveSide.allCases { #expect(LiveCheck.firstMissing(completeFacts(), at: side) == nil) }
        #expect(LiveCheck.perOrderMissing(completeFacts()) == nil)
    }

    @Test func `the table has a way for every gate`() {
        #expect(Set(waysToMiss.map(\.gate)) == Set(LiveGate.allCases))
        #expect(Set(LiveGate.allCases.map(\.rawValue)).count == LiveGate.allCases.count)
    }

    @Test func `each gate alone missing is its own error and nobody else's`() throws {
        for way in waysToMiss {
            var facts = completeFacts()
            way.change(&facts)
            for side in LiveSide.allCases {
                let refusal = try #require(LiveCheck.firstMissing(facts, at: side), "\(way.gate) at \(side)")
                #expect(refusal.gate == way.gate && refusal.side == side && refusal.code == way.gate.rawValue)
                #expect(refusal.message.contains(": "), "it must say what to do: \(refusal)")
            }
            // And no other gate has anything to say.
            for gate in LiveGate.allCases where gate != way.gate {
                #expect(gate.finding(in: facts) == .holds, "\(way.gate), \(gate)")
            }
        }
    }

    @Test func `of any two missing the first of the list is named`() {
        var pairs = 0
        for first in waysToMiss {
            for second in waysToMiss where !sharesFact(first.gate, second.gate) {
                var facts = completeFacts()
                first.change(&facts)
                second.change(&facts)
                let expected = first.gate.place < second.gate.place ? first.gate : second.gate
                #expect(LiveCheck.firstMissing(facts, at: .worker)?.gate == expected, "\(first.gate), \(second.gate)")
                pairs += 1
            }
        }
        print("pairs of missing gates: \(pairs)")
        #expect(pairs > 600)
    }

    @Test func `of any three missing the first is named and none of all combinations tried passes`() {
        var combinations = 0
        for (i, first) in waysToMiss.enumerated() {
            for (j, second) in waysToMiss.enumerated().dropFirst(i + 1) where !sharesFact(first.gate, second.gate) {
                for third in waysToMiss.dropFirst(j + 1)
                where !sharesFact(first.gate, third.gate) && !sharesFact(second.gate, third.gate) {
                    var facts = completeFacts()
                    for way in [first, second, third] { way.change(&facts) }
                    let expected = [first, second, third].map(\.gate).min { $0.place < $1.place }
                    if LiveCheck.firstMissing(facts, at: .worker)?.gate != expected {
                        Issue.record("\(first.gate), \(second.gate), \(third.gate)")
                    }
                    combinations += 1
                }
            }
        }
        print("triples of missing gates: \(combinations)")
        #expect(combinations > 2000)
    }

    @Test(arguments: [11, 12, 13]) func `no random set of missing or unknown gates passes at the worker`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20_000 {
            var facts = completeFacts()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                if Bool.random(using: &random), let way = waysToMiss.randomElement(using: &random) {
                    way.change(&facts)
                } else if let blind = blindings.randomElement(using: &random) {
                    blind.change(&facts)
                }
            }
            if LiveCheck.firstMissing(facts, at: .worker) == nil { Issue.record("seed \(seed): \(facts)") }
        }
    }

    /// Each fact made unknown, with the first gate that reads it.
    private var blindings: [(gate: LiveGate, change: (inout LiveFacts) -> Void)] {
        [
            (.confirmInFile, { $0.confirmInFile = nil }), (.confirmOnCommandLine, { $0.confirmOnCommandLine = nil }),
            (.allowedByEnvironment, { $0.allowedByEnvironment = nil }), (.confirmedByEnvironment, { $0.environmentPhrase = nil }),
            (.safetyPhrase, { $0.filePhrase = nil }), (.coordinatorEnabled, { $0.coordinatorEnabled = nil }),
            (.workerEnabled, { $0.workerEnabled = nil }), (.dryRunOff, { $0.dryRun = nil }),
            (.safetyChecks, { $0.safetyChecks = nil }),
            (.paperVenue, { $0.venue = nil }), (.accountNamed, { $0.account = nil }), (.credentials, { $0.credentials = nil }),
            (.requiredKeys, { $0.missingKeys = nil }), (.riskLimits, { $0.missingLimits = nil }),
            (.accountOwned, { $0.ownership = nil }),
            (.orderGate, { $0.orderGate = nil }), (.promotion, { $0.promotion = nil }), (.budget, { $0.budget = nil }),
        ]
    }

    @Test func `what a side must know and does not is missing there, and elsewhere not checked`() {
        for blinding in blindings {
            var facts = completeFacts()
            blinding.change(&facts)
            for side in LiveSide.allCases {
                let refusal = LiveCheck.firstMissing(facts, at: side)
                #expect(
                    refusal?.gate == (blinding.gate.mustBeKnown(at: side) ? blinding.gate : nil), "\(blinding.gate) at \(side)")
            }
        }
        // The worker has to know all.
        #expect(LiveGate.allCases.allSatisfy { $0.mustBeKnown(at: .worker) })
        #expect(LiveCheck.firstMissing(LiveFacts(), at: .worker)?.gate == .confirmInFile)
    }

    @Test func `what may change is asked again for every order and what cannot is not`() {
        for way in waysToMiss {
            var facts = completeFacts()
            way.change(&facts)
            #expect(LiveCheck.perOrderMissing(facts)?.gate == (way.gate.changes ? way.gate : nil))
        }
        #expect(
            LiveGate.allCases.filter(\.changes) == [
                .coordinatorEnabled, .workerEnabled, .riskLimits, .accountOwned, .orderGate, .promotion, .budget,
            ])
        #expect(LiveCheck.perOrderMissing(LiveFacts()) != nil)
    }

    @Test func `only ids that begin with paper- are paper venues, and the refusal says so`() throws {
        for id in ["binance", "kraken", "paper", "paper-", "Paper-binance", "binance-paper", " paper-binance", ""] {
            #expect(!LiveVenue.isPaper(id))
            var facts = completeFacts()
            facts.venue = id
            let refusal = try #require(LiveCheck.firstMissing(facts, at: .commandLine))
            #expect(refusal.gate == .paperVenue && refusal.message.contains("live refuses venues that are not paper"))
        }
        #expect(LiveVenue.isPaper("paper-kraken"))
    }
}
