import Exchange
import Market
import Money
import Orders

/// A small generator whose seed is printed with a failure.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    /// True so many times in a hundred.
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

enum Sample {
    static let identity = OrderIdentity(owner: 0xA1B2_C3D4, job: 7, token: 3)

    static func pair(_ text: String = "BTC/USDT") throws -> Pair {
        guard let pair = Pair(text) else { throw SampleError.text(text) }
        return pair
    }

    enum SampleError: Error { case text(String) }

    static func instrument() throws -> TradedInstrument {
        var instrument = TradedInstrument(
            pair: try pair(), symbol: "XBTUSDT", streamSymbol: "BTC/USDT", priceTick: Price(units: 1, decimals: 2),
            quantityStep: Quantity(units: 1, decimals: 5))
        instrument.aliases = ["BTCUSDT"]
        return instrument
    }

    static func request(
        _ ticket: OrderTicket, side: OrderSide = .sell, purpose: OrderPurpose = .exit, units: Int64 = 100_000
    ) throws -> OrderRequest {
        OrderRequest(
            ticket: ticket, trade: TradeNumber(1), pair: try pair(), side: side,
            kind: .limit(Price(units: 6_000_000, decimals: 2)),
            quantity: Quantity(units: units, decimals: 5), purpose: purpose, tag: "t")
    }

    static func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    static func report(
        _ id: ClientOrderID?, _ venueID: String = "V1", _ status: OrderReport.Status = .open, filled: String? = nil
    ) -> OrderReport {
        var report = OrderReport(
            venueOrderID: VenueOrderID(venueID), clientOrderID: id, symbol: "XBTUSDT", status: status, side: .sell, type: "limit")
        report.filled = filled.flatMap { Quantity($0) }
        report.quantity = Quantity(units: 100_000, decimals: 5)
        report.price = Price(units: 6_000_000, decimals: 2)
        return report
    }

    static func fill(_ tradeID: String, _ quantity: String, order: String? = "V1", client: ClientOrderID? = nil) -> Fill {
        Fill(
            tradeID: tradeID, venueOrderID: order.map { VenueOrderID($0) }, clientOrderID: client, symbol: "BTC/USDT",
            side: .sell,
            price: Price(units: 6_000_000, decimals: 2), quantity: Quantity(quantity) ?? .zero, fee: Amount("0.1") ?? .zero,
            feeAsset: "USDT", isMaker: true, time: Timestamp(milliseconds: 5))
    }
}
