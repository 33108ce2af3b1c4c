import Strategies
import Testing

/// A strategy that never does anything, under a name of choice.
private protocol Idle: Strategy {}

extension Idle {
    static var parameters: [Parameter] { [] }
    static var rules: StrategyRules { StrategyRules(timeframe: "5m") }
    func signals(on frame: Frame) -> Signals { Signals(count: frame.count) }
}

private struct First: Idle {
    static let name = "Idle"
    init(values: ParameterValues) {}
}

private struct Second: Idle {
    static let name = "Idle"
    init(values: ParameterValues) {}
}

private struct Spaced: Idle {
    static let name = "two words"
    init(values: ParameterValues) {}
}

private struct Twice: Idle {
    static let name = "Twice"
    static let parameters: [Parameter] = [.boolean("x", default: true), .boolean("x", default: false)]
    init(values: ParameterValues) {}
}

@Suite struct RegistryTests {
    @Test func `the strategies that come with Pragma are found by name`() throws {
        let registry = try StrategyRegistry()
        #expect(registry.names == ["EmaCross", "MacdTrend", "RsiReversion"])
        for name in registry.names { #expect(try registry.strategy(named: name).name == name) }
    }

    @Test func `a user's strategy stands beside them`() throws {
        let registry = try StrategyRegistry(StrategyRegistry.builtIn + [First.self])
        #expect(registry.names.contains("Idle"))
    }

    @Test func `an unknown strategy is refused with the nearest name and all names`() throws {
        let registry = try StrategyRegistry()
        let error = #expect(throws: StrategyRegistryError.self) { try registry.strategy(named: "emacross") }
        #expect(error?.code == .unknownStrategy)
        #expect(
            error?.description
                == "unknown strategy 'emacross', did you mean 'EmaCross'? (known strategies: EmaCross, MacdTrend, RsiReversion)")
        let far = #expect(throws: StrategyRegistryError.self) { try registry.strategy(named: "Martingale") }
        #expect(far?.description == "unknown strategy 'Martingale' (known strategies: EmaCross, MacdTrend, RsiReversion)")
        let none = #expect(throws: StrategyRegistryError.self) { try StrategyRegistry([]).strategy(named: "x") }
        #expect(none?.description == "unknown strategy 'x' (known strategies: none)")
    }

    @Test func `two strategies of one name, a bad name and a parameter twice are refused`() {
        let cases: [([any Strategy.Type], StrategyRegistryError.Code)] = [
            ([First.self, Second.self], .duplicateName), ([Spaced.self], .badName), ([Twice.self], .duplicateParameter),
        ]
        for (types, code) in cases {
            let error = #expect(throws: StrategyRegistryError.self) { try StrategyRegistry(types) }
            #expect(error?.code == code)
        }
    }

    @Test(arguments: [
        ("emacros", "EmaCross"), ("EmaCorss", "EmaCross"), ("RSIREVERSION", "RsiReversion"), ("MacdTrends", "MacdTrend"),
        ("Foo", nil), ("", nil),
    ])
    func `the nearest name is the one with the fewest wrong letters`(text: String, expected: String?) {
        #expect(nearestName(to: text, among: ["EmaCross", "MacdTrend", "RsiReversion"]) == expected)
    }
}
