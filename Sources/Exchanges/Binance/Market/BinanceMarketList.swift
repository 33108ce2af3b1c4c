import Exchange
import Market
import Money

/// Reads `exchangeInfo`.
///
/// A symbol whose entry cannot be read is left out: one odd listing must not cost us the market. A list of which no entry can be read is
/// an error.
enum BinanceMarketList {
    /// From the answers of `marketList()`, of which there is one.
    static func instruments(
        from responses: [WebResponse], _ answers: BinanceAnswers
    ) throws(VenueError) -> [TradedInstrument] {
        var result: [TradedInstrument] = []
        for response in responses {
            let list = try answers.json(response)
            result += try answers.read { () throws(JSONError) in try instruments(in: list, system: answers.system) }
        }
        return result
    }

    static func instruments(in list: JSONValue, system: Binance.System) throws(JSONError) -> [TradedInstrument] {
        guard let symbols = list["symbols"]?.elements else { throw JSONError(.missing("symbols"), at: 0) }
        let wanted = symbols.filter { system == .spot || isPerpetual($0) }
        let result = wanted.compactMap { instrument($0, system: system) }
        guard !result.isEmpty || wanted.isEmpty else { throw JSONError(.expected("symbols with their filters"), at: 0) }
        return result
    }

    /// Contracts with a delivery date are no instruments of ours.
    private static func isPerpetual(_ entry: JSONValue) -> Bool {
        entry["contractType"]?.text == "PERPETUAL" || entry["contractType"]?.text == "TRADIFI_PERPETUAL"
    }

    private static func instrument(_ entry: JSONValue, system: Binance.System) -> TradedInstrument? {
        let filters = Filters(entry)
        guard let symbol = entry.filled("symbol"), let base = entry.filled("baseAsset"), let quote = entry.filled("quoteAsset"),
            let pair = pair(base, quote, entry, system), let tick: Price = filters["PRICE_FILTER"]?.positive("tickSize"),
            let step: Quantity = filters["LOT_SIZE"]?.positive("stepSize")
        else { return nil }
        var result = TradedInstrument(pair: pair, symbol: symbol, streamSymbol: symbol, priceTick: tick, quantityStep: step)
        result.isTrading = entry["status"]?.text == "TRADING" && entry["isSpotTradingAllowed"]?.bool != false
        filters.apply(to: &result)
        if system == .usdm { result.contractSize = Quantity(units: 1, decimals: 0) }
        return result
    }

    private static func pair(_ base: String, _ quote: String, _ entry: JSONValue, _ system: Binance.System) -> Pair? {
        guard system == .usdm else { return Pair("\(base)/\(quote)") }
        return Pair("\(base)/\(quote):\(entry.filled("marginAsset") ?? quote)")
    }
}

/// The filters of one symbol by their type.
private struct Filters {
    private let entries: [JSONValue]

    init(_ entry: JSONValue) { entries = entry["filters"]?.elements ?? [] }

    subscript(type: String) -> JSONValue? { entries.first { $0["filterType"]?.text == type } }

    func apply(to instrument: inout TradedInstrument) {
        let price = self["PRICE_FILTER"]
        instrument.minimumPrice = price?.positive("minPrice")
        instrument.maximumPrice = price?.positive("maxPrice")
        let lot = self["LOT_SIZE"]
        instrument.minimumQuantity = lot?.positive("minQty")
        instrument.maximumQuantity = lot?.positive("maxQty")
        // A zero in here is no rule, not a rule of zero.
        let market = self["MARKET_LOT_SIZE"]
        instrument.marketQuantityStep = market?.positive("stepSize")
        instrument.marketMinimumQuantity = market?.positive("minQty")
        instrument.marketMaximumQuantity = market?.positive("maxQty")
        applyNotional(to: &instrument)
    }

    /// Spot says NOTIONAL now and said MIN_NOTIONAL; futures say MIN_NOTIONAL with another member.
    private func applyNotional(to instrument: inout TradedInstrument) {
        guard let filter = self["NOTIONAL"] ?? self["MIN_NOTIONAL"] else { return }
        instrument.minimumNotional = Self.positive(filter["minNotional"] ?? filter["notional"])
        instrument.maximumNotional = Self.positive(filter["maxNotional"])
        let applies = filter["applyMinToMarket"] ?? filter["applyToMarket"]
        instrument.minimumNotionalAppliesToMarket = applies?.bool ?? true
    }

    private static func positive(_ value: JSONValue?) -> Amount? {
        guard let amount = value?.amount, !amount.isZero, !amount.isNegative else { return nil }
        return amount
    }
}
