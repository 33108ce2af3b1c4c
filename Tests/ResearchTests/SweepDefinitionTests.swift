import Market
import Strategies
import Testing

@testable import Research

@Suite struct SweepDefinitionTests {
    func small(sample: SweepDefinition.Sample? = nil) throws -> SweepDefinition {
        try SweepDefinition(
            strategies: [
                strategy(
                    "A",
                    axes: [
                        SweepAxis(name: "slow", list: [.integer(30), .integer(40)]),
                        SweepAxis(name: "fast", list: [.integer(8), .integer(12), .integer(16)]),
                    ]),
                strategy("B", axes: [SweepAxis(grid: .decimal("threshold", default: 0, in: 0...0.5, step: 0.1))]),
            ],
            sample: sample, pairSets: [pairs("BTC/USDT"), pairs("BTC/USDT", "ETH/USDT")],
            timeranges: [range("20240101-20240201"), range("20240201-")])
    }

    /// The order is what nested loops over the lists give: an oracle without arithmetic.
    @Test func `combinations come in the documented order`() throws {
        let sweep = try small()
        var expected: [String] = []
        for timerange in sweep.timeranges {
            for set in sweep.pairSets {
                for fast in [8, 12, 16] {
                    for slow in [30, 40] { expected.append("A fast=\(fast) slow=\(slow) threshold=0.1 \(set) \(timerange)") }
                }
            }
        }
        for timerange in sweep.timeranges {
            for set in sweep.pairSets {
                for threshold in ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"] {
                    expected.append("B fast=12 slow=36 threshold=\(threshold) \(set) \(timerange)")
                }
            }
        }
        let found = (0..<sweep.combinationCount).map { sweep.combination(at: $0) }
        #expect(found.map { "\($0.strategy) \($0.values) \($0.pairs) \($0.timerange)" } == expected)
        #expect(found.map(\.index) == Array(0..<48))
    }

    @Test func `a sample takes different elements of each grid and meets every pair set and range`() throws {
        let sweep = try small(sample: .init(count: 4, seed: 9))
        #expect(sweep.combinationCount == 2 * 4 * 2 * 2)
        let all = (0..<sweep.combinationCount).map { sweep.combination(at: $0) }
        for name in ["A", "B"] {
            let own = all.filter { $0.strategy == name }
            #expect(Set(own.map(\.values)).count == 4)
            for values in Set(own.map(\.values)) { #expect(own.filter { $0.values == values }.count == 4) }
        }
        let again = try small(sample: .init(count: 4, seed: 9))
        #expect((0..<again.combinationCount).map { again.combination(at: $0) } == all)
        let other = try small(sample: .init(count: 4, seed: 10))
        #expect((0..<other.combinationCount).map { other.combination(at: $0) } != all)
    }

    @Test func `a strategy's sample does not depend on the strategies beside it`() throws {
        let axis = SweepAxis(grid: slow)
        let alone = try SweepDefinition(
            strategies: [strategy("B", axes: [axis])], sample: .init(count: 5, seed: 1), pairSets: [pairs("BTC/USDT")])
        let beside = try SweepDefinition(
            strategies: [strategy("A", axes: [axis]), strategy("B", axes: [axis])], sample: .init(count: 5, seed: 1),
            pairSets: [pairs("BTC/USDT")])
        #expect((0..<5).map { alone.combination(at: $0).values } == (5..<10).map { beside.combination(at: $0).values })
    }

    @Test func `a sample larger than the grid is the grid`() throws {
        let whole = try small()
        let sampled = try small(sample: .init(count: 6, seed: 5))
        #expect(
            (0..<whole.combinationCount).map { whole.combination(at: $0) }
                == (0..<sampled.combinationCount).map { sampled.combination(at: $0) })
    }

    @Test func `ten million combinations are computed one by one`() throws {
        let axes = [fast, slow, threshold].map { SweepAxis(grid: $0) }
        let sweep = try SweepDefinition(
            strategies: [strategy("A", axes: axes)], pairSets: Array(repeating: pairs("BTC/USDT"), count: 10))
        #expect(sweep.combinationCount == 199 * 498 * 11 * 10)
        let last = sweep.combination(at: sweep.combinationCount - 1)
        #expect(last.values.description == "fast=200 slow=500 threshold=1.0")
        let sampled = try SweepDefinition(
            strategies: [strategy("A", axes: axes)], sample: .init(count: 1_000_000, seed: 4),
            pairSets: Array(repeating: pairs("BTC/USDT"), count: 10))
        #expect(sampled.combinationCount == 10_000_000)
        let first = (0..<2000).map { sampled.combination(at: $0).values }
        #expect(Set(first).count == 2000)
    }

    @Test func `a sweep that 64 bits cannot number is refused`() throws {
        let wide = (0..<8).map { Parameter.integer("p\($0)", default: 0, in: 0...999) }
        #expect(throws: SweepError.tooManyCombinations) {
            try strategy("A", axes: wide.map { SweepAxis(grid: $0) }, parameters: wide)
        }
        let some = try strategy("A", axes: wide.prefix(6).map { SweepAxis(grid: $0) }, parameters: wide)
        #expect(some.gridCount == 1_000_000_000_000_000_000)
        #expect(throws: SweepError.tooManyCombinations) {
            try SweepDefinition(strategies: [some], pairSets: Array(repeating: pairs("BTC/USDT"), count: 20))
        }
    }

    @Test func `what is missing or not allowed is refused`() throws {
        let good = try strategy("A", axes: [])
        #expect(throws: SweepError.empty("strategy")) { try SweepDefinition(strategies: [], pairSets: [pairs("BTC/USDT")]) }
        #expect(throws: SweepError.empty("pairs")) { try SweepDefinition(strategies: [good], pairSets: []) }
        #expect(throws: SweepError.empty("pairs")) { try SweepDefinition(strategies: [good], pairSets: [[]]) }
        #expect(throws: SweepError.empty("time range")) {
            try SweepDefinition(strategies: [good], pairSets: [pairs("BTC/USDT")], timeranges: [])
        }
        #expect(throws: SweepError.emptySample) {
            try SweepDefinition(strategies: [good], sample: .init(count: 0, seed: 1), pairSets: [pairs("BTC/USDT")])
        }
        #expect(throws: SweepError.self) { try strategy("A", axes: [SweepAxis(name: "fast", list: [.integer(1)])]) }
        #expect(throws: SweepError.self) { try strategy("A", axes: [SweepAxis(name: "other", list: [.integer(1)])]) }
        #expect(throws: SweepError.repeatedAxis(strategy: "A")) {
            try strategy("A", axes: [SweepAxis(grid: fast), SweepAxis(name: "fast", list: [.integer(9)])])
        }
        #expect(SweepAxis(name: "fast", list: []) == nil)
        #expect(SweepAxis(name: "fast", list: [.integer(1), .integer(1)]) == nil)
    }

    @Test(arguments: [1, 2, 5, 47, 48, 49, 1000] as [UInt64])
    func `slices cover every combination once, in order`(size: UInt64) throws {
        let sweep = try small()
        let indices = (0..<sweep.sliceCount(size: size)).flatMap { Array(sweep.slice($0, size: size)) }
        #expect(indices == Array(0..<sweep.combinationCount))
        #expect(sweep.suggestedSliceSize == 1)
    }
}
