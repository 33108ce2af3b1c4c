package import Market
package import Strategies

/// A farm of backtests as a definition: strategies, their parameter grids or a random sample of them, sets of pairs and time
/// ranges. Combinations are numbered and computed one by one: ten million of them cost no memory.
///
/// The order of the combinations is part of the definition and never changes: strategies in the order given (slowest), then
/// time ranges, then pair sets, then the parameters; of these the last in the order of names changes fastest. Neighbours so
/// share their candles. With a sample, each strategy's grid is replaced by `count` different elements of it (all of it, where it
/// has no more) in an order that the seed and the strategy's name choose; every sampled combination meets every pair set and
/// time range.
package struct SweepDefinition: Hashable, Sendable {
    /// A random part of each strategy's grid.
    package struct Sample: Hashable, Sendable {
        /// How many combinations of parameters, at least 1.
        package var count: UInt64
        /// What chooses them.
        package var seed: UInt64
        package init(count: UInt64, seed: UInt64) {
            self.count = count
            self.seed = seed
        }
    }

    /// One backtest of the sweep.
    package struct Combination: Hashable, Sendable {
        /// Its number.
        package var index: UInt64
        /// The name of the strategy.
        package var strategy: String
        /// A value for each of the strategy's parameters.
        package var values: ParameterValues
        /// The pairs that are traded together.
        package var pairs: [Pair]
        /// The part of the time axis.
        package var timerange: TimeRange
    }

    /// The strategies with their axes.
    package let strategies: [SweepStrategy]
    /// The random part; nil: the whole grid.
    package let sample: Sample?
    /// Sets of pairs, each traded on one wallet.
    package let pairSets: [[Pair]]
    /// The parts of the time axis.
    package let timeranges: [TimeRange]
    /// How many combinations there are, at least 1.
    package let combinationCount: UInt64
    /// The number of the first combination of each strategy.
    private let starts: [UInt64]

    /// A sweep over everything given.
    package init(
        strategies: [SweepStrategy], sample: Sample? = nil, pairSets: [[Pair]], timeranges: [TimeRange] = [.all]
    ) throws(SweepError) {
        guard !strategies.isEmpty else { throw .empty("strategy") }
        guard !pairSets.isEmpty, !pairSets.contains(where: \.isEmpty) else { throw .empty("pairs") }
        guard !timeranges.isEmpty else { throw .empty("time range") }
        guard sample?.count != 0 else { throw .emptySample }
        self.strategies = strategies
        self.sample = sample
        self.pairSets = pairSets
        self.timeranges = timeranges
        var starts: [UInt64] = []
        var total: UInt64 = 0
        for strategy in strategies {
            starts.append(total)
            let (outer, first) = UInt64(pairSets.count).multipliedReportingOverflow(by: UInt64(timeranges.count))
            let (all, second) = outer.multipliedReportingOverflow(by: Self.parameterCount(strategy, sample))
            let (sum, third) = total.addingReportingOverflow(all)
            guard !first, !second, !third else { throw .tooManyCombinations }
            total = sum
        }
        self.starts = starts
        combinationCount = total
    }

    private static func parameterCount(_ strategy: SweepStrategy, _ sample: Sample?) -> UInt64 {
        min(strategy.gridCount, sample?.count ?? .max)
    }

    /// Combination number `index`, a pure function of the definition. Traps outside of 0..<combinationCount.
    package func combination(at index: UInt64) -> Combination {
        precondition(index < combinationCount, "outside of the sweep")
        // The last strategy that starts at or before the index; there are few strategies.
        let place = (starts.lastIndex { $0 <= index }) ?? 0
        let strategy = strategies[place]
        let count = Self.parameterCount(strategy, sample)
        let inner = index - starts[place]
        let outer = inner / count
        let pairSet = pairSets[Int(outer % UInt64(pairSets.count))]
        let timerange = timeranges[Int(outer / UInt64(pairSets.count))]
        return Combination(
            index: index, strategy: strategy.name, values: strategy.values(at: element(inner % count, of: strategy)),
            pairs: pairSet, timerange: timerange)
    }

    /// How many combinations of parameters strategy number `place` goes through. Traps where there is no such strategy.
    package func parameterCount(ofStrategy place: Int) -> UInt64 { Self.parameterCount(strategies[place], sample) }

    /// Combination number `index` of the parameters of strategy number `place`. Traps outside of 0..<parameterCount.
    package func parameters(at index: UInt64, ofStrategy place: Int) -> ParameterValues {
        strategies[place].values(at: element(index, of: strategies[place]))
    }

    /// The element of the strategy's grid that stands at `index` of its sample.
    private func element(_ index: UInt64, of strategy: SweepStrategy) -> UInt64 {
        guard let sample, sample.count < strategy.gridCount else { return index }
        let seed = sample.seed ^ SplitMix64.hash(strategy.name)
        return Permutation(count: strategy.gridCount, seed: seed)[index]
    }
}

/// Slices: runs of combinations that one worker computes as one job.
extension SweepDefinition {
    /// A size that gives some hundreds to some tens of thousands of slices: small sweeps spread over all workers, large ones do not
    /// drown the coordinator in jobs. It depends on nothing but the number of combinations.
    package var suggestedSliceSize: UInt64 { min(256, max(1, (combinationCount - 1) / 1024 + 1)) }

    /// How many slices of `size` combinations there are; the last may be shorter. Traps for a size of 0.
    package func sliceCount(size: UInt64) -> UInt64 {
        precondition(size > 0, "slices of nothing")
        return (combinationCount - 1) / size + 1
    }

    /// The combinations in slice number `number`. Traps where there is no such slice.
    package func slice(_ number: UInt64, size: UInt64) -> Range<UInt64> {
        precondition(number < sliceCount(size: size), "no such slice")
        let lower = number * size
        return lower..<(lower + min(size, combinationCount - lower))
    }
}
