extension Array<Double> {
    /// The sum in numpy's order of additions: eight running sums in blocks of up to 128, halves beyond. Two programs agree on
    /// the last bit only when they add in the same order.
    var pairwiseSum: Double { withUnsafeBufferPointer(Self.pairwise) }

    /// The mean; 0 for none.
    var mean: Double { isEmpty ? 0 : pairwiseSum / Double(count) }

    /// The standard deviation with `count` - `lost` in the denominator, added from first to last (as bottleneck does it for
    /// pandas); NaN where the denominator is not above 0.
    func deviation(lost: Int) -> Double {
        guard count > lost else { return .nan }
        let average = reduce(0, +) / Double(count)
        return (reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(count - lost)).squareRoot()
    }

    /// The sum of a group as pandas makes it of rows that stand together: the first plus the pairwise sum of the rest.
    var groupSum: Double {
        guard let first else { return 0 }
        return first + Array(dropFirst()).pairwiseSum
    }

    /// The middle value, or the mean of the two middle ones; 0 for none.
    var median: Double {
        if isEmpty { return 0 }
        let sorted = sorted()
        return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
    }

    /// The pairwise sum of memory.
    static func pairwise(_ values: UnsafeBufferPointer<Double>) -> Double {
        let count = values.count
        if count < 8 { return values.reduce(0, +) }
        if count > 128 {
            let half = count / 2 - count / 2 % 8
            return pairwise(.init(rebasing: values[..<half])) + pairwise(.init(rebasing: values[half...]))
        }
        var lanes = SIMD8<Double>()
        for lane in 0..<8 { lanes[lane] = values[lane] }
        var index = 8
        while index + 8 <= count {
            for lane in 0..<8 { lanes[lane] += values[index + lane] }
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
