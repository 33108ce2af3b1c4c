/// What a venue allows for one pair: steps, limits and fees. Candle files hold none of it; `instruments.json` does.
///
/// A missing limit is nil, as ccxt reports it. Steps are given in the venue's `precisionMode`.
public struct Instrument: Hashable, Sendable {
    /// How `amountPrecision` and `pricePrecision` are to be read; raw values are ccxt's constants.
    public enum PrecisionMode: Int, Sendable {
        /// Digits after the decimal point.
        case decimalPlaces = 2
        /// Significant digits.
        case significantDigits = 3
        /// The value of one step.
        case tickSize = 4
    }

    /// Lower and upper bounds; nil where the venue names none.
    public struct Limits: Hashable, Sendable {
        /// The smallest value allowed.
        public var minimum: Double?
        /// The largest value allowed.
        public var maximum: Double?

        /// Bounds from a smallest and a largest value, both included.
        public init(minimum: Double? = nil, maximum: Double? = nil) {
            self.minimum = minimum
            self.maximum = maximum
        }
    }

    /// The pair.
    public var pair: Pair
    /// How the two precisions are to be read.
    public var precisionMode: PrecisionMode
    /// Step (or digits) of an amount in base currency; nil: any amount.
    public var amountPrecision: Double?
    /// Step (or digits) of a price in quote currency; nil: any price.
    public var pricePrecision: Double?
    /// Bounds of an order's amount in base currency.
    public var amountLimits: Limits
    /// Bounds of an order's price in quote currency.
    public var priceLimits: Limits
    /// Bounds of an order's cost (price x amount) in quote currency.
    public var costLimits: Limits
    /// Fee of a maker's fill as a ratio of its value, 0.001 for 0.1 %; nil where unknown.
    public var makerFee: Double?
    /// Fee of a taker's fill as a ratio of its value; nil where unknown.
    public var takerFee: Double?

    /// An instrument; see the properties for units.
    public init(
        pair: Pair, precisionMode: PrecisionMode = .tickSize, amountPrecision: Double?, pricePrecision: Double?,
        amountLimits: Limits = Limits(), priceLimits: Limits = Limits(), costLimits: Limits = Limits(),
        makerFee: Double? = nil, takerFee: Double? = nil
    ) {
        self.pair = pair
        self.precisionMode = precisionMode
        self.amountPrecision = amountPrecision
        self.pricePrecision = pricePrecision
        self.amountLimits = amountLimits
        self.priceLimits = priceLimits
        self.costLimits = costLimits
        self.makerFee = makerFee
        self.takerFee = takerFee
    }
}
