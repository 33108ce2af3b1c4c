import Exchange
import Market
import Money
import Testing

/// A small generator with a seed: the same seed gives the same run on every machine.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

enum Sample {
    static func instrument(_ base: String = "BTC") throws -> TradedInstrument {
        TradedInstrument(
            pair: try #require(Pair("\(base)/USDT")), symbol: "\(base)USDT", streamSymbol: "\(base.lowercased())usdt",
            priceTick: Price(units: 1, decimals: 2), quantityStep: Quantity(units: 1, decimals: 4))
    }

    static func trade(_ id: Int64, symbol: String = "BTCUSDT") -> MarketTrade {
        MarketTrade(
            symbol: symbol, tradeID: id, price: Price(units: 100 + id % 7, decimals: 0),
            quantity: Quantity(units: 1, decimals: 0),
            takerSide: .buy, time: Timestamp(milliseconds: id * 10))
    }

    static func candle(_ minute: Int64, close: Double = 1) -> Candle {
        Candle(time: Timestamp(milliseconds: minute * 60_000), open: 1, high: 2, low: 0.5, close: close, volume: 3)
    }

    static func level(_ price: Int64, _ quantity: Int64) -> BookLevel {
        BookLevel(Price(units: price, decimals: 1), Quantity(units: quantity, decimals: 2))
    }
}
