package import Configuration
package import LiveGates

extension LiveFacts {
    /// The keys without which nothing can be traded; risk limits are another gate's.
    private static let neededKeys: [[String]] = [
        ["strategy"], ["stake_currency"], ["stake_amount"], ["max_open_trades"], ["exchange", "name"],
        ["exchange", "pair_whitelist"],
    ]

    /// Puts into the facts what a configuration shows: the merged files of a command line, or the canonical form that travels with a job.
    package mutating func read(_ configuration: ConfigValue) {
        confirmInFile = configuration["execution", "confirm_live"]?.boolean == true
        filePhrase = SafetyPhrase.fact(configuration["execution", "safety_phrase"]?.string)
        dryRun = Self.dryRun(configuration["dry_run"])
        safetyChecks = configuration["execution", "safety_checks"]?.boolean != false
        venue = configuration["exchange", "name"]?.string ?? ""
        account = configuration["account", "name"]?.string ?? ""
        missingKeys = Self.neededKeys.filter { Self.isMissing(configuration[at: $0]) }.map { $0.joined(separator: ".") }
        missingLimits = RiskLimits.keys.filter { configuration["risk", $0]?.number == nil }
    }

    private static func dryRun(_ value: ConfigValue?) -> DryRun {
        guard let value else { return .absent }
        guard value.boolean == false else { return .isTrue }
        if case .environment = value.location.origin { return .falseByEnvironment }
        return .falseInFile
    }

    /// An empty text or list is as good as none; any number of open trades (-1 in the canonical form) is no limit.
    private static func isMissing(_ value: ConfigValue?) -> Bool {
        switch value?.kind {
        case nil, .null: true
        case .string(let text): text.allSatisfy(\.isWhitespace)
        case .array(let elements): elements.isEmpty
        case .number(let number): !(number.value > 0 && number.value.isFinite)
        case .boolean, .object: false
        }
    }
}
