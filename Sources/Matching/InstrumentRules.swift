/// What the venue takes of a trade. Rates are parts of 100,000,000: 0.1 % is 100,000.
package struct FeeSchedule: Hashable, Sendable {
    /// Which way a fee goes that is no whole number of the asset's smallest unit.
    package enum Rounding: Sendable { case down, up }
    /// Which asset a fee is taken from.
    package enum PaidIn: Sendable {
        /// The asset that the trade brings: base for a buyer, quote for a seller (Binance).
        case received
        /// Always the quote asset; a buyer pays it on top of the price (Kraken).
        case quote
    }

    package static let unit: Int64 = 100_000_000
    /// 10 %.
    package static let maximumRate: Int64 = 10_000_000

    package var maker: Int64
    package var taker: Int64
    package var rounding: Rounding
    package var paidIn: PaidIn

    package init(maker: Int64 = 0, taker: Int64 = 0, rounding: Rounding = .down, paidIn: PaidIn = .received) {
        self.maker = maker
        self.taker = taker
        self.rounding = rounding
        self.paidIn = paidIn
    }

    /// The fee on an amount from 0 to `Bounds.order` at a rate from 0 to `maximumRate`.
    func fee(on amount: Int128, rate: Int64) -> Int128 {
        Self.part(of: amount, rate: rate, rounding: rounding)
    }

    static func part(of amount: Int128, rate: Int64, rounding: Rounding) -> Int128 {
        let bump: UInt64 = rounding == .up ? 1 : 0
        // The rate is below the unit, so that the quotient of a one-word amount is one word too.
        if let word = UInt64(exactly: amount) {
            let product = word.multipliedFullWidth(by: UInt64(rate))
            let division = UInt64(unit).dividingFullWidth((product.high, product.low))
            return Int128(division.quotient &+ (division.remainder == 0 ? 0 : bump))
        }
        let division = (amount * Int128(rate)).quotientAndRemainder(dividingBy: Int128(unit))
        return division.quotient + (division.remainder == 0 ? 0 : Int128(bump))
    }
}

/// Bounds within which no sum of the engine can overflow: an order moves at most `order`, an account that holds more than `account`
/// places no orders, and it has at most 65,536 of them open, so that nobody ever holds more than twice `account`; 4,096
/// accounts together stay below 2^126.
package enum Bounds {
    package static let order: Int128 = 1 << 96
    package static let account: Int128 = 1 << 112
    package static let openOrders = 65_536
    package static let accounts = 4_096
    package static let assets = 65_536
    package static let instruments = 65_536
}

/// The rules of one instrument. A price is a number of ticks, a quantity a number of lots; an amount of an asset is a number of that
/// asset's smallest unit, which must be fine enough that a tick times a lot is a whole number of it. All products are exact.
package struct InstrumentRules: Sendable {
    package var base: AssetID
    package var quote: AssetID
    /// Quote units of one tick times one lot; at least 1.
    package var tickValue: Int64
    /// Base units of one lot; at least 1.
    package var lotValue: Int64
    /// Smallest and largest price in ticks; the smallest is at least 1.
    package var price: ClosedRange<Int64>
    /// Smallest and largest quantity of an order in lots; the smallest is at least 1.
    package var quantity: ClosedRange<Int64>
    /// Smallest and largest price times quantity of an order in quote units; market orders by quantity are not held to it.
    package var notional: ClosedRange<Int128>
    package var fees: FeeSchedule

    package init(
        base: AssetID, quote: AssetID, tickValue: Int64, lotValue: Int64, price: ClosedRange<Int64>, quantity: ClosedRange<Int64>,
        notional: ClosedRange<Int128> = 0...Bounds.order, fees: FeeSchedule = FeeSchedule()
    ) {
        self.base = base
        self.quote = quote
        self.tickValue = tickValue
        self.lotValue = lotValue
        self.price = price
        self.quantity = quantity
        self.notional = notional
        self.fees = fees
    }

    /// Why these rules cannot be used; nil: they can.
    func problem(assetCount: Int) -> String? {
        guard 0..<assetCount ~= Int(base.rawValue), 0..<assetCount ~= Int(quote.rawValue), base != quote else {
            return "base and quote must be two different assets from 0 to \(assetCount - 1)"
        }
        guard tickValue >= 1, lotValue >= 1 else { return "tickValue and lotValue must be at least 1" }
        guard price.lowerBound >= 1, quantity.lowerBound >= 1 else { return "smallest price and quantity must be at least 1" }
        guard notional.lowerBound >= 0 else { return "the smallest notional must not be negative" }
        guard 0...FeeSchedule.maximumRate ~= fees.maker, 0...FeeSchedule.maximumRate ~= fees.taker else {
            return "fees must be from 0 to \(FeeSchedule.maximumRate) of \(FeeSchedule.unit)"
        }
        // Doubled: room for a fee on top, rounded up for each lot.
        let lot = Int128(price.upperBound).multipliedReportingOverflow(by: Int128(tickValue) * 2)
        let whole = lot.partialValue.multipliedReportingOverflow(by: Int128(quantity.upperBound))
        guard !lot.overflow, !whole.overflow, whole.partialValue <= Bounds.order else {
            return "largest price x largest quantity x tickValue must stay below 2^95"
        }
        guard Int128(quantity.upperBound) * Int128(lotValue) <= Bounds.order else {
            return "largest quantity x lotValue must stay below 2^96"
        }
        return nil
    }

    /// Quote units of a quantity at a price, both within the rules.
    package func notional(price: Int64, quantity: Int64) -> Int128 { Int128(price) * Int128(quantity) * Int128(tickValue) }

    /// Quote units that a buyer needs at most for each lot bought at this price. A fee on top is rounded up for each lot, so that the
    /// sum suffices however the order is filled.
    package func costPerLot(price: Int64) -> Int128 {
        let cost = Int128(price) * Int128(tickValue)
        guard fees.paidIn == .quote else { return cost }
        return cost + FeeSchedule.part(of: cost, rate: max(fees.maker, fees.taker), rounding: .up)
    }
}
