/// A budget of requests as the venue counts it.
package struct BudgetLimit: Hashable, Sendable {
    /// How the count falls again.
    package enum Refill: Hashable, Sendable {
        /// To zero at each multiple of this length of the venue's time (Binance).
        case window(Duration)
        /// By so many thousandths a second (Kraken).
        case decay(milliunitsPerSecond: Int)
    }

    /// The name that charges use. A name ending in `:*` is a budget for each value after the colon.
    package var name: String
    package var units: Int
    package var refill: Refill

    package init(_ name: String, units: Int, _ refill: Refill) {
        self.name = name
        self.units = units
        self.refill = refill
    }
}

/// What the venue says is used of a budget.
package struct BudgetUsage: Hashable, Sendable {
    package var budget: String
    package var units: Int

    package init(_ budget: String, units: Int) {
        self.budget = budget
        self.units = units
    }
}
