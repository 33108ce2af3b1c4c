import Market
import Research
import Strategies

/// Turns the tree of a farm file into a sweep and finds every problem on the way.
struct FarmReader {
    let root: SectionReader
    let registry: StrategyRegistry
    /// The job configuration; nil where it has problems of its own.
    let base: EffectiveConfiguration?
    /// Whether the command line's time range stands in place of the farm's; it is in `base`.
    let hasOwnTimerange: Bool

    static let keys = ["config", "strategies", "sample", "pairs", "timeranges", "rank", "slice", "top"]

    var collector: ProblemCollector { root.collector }

    /// The farm; nil where there is an error.
    func read() -> FarmConfiguration? {
        root.reportUnknown(.error, known: Self.keys, remedy: "a farm has \(Self.keys.joined(separator: ", "))")
        var types: [String: any Strategy.Type] = [:]
        let strategies = readStrategies(&types)
        let sample = readSample()
        let pairSets = readPairs()
        let timeranges = readTimeranges()
        let metrics = SweepMetric.allCases.map(\.rawValue)
        let metric = root.choice("rank", of: metrics).flatMap(SweepMetric.init) ?? .profitTotal
        let top = root.integer("top", in: 1...10_000) ?? 20
        let size = readSlice()
        guard !collector.hasErrors, let base else { return nil }
        do throws(SweepError) {
            let sweep = try SweepDefinition(
                strategies: strategies, sample: sample, pairSets: pairSets, timeranges: timeranges)
            checkRules(of: sweep, base: base, types: types)
            guard !collector.hasErrors else { return nil }
            return FarmConfiguration(
                base: base, sweep: sweep, metric: metric, sliceSize: size ?? sweep.suggestedSliceSize, top: top, types: types,
                warnings: collector.sorted)
        } catch {
            collector.add(
                .error, error == .tooManyCombinations ? .sweepTooLarge : .sweepEmpty, at: root.value.location, key: "",
                error.description, remedy: "take fewer values, or a sample")
            return nil
        }
    }

    private func readSample() -> SweepDefinition.Sample? {
        guard let section = root.section("sample") else { return nil }
        section.reportUnknown(.error, known: ["count", "seed"], remedy: "a sample has count and seed")
        if section.member("count") == nil {
            section.addMissing("count", remedy: "write how many combinations of parameters to take")
        }
        guard let count = section.integer("count", in: 1...Int.max) else { return nil }
        let seed = section.integer("seed", in: 0...Int.max) ?? 0
        return SweepDefinition.Sample(count: UInt64(count), seed: UInt64(seed))
    }

    /// `auto`, or a number of combinations.
    private func readSlice() -> UInt64? {
        guard let member = root.member("slice"), member.string != "auto" else { return nil }
        if member.string != nil {
            root.add(.notAllowed, "slice", "is neither auto nor a number", remedy: "write auto or a number of combinations")
            return nil
        }
        return root.integer("slice", in: 1...1_000_000).map(UInt64.init)
    }

    private func readTimeranges() -> [TimeRange] {
        if hasOwnTimerange || root.member("timeranges") == nil { return [base?.timerange ?? .all] }
        let elements = root.member("timeranges")?.array ?? []
        if root.member("timeranges")?.array == nil {
            root.add(.wrongType, "timeranges", "is no list", remedy: "write [20240101-20240201]")
        } else if elements.isEmpty {
            root.add(.sweepEmpty, "timeranges", "is empty", remedy: "write [20240101-20240201], or remove the key")
        }
        return elements.enumerated().compactMap { index, element in
            let key = ConfigPath.joined(root.key("timeranges"), index)
            // YAML reads a range without a start as a negative number.
            guard let text = element.string ?? element.number?.text else {
                collector.add(
                    .error, .wrongType, element, key: key, "is \(element.kindName) but must be a time range",
                    remedy: "write START-STOP: 20240101-20240201")
                return nil
            }
            do throws(TimeRange.ParseError) {
                return try TimeRange(parsing: text)
            } catch {
                collector.add(
                    .error, .timerange, element, key: key, error.problem,
                    remedy: "write START-STOP in UTC, either side may be empty: 20240101-20240201")
                return nil
            }
        }
    }

    // MARK: - Pairs

    private func readPairs() -> [[Pair]] {
        let all = base?.exchange.pairs ?? []
        guard let member = root.member("pairs") else { return groups("together", of: all) }
        if let text = member.string {
            guard text == "each" || text == "together" else {
                root.add(
                    .notAllowed, "pairs", "is neither each nor together",
                    remedy: "write each, together, or lists of pairs: [[BTC/USDT], [ETH/USDT, SOL/USDT]]")
                return []
            }
            return groups(text, of: all)
        }
        guard let elements = member.array, !elements.isEmpty else {
            root.add(
                .wrongType, "pairs", "is no list of lists", remedy: "write each, together, or [[BTC/USDT], [ETH/USDT, SOL/USDT]]")
            return []
        }
        return elements.enumerated().map { group($1, key: ConfigPath.joined(root.key("pairs"), $0)) }
    }

    private func groups(_ kind: String, of pairs: [Pair]) -> [[Pair]] {
        if pairs.isEmpty, base != nil {
            root.add(
                .pairsEmpty, "pairs", "the configuration has no exchange.pair_whitelist to take pairs from",
                remedy: "add one there, or write lists of pairs here")
            return []
        }
        return kind == "each" ? pairs.map { [$0] } : [pairs]
    }

    private func group(_ value: ConfigValue, key: String) -> [Pair] {
        guard let elements = value.array, !elements.isEmpty else {
            collector.add(
                .error, .wrongType, value, key: key, "is no list of pairs", remedy: "write [BTC/USDT, ETH/USDT]")
            return []
        }
        var pairs: [Pair] = []
        for (index, element) in elements.enumerated() {
            let path = ConfigPath.joined(key, index)
            guard let pair = self.pair(element, key: path) else { continue }
            if pairs.contains(pair) {
                collector.add(.error, .pairTwice, element, key: path, "stands in the list twice", remedy: "remove one of them")
            } else {
                pairs.append(pair)
            }
        }
        return pairs
    }

    private func pair(_ value: ConfigValue, key: String) -> Pair? {
        guard let text = value.string, text.utf8.count <= 64, let pair = Pair(text), pair.settle == nil else {
            collector.add(.error, .pairForm, value, key: key, "is no spot pair", remedy: "write BASE/QUOTE: BTC/USDT")
            return nil
        }
        if let stake = base?.sizing.stakeCurrency, pair.quote != stake {
            collector.add(
                .error, .pairQuote, value, key: key, "is not priced in the stake currency \(stake)",
                remedy: "write \(pair.base)/\(stake), or change stake_currency")
            return nil
        }
        if base?.exchange.blacklist.contains(where: { $0.matches(pair.description) }) == true {
            collector.add(
                .error, .notAllowed, value, key: key, "is kept out by the configuration's exchange.pair_blacklist",
                remedy: "remove it here, or change the blacklist")
            return nil
        }
        return pair
    }
}
