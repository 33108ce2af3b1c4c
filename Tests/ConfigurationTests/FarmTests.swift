import Foundation
import Market
import Research
import Strategies
import Testing

@testable import Configuration

@Suite struct FarmTests {
    static let base = """
        {"stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 3, "strategy": "Nonsense", "stoploss": -0.2,
         "exchange": {"name": "binance", "key": "Zq7hUnlikely42", "pair_whitelist": ["BTC/USDT", "ETH/USDT", "SOL/USDT"]}}
        """
    static let good = """
        config: base.json
        strategies:
          - name: Probe
            parameters:
              period: {from: 10, to: 20, step: 5}
              level: [0.1, 0.2]
              average: all
              fastExit: true
          - EmaCross
        pairs: [[BTC/USDT], [ETH/USDT, SOL/USDT]]
        timeranges: [20240101-20240201, -20240301]
        rank: sharpe
        """

    func load(
        _ text: String, base: String = FarmTests.base, overrides: CommandLineOverrides = CommandLineOverrides()
    ) throws(ConfigurationError) -> FarmConfiguration {
        let registry: StrategyRegistry
        do { registry = try makeRegistry() } catch { throw ConfigurationError(problems: []) }
        return try FarmConfiguration.load(
            path: "f/farm.yaml", overrides: overrides, registry: registry,
            source: .memory(["f/farm.yaml": text, "f/base.json": base]))
    }

    func makeRegistry() throws -> StrategyRegistry { try registry() }

    func problems(_ text: String, base: String = FarmTests.base) -> [String] {
        do throws(ConfigurationError) {
            _ = try load(text, base: base)
            return []
        } catch { return error.problems.filter { $0.severity == .error }.map { "\($0.location.line) \($0.code) \($0.key)" } }
    }

    /// The oracle is nested loops.
    @Test func `a farm is the product of its lists in the documented order`() throws {
        let farm = try load(Self.good)
        var expected: [String] = []
        for range in ["20240101-20240201", "-20240301"] {
            for pairs in ["BTC/USDT", "ETH/USDT SOL/USDT"] {
                for average in ["ema", "sma"] {
                    for level in ["0.1", "0.2"] {
                        for period in [10, 15, 20] {
                            expected.append(
                                "Probe average=\(average) fastExit=true level=\(level) period=\(period) \(pairs) \(range)")
                        }
                    }
                }
            }
        }
        for range in ["20240101-20240201", "-20240301"] {
            for pairs in ["BTC/USDT", "ETH/USDT SOL/USDT"] { expected.append("EmaCross fast=12 slow=36 \(pairs) \(range)") }
        }
        let found = (0..<farm.sweep.combinationCount).map { index in
            let item = farm.sweep.combination(at: index)
            return
                "\(item.strategy) \(item.values) \(item.pairs.map(\.description).joined(separator: " ")) \(item.timerange.text)"
        }
        #expect(found == expected)
        #expect(farm.metric == .sharpe)
        #expect(farm.sliceSize == 1)
    }

    @Test func `a combination's configuration has its strategy, parameters, rules, pairs and range`() throws {
        let farm = try load(Self.good)
        let first = farm.configuration(of: farm.sweep.combination(at: 2))
        #expect(first.strategy == "Probe")
        #expect(first.rules.startupCandleCount == 40)
        #expect(first.rules.stoploss == -0.2)
        #expect(first.exchange.pairs.map(\.description) == ["BTC/USDT"])
        #expect(first.timerange.text == "20240101-20240201")
        let last = farm.configuration(of: farm.sweep.combination(at: farm.sweep.combinationCount - 1))
        #expect(last.strategy == "EmaCross")
        #expect(last.rules.startupCandleCount == EmaCross.rules.startupCandleCount)
        #expect(last.exchange.pairs.map(\.description) == ["ETH/USDT", "SOL/USDT"])
    }

    @Test func `the canonical form decodes to the same farm and holds no secret`() throws {
        let variants = [
            Self.good, Self.good + "\nsample: {count: 5, seed: 77}\n", Self.good + "\nslice: 7\n",
            "config: base.json\nstrategies: [{name: Probe, parameters: {level: {from: 0.1, to: 0.45, step: 0.05}, period: all, fastExit: all}}]\npairs: each\n",
        ]
        for text in variants {
            let farm = try load(text)
            let decoded = try FarmConfiguration.decode(canonical: farm.canonicalBytes, registry: try registry())
            #expect(decoded.canonicalBytes == farm.canonicalBytes)
            #expect(decoded.sweep == farm.sweep)
            #expect(decoded.sliceSize == farm.sliceSize)
            #expect(decoded.metric == farm.metric)
            #expect(!String(decoding: farm.canonicalBytes, as: UTF8.self).contains("Zq7h"))
            for index in stride(from: 0, to: farm.sweep.combinationCount, by: 7) {
                let (a, b) = (
                    farm.configuration(of: farm.sweep.combination(at: index)),
                    decoded.configuration(of: decoded.sweep.combination(at: index))
                )
                #expect(a.rules == b.rules && a.sizing == b.sizing && a.parameters == b.parameters)
            }
        }
    }

