import Configuration
package import Exchange
import LiveGates

/// Finds the key and secret of an account: in the process's own environment, else in a file of this user alone.
///
/// Errors name variables, files and lines, and never any part of a value.
package struct CredentialSource: Sendable {
    /// Reads a file that must be this user's alone; nil where there is none.
    package typealias ReadPrivate = @Sendable (_ path: String) throws(VenueSetupError) -> [UInt8]?

    private let environment: [String: String]
    /// Folders with a file for each account, in the order of looking.
    package let folders: [String]
    private let read: ReadPrivate

    /// `home` is the fleet's; `CREDENTIALS_DIRECTORY` is systemd's folder of a service's credentials.
    package init(environment: [String: String], home: String?, read: @escaping ReadPrivate = PrivateFile.read) {
        self.environment = environment
        folders = [environment["CREDENTIALS_DIRECTORY"], home.map { $0 + "/credentials" }].compactMap { $0 }.filter {
            !$0.isEmpty
        }
        self.read = read
    }

    /// The credentials of an account.
    ///
    /// - Throws: `VenueSetupError` where there are none, or they cannot be any.
    package func credentials(of account: AccountName) throws(VenueSetupError) -> Credentials {
        if let found = try variables(of: account) { return found }
        for folder in folders {
            for name in [account.text + ".yaml", account.text] {
                let path = folder + "/" + name
                if let bytes = try read(path) { return try CredentialFile.parse(bytes, path: path) }
            }
        }
        let places = folders.map { "the file \($0)/\(account).yaml (mode 0600, lines key: and secret:)" }
        throw VenueSetupError(
            "there are no credentials of account \(account): set \(account.variable("KEY")) and \(account.variable("SECRET"))"
                + places.map { ", or write " + $0 }.joined())
    }

    private func variables(of account: AccountName) throws(VenueSetupError) -> Credentials? {
        let (key, secret) = (account.variable("KEY"), account.variable("SECRET"))
        switch (environment[key], environment[secret]) {
        case (nil, nil): return nil
        case (let keyText?, let secretText?):
            return try CredentialFile.checked(key: keyText, secret: secretText, key, secret)
        case (nil, _): throw VenueSetupError("\(secret) is set and \(key) is not: set both, or neither")
        case (_, nil): throw VenueSetupError("\(key) is set and \(secret) is not: set both, or neither")
        }
    }
}

/// A file with the two lines `key:` and `secret:`.
enum CredentialFile {
    static func parse(_ bytes: [UInt8], path: String) throws(VenueSetupError) -> Credentials {
        let value: ConfigValue
        do {
            value = try YAMLReader.read(bytes, origin: .file(path))
        } catch {
            // What the reader says may quote the line.
            throw VenueSetupError("\(path) cannot be read: it holds two lines, key: ... and secret: ...")
        }
        let members = value.object ?? [:]
        guard members.keys.allSatisfy({ $0 == "key" || $0 == "secret" }), let key = members["key"]?.string,
            let secret = members["secret"]?.string
        else {
            throw VenueSetupError(
                "\(path) must hold exactly two lines, key: and secret:, each with a text (in quotes where it is a number)")
        }
        return try checked(key: key, secret: secret, "\(path): key", "\(path): secret")
    }

    /// `keyPlace` and `secretPlace` say where they were written.
    static func checked(
        key: String, secret: String, _ keyPlace: String, _ secretPlace: String
    ) throws(VenueSetupError) -> Credentials {
        let (key, secret) = (trimmed(key), trimmed(secret))
        for (text, place) in [(key, keyPlace), (secret, secretPlace)] {
            if text.isEmpty {
                throw VenueSetupError(
                    "\(place) is empty: copy it again from the venue's page of API keys", isPlaceholder: true,
                    isOfSecret: place == secretPlace)
            }
            if CredentialCheck.isPlaceholder(text) {
                throw VenueSetupError(
                    "\(place) is a placeholder: write the real one there", isPlaceholder: true, isOfSecret: place == secretPlace)
            }
        }
        guard key.utf8.count <= 500, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw VenueSetupError("\(keyPlace) has blanks or other characters that no key has: copy it again")
        }
        return Credentials(key: key, secret: secret)
    }

    private static func trimmed(_ text: String) -> String {
        var part = text[...]
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part.drop { $0.isWhitespace })
    }
}
