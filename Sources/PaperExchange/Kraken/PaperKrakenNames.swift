import Matching

/// Kraken's spellings of the venue's currencies and pairs, worked out once.
struct PaperKrakenNames: Sendable {
    /// One pair in all its spellings.
    struct PairNames: Sendable {
        let id: InstrumentID
        /// `XXBTZUSD`: what REST names it by.
        let key: String
        /// `XBTUSD`
        let altname: String
        /// `XBT/USD`: what the first streams called it.
        let wsname: String
        /// `BTC/USD`: what streams of version 2 call it.
        let symbol: String
        let baseCode: String
        let quoteCode: String
    }

    let pairs: [PairNames]
    private var byName: [String: Int] = [:]

    init(_ instruments: [PaperInstrument]) {
        pairs = instruments.map(Self.names)
        for (index, pair) in pairs.enumerated() {
            for name in [pair.key, pair.altname, pair.wsname, pair.symbol, pair.baseCode + pair.quoteCode] {
                byName[name] = byName[name] ?? index
            }
        }
    }

    /// The pair of this name, in any spelling.
    func pair(_ name: some StringProtocol) -> PairNames? { byName[name.uppercased()].map { pairs[$0] } }
    func pair(_ id: InstrumentID) -> PairNames { pairs[Int(id.rawValue)] }

    /// The pair that a stream means, which knows one spelling only.
    func stream(_ symbol: String) -> PairNames? {
        guard let pair = pair(symbol), pair.symbol == symbol else { return nil }
        return pair
    }

    private static func names(_ instrument: PaperInstrument) -> PairNames {
        let (base, quote) = (code(instrument.base), code(instrument.quote))
        let (shortBase, shortQuote) = (altname(instrument.base), altname(instrument.quote))
        let short = shortBase + shortQuote
        // Both codes stand in the key where both are of the first years; of DOGE's pairs only the one with bitcoin is as old.
        var isOld = base != shortBase && quote != shortQuote
        if instrument.base == "DOGE", instrument.quote != "BTC" { isOld = false }
        var key = isOld ? base + quote : short
        if instrument.base == "USDT", instrument.quote == "USD" { key = "USDTZUSD" }
        return PairNames(
            id: instrument.id, key: key, altname: short, wsname: shortBase + "/" + shortQuote,
            symbol: instrument.base + "/" + instrument.quote, baseCode: base, quoteCode: quote)
    }

    private static let coins: Set<String> = [
        "XBT", "ETH", "LTC", "XRP", "XDG", "XLM", "XMR", "ZEC", "ETC", "REP", "MLN",
    ]
    private static let currencies: Set<String> = ["USD", "EUR", "GBP", "CAD", "JPY", "AUD"]

    /// `XBT` of `BTC`.
    static func altname(_ currency: String) -> String {
        switch currency {
        case "BTC": "XBT"
        case "DOGE": "XDG"
        default: currency
        }
    }

    /// `XXBT` of `BTC`, `ZUSD` of `USD`, `SOL` of `SOL`.
    static func code(_ currency: String) -> String {
        let name = altname(currency)
        if coins.contains(name) { return "X" + name }
        return currencies.contains(name) ? "Z" + name : name
    }
}
