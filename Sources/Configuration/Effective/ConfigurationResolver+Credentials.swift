/// Keys and secrets in a configuration. They never leave the machine of the user; here they are found and named.
extension ConfigurationResolver {
    func checkCredentials(mode: ExecutionMode) {
        guard let exchange = root.section("exchange") else { return }
        check(exchange, mode: mode)
        for name in ["ccxt_config", "ccxt_sync_config", "ccxt_async_config"] {
            if let section = exchange.section(name) { check(section, mode: mode) }
        }
    }

    private func check(_ section: SectionReader, mode: ExecutionMode) {
        for name in SecretKeys.credentialFields {
            guard let member = section.member(name), member.string != "" else { continue }
            if let text = member.string, CredentialPlaceholder.matches(text) {
                section.add(
                    .credentialPlaceholder, name, "is a placeholder or test key",
                    remedy: mode == .live
                        ? "remove it: the credentials of the account belong on the live worker"
                        : "remove it: a \(mode.rawValue) needs no key",
                    severity: mode == .live ? .error : .warning)
            } else {
                section.add(
                    .credentialInFile, name, "is a credential, and is left out of what is submitted",
                    remedy: "remove it here: the credentials of an account belong into the live worker's credential file",
                    severity: .warning)
            }
        }
    }
}

/// Texts that people leave where a key should be. Looked for in credential fields only: a word inside of a real key or of
/// another setting is none of it.
package enum CredentialPlaceholder {
    private static let words: Set<String> = [
        "key", "apikey", "secret", "apisecret", "secretkey", "privatekey", "password", "passphrase", "pass", "token",
        "test", "testing", "testkey", "testsecret", "testpassword", "testapikey", "testapisecret", "demo", "demokey",
        "demosecret", "example", "examplekey", "examplesecret", "sample", "samplekey", "samplesecret", "dummy", "dummykey",
        "dummysecret", "fake", "fakekey", "fakesecret", "mock", "mockkey", "mocksecret", "placeholder", "changeme", "replaceme",
        "todo", "fixme", "none", "null", "nil", "redacted", "removed", "hidden", "foo", "bar", "foobar", "abc", "abc123",
    ]
    private static let beginnings = [
        "your", "insert", "enter", "replace", "putyour", "changeme", "changethis", "addyour", "myapi", "mysecret", "mykey",
        "exchangeapi", "<", "{", "$",
    ]

    /// Whether `text` is a placeholder: `YOUR_LIVE_API_KEY`, `test_key`, `changeme`, `<api key>`, `xxxxxxxx`.
    package static func matches(_ text: String) -> Bool {
        let bytes = text.lowercased().utf8.prefix(200)
        let plain = String(decoding: bytes.filter { $0 != 0x5F && $0 != 0x2D && $0 != 0x20 && $0 != 0x2E }, as: UTF8.self)
        if plain.isEmpty || words.contains(plain) { return true }
        if Set(plain).count == 1 { return true }
        // Real keys are long runs of random characters: what begins like one of these and spells out words is none.
        let hasDivider = text.contains(where: { "_- <{$".contains($0) })
        return beginnings.contains { plain.hasPrefix($0) } && (hasDivider || plain.count <= 24)
    }
}
