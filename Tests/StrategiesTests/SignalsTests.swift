import Market
import Strategies
import Testing

@Suite struct SignalsTests {
    @Test func `a condition sets the flag of its rows, and tags only where one is given`() {
        var signals = Signals(count: 6)
        signals.exitLong { $0 == 2 }
        #expect(signals.exitTags.isEmpty)
        #expect(signals.enterTags.isEmpty)
        signals.enterLong(tag: "even") { $0 % 2 == 0 }
        signals.enterLong(tag: "last") { $0 >= 4 }
        signals.enterShort { $0 == 1 }
        signals.exitShort(tag: "out") { $0 == 0 }
        #expect(
            signals.flags == [
                [.enterLong, .exitShort], .enterShort, [.enterLong, .exitLong], [], .enterLong, .enterLong,
            ])
        #expect(signals.enterTags.map { signals.tagNames[Int($0)] } == ["even", "", "even", "", "last", "last"])
        #expect(signals.exitTags.map { signals.tagNames[Int($0)] } == ["out", "", "", "", "", ""])
        #expect(signals.tagNames == ["", "even", "last", "out"])
    }
}

/// The example in the documentation of `Strategy`, letter for letter.
private struct DonchianBreakout: Strategy {
    static let name = "DonchianBreakout"

    static let parameters: [Parameter] = [
        .integer("entry_rows", default: 20, in: 10...60),
        .integer("exit_rows", default: 10, in: 5...30, space: .sell),
    ]

    static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "1h")
        rules.startupCandleCount = 60
        rules.stoploss = -0.08
        return rules
    }()

    private let entryRows: Int
    private let exitRows: Int

    init(values: ParameterValues) {
        entryRows = values.integer("entry_rows")
        exitRows = values.integer("exit_rows")
    }

    func signals(on frame: Frame) -> Signals {
        let close = frame.close
        let top = frame.maximum(.high, entryRows)
        let bottom = frame.minimum(.low, exitRows)
        var signals = Signals(count: frame.count)
        // The range of the candles before this one: its own high is never below its close.
        signals.enterLong(tag: "breakout") { row in row > 0 && close[row] > top[row - 1] }
        signals.exitLong(tag: "breakdown") { row in row > 0 && close[row] < bottom[row - 1] }
        return signals
    }
}

@Suite struct DocumentationTests {
    @Test func `the example of a strategy enters above the highest price of the candles before`() throws {
        let registry = try StrategyRegistry([DonchianBreakout.self])
        let strategy = try registry.strategy(named: "DonchianBreakout")
        let values = try ParameterValues(parsing: ["entry_rows=10"], of: strategy.parameters)
        let frame = Frame(randomCandles(rows: 500, seed: 3))
        let signals = strategy.init(values: values).signals(on: frame)
        let expected = (0..<500).filter { row in
            row >= 10 && frame.close[row] > (frame.high.slice((row - 10)..<row).max() ?? .infinity)
        }
        #expect(!expected.isEmpty)
        #expect((0..<500).filter { signals.flags[$0].contains(.enterLong) } == expected)
    }
}
