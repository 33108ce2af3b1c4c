import Exchange
import Market
import Money

/// Reads `Assets` and `AssetPairs`.
struct KrakenInstruments {
    /// Our names by Kraken's codes, from `Assets`.
    private let names: [String: String]

    init(assets: JSONValue) {
        var names: [String: String] = [:]
        for member in assets.members ?? [] {
            guard let short = member.value["altname"]?.text else { continue }
            names[member.name] = KrakenAssets.name(short)
        }
        self.names = names
    }

    /// All pairs that are traded in the open by everybody: no dark pools, no other classes of assets.
    func instruments(pairs: JSONValue) throws(VenueError) -> [TradedInstrument] {
        guard let members = pairs.members else { throw KrakenAnswer.missing("result", changesState: false) }
        var result: [TradedInstrument] = []
        result.reserveCapacity(members.count)
        for member in members where isOpen(member) {
            guard let instrument = instrument(member.name, member.value) else {
                throw VenueError(
                    .malformedAnswer, .retryable(after: nil), code: "malformed",
                    message:
                        "the pair \"\(member.name.prefix(60))\" of the market list lacks a valid base, quote, step or decimals")
            }
            result.append(instrument)
        }
        return result
    }

    private func isOpen(_ member: JSONValue.Member) -> Bool {
        let isCurrency = { (name: String) in (member.value[name]?.text ?? "currency") == "currency" }
        return !member.name.hasSuffix(".d") && isCurrency("aclass_base") && isCurrency("aclass_quote")
    }

    private func instrument(_ name: String, _ value: JSONValue) -> TradedInstrument? {
        guard let base = value["base"]?.text, let quote = value["quote"]?.text,
            let pair = Pair(currency(base) + "/" + currency(quote)), let priceDecimals = decimals(value["pair_decimals"]),
            let lotDecimals = decimals(value["lot_decimals"])
        else { return nil }
        let tick = value["tick_size"]?.fixedPoint(FixedPointKind.Price.self) ?? Price(units: 1, decimals: priceDecimals)
        guard tick.isPositive else { return nil }
        var result = TradedInstrument(
            pair: pair, symbol: name, streamSymbol: pair.description, priceTick: tick,
            quantityStep: Quantity(units: 1, decimals: lotDecimals))
        result.priceDecimals = priceDecimals
        result.aliases = ["altname", "wsname"].compactMap { value[$0]?.text }.filter { $0 != name && $0 != pair.description }
        result.isTrading = (value["status"]?.text ?? "online") == "online"
        result.minimumQuantity = value["ordermin"]?.fixedPoint()
        result.minimumNotional = value["costmin"]?.amount
        result.costDecimals = decimals(value["cost_decimals"])
        result.takerFee = ratio(value["fees"])
        result.makerFee = ratio(value["fees_maker"]) ?? result.takerFee
        return result
    }

    private func currency(_ code: String) -> String { names[code] ?? KrakenAssets.name(code) }

    private func decimals(_ value: JSONValue?) -> Int? {
        guard let number = value?.integer, (0...18).contains(number) else { return nil }
        return Int(number)
    }

    /// The fee of the lowest volume out of `[[volume, percent], ...]`, as a ratio.
    private func ratio(_ table: JSONValue?) -> Amount? {
        guard let percent = table?[0]?[1]?.amount, percent.decimals <= 34 else { return nil }
        return Amount(units: percent.units, decimals: Int(percent.decimals) + 2)
    }
}
