import Exchange
import Market
import Money
import Orders
import Risk

/// What of the account's money our own fills explain.
struct FlowBook: Sendable {
    /// What fills brought and took of each currency in this life, fees included.
    private(set) var flows: [String: Amount] = [:]
    /// The balances of a reading at which nothing was under way, and the flows up to it.
    var base: (totals: [String: Amount], flows: [String: Amount])?

    mutating func take(_ fill: Fill, _ pair: Pair) {
        let value = Amount(fill.price, times: fill.quantity)
        let quantity = Amount(fill.quantity)
        add(fill.side == .buy ? quantity : quantity.opposite, to: pair.base)
        add(fill.side == .sell ? value : value.opposite, to: pair.quote)
        add(fill.fee.opposite, to: fill.feeAsset)
    }

    private mutating func add(_ amount: Amount?, to asset: String) {
        // What does not fit is no sum any more: nothing is explained from here on.
        guard let amount, let sum = (flows[asset] ?? .zero).adding(amount) else { return flows = [:] }
        flows[asset] = sum
    }

    /// What came (above zero) or went of a currency since the last quiet reading without a fill of ours.
    func unexplained(_ asset: String, _ total: Amount) -> Amount {
        guard let base else { return .zero }
        let flow = (flows[asset] ?? .zero).subtracting(base.flows[asset] ?? .zero)
        let change = total.subtracting(base.totals[asset] ?? .zero)
        return flow.flatMap { change?.subtracting($0) } ?? .zero
    }
}

extension Amount {
    fileprivate var opposite: Amount? { Amount.zero.subtracting(self) }
}

extension LiveInstance {
    /// Money that came or went without an order of ours is no profit and no loss: the limits are moved by it. Told from readings at which nothing of
    /// ours was under way; what happened while no process was there counts as profit or loss.
    mutating func findTransfers(_ balances: [Balance]) {
        var totals: [String: Amount] = [:]
        for balance in balances { totals[balance.asset] = balance.free.adding(balance.locked) }
        var sum = Amount.zero
        var parts: [String] = []
        for asset in Set(totals.keys).union(flows.base?.totals.keys.map { $0 } ?? []).sorted() {
            let amount = flows.unexplained(asset, totals[asset] ?? .zero)
            guard !amount.isZero, let value = value(amount, of: asset), !value.isZero, let next = sum.adding(value) else {
                continue
            }
            sum = next
            parts.append("\(amount) \(asset)")
        }
        flows.base = (totals, flows.flows)
        guard !sum.isZero else { return }
        out.alarms.append("money came to or left \(risk.account) without an order of this job: " + parts.joined(separator: ", "))
        tellBreaker(.transfer(sum))
        riskNote.isDue = true
    }
}
