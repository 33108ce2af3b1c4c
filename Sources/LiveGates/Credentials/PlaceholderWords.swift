/// Recognises texts that are spelled out of nothing but the words people write where a key should be.
///
/// A real key is a long run of random characters; that one of more than a few is made of such words alone does not happen.
enum PlaceholderWords {
    private static let words: Set<[UInt8]> = Set(
        [
            "a", "the", "my", "your", "our", "here", "goes", "go", "is", "to", "be", "of", "for", "with", "in", "from", "this",
            "put",
            "api", "apis", "key", "keys", "secret", "secrets", "private", "public", "access", "token", "pass", "word", "phrase",
            "password",
            "passphrase", "credential", "credentials", "account", "user", "id", "value", "string", "text", "real", "live", "prod",
            "production", "main", "exchange", "binance", "kraken", "okx", "bybit", "coinbase", "ccxt", "freqtrade", "pragma",
            "spot",
            "testnet", "sandbox", "test", "tests", "testing", "demo", "example", "examples", "sample", "samples", "dummy", "fake",
            "mock",
            "stub", "placeholder", "insert", "enter", "replace", "change", "changeme", "me", "add", "set", "fill", "todo",
            "fixme", "tbd",
            "none", "null", "nil", "undefined", "empty", "redacted", "removed", "hidden", "foo", "bar", "baz", "qux", "abc",
            "xyz", "asdf",
            "qwerty", "hello", "world", "admin", "root", "default", "temp", "tmp", "xxx", "xxxx", "lorem", "ipsum", "not", "use",
            "do",
            "please", "paste", "own", "new", "old", "and", "or",
        ].map { Array($0.utf8) })
    private static let longest = words.map(\.count).max() ?? 0

    /// Whether `text`, lowercase letters and digits, is words and numbers of at most four digits, with at least one word.
    static func spell(_ text: [UInt8]) -> Bool {
        guard !text.isEmpty, text.count <= 200 else { return false }
        // reached[i]: the first i bytes can be spelled.
        var reached = [true] + [Bool](repeating: false, count: text.count)
        for start in text.indices where reached[start] {
            for end in (start + 1)...min(start + longest, text.count) where words.contains(Array(text[start..<end])) {
                reached[end] = true
            }
            let digits = text[start...].prefix(4).prefix { $0 <= UInt8(ascii: "9") }
            for count in 0..<digits.count { reached[start + count + 1] = true }
        }
        return reached[text.count] && text.contains { $0 > UInt8(ascii: "9") }
    }
}
