import Exchange
import Market
import Money
import Testing

@testable import Binance

/// Instruments and keys of tests.
enum Given {
    static func instrument(_ pair: String, tick: String, step: String) throws -> TradedInstrument {
        let pair = try #require(Pair(pair))
        return TradedInstrument(
            pair: pair, symbol: pair.base + pair.quote, streamSymbol: pair.base + pair.quote,
            priceTick: try #require(Price(tick)), quantityStep: try #require(Quantity(step)))
    }

    static func spot() throws -> TradedInstrument { try instrument("BTC/USDT", tick: "0.01", step: "0.00001") }
    static func perpetual() throws -> TradedInstrument { try instrument("BTC/USDT:USDT", tick: "0.1", step: "0.001") }
    static let credentials = Credentials(key: "theKey", secret: "theSecret")
    static let moment = SigningMoment(now: Timestamp(milliseconds: 1_760_000_000_000), nonce: 1)
    static let id = ClientOrderID("swx0001")
    static let now = Timestamp(milliseconds: 1_750_000_000_123)

    /// Rounded as an order must be: the quantity down, the price to the nearest tick.
    static func quantity(_ text: String, _ instrument: TradedInstrument) throws -> Quantity {
        let quantity = try #require(Quantity(text))
        return try #require(quantity.rounded(toMultipleOf: instrument.quantityStep, .down))
    }

    static func price(_ text: String, _ instrument: TradedInstrument? = nil) throws -> Price {
        let price = try #require(Price(text))
        guard let instrument else { return price }
        return try #require(price.rounded(toMultipleOf: instrument.priceTick, .nearest))
    }
}