    @Test func `a farm cannot name a pair that the blacklist keeps out`() throws {
        let head = "config: base.json\nstrategies: [Probe]\n"
        let base = Self.base.replacingOccurrences(
            of: "\"pair_whitelist\"", with: "\"pair_blacklist\": [\"ETH/.*\"], \"pair_whitelist\"")
        #expect(try load(head + "pairs: together", base: base).sweep.pairSets.map(\.count) == [2])
        #expect(problems(head + "pairs: [[BTC/USDT, ETH/USDT]]", base: base) == ["3 value.notAllowed pairs[0][1]"])
        let withoutWhitelist = base.replacingOccurrences(
            of: ", \"pair_whitelist\": [\"BTC/USDT\", \"ETH/USDT\", \"SOL/USDT\"]", with: "")
        #expect(problems(head + "pairs: [[ETH/USDT]]", base: withoutWhitelist) == ["3 value.notAllowed pairs[0][0]"])
        #expect(try load(head + "pairs: [[BTC/USDT]]", base: withoutWhitelist).sweep.pairSets.map(\.count) == [1])
    }

    @Test func `pairs are taken from the configuration, each alone or together`() throws {
        let head = "config: base.json\nstrategies: [Probe]\n"
        #expect(
            try load(head + "pairs: each").sweep.pairSets.map { $0.map(\.description) } == [
                ["BTC/USDT"], ["ETH/USDT"], ["SOL/USDT"],
            ])
        #expect(try load(head + "pairs: together").sweep.pairSets.map(\.count) == [3])
        #expect(try load(head).sweep.pairSets.map(\.count) == [3])
        var overrides = CommandLineOverrides()
        overrides.timerange = "20230101-"
        let farm = try load(Self.good, overrides: overrides)
        #expect(farm.sweep.timeranges.map(\.text) == ["20230101-"])
    }

    @Test(
        arguments: [
            ("strategies: [Probe]", "1 key.missing config"),
            ("config: nothing.json\nstrategies: [Probe]", "0 file.unreadable "),
            ("config: base.json", "1 key.missing strategies"),
            ("config: base.json\nstrategies: []", "2 value.type strategies"),
            ("config: base.json\nstrategies: [Prob]", "2 strategy.unknown strategies[0].name"),
            ("config: base.json\nstrategies: [ShortProbe]", "2 feature.unsupported strategies[0].name"),
            ("config: base.json\nstrategies: [Probe, Probe]", "2 value.conflict strategies[1].name"),
            ("config: base.json\nstrategies: [{nam: Probe}]", "2 key.missing strategies[0].name|2 key.unknown strategies[0].nam"),
            ("config: base.json\nstrategies: [Probe]\nrnk: x", "3 key.unknown rnk"),
            ("config: base.json\nstrategies: [Probe]\nrank: best", "3 value.notAllowed rank"),
            ("config: base.json\nstrategies: [Probe]\nslice: all", "3 value.notAllowed slice"),
            ("config: base.json\nstrategies: [Probe]\nsample: {seed: 1}", "3 key.missing sample.count"),
            ("config: base.json\nstrategies: [Probe]\nsample: {count: 0}", "3 value.outOfRange sample.count"),
            ("config: base.json\nstrategies: [Probe]\npairs: alone", "3 value.notAllowed pairs"),
            ("config: base.json\nstrategies: [Probe]\npairs: [BTC/USDT]", "3 value.type pairs[0]"),
            ("config: base.json\nstrategies: [Probe]\npairs: [[BTC/USDT, BTC]]", "3 pair.form pairs[0][1]"),
            ("config: base.json\nstrategies: [Probe]\npairs: [[BTC/EUR]]", "3 pair.quote pairs[0][0]"),
            ("config: base.json\nstrategies: [Probe]\npairs: [[BTC/USDT, BTC/USDT]]", "3 pair.twice pairs[0][1]"),
            ("config: base.json\nstrategies: [Probe]\ntimeranges: [2024]", "3 timerange.invalid timeranges[0]"),
            ("config: base.json\nstrategies: [Probe]\ntimeranges: []", "3 sweep.empty timeranges"),
        ])
    func `a wrong farm gives its problems with their lines`(text: String, expected: String) {
        #expect(problems(text) == expected.split(separator: "|").map(String.init))
    }

    @Test(
        arguments: [
            ("period: [10, 99]", "strategy.invalidParameter strategies[0].parameters.period[1]"),
            ("period: 99", "strategy.invalidParameter strategies[0].parameters.period"),
            ("period: []", "sweep.empty strategies[0].parameters.period"),
            ("period: [10, 10.0]", "sweep.range strategies[0].parameters.period"),
            ("period: {from: 10}", "key.missing strategies[0].parameters.period.to"),
            ("period: {from: 20, to: 10}", "sweep.range strategies[0].parameters.period.to"),
            ("period: {from: 1, to: 10}", "value.outOfRange strategies[0].parameters.period.from"),
            ("period: {from: 5, to: 10, step: 0}", "value.outOfRange strategies[0].parameters.period.step"),
            ("period: {from: 5, to: 10, by: 1}", "key.unknown strategies[0].parameters.period.by"),
            ("level: {from: 0.1, to: 0.2, step: 1e-300}", "sweep.range strategies[0].parameters.level.step"),
            ("average: {from: 1, to: 2}", "sweep.range strategies[0].parameters.average"),
            ("average: [wma]", "strategy.invalidParameter strategies[0].parameters.average[0]"),
            ("perod: [10]", "strategy.unknownParameter strategies[0].parameters.perod"),
        ])
    func `a wrong axis gives its problem`(axis: String, expected: String) {
        let text = "config: base.json\nstrategies:\n  - name: Probe\n    parameters:\n      \(axis)\n"
        #expect(problems(text) == ["5 \(expected)"])
    }

    /// `base` with further members.
    static func base(with members: String) -> String { "{" + members + "," + base.dropFirst() }

    @Test func `a base's trailing stop is checked with the rules of each strategy, not with default ones`() throws {
        let head = "config: base.json\nstrategies:\n  - TrailingProbe\n"
        // Fine with a strategy that brings the distance, whether or not the base says a timeframe.
        for timeframe in ["", ", \"timeframe\": \"5m\""] {
            let base = Self.base(with: "\"trailing_stop\": true, \"trailing_only_offset_is_reached\": true" + timeframe)
            #expect(try load(head, base: base).sweep.combinationCount == 1)
            #expect(problems(head + "  - Probe\n", base: base) == ["4 exit.trailing strategies[1]"])
        }
    }

    @Test func `rules that depend on parameters are checked combination by combination`() throws {
        func farm(_ values: String) -> String {
            "config: base.json\nstrategies:\n  - name: TrailingProbe\n    parameters: {offset: \(values)}\n"
        }
        #expect(try load(farm("[0, 21, 30]")).sweep.combinationCount == 3)
        #expect(problems(farm("[30, 21, 20]")) == ["3 exit.trailing strategies[0]"])
        #expect(problems(farm("20")) == ["3 exit.trailing strategies[0]"])
        // Of many combinations some are looked at.
        #expect(problems(farm("{from: 1, to: 100000}")) == ["3 exit.trailing strategies[0]"])
        #expect(try load(farm("{from: 0, to: 100000}")).sweep.combinationCount == 100_001)
        do throws(ConfigurationError) {
            _ = try load(farm("[30, 21, 20]"))
        } catch {
            #expect(
                error.problems.first?.problem
                    == "TrailingProbe with offset=20: trailing_stop_positive_offset is not greater than trailing_stop_positive")
        }
    }

    @Test func `problems of the farm and of its configuration come together`() {
        let text = "config: base.json\nstrategies: [Prob]\nrank: best\n"
        let base = "{\"stake_currency\": \"USDT\",\n \"stake_amount\": -1,\n \"exchange\": {\"name\": \"binance\"}}"
        let found = problems(text, base: base)
        #expect(
            Set(found) == ["2 value.outOfRange stake_amount", "2 strategy.unknown strategies[0].name", "3 value.notAllowed rank"])
    }

    @Test func `mutated canonical farms give a farm or problems, never a trap`() throws {
        let seed: UInt64 = 8
        var generator = SeededGenerator(seed: seed)
        let start = try load(Self.good + "\nsample: {count: 5, seed: 77}\n").canonicalBytes
        let registry = try registry()
        var decoded = 0
        for _ in 0..<600 {
            var bytes = start
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = .random(in: 0x20...0x7E, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(.random(in: 0x2B...0x3A, using: &generator), at: place)
                }
            }
            guard let farm = try? FarmConfiguration.decode(canonical: bytes, registry: registry) else { continue }
            decoded += 1
            _ = farm.configuration(of: farm.sweep.combination(at: farm.sweep.combinationCount - 1))
            #expect(
                try FarmConfiguration.decode(canonical: farm.canonicalBytes, registry: registry).sweep == farm.sweep,
                "seed \(seed)")
        }
        print("farm mutation: \(decoded) of 600 decoded")
        #expect(decoded > 20)
    }
}
