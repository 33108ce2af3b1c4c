package import Exchange
package import Money

/// The money of a dry-run, one account of free and locked amounts a currency. Nothing in it is ever below zero.
package struct DryRunWallet: Hashable, Sendable {
    /// What one currency has.
    struct Entry: Hashable, Sendable {
        var free: Amount
        /// Set aside for working orders.
        var locked: Amount
    }

    /// What the job began with.
    package let start: [String: Amount]
    private(set) var entries: [String: Entry]

    /// freqtrade's `dry_run_wallet`: amounts by currency.
    package init(_ start: [String: Amount]) throws(DryRunWalletError) {
        for (asset, amount) in start.sorted(by: { $0.key < $1.key }) {
            guard !asset.isEmpty else { throw .emptyCurrency }
            guard Self.isInRange(amount), amount.trimmed.decimals <= DryRunRules.moneyDecimals else {
                throw .badAmount(asset: asset, amount: amount)
            }
        }
        self.start = start
        entries = start.mapValues { Entry(free: $0.trimmed, locked: .zero) }
    }

    /// As it was saved; the reader has checked it.
    init(start: [String: Amount], entries: [String: Entry]) {
        self.start = start
        self.entries = entries
    }

    /// No currency ever has more than this. With 24 decimals the sums of all parts of it fit in 128 bits, so that what was locked can always be
    /// given back.
    static let largest = Amount(units: 100_000_000_000_000, decimals: 0)

    static func isInRange(_ amount: Amount) -> Bool { !amount.isNegative && amount <= largest }

    /// All currencies that the job ever had, by name.
    package var balances: [Balance] {
        entries.sorted { $0.key < $1.key }.map { Balance(asset: $0.key, free: $0.value.free, locked: $0.value.locked) }
    }

    package func free(_ asset: String) -> Amount { entries[asset]?.free ?? .zero }
    package func locked(_ asset: String) -> Amount { entries[asset]?.locked ?? .zero }
}

/// Why a wallet cannot begin.
package enum DryRunWalletError: Error, Hashable, CustomStringConvertible {
    case emptyCurrency
    case badAmount(asset: String, amount: Amount)

    package var description: String {
        switch self {
        case .emptyCurrency: "dry_run_wallet: a currency has no name"
        case .badAmount(let asset, let amount):
            "dry_run_wallet.\(asset): \(amount) must lie in 0...\(DryRunWallet.largest) and have at most \(DryRunRules.moneyDecimals) decimals"
        }
    }
}

extension DryRunWallet {
    /// What stops a movement. Nothing was moved then.
    enum Problem: Error, Hashable {
        case insufficient(asset: String, free: Amount, needed: Amount)
        case beyondRange
    }

    /// Sets aside what a working order may need.
    mutating func lock(_ amount: Amount, _ asset: String) throws(Problem) {
        var entry = entries[asset] ?? Entry(free: .zero, locked: .zero)
        guard entry.free >= amount else { throw .insufficient(asset: asset, free: entry.free, needed: amount) }
        guard let free = entry.free.subtracting(amount), let locked = entry.locked.adding(amount) else { throw .beyondRange }
        entry.free = free
        entry.locked = locked
        entries[asset] = entry
    }

    /// Gives back what `lock` set aside.
    mutating func unlock(_ amount: Amount, _ asset: String) throws(Problem) {
        guard var entry = entries[asset], entry.locked >= amount, let locked = entry.locked.subtracting(amount),
            let free = entry.free.adding(amount)
        else { throw .beyondRange }
        entry.free = free
        entry.locked = locked
        entries[asset] = entry
    }

    /// Takes `paid` out and puts `received` in: one execution.
    mutating func exchange(paid: Amount, of source: String, received: Amount, of target: String) throws(Problem) {
        let have = free(source)
        guard have >= paid else { throw .insufficient(asset: source, free: have, needed: paid) }
        guard let left = have.subtracting(paid), let more = free(target).adding(received), !more.isNegative,
            let total = more.adding(locked(target)), total <= Self.largest
        else { throw .beyondRange }
        entries[source, default: Entry(free: .zero, locked: .zero)].free = left.trimmed
        entries[target, default: Entry(free: .zero, locked: .zero)].free = more.trimmed
    }
}
