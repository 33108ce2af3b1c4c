import Exchange
import Matching
import Money

/// The engine's integers in Kraken's digits.
extension PaperInstrument {
    func priceText(_ ticks: Int64) -> String { price(ticks).fullText }
    func volumeText(_ lots: Int64) -> String { quantity(lots).fullText }

    /// A price as a bare number.
    func priceNumber(_ ticks: Int64) -> JSONValue { .number(priceText(ticks)) }
    func volumeNumber(_ lots: Int64) -> JSONValue { .number(volumeText(lots)) }

    /// The average price of fills, with one digit more than the tick has; 0 where there are none.
    func averageText(_ order: Order) -> String {
        let average = order.averagePrice(rules, parts: 10).flatMap { Int64(exactly: $0) } ?? 0
        let units = Int128(average) * Int128(tick.units)
        return DecimalText.text(units, decimals: Int(tick.decimals) + 1)
    }

    /// Quote units over lots as a price with one digit more than the tick has.
    func priceText(_ notional: Int128, over lots: Int64) -> String {
        guard lots > 0 else { return priceText(0) }
        let tenths = notional.multipliedReportingOverflow(by: 10)
        guard !tenths.overflow else { return priceText(0) }
        let average = tenths.partialValue / (Int128(lots) * Int128(rules.tickValue))
        return DecimalText.text(average * Int128(tick.units), decimals: Int(tick.decimals) + 1)
    }
}

extension PaperAsset {
    func text(_ units: Int128) -> String { DecimalText.text(units, decimals: decimals) }
    func number(_ units: Int128) -> JSONValue { .number(text(units)) }
}

extension PaperVenue {
    /// An amount in the quote currency of an instrument.
    func quoteText(_ units: Int128, _ instrument: PaperInstrument) -> String { asset(instrument.rules.quote).text(units) }
}

extension JSONValue {
    /// An object without the members that are nil.
    static func members(_ members: [(String, JSONValue?)]) -> JSONValue {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }
}
