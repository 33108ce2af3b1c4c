import Exchange
import LiveJob
import Market
import Matching
import Money
import Orders
import PaperExchange
import Risk
import TradingJournal
import TradingLoop

/// What seeds came to together, so that a run that tried nothing is seen.
struct LiveFigures {
    var kills = 0
    /// Records that a killed process had not committed.
    var uncommitted = 0
    var placed = 0
    var denied = 0
    var fills = 0
    var closedTrades = 0
    var permitRefusals = 0
    var readBacks = 0
    var foreign = 0
    var breakerTrips = 0
    /// Halts that were lifted before the venue could be read.
    var unansweredHalts = 0
    /// Orders that added risk while the dead-man timer ran, and while it was off for stops at the venue.
    var timedEntries = 0
    var untimedEntries = 0
    var timerAlarms = 0
    /// How often the timer ran out over working orders, as far as the market's ticks saw it.
    var timedOut = 0
    /// Journals that were lost, records that the store did not have of them, and orders that were found at the venue alone.
    var lostJournals = 0
    var lostRecords = 0
    var adopted = 0

    mutating func take(_ output: LiveInstance.Output) {
        placed += output.placed
        denied += output.denied
        fills += output.fills
        closedTrades += output.trades.count { $0.state == .closed }
        breakerTrips += output.alarms.count { $0.contains("is open") }
    }

    mutating func add(_ other: LiveFigures) {
        kills += other.kills
        uncommitted += other.uncommitted
        placed += other.placed
        denied += other.denied
        fills += other.fills
        closedTrades += other.closedTrades
        permitRefusals += other.permitRefusals
        readBacks += other.readBacks
        foreign += other.foreign
        breakerTrips += other.breakerTrips
        unansweredHalts += other.unansweredHalts
        timedEntries += other.timedEntries
        untimedEntries += other.untimedEntries
        timerAlarms += other.timerAlarms
        timedOut += other.timedOut
        lostJournals += other.lostJournals
        lostRecords += other.lostRecords
        adopted += other.adopted
    }
}

// What has to be true at the end.
extension LiveWorld {
    var isQuiet: Bool {
        guard let instance, instance.orders.isReconciled else { return false }
        // The market goes on: what it filled a moment ago is still on its way.
        let filled = venue.venueOrders.reduce(Int64(0)) { $0 + ($1.clientID.description == "by-hand" ? 0 : $1.filled) }
        guard filled == instance.orders.ledger.orders.values.reduce(Int64(0), { $0 + lots($1) }) else { return false }
        guard instance.orders.balances.allSatisfy({ $0.free.adding($0.locked) == venue.total($0.asset) }) else { return false }
        return instance.orders.unsettledOrders.allSatisfy {
            !$0.wantsCancel && ($0.status == .open || $0.status == .partiallyFilled)
        }
    }

    private func lots(_ order: OrderState) -> Int64 {
        venue.core.venue.instruments.first { $0.pair == order.request.pair }?.lots(order.filled) ?? 0
    }

    mutating func check() {
        guard let instance else { return violations.append("the process is not there at the end") }
        if !isFinished { violations.append("the job did not end") }
        if awaitsCanceled {
            violations.append(
                "the halt was never answered: \(instance.orders.unsettledOrders.map { "\($0.ticket) \($0.status)" })")
        }
        if !instance.orders.isReconciled {
            violations.append("not reconciled at the end: \(instance.orders.blocked.map(\.rawValue).sorted())")
        }
        checkOrders(instance)
        checkMoney(instance)
        checkBooks(instance)
    }

    // MARK: - The dead-man timer

    /// No order that adds risk is decided on without it, but where stops at the venue are to outlive the process.
    mutating func checkTimer(before sending: OrderSending) {
        guard let settings = setup.deadMan, let instance else { return }
        if let end = venue.deadManEnd, end > now.milliseconds { return figures.timedEntries += 1 }
        figures.untimedEntries += 1
        let isProtected =
            instance.orders.unsettledOrders.contains { $0.request.purpose == .stopLoss }
            || setup.trading.orderTypes.stoplossOnExchange && instance.loop.openTrades.contains { !$0.held.isZero }
        if settings.cover == .all || !isProtected { violations.append("\(sending.ticket) adds risk without the dead-man timer") }
    }

    /// Before the venue carries a timer out that is over.
    mutating func countTimeouts() {
        guard let end = venue.deadManEnd, end <= now.milliseconds else { return }
        if venue.venueOrders.contains(where: \.status.isOpen) { figures.timedOut += 1 }
    }

    /// Once nothing goes wrong any more, nothing that is to stay is ever under a timer that nobody renews.
    mutating func checkTimer() {
        guard let settings = setup.deadMan, now > healsAt.advanced(byMilliseconds: 20_000), instance != nil else { return }
        let stops = venue.venueOrders.filter { $0.status.isOpen && $0.kind.hasTrigger && $0.placedAt < now.milliseconds - 10_000 }
        if settings.cover == .entries, !stops.isEmpty, !isStopped, venue.deadManEnd != nil {
            violations.append("stops rest at the venue, and the dead-man timer runs")
        }
        if isFinished, !setup.endsHalted, venue.deadManEnd != nil {
            violations.append("the job ended, and the dead-man timer runs on")
        }
    }

