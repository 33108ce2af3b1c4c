import Market

/// The character of one synthetic pair: price level, steps, how it follows the market, how much of it is traded.
struct PairProfile {
    /// Price at the start.
    let price: Double
    /// Decimals of a price and of an amount.
    let priceDigits: Int
    let amountDigits: Int
    /// How strongly the pair follows the market factor.
    let beta: Double
    /// Volatility per year that is the pair's own, as a ratio.
    let ownVolatility: Double
    /// Turnover per minute in quote currency.
    let turnover: Double

    /// Price levels of well-known currencies in dollars, so that charts look familiar; any other gets one by chance.
    private static let knownPrices: [String: Double] = [
        "BTC": 30_000, "ETH": 2000, "BNB": 300, "SOL": 60, "XRP": 0.55, "ADA": 0.4, "DOGE": 0.08, "LTC": 90, "LINK": 12,
        "DOT": 6, "AVAX": 20, "XMR": 160, "ETC": 22, "ZEC": 30, "XLM": 0.11, "TRX": 0.08,
    ]

    init(_ pair: Pair, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let decade = [0.01, 0.1, 1, 10, 100][Int(random.next() % 5)]
        let dollars = Self.knownPrices[pair.base] ?? decade * (1 + 9 * random.uniform())
        price = dollars / (Self.knownPrices[pair.quote] ?? 1)
        let isLeader = pair.base == "BTC"
        beta = isLeader ? 1 : 0.8 + 0.5 * random.uniform()
        ownVolatility = isLeader ? 0.15 : 0.3 + 0.3 * random.uniform()
        turnover = (isLeader ? 2_000_000 : 20_000 + 300_000 * random.uniform()) / (Self.knownPrices[pair.quote] ?? 1)
        // A price has six significant digits, an amount's step is worth about thirty cents or less.
        priceDigits = Self.digits(below: price, of: 100_000)
        amountDigits = Self.digits(below: 1, of: dollars * 3)
    }

    /// The least number of decimals, 0 to 12, with which `value` times 10^decimals reaches `target`; for amounts the value is 1.
    private static func digits(below value: Double, of target: Double) -> Int {
        var (scaled, digits) = (value, 0)
        while scaled < target && digits < 12 {
            scaled *= 10
            digits += 1
        }
        return digits
    }

    /// 10^`digits`, exactly.
    static func power(_ digits: Int) -> Double {
        var result = 1.0
        for _ in 0..<digits { result *= 10 }
        return result
    }

    /// Steps and limits as an exchange would name them.
    func instrument(_ pair: Pair, makerFee: Double, takerFee: Double) -> Instrument {
        let step = 1 / Self.power(amountDigits)
        let isDollar = Self.knownPrices[pair.quote] == nil
        return Instrument(
            pair: pair, precisionMode: .tickSize, amountPrecision: step, pricePrecision: 1 / Self.power(priceDigits),
            amountLimits: Instrument.Limits(minimum: step), priceLimits: Instrument.Limits(minimum: 1 / Self.power(priceDigits)),
            costLimits: Instrument.Limits(minimum: isDollar ? 5 : 0.0001), makerFee: makerFee, takerFee: takerFee)
    }
}
