/// Who owns what. The sum over all accounts of an asset is what was deposited, always.
struct Ledger: Sendable {
    private(set) var balances: [Balance] = []
    /// Deposits less withdrawals of each asset.
    private(set) var deposited: [Int128]
    let assetCount: Int

    init(assetCount: Int) {
        self.assetCount = assetCount
        deposited = Array(repeating: 0, count: assetCount)
    }

    mutating func addAccount() { balances.append(contentsOf: repeatElement(Balance(), count: assetCount)) }

    subscript(account: AccountID, asset: AssetID) -> Balance {
        get { balances[Int(account.rawValue) * assetCount + Int(asset.rawValue)] }
        _modify { yield &balances[Int(account.rawValue) * assetCount + Int(asset.rawValue)] }
    }

    mutating func deposit(_ amount: Int128, _ account: AccountID, _ asset: AssetID) {
        self[account, asset].free += amount
        deposited[Int(asset.rawValue)] += amount
    }

    mutating func lock(_ amount: Int128, _ account: AccountID, _ asset: AssetID) {
        guard amount != 0 else { return }
        self[account, asset].free -= amount
        self[account, asset].locked += amount
    }

    /// Takes an amount out of an account, of which this much was locked for it; what was locked beyond the amount becomes free.
    mutating func pay(_ amount: Int128, bound: Int128, _ account: AccountID, _ asset: AssetID) {
        self[account, asset].locked -= bound
        self[account, asset].free += bound - amount
    }

    mutating func unlock(_ amount: Int128, _ account: AccountID, _ asset: AssetID) { lock(-amount, account, asset) }

    func total(_ account: AccountID, _ asset: AssetID) -> Int128 {
        let index = Int(account.rawValue) * assetCount + Int(asset.rawValue)
        return balances[index].free + balances[index].locked
    }

    /// All that exists of an asset.
    func total(_ asset: AssetID) -> Int128 {
        stride(from: Int(asset.rawValue), to: balances.count, by: assetCount).reduce(0) { $0 + balances[$1].total }
    }
}
