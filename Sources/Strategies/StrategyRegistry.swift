/// The strategies that configurations and the command line can name.
///
/// ```swift
/// let registry = try StrategyRegistry(StrategyRegistry.builtIn + [MyStrategy.self])
/// let strategy = try registry.strategy(named: "MyStrategy")
/// ```
public struct StrategyRegistry: Sendable {
    /// The strategies that come with Pragma.
    public static let builtIn: [any Strategy.Type] = [EmaCross.self, RsiReversion.self, MacdTrend.self]

    /// Names of all strategies in ascending order.
    public let names: [String]
    private let types: [String: any Strategy.Type]

    /// A registry of `strategies`.
    ///
    /// - Throws: `StrategyRegistryError` for a name that is empty, has other characters than letters, digits and underscores,
    ///   or belongs to two strategies, and for a strategy with two parameters of the same name. Each strategy is made once
    ///   with its defaults: one that asks for a parameter which it does not declare traps.
    public init(_ strategies: [any Strategy.Type] = Self.builtIn) throws(StrategyRegistryError) {
        var types: [String: any Strategy.Type] = [:]
        for strategy in strategies {
            try Self.check(strategy)
            if let other = types.updateValue(strategy, forKey: strategy.name) {
                throw StrategyRegistryError(
                    .duplicateName, "two strategies are named '\(strategy.name)': \(other) and \(strategy); rename one")
            }
        }
        self.types = types
        names = types.keys.sorted()
    }

    /// The strategy of that name.
    ///
    /// - Throws: `StrategyRegistryError` that lists the known names.
    public func strategy(named name: String) throws(StrategyRegistryError) -> any Strategy.Type {
        if let type = types[name] { return type }
        throw StrategyRegistryError(
            .unknownStrategy,
            "unknown strategy '\(clipped(name))'" + suggestion(for: name, among: names, kind: "strategies"))
    }

    private static func check(_ strategy: any Strategy.Type) throws(StrategyRegistryError) {
        guard !strategy.name.isEmpty, strategy.name.utf8.allSatisfy(isNameByte) else {
            throw StrategyRegistryError(
                .badName,
                "\(strategy) has the name '\(clipped(strategy.name))'; a name is made of letters, digits and underscores")
        }
        var seen: Set<String> = []
        for parameter in strategy.parameters where !seen.insert(parameter.name).inserted {
            throw StrategyRegistryError(
                .duplicateParameter, "strategy '\(strategy.name)' declares parameter '\(parameter.name)' twice")
        }
        // An initialiser that asks for a parameter which is not declared traps here, at the start, and not in a worker.
        _ = strategy.init(values: ParameterValues(defaultsOf: strategy.parameters))
    }
}

/// Why a registry cannot be made, or has no such strategy.
public struct StrategyRegistryError: Error, Hashable, CustomStringConvertible {
    /// The kinds of mistakes.
    public enum Code: Hashable, Sendable {
        /// No strategy has that name.
        case unknownStrategy
        /// Two strategies have the same name.
        case duplicateName
        /// A name with characters that configurations cannot hold.
        case badName
        /// A strategy declares a parameter twice.
        case duplicateParameter
    }

    /// The kind of mistake.
    public let code: Code
    /// What is wrong and what to do, as one sentence without a full stop.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
