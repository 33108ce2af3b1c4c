import Market
import Matching
import Money

/// Makes the engine's integers out of settings in decimals.
enum PaperVenueBuilder {
    /// All currencies, each counted as finely as its finest instrument needs, and at least to 8 decimals.
    static func assets(_ settings: PaperVenueSettings) throws(PaperSetupError) -> [PaperAsset] {
        guard !settings.instruments.isEmpty else { throw PaperSetupError("\(settings.name): there are no instruments") }
        var decimals: [String: Int] = [:]
        for instrument in settings.instruments {
            let (base, quote) = (instrument.pair.base, instrument.pair.quote)
            let tick = Int(instrument.tick.trimmed.decimals)
            let lot = Int(instrument.lot.trimmed.decimals)
            decimals[base] = max(decimals[base] ?? 8, lot)
            decimals[quote] = max(decimals[quote] ?? 8, tick + lot)
        }
        return decimals.sorted { $0.key < $1.key }.enumerated().map {
            PaperAsset(id: AssetID(Int32($0.offset)), name: $0.element.key, decimals: $0.element.value)
        }
    }

    static func instrument(
        _ settings: PaperVenueSettings.Instrument, _ assets: [PaperAsset], _ id: InstrumentID, _ paidIn: FeeSchedule.PaidIn
    ) throws(PaperSetupError) -> PaperInstrument {
        let pair = settings.pair
        guard let base = assets.first(where: { $0.name == pair.base }),
            let quote = assets.first(where: { $0.name == pair.quote }),
            settings.tick.isPositive, settings.lot.isPositive
        else { throw PaperSetupError("\(pair): tick and lot must be above zero") }
        guard let tickValue = quote.units(Amount(settings.tick, times: settings.lot)).flatMap({ Int64(exactly: $0) }),
            let lotValue = base.units(Amount(settings.lot)).flatMap({ Int64(exactly: $0) }),
            let smallest = settings.minimumQuantity.rounded(toMultipleOf: settings.lot, .up),
            let notional = quote.units(settings.minimumNotional)
        else { throw PaperSetupError("\(pair): tick, lot or limits do not fit in 64 bits") }
        let minimum = max(1, smallest.units / settings.lot.units)
        // Room for prices a million ticks high and more, within what the engine can multiply.
        let largestPrice: Int64 = 1_000_000_000_000
        let room = (Bounds.order / 4) / (Int128(largestPrice) * Int128(tickValue))
        let largestLots = Int64(clamping: min(room, Bounds.order / Int128(lotValue)))
        guard largestLots > minimum else { throw PaperSetupError("\(pair): tick and lot are too coarse for each other") }
        let rules = InstrumentRules(
            base: base.id, quote: quote.id, tickValue: tickValue, lotValue: lotValue, price: 1...largestPrice,
            quantity: minimum...min(largestLots, 1_000_000_000_000_000), notional: max(0, notional)...Bounds.order,
            fees: FeeSchedule(maker: settings.makerFee, taker: settings.takerFee, rounding: .up, paidIn: paidIn))
        return PaperInstrument(
            id: id, pair: pair, base: pair.base, quote: pair.quote, tick: settings.tick, lot: settings.lot, rules: rules,
            minimumNotional: settings.minimumNotional)
    }
}
