import Exchange
import Market
import Money
import Orders
package import Risk
package import TradingJournal
import TradingLoop

extension LiveInstance {
    /// Begins, after the history of each pair was given. `books`: what the journal's records add up to; `ended` fills and all.
    package mutating func start(_ books: TradingBooks, now instant: RiskInstant) throws(LiveStartError) -> Output {
        begin(instant)
        let traded = instruments.values.sorted { $0.pair < $1.pair }
        orders = OrderManager(identity, settings: settings.orders, instruments: traded, ledger: books.orders)
        if let since = books.restoredSince { orders.recover(since: since) }
        try restoreRisk(books.risk)
        recordsBalances = books.startBalances == nil && books.orders.orders.isEmpty
        tradeRecord = TradeRecord(returns: books.closedTrades.map(\.profitRatio))
        let updates = books.orders.orders.values.map { $0.update(time: now.time) }
        let records = books.loopRecords.values.sorted { ($0.kind.rawValue, $0.key) < ($1.kind.rawValue, $1.key) }
        do throws(TradingError) {
            let time = now.time
            try startLoop { loop throws(TradingError) in try loop.start(records: records, orders: updates, now: time) }
        } catch { throw LiveStartError(problem: "\(error)") }
        isStarted = true
        ask { $0.pauseEntries(Self.streamPause, now: $1) }
        beginDeadMan()
        manage { $0.start(now: $1) }
        return end()
    }

    /// Breaker, equity and the rate of orders as they were noted; positions and working orders from the fills themselves.
    private mutating func restoreRisk(_ bytes: [UInt8]?) throws(LiveStartError) {
        let (marks, returns) = (risk.marks, risk.returns)
        if let bytes {
            do throws(RiskSnapshotError) {
                risk = try RiskState.restore(bytes, account: risk.account, currency: risk.currency, at: now.time)
            } catch { throw LiveStartError(problem: "the state of the account's risk: \(error)") }
            for (pair, price) in marks { risk.mark(pair, at: price) }
            for (pair, closes) in returns.closes { for close in closes { risk.closed(close, of: pair, policy: policy) } }
        }
        let book: ProfitBook
        do { book = try ProfitBook(orders.ledger.orders.values) } catch { throw LiveStartError(problem: "\(error)") }
        let working = orders.unsettledOrders.filter { !$0.status.isFinal }
        let rebuilt = working.map { RebuiltOrder(order: proposal($0.request), remaining: $0.remaining) }
        risk.rebuild(positions: book.pairs.mapValues(\.held), orders: rebuilt, policy: policy)
        riskNote.last = risk.essence
    }

    static let streamPause = "account_stream"
}

extension OrderState {
    /// What is not filled of it.
    var remaining: Amount { Amount(request.quantity).subtracting(Amount(filled)) ?? .zero }
}
