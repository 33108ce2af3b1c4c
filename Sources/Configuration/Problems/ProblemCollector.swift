/// Gathers problems while a configuration is read. A class, because one reader works on many sections at once; it never
/// leaves the call that made it.
package final class ProblemCollector {
    package private(set) var problems: [ConfigurationProblem] = []
    /// More than this many problems help nobody.
    private static let limit = 500

    package init() {}

    /// Whether an error is among them.
    package var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// The problems, errors first, then by place; each once.
    package var sorted: [ConfigurationProblem] {
        var seen: Set<ConfigurationProblem> = []
        return problems.filter { seen.insert($0).inserted }.sorted(by: ConfigurationProblem.precedes)
    }

    package func add(_ problem: ConfigurationProblem) {
        if problems.count < Self.limit { problems.append(problem) }
    }

    /// Adds a problem of `value` at `key`; the value's text is redacted where it may be a secret.
    package func add(
        _ severity: ConfigurationProblem.Severity, _ code: ConfigurationProblem.Code, _ value: ConfigValue, key: String,
        _ problem: String, remedy: String
    ) {
        add(
            ConfigurationProblem(
                severity, code, at: value.location, key: key, value: SecretKeys.display(value, at: key), problem: problem,
                remedy: remedy))
    }

    /// Adds a problem without a value, at the place `location`.
    package func add(
        _ severity: ConfigurationProblem.Severity, _ code: ConfigurationProblem.Code, at location: SourceLocation, key: String,
        _ problem: String, remedy: String
    ) {
        add(ConfigurationProblem(severity, code, at: location, key: key, problem: problem, remedy: remedy))
    }
}
