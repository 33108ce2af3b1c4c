/// The name of a venue: `binance`, `binance-usdm`, `kraken`; paper venues begin with `paper-`.
package struct VenueID: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    /// Nil unless 1 to 64 of `a-z0-9-`.
    package init?(_ name: String) {
        guard (1...64).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        self.name = name
    }

    package var description: String { name }
    /// A venue of the paper exchange, where no real money is.
    package var isPaper: Bool { name.hasPrefix("paper-") }
}
