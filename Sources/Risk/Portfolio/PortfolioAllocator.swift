import Money

/// Splits the fleet's limits over accounts, so that what all of them may use together is never more than the whole, whatever changes.
///
/// An allotment counts until its end, also when a smaller one was sent since: nobody knows whether that has arrived. So an account counts with
/// the largest of its allotments that have not ended, and another one grows only into what is left beside these.
package enum PortfolioAllocator {
    /// New allotments for the claims, one each, in the order of accounts.
    ///
    /// - Parameters:
    ///   - outstanding: all allotments that were ever sent, or those whose deadline is after `now`. After a restart of a coordinator that has
    ///     not kept them: wait as long as the longest could run, then begin.
    ///   - now, end: nanoseconds on the coordinator's clock.
    package static func allot(
        _ limits: FleetLimits, to claims: [BudgetClaim], outstanding: [AccountBudget], at now: Int64, until end: Int64
    ) -> [AccountBudget] {
        let wanted = merged(claims)
        let running = outstanding.filter { $0.deadline > now }
        let total = wanted.reduce(UInt64(0)) { $0 + UInt64($1.weight) }
        let exposure = Split(of: limits.exposure, wanted, total, running.map { ($0.account, $0.exposure) })
        let losses = Split(of: limits.dailyLoss, wanted, total, running.map { ($0.account, $0.dailyLoss) })
        let orders = Split(
            of: Amount(units: Int128(limits.openOrders), decimals: 0), wanted, total,
            running.map { ($0.account, Amount(units: Int128($0.openOrders), decimals: 0)) }, whole: true)
        return wanted.map { claim in
            AccountBudget(
                account: claim.account, exposure: exposure.parts[claim.account] ?? .zero,
                openOrders: Int(clamping: (orders.parts[claim.account] ?? .zero).trimmed.wholeUnits),
                dailyLoss: losses.parts[claim.account] ?? .zero, deadline: end)
        }
    }

    /// One claim an account, the last one counts.
    private static func merged(_ claims: [BudgetClaim]) -> [BudgetClaim] {
        var table: [String: BudgetClaim] = [:]
        for claim in claims { table[claim.account] = claim }
        return table.values.sorted { $0.account < $1.account }
    }

    /// One limit split.
    private struct Split {
        private(set) var parts: [String: Amount] = [:]

        init(of limit: Amount, _ claims: [BudgetClaim], _ total: UInt64, _ running: [(String, Amount)], whole: Bool = false) {
            guard total > 0, limit.isPositive else { return }
            var held: [String: Amount] = [:]
            for (account, amount) in running { held[account] = max(held[account] ?? .zero, amount) }
            var free: Amount? = limit
            for amount in held.values { free = free?.subtracting(amount) }
            for claim in claims {
                guard var target = limit.part(of: (Int128(claim.weight), Int128(total)), rounding: .down) else { continue }
                if whole { target = target.rescaled(decimals: 0) ?? .zero }
                let has = held[claim.account] ?? .zero
                let growth = min(target.subtracting(has) ?? .zero, free ?? .zero)
                guard growth.isPositive, let grown = has.adding(growth) else {
                    parts[claim.account] = min(target, has)
                    continue
                }
                parts[claim.account] = grown
                free = free?.subtracting(growth)
            }
        }
    }
}

extension Amount {
    /// Digits before the point.
    fileprivate var wholeUnits: Int128 { (rescaled(decimals: 0) ?? .zero).units }
}
