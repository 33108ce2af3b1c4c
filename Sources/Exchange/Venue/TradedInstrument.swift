package import Market
package import Money

/// An instrument as a venue lists it, with the rules that its orders must meet, in fixed point.
///
/// `Market.Instrument` is its shadow in doubles, for backtests and `instruments.json`.
package struct TradedInstrument: Hashable, Sendable {
    /// The pair: `BTC/USDT`, for a perpetual `BTC/USDT:USDT`.
    package var pair: Pair
    /// The venue's name in REST requests: `BTCUSDT`, Kraken `XXBTZUSD`.
    package var symbol: String
    /// The venue's name in the messages of its streams: `BTCUSDT`, Kraken `BTC/USD`. Events of ours have it as their symbol.
    package var streamSymbol: String
    /// Other names that the venue uses in answers: Kraken's altname.
    package var aliases: [String] = []
    /// Whether orders are taken now.
    package var isTrading = true
    /// A price is a multiple of this.
    package var priceTick: Price
    /// Digits behind the point that the venue takes in a price.
    package var priceDecimals: Int
    package var minimumPrice: Price?
    package var maximumPrice: Price?
    /// A quantity is a multiple of this.
    package var quantityStep: Quantity
    package var minimumQuantity: Quantity?
    package var maximumQuantity: Quantity?
    /// The rules of market orders where they differ.
    package var marketQuantityStep: Quantity?
    package var marketMinimumQuantity: Quantity?
    package var marketMaximumQuantity: Quantity?
    /// Price x quantity is at least this.
    package var minimumNotional: Amount?
    package var maximumNotional: Amount?
    /// Digits behind the point that the venue takes in an order's value (Kraken's `cost_decimals`); nil where it names no rule.
    package var costDecimals: Int?
    /// Whether the smallest notional holds for market orders, too.
    package var minimumNotionalAppliesToMarket = true
    /// Units of base currency in one contract; nil for spot.
    package var contractSize: Quantity?
    /// Fees as a ratio of an order's value, 0.001 for 0.1 %; nil where the market list does not tell.
    package var makerFee: Amount?
    package var takerFee: Amount?

    package init(pair: Pair, symbol: String, streamSymbol: String, priceTick: Price, quantityStep: Quantity) {
        self.pair = pair
        self.symbol = symbol
        self.streamSymbol = streamSymbol
        self.priceTick = priceTick
        priceDecimals = Int(priceTick.trimmed.decimals)
        self.quantityStep = quantityStep
    }
}

extension TradedInstrument {
    /// The instrument of backtests and candle folders, in ccxt's terms (steps as tick sizes).
    package var instrument: Instrument {
        Instrument(
            pair: pair, precisionMode: .tickSize, amountPrecision: quantityStep.approximation,
            pricePrecision: priceTick.approximation,
            amountLimits: .init(minimum: minimumQuantity?.approximation, maximum: maximumQuantity?.approximation),
            priceLimits: .init(minimum: minimumPrice?.approximation, maximum: maximumPrice?.approximation),
            costLimits: .init(minimum: minimumNotional?.approximation, maximum: maximumNotional?.approximation),
            makerFee: makerFee?.approximation, takerFee: takerFee?.approximation)
    }
}
