package import Money

/// The part of the fleet's limits that an account may use, until an end. The coordinator allots it, the worker enforces it.
package struct AccountBudget: Hashable, Sendable {
    package var account: String
    /// The value of all positions and orders together, in the account's currency.
    package var exposure: Amount
    package var openOrders: Int
    /// The money that may be lost within a UTC day.
    package var dailyLoss: Amount
    /// Nanoseconds on the holder's own clock that never jumps. At the worker it is counted from when it **asked**, at the coordinator from
    /// when it **answered**: so the worker's end is never the later one.
    package var deadline: Int64

    package init(account: String, exposure: Amount, openOrders: Int, dailyLoss: Amount, deadline: Int64) {
        self.account = account
        self.exposure = exposure
        self.openOrders = openOrders
        self.dailyLoss = dailyLoss
        self.deadline = deadline
    }
}

/// The limits of all accounts of a fleet together, in one currency.
package struct FleetLimits: Hashable, Sendable {
    package var exposure: Amount
    package var openOrders: Int
    package var dailyLoss: Amount

    package init(exposure: Amount, openOrders: Int, dailyLoss: Amount) {
        self.exposure = exposure
        self.openOrders = openOrders
        self.dailyLoss = dailyLoss
    }
}

/// An account that wants a part of the fleet's limits.
package struct BudgetClaim: Hashable, Sendable {
    package var account: String
    /// Its share is its weight over the sum of all; 0: nothing.
    package var weight: UInt32

    package init(account: String, weight: UInt32 = 1) {
        self.account = account
        self.weight = weight
    }
}
