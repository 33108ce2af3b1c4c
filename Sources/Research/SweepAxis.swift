package import Strategies

/// The values of one parameter that a sweep goes through.
package struct SweepAxis: Hashable, Sendable {
    /// Which values there are; never empty.
    package enum Values: Hashable, Sendable {
        /// These, in this order.
        case list([ParameterValue])
        /// A range of numbers in steps. Nothing is stored for its values.
        case grid(Parameter)
    }

    /// The name of the parameter.
    package let name: String
    /// Its values.
    package let values: Values

    /// An axis over `values`; nil where there are none, or one stands twice.
    package init?(name: String, list values: [ParameterValue]) {
        guard !values.isEmpty, Set(values).count == values.count else { return nil }
        self.name = name
        self.values = .list(values)
    }

    /// An axis over the grid of `parameter`. Only its range and step count: equal grids make equal axes.
    package init(grid parameter: Parameter) {
        name = parameter.name
        switch parameter.kind {
        case .integer(let range, let step):
            values = .grid(.integer(name, default: range.lowerBound, in: range, step: step))
        case .decimal(let range, let step):
            values = .grid(.decimal(name, default: range.lowerBound, in: range, step: step))
        case .categorical, .boolean: values = .list(parameter.allValues)
        }
    }

    /// How many values there are, at least 1.
    package var count: UInt64 {
        switch values {
        case .list(let list): UInt64(list.count)
        case .grid(let parameter): UInt64(parameter.gridCount)
        }
    }

    /// Value number `index`. Traps outside of 0..<count.
    package func value(at index: UInt64) -> ParameterValue {
        switch values {
        case .list(let list): list[Int(index)]
        case .grid(let parameter): parameter.gridValue(at: Int(index))
        }
    }
}

/// A strategy in a sweep with the axes its parameters are varied along.
package struct SweepStrategy: Hashable, Sendable {
    /// The name of the strategy.
    package let name: String
    /// Its declared parameters.
    package let parameters: [Parameter]
    /// The values of the parameters that are not varied.
    package let fixed: ParameterValues
    /// The varied parameters in the order of their names; the last one changes fastest.
    package let axes: [SweepAxis]
    /// The number of parameter combinations, sample or not.
    package let gridCount: UInt64

    /// A strategy and its axes. The values of every axis are checked against the declared parameters.
    package init(
        name: String, parameters: [Parameter], fixed: ParameterValues, axes: [SweepAxis]
    ) throws(SweepError) {
        self.name = name
        self.parameters = parameters
        self.fixed = fixed
        self.axes = axes.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        guard Set(axes.map(\.name)).count == axes.count else { throw .repeatedAxis(strategy: name) }
        var count: UInt64 = 1
        for axis in axes {
            let (product, overflow) = count.multipliedReportingOverflow(by: axis.count)
            guard !overflow else { throw .tooManyCombinations }
            count = product
        }
        gridCount = count
        try checkAxes()
    }

    private func checkAxes() throws(SweepError) {
        for axis in axes {
            // Of a grid the two ends speak for all that lies between.
            let indices: [UInt64] =
                if case .list = axis.values { Array(0..<axis.count) } else { [0, axis.count - 1] }
            for index in indices {
                var values = fixed
                do throws(ParameterError) {
                    try values.set(axis.name, to: axis.value(at: index), of: parameters)
                } catch {
                    throw .invalidValue(strategy: name, error)
                }
            }
        }
    }

    /// Parameter combination number `index` of the grid. Traps outside of 0..<gridCount.
    func values(at index: UInt64) -> ParameterValues {
        precondition(index < gridCount, "outside of the grid")
        var result = fixed
        var rest = index
        for axis in axes.reversed() {
            let value = axis.value(at: rest % axis.count)
            rest /= axis.count
            do {
                try result.set(axis.name, to: value, of: parameters)
            } catch {
                preconditionFailure("an axis with a value that was not checked: \(error)")
            }
        }
        return result
    }
}

/// Why a sweep cannot be made.
package enum SweepError: Error, Hashable, CustomStringConvertible {
    /// There is no strategy, no pair set or no time range.
    case empty(String)
    /// The number of combinations leaves 64 bits.
    case tooManyCombinations
    /// Two axes of one strategy vary the same parameter.
    case repeatedAxis(strategy: String)
    /// A value that the strategy's parameter does not allow.
    case invalidValue(strategy: String, ParameterError)
    /// A sample of nothing.
    case emptySample

    /// What is wrong, as one sentence without a full stop.
    package var description: String {
        switch self {
        case .empty(let what): "the sweep has no \(what)"
        case .tooManyCombinations: "the sweep has more combinations than 64 bits can number"
        case .repeatedAxis(let strategy): "strategy '\(strategy)' varies one parameter twice"
        case .invalidValue(let strategy, let error): "strategy '\(strategy)': \(error)"
        case .emptySample: "a sample needs at least one combination"
        }
    }
}
