import Market
import Strategies

@testable import Research

/// A small seeded generator (SplitMix64) whose seed is printed by the tests that use it.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

let fast = Parameter.integer("fast", default: 12, in: 2...200)
let slow = Parameter.integer("slow", default: 36, in: 3...500)
let threshold = Parameter.decimal("threshold", default: 0.1, in: 0...1, step: 0.1)

func pairs(_ names: String...) -> [Pair] { names.compactMap(Pair.init) }

func range(_ text: String) throws -> TimeRange { try TimeRange(parsing: text) }

func strategy(_ name: String, axes: [SweepAxis?], parameters: [Parameter] = [fast, slow, threshold]) throws -> SweepStrategy {
    try SweepStrategy(
        name: name, parameters: parameters, fixed: ParameterValues(defaultsOf: parameters), axes: axes.compactMap { $0 })
}

func randomRow(_ index: UInt64, _ generator: inout SeededGenerator) -> SweepRow {
    var row = SweepRow(index: index)
    row.outcome = [.completed, .completed, .completed, .noCandles, .failed].randomElement(using: &generator) ?? .completed
    for count in SweepRow.counts { row[keyPath: count] = .random(in: 0...9, using: &generator) }
    for figure in SweepRow.figures {
        // Few different figures, so that ties are common.
        row[keyPath: figure] = [-1, -0.5, 0, -0.0, 0.25, 1, .nan, .infinity, -.infinity].randomElement(using: &generator) ?? 0
    }
    return row
}
