import Halt

/// The first gate that is not passed: a value with a code of its own. The message names what is missing and where it is set, and no phrase
/// and no secret.
package struct LiveRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package var gate: LiveGate
    package var side: LiveSide
    package var message: String

    package var code: String { gate.rawValue }
    package var description: String { code + ": " + message }
}

/// Whether live may begin or go on.
package enum LiveCheck {
    /// The first gate of the list that is missing at a side; nil: all that it can see is there.
    package static func firstMissing(_ facts: LiveFacts, at side: LiveSide) -> LiveRefusal? {
        first(of: LiveGate.allCases, facts, side)
    }

    /// The same for a job that was begun before and goes on at a worker: what may have changed since closes the gate for orders that add risk,
    /// and does not leave its positions alone.
    package static func firstMissingToGoOn(_ facts: LiveFacts) -> LiveRefusal? {
        let kept: Set<LiveGate> = [.workerEnabled, .accountOwned, .riskLimits]
        return first(of: LiveGate.allCases.filter { !$0.changes || kept.contains($0) }, facts, .worker)
    }

    /// The same for what can change, at the worker before every order that adds risk.
    package static func perOrderMissing(_ facts: LiveFacts) -> LiveRefusal? {
        first(of: LiveGate.allCases.filter(\.changes), facts, .worker)
    }

    /// One gate alone.
    package static func missing(_ gate: LiveGate, in facts: LiveFacts, at side: LiveSide) -> LiveRefusal? {
        first(of: [gate], facts, side)
    }

    private static func first(of gates: [LiveGate], _ facts: LiveFacts, _ side: LiveSide) -> LiveRefusal? {
        for gate in gates {
            switch gate.finding(in: facts) {
            case .holds: continue
            case .unknown:
                guard gate.mustBeKnown(at: side) else { continue }
                return LiveRefusal(
                    gate: gate, side: side,
                    message: "\(gate.subject) is not known to the \(side.rawValue), and counts as missing: \(gate.remedy(facts))")
            case .missing(let text):
                return LiveRefusal(gate: gate, side: side, message: "\(text): \(gate.remedy(facts))")
            }
        }
        return nil
    }
}

extension LiveGate {
    enum Finding: Hashable, Sendable {
        case holds
        case unknown
        /// What is wrong, as the first half of a sentence.
        case missing(String)

        /// A switch that must be on.
        init(_ isOn: Bool?, _ text: String) {
            self = isOn.map { $0 ? .holds : .missing(text) } ?? .unknown
        }

        /// A list that must be empty.
        init(_ list: [String]?, _ text: String) {
            guard let list else {
                self = .unknown
                return
            }
            self = list.isEmpty ? .holds : .missing(text + " " + list.prefix(20).map(Shown.name).joined(separator: ", "))
        }

        init(_ phrase: LiveFacts.Phrase?, _ place: String) {
            switch phrase {
            case nil: self = .unknown
            case .right: self = .holds
            case .wrong: self = .missing(place + " is not the phrase")
            case .absent: self = .missing(place + " is missing")
            }
        }
    }

    /// How the gate stands by the facts.
    func finding(in facts: LiveFacts) -> Finding {
        switch self {
        case .confirmInFile: Finding(facts.confirmInFile, "execution.confirm_live is not true")
        case .confirmOnCommandLine: Finding(facts.confirmOnCommandLine, "--confirm-live was not given")
        case .allowedByEnvironment: Finding(facts.allowedByEnvironment, "PRAGMA_ALLOW_LIVE is not set to true")
        case .confirmedByEnvironment: Finding(facts.environmentPhrase, "PRAGMA_LIVE_CONFIRMATION")
        case .safetyPhrase: Finding(facts.filePhrase, "execution.safety_phrase")
        case .coordinatorEnabled: Finding(facts.coordinatorEnabled, "live.enabled is not true in the coordinator's role file")
        case .workerEnabled: Finding(facts.workerEnabled, "live.enabled is not true in the worker's role file")
        case .dryRunOff: Self.dryRunOff(facts.dryRun)
        case .dryRunInFile: Self.dryRunInFile(facts.dryRun)
        case .safetyChecks: Finding(facts.safetyChecks, "execution.safety_checks is false")
        case .paperVenue:
            Finding(facts.venue.map(LiveVenue.isPaper), "live refuses venues that are not paper\(Self.named(facts.venue))")
        case .accountNamed: Finding(facts.account.map { !$0.isEmpty }, "account.name is missing")
        case .requiredKeys: Finding(facts.missingKeys, "the configuration lacks")
        case .riskLimits: Finding(facts.missingLimits, "risk limits are missing:")
        case .credentials, .realCredentials, .keyOfVenue: credentialFinding(facts)
        case .accountOwned: Self.ownership(facts.ownership)
        case .orderGate: Self.orderGate(facts.orderGate)
        case .promotion: Self.promotion(facts.promotion)
        case .budget: Self.budget(facts.budget)
        }
    }

    private static func named(_ venue: String?) -> String { venue.map { ", and this one is " + Shown.name($0) } ?? "" }

    private static func dryRunOff(_ fact: LiveFacts.DryRun?) -> Finding {
        switch fact {
        case nil: .unknown
        case .falseInFile, .falseByEnvironment: .holds
        case .isTrue: .missing("dry_run is true")
        case .absent: .missing("dry_run is missing, and counts as true")
        }
    }

    private static func dryRunInFile(_ fact: LiveFacts.DryRun?) -> Finding {
        switch fact {
        case nil: .unknown
        case .falseByEnvironment: .missing("dry_run is set by an environment variable")
        // Whether it is off is another gate's question.
        case .falseInFile, .isTrue, .absent: .holds
        }
    }

    private func credentialFinding(_ facts: LiveFacts) -> Finding {
        switch facts.credentials {
        case nil: .unknown
        // One thing is missing, and one gate says so.
        case .absent: self == .credentials ? .missing("the worker has no credentials of the account") : .holds
        case .present(nil): .holds
        case .present(let problem?): problem.gate == self ? .missing(problem.text) : .holds
        }
    }

    private static func ownership(_ fact: LiveFacts.Ownership?) -> Finding {
        switch fact {
        case nil: .unknown
        case .own: .holds
        case .refused(let refusal): .missing(refusal.description)
        }
    }

    private static func orderGate(_ mode: MemberRestriction.Mode?) -> Finding {
        switch mode {
        case nil: .unknown
        case .active: .holds
        case .reducing: .missing("the order gate is at reducing")
        case .halted: .missing("the order gate is halted")
        }
    }

    private static func promotion(_ fact: LiveFacts.Promotion?) -> Finding {
        switch fact {
        case nil: .unknown
        case .absent: .missing("there is no promotion record of this strategy with these parameters")
        case .present(nil): .holds
        case .present(let refusal?): .missing("the promotion record does not count: " + refusal.description)
        }
    }

    private static func budget(_ fact: LiveFacts.Budget?) -> Finding {
        switch fact {
        case nil: .unknown
        case .allotted: .holds
        case .absent: .missing("the account has no part of the fleet's limits")
        case .expired: .missing("the account's part of the fleet's limits has run out")
        }
    }
}

/// Names out of configurations in messages.
enum Shown {
    /// Printable, and not longer than a name is.
    static func name(_ text: String) -> String {
        let plain = text.unicodeScalars.prefix(64).map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : String($0) }
        return plain.joined()
    }
}

/// Which venues live may use.
package enum LiveVenue {
    /// Paper venues have ids of their own; nothing else is one.
    package static func isPaper(_ id: String) -> Bool { id.utf8.starts(with: "paper-".utf8) && id.utf8.count > 6 }
}
