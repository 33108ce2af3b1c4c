import Strategies

/// The signals of all pairs on one time axis, and where on it something may be entered.
///
/// A slot is a candle time of the loop; slot 0 is the start of the backtest. Flags are stored where they act: a signal on a
/// candle is found at the slot of the next one. One bit a slot tells whether any pair may enter there, so that stretches without
/// signals and positions are skipped 64 slots at a time.
struct SlotSignals: ~Copyable {
    let slots: Int
    let wordsPerPair: Int
    /// A byte a slot and pair.
    private let flags: UnsafeMutablePointer<UInt8>
    /// A bit a slot and pair: an entry signal, collisions removed.
    private let entries: UnsafeMutablePointer<UInt64>
    /// A bit a slot: some pair has an entry signal.
    private let any: UnsafeMutablePointer<UInt64>

    /// Room for `slots` slots of `pairs` pairs, all silent.
    init(pairs: Int, slots: Int) {
        // Whole words of 64 slots, so that the scan by eights never leaves the buffer.
        wordsPerPair = (slots + 63) / 64
        self.slots = slots
        flags = .allocate(capacity: max(pairs * wordsPerPair * 64, 1))
        flags.initialize(repeating: 0, count: pairs * wordsPerPair * 64)
        entries = .allocate(capacity: max(pairs * wordsPerPair, 1))
        entries.initialize(repeating: 0, count: pairs * wordsPerPair)
        any = .allocate(capacity: max(wordsPerPair, 1))
        any.initialize(repeating: 0, count: wordsPerPair)
    }

    deinit {
        flags.deallocate()
        entries.deallocate()
        any.deallocate()
    }

    /// Stores the flags of `rows`, acting from slot `slot` on, and finds the entries among them.
    func fill(pair: Int, with source: [SignalFlags], rows: Range<Int>, at slot: Int, canShort: Bool) {
        let target = flags + pair * wordsPerPair * 64
        let count = min(rows.count, slots - slot)
        guard count > 0 else { return }
        source.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            UnsafeMutableRawPointer(target + slot).copyMemory(from: base + rows.lowerBound, byteCount: count)
        }
        let ones: UInt64 = 0x0101_0101_0101_0101
        let bits = entries + pair * wordsPerPair
        for word in slot / 64..<wordsPerPair {
            var result: UInt64 = 0
            for part in 0..<8 {
                let x = UnsafeRawPointer(target + word * 64 + part * 8).load(as: UInt64.self).littleEndian
                let (long, short) = (x & ones, (x >> 2) & ones)
                let onlyLong = long & ~(x >> 1)
                let found = canShort ? (onlyLong & ~short) | (short & ~(x >> 3) & ~long) : onlyLong
                // Gathers the lowest bit of each byte into one byte.
                result |= ((found &* 0x0102_0408_1020_4080) >> 56) << UInt64(part * 8)
            }
            bits[word] = result
            any[word] |= result
        }
    }

    /// The flags of `pair` that act at `slot`.
    @inline(__always)
    func flags(pair: Int, at slot: Int) -> SignalFlags { SignalFlags(rawValue: flags[pair * wordsPerPair * 64 + slot]) }

    /// Whether `pair` may enter at `slot`.
    @inline(__always)
    func enters(pair: Int, at slot: Int) -> Bool { entries[pair * wordsPerPair + slot >> 6] >> UInt64(slot & 63) & 1 == 1 }

    /// Whether any pair may enter at `slot`.
    @inline(__always)
    func anyEnters(at slot: Int) -> Bool { any[slot >> 6] >> UInt64(slot & 63) & 1 == 1 }

    /// The first slot from `slot` on where some pair may enter, or `slots`.
    func nextEntry(from slot: Int) -> Int {
        var word = slot >> 6
        guard word < wordsPerPair else { return slots }
        var bits = any[word] & (.max << UInt64(slot & 63))
        while bits == 0 {
            word += 1
            if word >= wordsPerPair { return slots }
            bits = any[word]
        }
        return min(word * 64 + bits.trailingZeroBitCount, slots)
    }
}
