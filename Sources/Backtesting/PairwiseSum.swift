extension Array<Double> {
    /// The sum in numpy's order of additions: eight running sums in blocks of up to 128, halves beyond. Two programs agree on the last
    /// bit only when they add in the same order.
    var pairwiseSum: Double { withUnsafeBufferPointer(Self.pairwise) }

    private static func pairwise(_ values: UnsafeBufferPointer<Double>) -> Double {
        let count = values.count
        if count < 8 { return values.reduce(-0.0, +) + 0 }
        if count > 128 {
            let half = count / 2 - count / 2 % 8
            return pairwise(.init(rebasing: values[..<half])) + pairwise(.init(rebasing: values[half...]))
        }
        var lanes = SIMD8<Double>(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7])
        var index = 8
        while index + 8 <= count {
            lanes += SIMD8(
                values[index], values[index + 1], values[index + 2], values[index + 3], values[index + 4], values[index + 5],
                values[index + 6], values[index + 7])
            index += 8
        }
        var sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
        while index < count {
            sum += values[index]
            index += 1
        }
        return sum
    }
}
