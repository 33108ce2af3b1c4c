import Market

/// A random walk with gaps, flat stretches and candles without volume.
func randomCandles(rows: Int, seed: UInt64, price: Double = 100) -> Candles {
    var random = SplitMix64(seed: seed)
    var last = price
    var times: [Int64] = []
    var (open, high, low, close, volume) = ([Double](), [Double](), [Double](), [Double](), [Double]())
    for row in 0..<rows {
        let quiet = random.next() % 20 == 0
        let jump = random.next() % 200 == 0 ? 10.0 : 1.0
        let next = quiet ? last : last * (1 + (random.uniform() - 0.5) * 0.02 * jump)
        times.append(1_700_000_000_000 + Int64(row) * 300_000)
        open.append(last)
        close.append(next)
        high.append(max(last, next) * (quiet ? 1 : 1 + random.uniform() * 0.004))
        low.append(min(last, next) * (quiet ? 1 : 1 - random.uniform() * 0.004))
        volume.append(quiet ? 0 : random.uniform() * 1000)
        last = next
    }
    return Candles(
        times: Column(times), open: Column(open), high: Column(high), low: Column(low), close: Column(close),
        volume: Column(volume))
}

/// Whether two columns are the same in every bit, any NaN being like any other.
func sameBits(_ a: Column<Double>, _ b: Column<Double>) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }
}
