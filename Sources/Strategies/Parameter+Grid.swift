extension Parameter {
    /// How many values a grid over this parameter visits; at least 1.
    public var gridCount: Int {
        switch kind {
        case .integer(let range, let step): (range.upperBound - range.lowerBound) / step + 1
        case .decimal(let range, let step): DecimalGrid(range, step: step).count
        case .categorical(let options): options.count
        case .boolean: 2
        }
    }

    /// The grid's value number `index`, in ascending order (options in the order of declaration, false before true).
    ///
    /// Traps outside of `0..<gridCount`.
    public func gridValue(at index: Int) -> ParameterValue {
        precondition(index >= 0 && index < gridCount, "outside of the grid")
        switch kind {
        case .integer(let range, let step): return .integer(range.lowerBound + index * step)
        case .decimal(let range, let step): return .decimal(DecimalGrid(range, step: step).value(at: index))
        case .categorical(let options): return .text(options[index])
        case .boolean: return .boolean(index == 1)
        }
    }

    /// All values a grid visits. A wide range makes a long array: `gridValue(at:)` gives them one by one.
    public var allValues: [ParameterValue] { (0..<gridCount).map(gridValue(at:)) }
}

/// The steps of a range of decimals, without the noise of repeated addition.
private struct DecimalGrid {
    private let lower: Double
    private let upper: Double
    private let step: Double
    /// 10 to the number of decimals that the lower bound and the step have, where both fit an integer; nil: no such scale.
    private let scale: Double?
    let count: Int

    init(_ range: ClosedRange<Double>, step: Double) {
        lower = range.lowerBound
        upper = range.upperBound
        self.step = step
        scale = Self.scale(range.lowerBound, step)
        // The tolerance keeps the upper bound in the grid where the division falls short of a whole number of steps.
        count = Int(((upper - lower) / step + 1e-6).rounded(.down)) + 1
    }

    func value(at index: Int) -> Double {
        let plain =
            if let scale {
                ((lower * scale).rounded() + Double(index) * (step * scale).rounded()) / scale
            } else {
                lower + Double(index) * step
            }
        return min(max(plain, lower), upper)
    }

    private static func scale(_ numbers: Double...) -> Double? {
        var scale = 1.0
        for number in numbers {
            // Integers up to 2^53 and powers of ten up to 10^22 are exact, so that the one division is correctly rounded.
            while (number * scale).rounded() / scale != number {
                scale *= 10
                if scale > 1e15 || abs(number) * scale > 9e15 { return nil }
            }
        }
        return scale
    }
}
