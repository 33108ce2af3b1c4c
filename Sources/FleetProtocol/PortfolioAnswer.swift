package import Coordination
package import Money

/// The limits of all accounts together, and whose parts they are.
package struct PortfolioAnswer: Hashable, Sendable {
    /// Money in the portfolio's currency, 0 and above.
    package struct Limits: Hashable, Sendable {
        package var exposure: Amount
        package var openOrders: Int
        package var dailyLoss: Amount

        package init(exposure: Amount, openOrders: Int, dailyLoss: Amount) {
            self.exposure = exposure
            self.openOrders = openOrders
            self.dailyLoss = dailyLoss
        }
    }

    package struct Account: Hashable, Sendable {
        package var name: String
        package var weight: UInt32
        /// The part that the weight gives.
        package var part: Limits
        /// What was allotted last and still counts; nil: nothing.
        package var allotted: Limits?
        /// How much longer it counts at the coordinator, which is a tenth longer than at the worker.
        package var left: Duration
        /// The live job that holds the account.
        package var job: JobID?
        /// The job's stakes are in another currency, so that it has no part.
        package var hasOtherCurrency: Bool

        package init(
            name: String, weight: UInt32, part: Limits, allotted: Limits? = nil, left: Duration = .zero, job: JobID? = nil,
            hasOtherCurrency: Bool = false
        ) {
            self.name = name
            self.weight = weight
            self.part = part
            self.allotted = allotted
            self.left = left
            self.job = job
            self.hasOtherCurrency = hasOtherCurrency
        }
    }

    package var currency: String
    package var limits: Limits
    /// The coordinator was started a moment ago, and allots nothing for so long; zero: it does.
    package var opensIn: Duration
    /// By name.
    package var accounts: [Account]

    package init(currency: String, limits: Limits, opensIn: Duration = .zero, accounts: [Account]) {
        self.currency = currency
        self.limits = limits
        self.opensIn = opensIn
        self.accounts = accounts
    }
}
