/// The name of an account of the user's: it chooses credentials, and stands in jobs instead of them.
package struct AccountName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Nil unless 1 to 64 of letters, digits, `-` and `_`, beginning with a letter.
    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        guard (1...64).contains(text.utf8.count), isPlain, text.first?.isLetter == true else { return nil }
        self.text = text
    }

    package var description: String { text }

    /// The variable of the environment that holds the account's `KEY` or `SECRET`: `PRAGMA_MAIN_KEY`.
    package func variable(_ part: String) -> String {
        "PRAGMA_" + String(text.map { $0 == "-" ? "_" : $0 }).uppercased() + "_" + part
    }
}
