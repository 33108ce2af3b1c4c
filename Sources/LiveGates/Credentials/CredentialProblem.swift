/// What is wrong with the credentials of an account. Says no part of them.
package struct CredentialProblem: Hashable, Sendable {
    package enum Field: String, Hashable, Sendable { case key, secret }

    package enum Kind: Hashable, Sendable {
        case empty
        /// Spelled out of words: `YOUR_API_KEY`, `test_key`, `<secret>`.
        case placeholder
        /// One pattern again and again, or letters and digits in their order.
        case pattern
        case tooShort
        /// A key of a paper exchange at a venue that is none.
        case paperKeyElsewhere
        /// A key that is none of a paper exchange, at a paper venue.
        case otherKeyAtPaper
    }

    package var field: Field
    package var kind: Kind

    package init(field: Field, kind: Kind) {
        self.field = field
        self.kind = kind
    }

    /// The gate that it closes.
    var gate: LiveGate {
        switch kind {
        case .paperKeyElsewhere, .otherKeyAtPaper: .keyOfVenue
        case .empty, .placeholder, .pattern, .tooShort: .realCredentials
        }
    }

    var text: String {
        switch kind {
        case .empty: "the account's \(field.rawValue) is empty"
        case .placeholder: "the account's \(field.rawValue) is a placeholder or test key"
        case .pattern: "the account's \(field.rawValue) is a pattern and no real one"
        case .tooShort: "the account's \(field.rawValue) is too short for a real one"
        case .paperKeyElsewhere: "the account's key is one of a paper exchange, and the venue is none"
        case .otherKeyAtPaper: "the venue is a paper venue, and the account's key is none of a paper exchange"
        }
    }
}

/// Looks at credential fields, and at nothing else: a word in a strategy's name or anywhere else in a configuration is no test key. The one check
/// of its kind, for configurations, credential files and the gates alike.
package enum CredentialCheck {
    /// Real venues' keys and secrets are 32 characters and longer; a passphrase is neither.
    private static let shortest = 16

    /// The first problem; nil: none is to be seen.
    package static func problem(key: String, secret: String, venue: String) -> CredentialProblem? {
        let isPaper = LiveVenue.isPaper(venue)
        for (field, text) in [(CredentialProblem.Field.key, key), (.secret, secret)] {
            if let kind = problem(text, isPaper: isPaper) { return CredentialProblem(field: field, kind: kind) }
        }
        guard key.utf8.starts(with: "paper".utf8) != isPaper else { return nil }
        return CredentialProblem(field: .key, kind: isPaper ? .otherKeyAtPaper : .paperKeyElsewhere)
    }

    /// Whether a text in a credential field is empty, a pattern or spelled out of the words that people leave there, at whatever venue.
    package static func isPlaceholder(_ text: String) -> Bool { problem(text, isPaper: true) != nil }

    /// Keys of paper exchanges are made by hand and may be short and readable: they begin with `paper`, and move no money.
    private static func problem(_ text: String, isPaper: Bool) -> CredentialProblem.Kind? {
        let bytes = Array(text.lowercased().utf8.prefix(4096))
        if bytes.allSatisfy({ $0 <= 0x20 }) { return .empty }
        let plain = bytes.filter { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
        if plain.isEmpty || isPattern(plain) { return .pattern }
        if PlaceholderWords.spell(plain) { return .placeholder }
        if let first = bytes.first, [UInt8(ascii: "<"), UInt8(ascii: "{"), UInt8(ascii: "$"), UInt8(ascii: "%")].contains(first) {
            return .placeholder
        }
        return !isPaper && bytes.count < shortest ? .tooShort : nil
    }

    /// A period of at most 4 characters, or characters each one above the last (`12345678`, `abcdefgh`, `0123456789`).
    private static func isPattern(_ text: [UInt8]) -> Bool {
        guard text.count >= 3 else { return Set(text).count == 1 }
        for period in 1...4 where text.count >= 3 * period {
            if zip(text, text.dropFirst(period)).allSatisfy({ $0 == $1 }) { return true }
        }
        return text.count >= 6
            && zip(text, text.dropFirst()).allSatisfy { $1 == $0 + 1 || ($0 == UInt8(ascii: "9") && [0x30, 0x61].contains($1)) }
    }
}
