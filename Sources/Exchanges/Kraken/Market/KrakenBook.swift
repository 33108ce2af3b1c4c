package import Exchange
import Money

/// Kraken's check of a book: CRC-32 (IEEE 802.3) over the digits of the upper ten levels.
package enum KrakenBook {
    static let levels = 10

    /// The checksum of a book with its digits as they were sent: asks from the lowest price, then bids from the highest; each price and quantity
    /// without its point and leading zeros. `bids` and `asks` are sorted, best first; levels beyond ten do not count.
    ///
    /// Right where numbers keep the decimals they came with, as `FixedPoint` does when it reads them.
    package static func checksum(bids: [BookLevel], asks: [BookLevel]) -> UInt32 {
        var sum = CRC32()
        for side in [asks, bids] {
            for level in side.prefix(levels) {
                sum.add(digitsOf: level.price.units)
                sum.add(digitsOf: level.quantity.units)
            }
        }
        return sum.value
    }

    /// As `checksum(bids:asks:)` with every number brought to the instrument's decimals first (`priceDecimals`, decimals of `quantityStep`): right
    /// whatever way the numbers were written or kept. Nil where a number does not fit them.
    package static func checksum(bids: [BookLevel], asks: [BookLevel], priceDecimals: Int, quantityDecimals: Int) -> UInt32? {
        var sum = CRC32()
        for side in [asks, bids] {
            for level in side.prefix(levels) {
                guard let price = level.price.rescaled(decimals: priceDecimals), price == level.price,
                    let quantity = level.quantity.rescaled(decimals: quantityDecimals), quantity == level.quantity
                else { return nil }
                sum.add(digitsOf: price.units)
                sum.add(digitsOf: quantity.units)
            }
        }
        return sum.value
    }

    /// As above, with the decimals of an instrument.
    package static func checksum(bids: [BookLevel], asks: [BookLevel], of instrument: TradedInstrument) -> UInt32? {
        checksum(
            bids: bids, asks: asks, priceDecimals: instrument.priceDecimals,
            quantityDecimals: Int(instrument.quantityStep.decimals))
    }
}

/// CRC-32 of IEEE 802.3, as zlib has it.
struct CRC32 {
    private static let table: [UInt32] = (0..<256).map { start in
        (0..<8).reduce(UInt32(start)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    private var state: UInt32 = .max

    var value: UInt32 { ~state }

    mutating func add(_ byte: UInt8) { state = Self.table[Int((state ^ UInt32(byte)) & 255)] ^ state >> 8 }

    /// The decimal digits of a number without its sign; none for 0, of which only leading zeros are left.
    mutating func add(digitsOf number: Int64) {
        var rest = number.magnitude
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var count = 0
        while rest > 0 {
            digits[count] = UInt8(rest % 10) + UInt8(ascii: "0")
            rest /= 10
            count += 1
        }
        while count > 0 {
            count -= 1
            add(digits[count])
        }
    }
}
