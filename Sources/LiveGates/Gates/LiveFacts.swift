package import Halt

/// What one side can see of what live needs. Nil: it cannot be seen from there.
///
/// No value here is a secret: of phrases and credentials there is only what the checks said of them.
package struct LiveFacts: Hashable, Sendable {
    /// What a phrase was compared to be.
    package enum Phrase: Hashable, Sendable { case right, wrong, absent }

    package enum DryRun: Hashable, Sendable {
        case falseInFile
        /// An environment variable says false, whatever the file says.
        case falseByEnvironment
        case isTrue
        /// Counts as true.
        case absent
    }

    package enum CredentialState: Hashable, Sendable {
        case absent
        /// There are some, with what is wrong with them.
        case present(CredentialProblem?)
    }

    package enum Budget: Hashable, Sendable { case allotted, absent, expired }

    package enum Promotion: Hashable, Sendable {
        case absent
        /// There is one, with why it does not count.
        case present(PromotionRefusal?)
    }

    package enum Ownership: Hashable, Sendable {
        case own
        case refused(OwnershipRefusal)
    }

    package var confirmInFile: Bool?
    package var confirmOnCommandLine: Bool?
    package var allowedByEnvironment: Bool?
    package var environmentPhrase: Phrase?
    package var filePhrase: Phrase?
    package var coordinatorEnabled: Bool?
    package var workerEnabled: Bool?
    package var dryRun: DryRun?
    package var safetyChecks: Bool?
    /// The venue's id.
    package var venue: String?
    /// The account's name; empty: the configuration names none.
    package var account: String?
    package var credentials: CredentialState?
    /// Keys that the configuration lacks.
    package var missingKeys: [String]?
    /// Risk limits that it lacks.
    package var missingLimits: [String]?
    package var ownership: Ownership?
    package var orderGate: MemberRestriction.Mode?
    package var promotion: Promotion?
    package var budget: Budget?

    /// Nothing is known.
    package init() {}
}