    private mutating func checkOrders(_ instance: LiveInstance) {
        var seen: [String: Int] = [:]
        let byHand = venue.venueOrders.filter { $0.clientID.description == "by-hand" }
        // One of ours that took the whole book would have met it: the venue ends it then.
        for order in byHand where !order.status.isOpen && order.reason != .selfTrade {
            violations.append("an order by hand was touched: \(order.status)")
        }
        if byHand.count != figures.foreign { violations.append("\(figures.foreign) orders by hand, \(byHand.count) are there") }
        for order in venue.venueOrders where order.clientID.description != "by-hand" {
            seen[order.clientID.description, default: 0] += 1
            check(order, instance)
        }
        for (id, count) in seen where count != 1 { violations.append("\(id) was placed \(count) times") }
        for order in instance.orders.ledger.orders.values where seen[order.clientOrderID.text] == nil {
            let isGone = order.status == .denied || order.status == .rejected || order.status == .notPlaced
            if !isGone { violations.append("order \(order.ticket) is \(order.status), but the venue never had it") }
        }
    }

    private mutating func check(_ order: Matching.Order, _ instance: LiveInstance) {
        let ledger = instance.orders.ledger
        guard let ticket = ledger.ticket(of: ClientOrderID(order.clientID.description)), let ours = ledger.orders[ticket] else {
            // Of an order that came to nothing before its record was lost, nobody hears.
            if hasLost, order.filled == 0, !order.status.isOpen { return }
            return violations.append("nobody knows \(order.clientID)")
        }
        let expected: Orders.OrderStatus =
            switch order.status {
            case .new: .open
            case .partiallyFilled: .partiallyFilled
            case .filled: .filled
            case .canceled: .canceled
            case .expired: .expired
            case .rejected: .rejected
            }
        // Kraken calls what ended by itself canceled, too.
        let isSame =
            ours.status == expected || ours.status.isFinal && expected.isFinal && expected != .filled && ours.status != .filled
        if !isSame { violations.append("order \(ticket) is \(ours.status), at the venue \(order.status)") }
        let filled = venue.core.venue.instrument(order.instrument).quantity(order.filled)
        if ours.filled != filled { violations.append("order \(ticket) has \(ours.filled), at the venue \(filled)") }
        let cost = venue.core.venue.asset(venue.core.venue.instrument(order.instrument).rules.quote).amount(order.quoteFilled)
        if ours.cost != cost { violations.append("order \(ticket) cost \(ours.cost), at the venue \(cost)") }
    }

    private mutating func checkMoney(_ instance: LiveInstance) {
        guard let book = try? ProfitBook(instance.orders.ledger.orders.values) else {
            return violations.append("positions cannot be added up")
        }
        var expected = venue.startBalances
        for (pair, position) in book.pairs {
            expected[pair.quote] = (expected[pair.quote] ?? .zero).adding(position.cash)
            expected[pair.base] = (expected[pair.base] ?? .zero).adding(position.held)
            // The account has coins that are none of the job's: sold twice, they would be missing.
            if position.held < .zero { violations.append("\(pair): \(position.held) is held, more was sold than bought") }
            if position.realised.subtracting(position.cost) != position.cash { violations.append("profit does not add up") }
            if !position.otherFees.isEmpty { violations.append("fees in other currencies") }
            let risk = instance.risk.positions[pair] ?? .zero
            if risk != position.held { violations.append("risk holds \(risk) \(pair), fills say \(position.held)") }
        }
        for (asset, amount) in expected where venue.total(asset) != amount {
            violations.append("\(asset): we say \(amount), the venue \(venue.total(asset))")
        }
        for balance in instance.orders.balances where balance.free.adding(balance.locked) != venue.total(balance.asset) {
            violations.append(
                "\(balance.asset) was told as \(balance.free)+\(balance.locked), the venue has \(venue.total(balance.asset))")
        }
    }

    /// Trades and their money, as everybody else reads them from the records.
    private mutating func checkBooks(_ instance: LiveInstance) {
        commitWaiting()
        var books = TradingBooks()
        do { for bytes in journal { try books.take(bytes) } } catch { return violations.append("the journal: \(error)") }
        // An order that was found at the venue alone belongs to no trade.
        guard let profit = try? ProfitBook(books.orders.orders.values.filter { !$0.isAdopted }) else {
            return violations.append("the journal's money")
        }
        for order in instance.orders.ledger.orders.values where books.orders.orders[order.ticket] != order {
            violations.append("order \(order.ticket) is another one in the journal")
        }
        for (pair, position) in profit.pairs {
            var (cash, held) = (Amount.zero, Amount.zero)
            for trade in books.trades.values where trade.pair == pair {
                cash = cash.adding(trade.cashFlow) ?? cash
                held = held.adding(trade.held) ?? held
            }
            if cash != position.cash { violations.append("trades of \(pair) made \(cash), fills \(position.cash)") }
            if held != position.held { violations.append("trades of \(pair) hold \(held), fills \(position.held)") }
        }
    }
}
