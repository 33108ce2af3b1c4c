/// The phrase that whoever trades live has to write. Blanks and underscores are the same, nothing else is.
package enum SafetyPhrase {
    /// In no message, log or error: documents name it.
    private static let expected = Array("I UNDERSTAND THE RISKS".utf8)

    /// Whether `text` is the phrase. The time this takes says nothing of where it differs.
    package static func confirmationMatches(_ text: String) -> Bool {
        var difference: UInt8 = text.utf8.count == expected.count ? 0 : 1
        var given = text.utf8.makeIterator()
        for byte in expected {
            let next = given.next() ?? 0
            difference |= byte ^ (next == UInt8(ascii: "_") ? UInt8(ascii: " ") : next)
        }
        return difference == 0
    }

    /// What a text is as a fact; nil and the empty text are absent.
    package static func fact(_ text: String?) -> LiveFacts.Phrase {
        guard let text, !text.isEmpty else { return .absent }
        return confirmationMatches(text) ? .right : .wrong
    }
}

/// What the live worker's own environment says.
package enum LiveEnvironment {
    package static let allow = "PRAGMA_ALLOW_LIVE"
    package static let confirmation = "PRAGMA_LIVE_CONFIRMATION"

    /// `true`, `1` or `yes`, in large or small letters; everything else, blanks around it included, is no.
    package static func allows(_ text: String?) -> Bool {
        guard let text else { return false }
        return ["true", "1", "yes"].contains(text.lowercased())
    }

    /// Puts what an environment says into the facts.
    package static func read(_ environment: [String: String], into facts: inout LiveFacts) {
        facts.allowedByEnvironment = allows(environment[allow])
        facts.environmentPhrase = SafetyPhrase.fact(environment[confirmation])
    }
}
