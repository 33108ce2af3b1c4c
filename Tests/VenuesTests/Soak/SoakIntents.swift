import Exchange
import Market
import Money
import SyntheticMarket

/// Orders by chance: every kind, near the market and far from it, small ones and some that the venue's book cannot fill at once.
struct SoakIntents {
    let instrument: TradedInstrument
    let mid: Price
    var random: SplitMix64

    init(_ instrument: TradedInstrument, mid: Price, random: SplitMix64) {
        self.instrument = instrument
        self.mid = mid
        self.random = random
    }

    mutating func order(_ id: ClientOrderID) -> OrderIntent {
        let side = Bool.random(using: &random) ? OrderSide.buy : .sell
        var order = OrderIntent(side, kind(side), quantity: quantity(), clientOrderID: id)
        if case .limit = order.kind { order.timeInForce = TimeInForce.allCases.randomElement(using: &random) ?? .goodTilCanceled }
        return order
    }

    mutating func oco(_ list: ClientOrderID, _ limit: ClientOrderID, _ stop: ClientOrderID) -> OCOIntent {
        let side = Bool.random(using: &random) ? OrderSide.buy : .sell
        let (up, down) = (price(by: 1.0002...1.003), price(by: 0.997...0.9998))
        let (far, near) = side == .sell ? (up, down) : (down, up)
        let isLimit = Bool.random(using: &random)
        return OCOIntent(
            side: side, quantity: quantity(), limitPrice: far, stopTrigger: near, stopPrice: isLimit ? near : nil, listID: list,
            limitID: limit, stopID: stop)
    }

    private mutating func kind(_ side: OrderSide) -> OrderKind {
        // What a stop waits for lies above the market for a purchase, below it for a sale.
        let (worse, better) = side == .buy ? (1.0001...1.003, 0.997...0.9999) : (0.997...0.9999, 1.0001...1.003)
        switch Int.random(in: 0..<16, using: &random) {
        case 0..<3: return .market
        case 3: return .marketByCost(Amount(units: Int128(Int.random(in: 20...60_000, using: &random)), decimals: 0))
        case 4..<7: return .limit(price(by: 0.999...1.001))
        case 7..<9: return .limit(price(by: better))
        case 9: return .limit(price(by: side == .buy ? 0.7...0.95 : 1.05...1.3))
        case 10..<12: return .postOnly(price(by: Bool.random(using: &random) ? better : 0.9995...1.0005))
        case 12: return .stopLoss(trigger: price(by: worse))
        case 13: return .stopLossLimit(trigger: price(by: worse), price: price(by: worse))
        case 14: return .takeProfit(trigger: price(by: better))
        default: return .takeProfitLimit(trigger: price(by: better), price: price(by: better))
        }
    }

    private mutating func price(by factors: ClosedRange<Double>) -> Price {
        let units = Int64(Double(mid.units) * Double.random(in: factors, using: &random))
        return Price(units: units, decimals: Int(mid.decimals)).rounded(toMultipleOf: instrument.priceTick, .nearest) ?? mid
    }

    /// Worth 8 to 80,000 of the quote currency, small ones more often; below the smallest that venues take now and then.
    private mutating func quantity() -> Quantity {
        let worth = 8 * Double.random(in: 1...10, using: &random) * Double([1, 10, 100, 1000].randomElement(using: &random) ?? 1)
        let units = Int64(worth / mid.approximation * 1e8)
        return Quantity(units: units, decimals: 8).rounded(toMultipleOf: instrument.quantityStep, .down)
            ?? instrument.quantityStep
    }
}
