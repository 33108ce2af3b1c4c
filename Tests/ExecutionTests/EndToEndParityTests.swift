import Configuration
import MarketData
import Strategies
import Testing

@testable import Execution

/// freqtrade's own runs again, from its configuration file and the candles, indicators included.
@Suite("Runs of freqtrade from configuration and candles", .enabled(if: Corpus.isAvailable))
struct EndToEndParityTests {
    static let runs = ["EmaCross", "EmaCross-xrp_eth"]

    @Test(arguments: runs)
    func `every field of every exported trade is freqtrade's to the last bit`(run: String) throws {
        let report = try Self.report(of: run)
        let ours = try #require(report["trades"]?.array)
        let theirs = try #require(try Corpus.json("runs/\(run)/trades.json").array)
        var comparison = TreeComparison()
        comparison.compare(theirs.count, ours.count, "number of trades")
        for (index, pair) in zip(theirs, ours).enumerated() { comparison.compare(pair.0, pair.1, "trade[\(index)]") }
        print("\(run): \(ours.count) trades, \(comparison.compared) values compared, \(comparison.differences.count) differ")
        #expect(comparison.differences.isEmpty, "\(comparison.differences.prefix(20).joined(separator: "\n"))")
        #expect(comparison.compared > theirs.count * 40)
    }

    @Test(arguments: runs)
    func `every figure of the report that freqtrade has too is the same`(run: String) throws {
        let report = try Self.report(of: run)
        let theirs = try Corpus.json("runs/\(run)/run.json")
        var comparison = TreeComparison()
        for (name, counter) in try #require(report["counters"]?.object) {
            comparison.compare(try #require(theirs["counters", name]), counter, "counters.\(name)")
        }
        for (name, figure) in try #require(report["statistics"]?.object) {
            guard let number = figure.number, let other = theirs["statistics", name] else { continue }
            // A tail probability from another algorithm than SciPy's: its last digits differ.
            if name == "p_value" {
                let expected = try #require(other.number).value
                #expect((number.value - expected).magnitude <= expected * 1e-10)
                continue
            }
            comparison.compare(other, ConfigValue(.number(number)), "statistics.\(name)")
        }
        print("\(run): \(comparison.compared) figures compared, \(comparison.differences.count) differ")
        #expect(comparison.differences.isEmpty, "\(comparison.differences.joined(separator: "\n"))")
        #expect(comparison.compared > 40)
    }

    @Test(arguments: runs)
    func `the curve, the periods and the pairs of the report are freqtrade's`(run: String) throws {
        let ours = try #require(try Self.report(of: run)["statistics"])
        let theirs = try #require(try Corpus.json("runs/\(run)/run.json")["statistics"])
        var comparison = TreeComparison()
        comparison.compare(try #require(theirs["periodic_breakdown"]), try #require(ours["periodic_breakdown"]), "periods")
        comparison.compare(try #require(theirs["daily_profit"]), try #require(ours["daily_profit"]), "daily_profit")
        let wallet = try #require(theirs["wallet_stats"]?.object)
        for (name, figure) in wallet where figure.number != nil {
            comparison.compare(figure, ours["wallet_stats", name] ?? ConfigValue(.null), "wallet_stats.\(name)")
        }
        for name in ["best_pair", "worst_pair"] {
            comparison.compare(try #require(theirs[name, "key"]), ours[name, "key"] ?? ConfigValue(.null), name)
        }
        let tags = try #require(theirs["mix_tag_stats"]?.array)
        for (line, other) in zip(tags, try #require(ours["mix_tag_stats"]?.array)) {
            for name in ["key", "trades", "profit_total_abs", "wins", "losses"] {
                comparison.compare(try #require(line[name]), other[name] ?? ConfigValue(.null), "mix_tag_stats.\(name)")
            }
        }
        print("\(run): \(comparison.compared) values of curve and tables compared, \(comparison.differences.count) differ")
        #expect(comparison.differences.isEmpty, "\(comparison.differences.prefix(20).joined(separator: "\n"))")
        #expect(comparison.compared > 100)
    }

    @Test func `the same run twice gives the same bytes`() throws {
        let bytes = try (0..<2).map { _ in try Self.report(of: "EmaCross-xrp_eth").canonicalBytes }
        #expect(bytes[0] == bytes[1])
    }

    /// The report of a run, from the corpus's configuration file.
    private static func report(of run: String) throws -> ConfigValue {
        let data = try CorpusDataFolder(run: run)
        let registry = try StrategyRegistry()
        var overrides = CommandLineOverrides()
        overrides.strategy = "EmaCross"
        let configuration = try EffectiveConfiguration.load(
            files: [try #require(Corpus.folder) + "/runs/\(run)/config.json"], overrides: overrides, registry: registry,
            purpose: .backtest)
        let runner = BacktestRunner(source: data.store, instruments: data.instruments, registry: registry)
        return ResultJSON.report(try runner.run(configuration), of: configuration)
    }
}

/// Compares trees member by member; members that only the second has are no difference.
struct TreeComparison {
    private(set) var compared = 0
    private(set) var differences: [String] = []

    mutating func compare(_ expected: Int, _ found: Int, _ path: String) {
        compared += 1
        if expected != found { differences.append("\(path): \(expected), found \(found)") }
    }

    mutating func compare(_ expected: ConfigValue, _ found: ConfigValue, _ path: String) {
        switch (expected.kind, found.kind) {
        case (.object(let members), .object(let others)):
            for (name, member) in members {
                if let other = others[name] {
                    compare(member, other, path + "." + name)
                } else {
                    differences.append("\(path).\(name): missing")
                }
            }
        case (.array(let elements), .array(let others)):
            compare(elements.count, others.count, path + ".count")
            for (index, pair) in zip(elements, others).enumerated() { compare(pair.0, pair.1, "\(path)[\(index)]") }
        default:
            compared += 1
            if !Self.isSame(expected, found) {
                differences.append("\(path): \(Self.text(expected)), found \(Self.text(found))")
            }
        }
    }

    private static func isSame(_ a: ConfigValue, _ b: ConfigValue) -> Bool {
        switch (a.kind, b.kind) {
        case (.number(let x), .number(let y)): x.value == y.value
        case (.string(let x), .string(let y)): x == y
        case (.boolean(let x), .boolean(let y)): x == y
        case (.null, .null): true
        // A tag that was never set is null in freqtrade's tables and empty in its trades.
        case (.null, .string("")), (.string(""), .null): true
        default: false
        }
    }

    private static func text(_ value: ConfigValue) -> String { String(decoding: value.canonicalBytes, as: UTF8.self) }
}
