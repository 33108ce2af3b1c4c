import Money

/// The coordinator's side of the fleet's limits: whose part they are, and which parts may still be in use.
///
/// Every account of the list has its part whether or not it trades at the moment: what one has bought with its part is never another's to buy again.
/// What was allotted before is not kept over a restart; so nothing is allotted until all of it has ended.
package struct PortfolioBook: Sendable {
    package let limits: FleetLimits
    /// One an account, each with a weight above zero.
    package let claims: [BudgetClaim]
    /// Nanoseconds on the coordinator's clock. What a coordinator before this one allotted may count until then.
    package let opensAt: Int64
    /// Allotments that may not have ended; none of them is smaller in all and ends sooner than another of the same account.
    private(set) var outstanding: [AccountBudget] = []

    /// - Parameters:
    ///   - claims: one an account; an account that is not here has no part.
    ///   - opensAt: as long after this coordinator's start as the longest allotment of any coordinator counts.
    package init(limits: FleetLimits, claims: [BudgetClaim], opensAt: Int64) {
        self.limits = limits
        self.claims = claims.filter { $0.weight > 0 }
        self.opensAt = opensAt
    }

    /// Whether the account has a part at all.
    package func names(_ account: String) -> Bool { claims.contains { $0.account == account } }

    /// What was allotted to the account last and has not ended; nil: nothing.
    package func newest(of account: String, at now: Int64) -> AccountBudget? {
        outstanding.last { $0.account == account && $0.deadline > now }
    }

    /// The parts that the weights give, by account; for people.
    package var parts: [AccountBudget] {
        PortfolioAllocator.allot(limits, to: claims, outstanding: [], at: 0, until: 0)
    }

    /// The account's part until `end`; nil: it has none, or it is too soon after the start. Counts as sent.
    package mutating func allot(to account: String, at now: Int64, until end: Int64) -> AccountBudget? {
        guard now >= opensAt, names(account) else { return nil }
        outstanding.removeAll { $0.deadline <= now }
        let parts = PortfolioAllocator.allot(limits, to: claims, outstanding: outstanding, at: now, until: end)
        guard let part = parts.first(where: { $0.account == account }) else { return nil }
        outstanding.removeAll { part.covers($0) }
        outstanding.append(part)
        return part
    }
}

extension AccountBudget {
    /// Whether it allows all that the other one does, for as long.
    fileprivate func covers(_ other: AccountBudget) -> Bool {
        account == other.account && exposure >= other.exposure && openOrders >= other.openOrders && dailyLoss >= other.dailyLoss
            && deadline >= other.deadline
    }
}
