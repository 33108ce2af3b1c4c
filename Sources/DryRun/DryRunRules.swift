import Exchange
package import Money

/// What a simulated fill costs and how far it may slip. The numbers are freqtrade's ([docs/dry-run.md](../../docs/dry-run.md)).
package struct DryRunRules: Hashable, Sendable {
    /// freqtrade's `fee`: the ratio for makers and takers alike, 0.001 for 0.1 %; nil: the instrument's own.
    package var fee: Amount?
    /// What the venue takes where its market list does not tell.
    package var venueMakerFee: Amount?
    package var venueTakerFee: Amount?

    package init(fee: Amount? = nil, venueMakerFee: Amount? = nil, venueTakerFee: Amount? = nil) {
        self.fee = fee
        self.venueMakerFee = venueMakerFee
        self.venueTakerFee = venueTakerFee
    }

    /// Levels of a side that a market order can reach.
    package static let bookLevels = 20
    /// Orders that wait at the same time, so that the stored state stays small.
    static let workingOrders = 1000
    /// A market order's average is at worst this ratio of its reference price, for a buy; for a sell 0.95.
    static let worstBuy = Quantity(units: 105, decimals: 2)
    static let worstSell = Quantity(units: 95, decimals: 2)
    /// A limit order that crosses by this part of its own price or more is filled like a market order: 0.99 x the limit of a buy reaches the
    /// best ask, 1.01 x the limit of a sell the best bid.
    static let farBuy = Quantity(units: 99, decimals: 2)
    static let farSell = Quantity(units: 101, decimals: 2)
    /// Fees lie between this rebate and this ratio.
    static let feeRange = Amount(units: -1, decimals: 1)...Amount(units: 5, decimals: 1)
    /// Decimals of money: what a price and a quantity may have together, and where fees are rounded.
    static let moneyDecimals = 24

    /// Fees of an instrument as ratios; nil where nobody names them, or a ratio is none.
    func fees(of instrument: TradedInstrument) -> DryRunFees? {
        guard let maker = fee ?? instrument.makerFee ?? venueMakerFee, let taker = fee ?? instrument.takerFee ?? venueTakerFee
        else { return nil }
        return DryRunFees(maker: maker, taker: taker)
    }
}

/// Fee ratios of one order, fixed when it is placed.
struct DryRunFees: Hashable, Sendable {
    let maker: Amount
    let taker: Amount

    /// Nil where a ratio is beyond any venue's, or has more than 12 decimals.
    init?(maker: Amount, taker: Amount) {
        for ratio in [maker, taker] {
            guard DryRunRules.feeRange.contains(ratio), ratio.trimmed.decimals <= 12 else { return nil }
        }
        self.maker = maker.trimmed
        self.taker = taker.trimmed
    }

    /// The larger of both, and never a rebate: what is set aside for a fee to come.
    var highest: Amount { max(maker, taker, .zero) }
}
