/// Configuration values from environment variables: `FREQTRADE__EXCHANGE__NAME=kraken` sets `exchange.name`.
///
/// The rules are freqtrade's: parts between double underscores are lower-cased member names (the last part below
/// `exchange.ccxt_config` keeps its case), variables are taken in the order of their names, and texts are converted as
/// `typed(_:)` says, but for the parts CHAT_ID and PASSWORD.
package enum EnvironmentOverrides {
    /// The prefix of job configurations.
    package static let freqtradePrefix = "FREQTRADE__"
    /// The prefix of role files.
    package static let pragmaPrefix = "PRAGMA__"

    /// The object that the variables with `prefix` describe; nil where there is none.
    package static func object(
        from environment: [String: String], prefix: String, collector: ProblemCollector
    ) -> ConfigValue? {
        var result: ConfigValue?
        for (name, text) in environment.sorted(by: { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) })
        where name.hasPrefix(prefix) {
            guard let value = value(of: name, text: text, prefix: prefix, collector: collector) else { continue }
            var conflicts: [ConfigValue.MergeConflict] = []
            result = result?.merged(with: value, conflicts: &conflicts) ?? value
            for conflict in conflicts {
                collector.add(
                    .error, .environment, at: conflict.later, key: conflict.path,
                    "is set as a section here and as a value by \(conflict.earlier)", remedy: "unset one of the two variables")
            }
        }
        return result
    }

    private static func value(
        of name: String, text: String, prefix: String, collector: ProblemCollector
    ) -> ConfigValue? {
        let parts = split(String(name.dropFirst(prefix.count)))
        let location = SourceLocation(.environment(SecretKeys.shortened(name)))
        guard parts.count <= 16, parts.allSatisfy({ !$0.isEmpty }), text.utf8.count <= 65536 else {
            collector.add(
                .error, .environment, at: location, key: "", "is no override of a configuration",
                remedy: "name it \(prefix)SECTION__KEY, with at most 16 parts and 64 KiB of text")
            return nil
        }
        let keepsCase =
            parts.first?.lowercased() == "exchange"
            && parts.contains { ["ccxt_config", "ccxt_sync_config", "ccxt_async_config"].contains($0.lowercased()) }
        let isText = ["CHAT_ID", "PASSWORD"].contains(parts.last ?? "")
        var value = ConfigValue(isText ? .string(text) : typed(text), at: location)
        for (index, part) in parts.enumerated().reversed() {
            let member = keepsCase && index == parts.count - 1 ? part : part.lowercased()
            value = ConfigValue(.object([member: value]), at: location)
        }
        return value
    }

    /// The parts between double underscores, from the left, as Python's `split("__")` has them.
    private static func split(_ name: String) -> [String] {
        var parts: [String] = []
        var current = ""
        let characters = Array(name)
        var index = 0
        while index < characters.count {
            if characters[index] == "_", index + 1 < characters.count, characters[index + 1] == "_" {
                parts.append(current)
                current = ""
                index += 2
            } else {
                current.append(characters[index])
                index += 1
            }
        }
        return parts + [current]
    }

    /// A text as freqtrade converts it: a whole number, a number, `t`/`true`/`f`/`false` in any case, a JSON list, else itself.
    static func typed(_ text: String) -> ConfigValue.Kind {
        let trimmed = trimmedOfBlanks(text)
        if let digits = pythonDigits(trimmed), let value = Double(digits), value.isFinite {
            return .number(ConfigNumber(text: digits.hasPrefix("+") ? String(digits.dropFirst()) : digits, value: value))
        }
        switch trimmed.lowercased() {
        case "nan", "+nan", "-nan": return .number(ConfigNumber(text: "NaN", value: .nan))
        case "inf", "+inf", "infinity", "+infinity": return .number(ConfigNumber(text: "Infinity", value: .infinity))
        case "-inf", "-infinity": return .number(ConfigNumber(text: "-Infinity", value: -.infinity))
        default: break
        }
        switch text.lowercased() {
        case "t", "true": return .boolean(true)
        case "f", "false": return .boolean(false)
        default: break
        }
        let list = try? JSONReader.read(Array(text.utf8), origin: .none, options: .strict).value
        return list?.array.map(ConfigValue.Kind.array) ?? .string(text)
    }

    private static func trimmedOfBlanks(_ text: String) -> String {
        let blanks: Set<Unicode.Scalar> = [" ", "\t", "\n", "\r", "\u{0B}", "\u{0C}"]
        var scalars = Substring(text).unicodeScalars
        while let first = scalars.first, blanks.contains(first) { scalars.removeFirst() }
        while let last = scalars.last, blanks.contains(last) { scalars.removeLast() }
        return String(scalars)
    }

    /// A number in Python's spelling without its underscores: `1_000`, `+5`, `.5`, `5.`, `1e-3`; nil for anything else.
    private static func pythonDigits(_ text: String) -> String? {
        var plain = ""
        var previous: Character = " "
        for character in text {
            if character == "_" {
                guard previous.isASCII, previous.isNumber else { return nil }
            } else {
                guard character.isASCII, character.isNumber || "+-.eE".contains(character) else { return nil }
                if previous == "_", !character.isNumber { return nil }
                plain.append(character)
            }
            previous = character
        }
        guard previous != "_", plain.contains(where: \.isNumber) else { return nil }
        return isFloat(plain) ? plain : nil
    }

    /// `[+-] digits [. digits] [e [+-] digits]` with a digit on at least one side of the point.
    private static func isFloat(_ text: String) -> Bool {
        var rest = Substring(text)
        func skipDigits() -> Int {
            let count = rest.prefix { $0.isNumber }.count
            rest = rest.dropFirst(count)
            return count
        }
        if let first = rest.first, "+-".contains(first) { rest.removeFirst() }
        var digits = skipDigits()
        if rest.first == "." {
            rest.removeFirst()
            digits += skipDigits()
        }
        guard digits > 0 else { return false }
        if let first = rest.first, "eE".contains(first) {
            rest.removeFirst()
            if let sign = rest.first, "+-".contains(sign) { rest.removeFirst() }
            guard skipDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
