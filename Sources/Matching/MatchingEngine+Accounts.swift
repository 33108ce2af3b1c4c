// Money in and out, and what may be asked about an account.

extension MatchingEngine {
    /// Gives an account money from outside.
    package mutating func deposit(_ amount: Int128, _ asset: AssetID, to account: AccountID) throws(Rejection) {
        try check(account, asset)
        guard amount > 0, amount <= Bounds.account, ledger[account, asset].total <= Bounds.account - amount else {
            throw .amountOutOfRange
        }
        ledger.deposit(amount, account, asset)
    }

    /// Takes free money out of an account, the fee account included; a house account cannot be emptied below zero either.
    package mutating func withdraw(_ amount: Int128, _ asset: AssetID, from account: AccountID) throws(Rejection) {
        try check(account, asset)
        guard amount > 0 else { throw .amountOutOfRange }
        guard amount <= ledger[account, asset].free else { throw .insufficientBalance }
        ledger.deposit(-amount, account, asset)
    }

    private func check(_ account: AccountID, _ asset: AssetID) throws(Rejection) {
        guard accounts.indices ~= Int(account.rawValue) else { throw .unknownAccount }
        guard 0..<settings.assetCount ~= Int(asset.rawValue) else { throw .unknownAsset }
    }

    /// What an account has of an asset; nothing where there is no such account or asset.
    package func balance(_ account: AccountID, _ asset: AssetID) -> Balance {
        guard accounts.indices ~= Int(account.rawValue), 0..<settings.assetCount ~= Int(asset.rawValue) else { return Balance() }
        return ledger[account, asset]
    }

    /// The sum over all accounts, fees and house included, of an asset; always equal to `deposited`.
    package func total(_ asset: AssetID) -> Int128 { ledger.total(asset) }

    /// Deposits less withdrawals of an asset.
    package func deposited(_ asset: AssetID) -> Int128 { ledger.deposited[Int(asset.rawValue)] }

    package var accountCount: Int { accounts.count }

    /// An order of the account, open or among those kept. A client id names its newest order.
    package func order(_ reference: OrderReference, of account: AccountID) -> Order? {
        slot(account, reference).map { records[$0].order }
    }

    /// The open orders of an account, oldest first.
    package func openOrders(of account: AccountID, _ instrument: InstrumentID? = nil) -> [Order] {
        guard accounts.indices ~= Int(account.rawValue) else { return [] }
        return orders(accounts[Int(account.rawValue)].open, instrument)
    }

    package func openOrderCount(of account: AccountID) -> Int {
        accounts.indices ~= Int(account.rawValue) ? accounts[Int(account.rawValue)].open.count : 0
    }

    /// The ended orders that are kept of an account, the first that ended first.
    package func endedOrders(of account: AccountID, _ instrument: InstrumentID? = nil) -> [Order] {
        guard accounts.indices ~= Int(account.rawValue) else { return [] }
        return orders(accounts[Int(account.rawValue)].ended, instrument)
    }

    private func orders(_ chain: OrderChain, _ instrument: InstrumentID?) -> [Order] {
        var result: [Order] = []
        var slot = chain.head
        while slot >= 0 {
            let record = records[Int(slot)]
            if instrument == nil || record.order.instrument == instrument { result.append(record.order) }
            slot = record.accountNext
        }
        return result
    }

    /// The fills that are kept of an account, oldest first.
    package func fills(of account: AccountID) -> [Fill] {
        accounts.indices ~= Int(account.rawValue) ? accounts[Int(account.rawValue)].fills.elements : []
    }

    /// The asset that an order's fees are in.
    package func feeAsset(of order: Order) -> AssetID {
        let rules = markets[Int(order.instrument.rawValue)].rules
        return order.side == .sell || rules.fees.paidIn == .quote ? rules.quote : rules.base
    }
}
