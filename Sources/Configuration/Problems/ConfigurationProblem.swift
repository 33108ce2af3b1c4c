/// One thing that is wrong with a configuration, as a value: where, which key, what value, what to do.
package struct ConfigurationProblem: Hashable, Sendable {
    /// Whether the configuration can be used all the same.
    package enum Severity: String, Sendable, CaseIterable {
        /// Nothing runs with it.
        case error
        /// It runs; the user should know.
        case warning
    }

    /// A stable name of the kind of problem, for programs and tests: `value.outOfRange`.
    package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        package var rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }
        init(_ rawValue: String) { self.rawValue = rawValue }
        package var description: String { rawValue }
    }

    /// Whether the configuration can be used all the same.
    package var severity: Severity
    /// The kind of problem.
    package var code: Code
    /// Where the value, or the section that misses it, was written.
    package var location: SourceLocation
    /// The key path, `exchange.pair_whitelist[2]`; empty where the whole file is meant.
    package var key: String
    /// The value as text, shortened, `<redacted>` where it may be a secret; nil where there is none.
    package var value: String?
    /// What is wrong.
    package var problem: String
    /// What to do.
    package var remedy: String

    /// A problem from its parts.
    package init(
        _ severity: Severity, _ code: Code, at location: SourceLocation, key: String, value: String? = nil, problem: String,
        remedy: String
    ) {
        self.severity = severity
        self.code = code
        self.location = location
        self.key = key
        self.value = value
        self.problem = problem
        self.remedy = remedy
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `config.json:12:5: error: stake_amount "abc" is not a number; write a number or "unlimited" [value.type]`
    package var description: String {
        let place = location.description
        let subject = [key, value ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
        return (place.isEmpty ? "" : place + ": ") + "\(severity.rawValue): "
            + (subject.isEmpty ? "" : subject + ": ") + "\(problem); \(remedy) [\(code)]"
    }
}

extension ConfigurationProblem {
    /// The order in which problems are shown: errors first, then by place and key.
    static func precedes(_ a: Self, _ b: Self) -> Bool {
        if a.severity != b.severity { return a.severity == .error }
        return a.sortKey < b.sortKey
    }

    private var sortKey: (String, Int, Int, String, String) {
        (location.file ?? "~" + location.description, location.line, location.column, key, code.rawValue)
    }
}

/// A configuration cannot be used: every problem found in it, warnings included.
package struct ConfigurationError: Error, CustomStringConvertible, Sendable {
    /// All problems, errors first; at least one is an error.
    package var problems: [ConfigurationProblem]

    /// An error from problems.
    package init(problems: [ConfigurationProblem]) { self.problems = problems }

    /// One problem a line.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
