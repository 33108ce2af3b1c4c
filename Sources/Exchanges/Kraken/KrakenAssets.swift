/// Kraken's names of currencies, and ours.
package enum KrakenAssets {
    /// Codes of the first years: X before a coin, Z before a national currency. Newer codes that begin so (ZEUS, XTZ) are plain names.
    private static let prefixed: Set<String> = [
        "XETC", "XETH", "XICN", "XLTC", "XMLN", "XNMC", "XREP", "XXBT", "XXDG", "XXLM", "XXMR", "XXRP", "XXVN", "XZEC", "ZAUD",
        "ZCAD",
        "ZEUR", "ZGBP", "ZJPY", "ZKRW", "ZUSD",
    ]
    private static let renamed = ["XBT": "BTC", "XDG": "DOGE"]

    /// The field's name of a currency: XXBT and XBT are BTC, ZUSD is USD, XDG is DOGE. A suffix stays: XBT.M is BTC.M.
    ///
    /// Balances have suffixes where they are held otherwise than plainly: .F earns and is free, .S is staked, .M opted in, .B bears a yield.
    package static func name(_ code: String) -> String {
        let parts = code.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return plainName(code) }
        return plainName(String(parts[0])) + "." + parts[1]
    }

    private static func plainName(_ code: String) -> String {
        let short = prefixed.contains(code) ? String(code.dropFirst()) : code
        return renamed[short] ?? short
    }

    /// Quote currencies, longer ones before those they end in, to tell where a pair's name has no slash.
    private static let quotes = [
        "USDT", "USDC", "USDQ", "USDR", "USDG", "EURQ", "EURR", "EURT", "EURC", "ZUSD", "ZEUR", "ZGBP", "ZCAD",
        "ZJPY",
        "ZAUD", "XXBT", "XETH", "USD", "EUR", "GBP", "CHF", "AUD", "CAD", "JPY", "AED", "XBT", "ETH", "DAI",
        "DOT", "BTC", "SOL",
    ]

    /// The quote currency of a pair's name in any of Kraken's spellings (XXBTZUSD, XBTUSD, XBT/USD); nil where none of the known ones ends it.
    /// A guess where there is no slash: whoever knows the instrument knows better.
    package static func quote(ofPair name: String) -> String? {
        if let slash = name.lastIndex(of: "/") { return Self.name(String(name[name.index(after: slash)...])) }
        guard let code = quotes.first(where: { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }) else { return nil }
        // XBTZUSD does not exist, but ...ZUSD may also end a base in Z before USD: only pairs of two old codes have eight letters.
        let isOld = prefixed.contains(code)
        if isOld, name.utf8.count != 8 { return Self.name(String(code.dropFirst())) }
        return Self.name(code)
    }
}
