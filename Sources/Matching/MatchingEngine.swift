/// The matching engine of a venue: accounts, order books, and everything that happens in them.
///
/// A value without clock, randomness or I/O: the same inputs make the same orders, trades and balances. Inputs are its mutating
/// functions. What happened is appended to `updates`, `trades` and `listUpdates`, which the caller reads and empties with
/// `removeEvents` after each input or each batch of them; nothing else grows without bound.
package struct MatchingEngine: Sendable {
    package struct Settings: Sendable {
        /// Assets are numbered from 0 to this less 1.
        package var assetCount: Int
        /// Open orders that an ordinary account may have; 1 to `Bounds.openOrders`, which is what a house account may have.
        package var openOrders: Int = 200
        /// Public trades that are kept for each instrument.
        package var tradeHistory: Int = 1000
        /// Mixed into the hashes of client ids, so that nobody can choose ids that collide.
        package var hashSeed: UInt64 = 0

        package init(assetCount: Int) { self.assetCount = assetCount }
    }

    package enum AccountKind: Sendable {
        case ordinary
        /// Of the venue's operator: it may spend what it does not have, its balance goes below zero, and nothing of it is locked.
        case house
    }

    /// Why the engine cannot be set up like this.
    package struct SetupError: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    package let settings: Settings
    /// The last time that was passed in; what it counts is the caller's choice.
    package private(set) var now: Int64 = 0
    package internal(set) var updates: [OrderUpdate] = []
    package internal(set) var trades: [Trade] = []
    package internal(set) var listUpdates: [OrderList] = []

    var markets: [Market] = []
    var accounts: [AccountState] = []
    var ledger: Ledger
    /// All open orders and those of the histories; free places are linked from `firstFree`.
    var records: [OrderRecord] = []
    var firstFree = OrderRecord.nowhere
    var orderTable = IndexTable()
    var clientTable = IndexTable()
    var openLists: [OrderListID: OrderList] = [:]
    var deadlines = DeadlineHeap()
    var openDeadlines = 0
    var lastOrder: Int64 = 0
    var lastTrade: Int64 = 0
    var lastList: Int64 = 0

    package init(_ settings: Settings) throws(SetupError) {
        guard 1...Bounds.assets ~= settings.assetCount else {
            throw SetupError(description: "assetCount must be from 1 to \(Bounds.assets), it is \(settings.assetCount)")
        }
        guard 1...Bounds.openOrders ~= settings.openOrders else {
            throw SetupError(description: "openOrders must be from 1 to \(Bounds.openOrders), it is \(settings.openOrders)")
        }
        self.settings = settings
        ledger = Ledger(assetCount: settings.assetCount)
        appendAccount(AccountState(kind: .ordinary, history: 0, fills: 0, isReported: false))
    }

    package mutating func addInstrument(_ rules: InstrumentRules) throws(SetupError) -> InstrumentID {
        guard markets.count < Bounds.instruments else {
            throw SetupError(description: "there are \(Bounds.instruments) instruments already")
        }
        if let problem = rules.problem(assetCount: settings.assetCount) {
            throw SetupError(description: "instrument \(markets.count): \(problem)")
        }
        markets.append(Market(rules: rules, tradeHistory: settings.tradeHistory))
        return InstrumentID(Int32(markets.count - 1))
    }

    /// `history` ended orders and lists, and `fills` fills, are kept for later queries. Without `isReported` nothing of the account
    /// goes to `updates` and `listUpdates`.
    package mutating func addAccount(
        _ kind: AccountKind = .ordinary, history: Int = 500, fills: Int = 500, isReported: Bool = true
    ) throws(SetupError) -> AccountID {
        guard accounts.count < Bounds.accounts else {
            throw SetupError(description: "there are \(Bounds.accounts) accounts already")
        }
        appendAccount(AccountState(kind: kind, history: history, fills: fills, isReported: isReported))
        return AccountID(Int32(accounts.count - 1))
    }

    private mutating func appendAccount(_ account: AccountState) {
        accounts.append(account)
        ledger.addAccount()
    }

    /// Lets time pass: orders whose deadline is reached expire, earliest deadline first. Time never goes back.
    package mutating func advance(to time: Int64) {
        now = max(now, time)
        while let first = deadlines.first, first.deadline <= now {
            deadlines.removeFirst()
            guard let slot = openSlot(first.order) else { continue }
            remove(slot, .expired, .deadline)
        }
    }

    /// Forgets the events that were read, keeping their memory for the next ones.
    package mutating func removeEvents() {
        if !updates.isEmpty { updates.removeAll(keepingCapacity: true) }
        if !trades.isEmpty { trades.removeAll(keepingCapacity: true) }
        if !listUpdates.isEmpty { listUpdates.removeAll(keepingCapacity: true) }
    }
}

/// What the engine keeps of an account beside its balances.
struct AccountState: Sendable {
    let kind: MatchingEngine.AccountKind
    let historyLimit: Int
    let isReported: Bool
    var open = OrderChain()
    var ended = OrderChain()
    var endedLists: Ring<OrderList>
    var fills: Ring<Fill>

    init(kind: MatchingEngine.AccountKind, history: Int, fills: Int, isReported: Bool) {
        self.kind = kind
        self.isReported = isReported
        historyLimit = max(0, history)
        endedLists = Ring(limit: history)
        self.fills = Ring(limit: fills)
    }
}
