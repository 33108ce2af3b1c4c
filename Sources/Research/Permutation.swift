/// A seeded permutation of 0..<count that computes each element by itself: no memory, any order, no repetition.
///
/// A Feistel network over the smallest even number of bits (at least 8) that holds `count` values, walked along its cycle
/// until the value is below `count`: Black and Rogaway, "Ciphers with Arbitrary Finite Domains" (2002). The same seed and
/// count give the same order on every machine and in every version: results of samples depend on it.
package struct Permutation: Hashable, Sendable {
    private static let rounds: UInt64 = 8

    /// How many elements there are, at least 1.
    package let count: UInt64
    /// What chooses the order.
    package let seed: UInt64
    private let halfBits: UInt64
    private let mask: UInt64

    /// The permutation of 0..<count that `seed` chooses. Traps for a count of 0.
    package init(count: UInt64, seed: UInt64) {
        precondition(count > 0, "a permutation of nothing")
        self.count = count
        self.seed = seed
        let bits = UInt64(64 - (count - 1).leadingZeroBitCount)
        halfBits = max(4, (bits + 1) / 2)
        mask = (1 << halfBits) - 1
    }

    /// Element number `index`. Traps outside of 0..<count.
    package subscript(index: UInt64) -> UInt64 {
        precondition(index < count, "outside of the permutation")
        var value = index
        // Every step stays on a cycle through `index`, which is below `count`: the walk ends.
        repeat { value = encrypt(value) } while value >= count
        return value
    }

    private func encrypt(_ value: UInt64) -> UInt64 {
        var left = value >> halfBits
        var right = value & mask
        for round in 0..<Self.rounds {
            let mixed = SplitMix64.mix(right &+ seed &+ SplitMix64.mix(round &+ 1 &+ (seed &* 0xD1B5_4A32_D192_ED03)))
            (left, right) = (right, (left ^ mixed) & mask)
        }
        return left << halfBits | right
    }
}

/// The mixing function of SplitMix64 (Steele, Lea and Flood, 2014) with its increment.
enum SplitMix64 {
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number from a text, the same on every machine (FNV-1a, mixed).
    static func hash(_ text: String) -> UInt64 {
        mix(text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }
}
