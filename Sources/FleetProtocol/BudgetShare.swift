package import Coordination
package import Money

/// An account's part of the fleet's limits, as it travels with the grant of the account's live job.
package struct BudgetShare: Hashable, Sendable {
    /// The value of all positions and orders together, in the currency of the job's stakes; 0 and above, as the loss.
    package var exposure: Amount
    package var openOrders: Int
    /// The money that may be lost within a UTC day.
    package var dailyLoss: Amount
    /// How long it counts after the sending of the hello or heartbeat that is answered.
    package var validity: Duration

    package init(exposure: Amount, openOrders: Int, dailyLoss: Amount, validity: Duration) {
        self.exposure = exposure
        self.openOrders = openOrders
        self.dailyLoss = dailyLoss
        self.validity = validity
    }
}

/// The parts that go with one message, by the grants of the live jobs in it. Where it is missing there are no limits of all accounts together; a live
/// job of the message that is not in it has no part now.
package typealias BudgetSheet = [FencingToken: BudgetShare]
