import Exchange
import Money

/// What the account has, as last heard.
struct WalletView: Sendable {
    private var balances: [String: Balance] = [:]
    /// The input that brought it; nil: nothing was heard yet.
    var heardAt: UInt64?

    mutating func update(_ new: [Balance], isComplete: Bool, at input: UInt64) {
        if isComplete { balances = [:] }
        for balance in new { balances[balance.asset] = balance }
        heardAt = input
    }

    func free(_ asset: String) -> Amount { balances[asset]?.free ?? .zero }
    func total(_ asset: String) -> Amount { balances[asset].flatMap { $0.free.adding($0.locked) } ?? .zero }
    /// Whether free money is told apart from money in orders.
    func knowsLocked(_ asset: String) -> Bool { balances[asset]?.lockedIsKnown ?? true }
}
