/// Binance's protocol as pure values: requests, signatures, answers and streams. No I/O.
///
/// Spot and USD-M futures are different systems with a common style. Each has a public half (`BinanceSpotMarketData`,
/// `BinanceUSDMMarketData`), which has no way to sign, and a private one (`BinanceSpotTrading`, `BinanceUSDMTrading`).
package enum Binance {
    /// Which of the two systems; they use some error numbers for different things.
    package enum System: Hashable, Sendable, CaseIterable { case spot, usdm }

    /// How far an order's time stamp may lie behind the venue's clock, in milliseconds, where nobody says otherwise.
    package static let defaultReceiveWindow = 5000
    /// The most that the venue takes, in milliseconds.
    package static let maximumReceiveWindow = 60_000
}
