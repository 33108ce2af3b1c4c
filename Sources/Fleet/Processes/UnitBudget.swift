internal import Coordination
internal import FleetProtocol
package import Money

/// What a running live job may use of the fleet's limits, as its worker knows it.
package enum UnitBudget: Hashable, Sendable {
    /// There are no limits of all accounts together: those of the job alone count.
    case none
    /// The account's part; nil: it has none.
    case allotted(Share?)

    package struct Share: Hashable, Sendable {
        package var exposure: Amount
        package var openOrders: Int
        package var dailyLoss: Amount
        /// Nanoseconds of the boot clock.
        package var deadline: Int64

        package init(exposure: Amount, openOrders: Int, dailyLoss: Amount, deadline: Int64) {
            self.exposure = exposure
            self.openOrders = openOrders
            self.dailyLoss = dailyLoss
            self.deadline = deadline
        }
    }

    /// What a job has after an answer of the coordinator.
    ///
    /// A part counts until its end, also where the next answer has none: a coordinator that was just started allots nothing yet, and heeds what the
    /// one before it allotted. A smaller part counts at once.
    ///
    /// - Parameter asked: when that was sent which the coordinator answered, nanoseconds of the boot clock.
    func after(_ sheet: BudgetSheet?, _ share: BudgetShare?, asked: Int64) -> UnitBudget {
        guard sheet != nil else { return .none }
        guard let share else { return if case .allotted = self { self } else { .allotted(nil) } }
        let (end, overflow) = asked.addingReportingOverflow(share.validity.wholeNanoseconds)
        return .allotted(
            Share(
                exposure: share.exposure, openOrders: share.openOrders, dailyLoss: share.dailyLoss,
                deadline: overflow ? .max : end))
    }
}
