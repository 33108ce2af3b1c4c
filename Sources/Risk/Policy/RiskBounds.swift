/// Upper bounds of what a state holds, so that neither a caller nor hostile bytes can make it grow without end.
package enum RiskBounds {
    /// Pairs with a position, a mark, a volatility or returns.
    package static let pairs = 512
    /// Working orders.
    package static let orders = 10_000
    /// Returns of a pair.
    package static let returns = 512
    /// Values of volatility of a pair.
    package static let volatilities = 1_000
    /// Instants of sent orders.
    package static let sendings = 10_000
    /// UTF-8 bytes of a name or reason.
    package static let textBytes = 256
    /// Bytes of an encoded state.
    package static let stateBytes = 16 << 20
}
