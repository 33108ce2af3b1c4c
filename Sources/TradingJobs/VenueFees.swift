internal import Exchange
internal import Market
package import Money
package import Venues

/// What a venue takes of an order of the lowest tier, as ratios.
package struct VenueFees: Hashable, Sendable {
    package var maker: Amount
    package var taker: Amount

    /// For venues whose list of instruments tells no fees (both of Binance's); nil: the list tells them. The figures are those of the
    /// venues' fee pages for accounts without volume, which ccxt, and so freqtrade, has as well.
    package init?(_ name: VenueProtocol) {
        switch name {
        case .binance:
            maker = Amount(units: 1, decimals: 3)
            taker = Amount(units: 1, decimals: 3)
        case .binanceUSDM:
            maker = Amount(units: 2, decimals: 4)
            taker = Amount(units: 5, decimals: 4)
        case .kraken: return nil
        }
    }

    /// The instrument with these fees where it has none of its own.
    func filled(into instrument: TradedInstrument) -> TradedInstrument {
        var result = instrument
        result.makerFee = result.makerFee ?? maker
        result.takerFee = result.takerFee ?? taker
        return result
    }
}
