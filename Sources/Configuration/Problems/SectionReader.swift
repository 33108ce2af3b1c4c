/// Reads the members of one object with their types and ranges, adds a problem for each that is wrong, and knows in the end
/// which members nobody asked for.
package struct SectionReader {
    /// The section; an object, or something else where the file is wrong.
    package let value: ConfigValue
    /// Its key path; empty for the whole file.
    package let path: String
    package let collector: ProblemCollector
    private let members: ConfigValue.Object

    /// A reader of `value`, which stands at `path`.
    package init(_ value: ConfigValue, path: String = "", collector: ProblemCollector) {
        self.value = value
        self.path = path
        self.collector = collector
        members = value.object ?? [:]
    }

    /// The full path of member `name`.
    package func key(_ name: String) -> String { ConfigPath.joined(path, name) }

    /// The names of all members.
    package var names: [String] { members.keys.sorted() }

    /// The value of a member; nil where it is absent or null.
    package func member(_ name: String) -> ConfigValue? {
        guard let member = members[name], !member.isNull else { return nil }
        return member
    }

    /// Adds an error of member `name`, or of the section where there is none.
    package func add(
        _ code: ConfigurationProblem.Code, _ name: String, _ problem: String, remedy: String,
        severity: ConfigurationProblem.Severity = .error
    ) {
        if let member = members[name] {
            collector.add(severity, code, member, key: key(name), problem, remedy: remedy)
        } else {
            collector.add(severity, code, at: value.location, key: key(name), problem, remedy: remedy)
        }
    }

    /// Adds the problem that `name` is missing.
    package func addMissing(_ name: String, remedy: String) {
        add(.missingKey, name, "is missing", remedy: remedy)
    }

    private func typed<Result>(_ name: String, _ wanted: String, _ get: (ConfigValue) -> Result?) -> Result? {
        guard let member = member(name) else { return nil }
        if let result = get(member) { return result }
        add(.wrongType, name, "is \(member.kindName) but must be \(wanted)", remedy: "write \(wanted)")
        return nil
    }

    // MARK: - Typed members; nil where absent or wrong, and wrong ones are reported

    /// A text.
    package func string(_ name: String) -> String? { typed(name, "a text in quotes", \.string) }

    /// A text that is not empty.
    package func nonEmpty(_ name: String) -> String? {
        guard let text = string(name) else { return nil }
        if !text.isEmpty { return text }
        add(.outOfRange, name, "is empty", remedy: "write a text or remove the key")
        return nil
    }

    /// One of several texts.
    package func choice(_ name: String, of allowed: [String]) -> String? {
        guard let text = string(name) else { return nil }
        if allowed.contains(text) { return text }
        let nearest = NearestName.find(text, among: allowed.filter { !$0.isEmpty }).map { "did you mean \"\($0)\"? " } ?? ""
        let list = allowed.filter { !$0.isEmpty }.map { "\"\($0)\"" }.joined(separator: ", ")
        add(.notAllowed, name, "is not one of the values there are", remedy: nearest + "choose from \(list)")
        return nil
    }

    /// True or false.
    package func boolean(_ name: String) -> Bool? { typed(name, "true or false", \.boolean) }

    /// A finite number in a range.
    package func number(
        _ name: String, in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    )
        -> Double?
    {
        guard let number = typed(name, "a number", \.number)?.value else { return nil }
        guard number.isFinite else {
            add(.notFinite, name, "is not a finite number", remedy: "write a plain number")
            return nil
        }
        guard range.contains(number) else {
            add(.outOfRange, name, "is out of range", remedy: "write a number \(describe(range))")
            return nil
        }
        return number
    }

    /// A whole number in a range.
    package func integer(_ name: String, in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
        guard let member = member(name) else { return nil }
        guard let number = member.number, let whole = number.integer.flatMap(Int.init(exactly:)) else {
            let found = member.number == nil ? member.kindName : "a fraction"
            add(.wrongType, name, "is \(found) but must be a whole number", remedy: "write a whole number")
            return nil
        }
        guard range.contains(whole) else {
            let bounds =
                range.upperBound == .max ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            add(.outOfRange, name, "is out of range", remedy: "write a whole number \(bounds)")
            return nil
        }
        return whole
    }

    /// A section.
    package func section(_ name: String) -> SectionReader? {
        typed(name, "a section", { $0.object == nil ? nil : $0 }).map {
            SectionReader($0, path: key(name), collector: collector)
        }
    }

    /// A list of texts, each with its place; elements of another type are reported and left out.
    package func strings(_ name: String) -> [(text: String, value: ConfigValue, key: String)]? {
        guard let elements = typed(name, "a list", \.array) else { return nil }
        return elements.enumerated().compactMap { index, element in
            let path = ConfigPath.joined(key(name), index)
            if let text = element.string { return (text, element, path) }
            collector.add(
                .error, .wrongType, element, key: path, "is \(element.kindName) but must be a text in quotes",
                remedy: "write a text in quotes")
            return nil
        }
    }

    /// A list of sections; elements of another type are reported and left out.
    package func sections(_ name: String) -> [SectionReader]? {
        guard let elements = typed(name, "a list of sections", \.array) else { return nil }
        return elements.enumerated().compactMap { index, element in
            let path = ConfigPath.joined(key(name), index)
            if element.object != nil { return SectionReader(element, path: path, collector: collector) }
            collector.add(
                .error, .wrongType, element, key: path, "is \(element.kindName) but must be a section", remedy: "write a section")
            return nil
        }
    }

    /// Reports every member that is none of `known`.
    package func reportUnknown(_ severity: ConfigurationProblem.Severity, known: [String], remedy: String) {
        for name in names where !known.contains(name) {
            let nearest = NearestName.find(name, among: known).map { "did you mean \"\($0)\"? " } ?? ""
            collector.add(
                severity, .unknownKey, at: members[name]?.location ?? value.location, key: key(SecretKeys.shortened(name)),
                "is no known key", remedy: nearest + remedy)
        }
    }

    private func describe(_ range: ClosedRange<Double>) -> String {
        let upper = range.upperBound == .greatestFiniteMagnitude ? nil : ConfigNumber(range.upperBound).canonicalText
        if range.lowerBound == .leastNonzeroMagnitude { return "greater than 0" + (upper.map { " and at most \($0)" } ?? "") }
        if range.lowerBound == -.greatestFiniteMagnitude { return "of at most \(upper ?? "")" }
        let lower = ConfigNumber(range.lowerBound).canonicalText
        return upper.map { "from \(lower) to \($0)" } ?? "of at least \(lower)"
    }
}
