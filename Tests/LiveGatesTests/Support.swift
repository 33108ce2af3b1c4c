import Halt

@testable import LiveGates

/// A small generator with a seed: the same seed gives the same run on every machine.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Letters and digits, as venues make them.
    mutating func secret(_ count: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return String((0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &self)] })
    }
}

func digest(_ byte: UInt8) -> LiveDigest {
    guard let digest = LiveDigest([UInt8](repeating: byte, count: 32)) else { preconditionFailure("32 bytes are a digest") }
    return digest
}

/// Facts with all that live needs.
func completeFacts() -> LiveFacts {
    var facts = LiveFacts()
    facts.confirmInFile = true
    facts.confirmOnCommandLine = true
    facts.allowedByEnvironment = true
    facts.environmentPhrase = .right
    facts.filePhrase = .right
    facts.coordinatorEnabled = true
    facts.workerEnabled = true
    facts.dryRun = .falseInFile
    facts.safetyChecks = true
    facts.venue = "paper-binance"
    facts.account = "main"
    facts.credentials = .present(nil)
    facts.missingKeys = []
    facts.missingLimits = []
    facts.ownership = .own
    facts.orderGate = .active
    facts.promotion = .present(nil)
    facts.budget = .allotted
    return facts
}

/// Ways in which each gate can be missing, other gates being left as they are where one fact serves several.
let waysToMiss: [(gate: LiveGate, change: @Sendable (inout LiveFacts) -> Void)] = [
    (.confirmInFile, { $0.confirmInFile = false }),
    (.confirmOnCommandLine, { $0.confirmOnCommandLine = false }),
    (.allowedByEnvironment, { $0.allowedByEnvironment = false }),
    (.confirmedByEnvironment, { $0.environmentPhrase = .absent }),
    (.confirmedByEnvironment, { $0.environmentPhrase = .wrong }),
    (.safetyPhrase, { $0.filePhrase = .absent }),
    (.safetyPhrase, { $0.filePhrase = .wrong }),
    (.coordinatorEnabled, { $0.coordinatorEnabled = false }),
    (.workerEnabled, { $0.workerEnabled = false }),
    (.dryRunOff, { $0.dryRun = .isTrue }),
    (.dryRunOff, { $0.dryRun = .absent }),
    (.dryRunInFile, { $0.dryRun = .falseByEnvironment }),
    (.safetyChecks, { $0.safetyChecks = false }),
    (.paperVenue, { $0.venue = "binance" }),
    (.accountNamed, { $0.account = "" }),
    (.credentials, { $0.credentials = .absent }),
    (.requiredKeys, { $0.missingKeys = ["timeframe"] }),
    (.realCredentials, { $0.credentials = .present(CredentialProblem(field: .secret, kind: .placeholder)) }),
    (.realCredentials, { $0.credentials = .present(CredentialProblem(field: .key, kind: .tooShort)) }),
    (.keyOfVenue, { $0.credentials = .present(CredentialProblem(field: .key, kind: .otherKeyAtPaper)) }),
    (.riskLimits, { $0.missingLimits = ["risk.max_drawdown"] }),
    (.accountOwned, { $0.ownership = .refused(.lockedBy("worker live-2")) }),
    (.orderGate, { $0.orderGate = .reducing }),
    (.orderGate, { $0.orderGate = .halted }),
    (.promotion, { $0.promotion = .absent }),
    (.promotion, { $0.promotion = .present(.expired) }),
    (.budget, { $0.budget = .absent }),
    (.budget, { $0.budget = .expired }),
]

/// The same fact serves these, so that both cannot be missing at once by different ways.
func sharesFact(_ a: LiveGate, _ b: LiveGate) -> Bool {
    let groups: [Set<LiveGate>] = [[.dryRunOff, .dryRunInFile], [.credentials, .realCredentials, .keyOfVenue]]
    return a == b || groups.contains { $0.contains(a) && $0.contains(b) }
}

extension LiveGate {
    var place: Int { Self.allCases.firstIndex(of: self) ?? -1 }
}
