package import Exchange
package import Market
import Money
package import Orders

/// The venue of a dry-run job: it takes orders as a venue would, and fills them from the books of the real one by freqtrade's rules.
///
/// A value without clock, network or randomness. The shell feeds in orders, cancellations and books and hands the answers back; it stores
/// `snapshot()` together with what it did with the answers, so that after a crash both are the old ones or both the new ones.
/// The rules, and what they leave out, are written down in docs/dry-run.md.
package struct DryRunVenue: Sendable {
    package var rules: DryRunRules
    package internal(set) var wallet: DryRunWallet
    /// The highest ticket that was placed; tickets come in rising order.
    package internal(set) var lastTicket = OrderTicket(0)
    /// Orders that wait, by ticket.
    var orders: [OrderTicket: DryRunOrder] = [:]
    /// Their tickets by pair, in the order of placing.
    var waiting: [Pair: [OrderTicket]] = [:]
    var books: [Pair: DryRunBook] = [:]

    package init(wallet: DryRunWallet, rules: DryRunRules) {
        self.wallet = wallet
        self.rules = rules
    }

    /// Tickets of the orders that wait, rising.
    package var workingTickets: [OrderTicket] { orders.keys.sorted() }

    /// The request of an order that waits.
    package func workingOrder(_ ticket: OrderTicket) -> OrderRequest? { orders[ticket]?.request }
}

// MARK: - The market

extension DryRunVenue {
    /// The book of a pair as it is now, best levels first; the upper 20 count. Answers what it fills, in the order of placing.
    package mutating func book(
        _ pair: Pair, bids: some Sequence<BookLevel>, asks: some Sequence<BookLevel>, at now: Timestamp
    ) -> [OrderUpdate] {
        books[pair, default: DryRunBook()].load(bids: bids, asks: asks)
        guard let tickets = waiting[pair], let book = books[pair] else { return [] }
        var updates: [OrderUpdate] = []
        for ticket in tickets {
            guard let order = orders[ticket], let price = Self.price(of: order, in: book) else { continue }
            updates.append(fill(waiting: order, at: price, now))
        }
        return updates
    }

    /// A kept book as it is now.
    package mutating func book(_ pair: Pair, _ book: OrderBook, at now: Timestamp) -> [OrderUpdate] {
        self.book(pair, bids: book.bids, asks: book.asks, at: now)
    }

    /// Best bid and ask, for jobs that hear no more than that: a book of one level. Market orders beyond it are filled at its price.
    package mutating func quote(_ pair: Pair, bid: BookLevel, ask: BookLevel, at now: Timestamp) -> [OrderUpdate] {
        book(pair, bids: CollectionOfOne(bid), asks: CollectionOfOne(ask), at: now)
    }

    /// The stream of a pair is interrupted: until the next book nothing is filled, and market orders are refused.
    package mutating func lostMarket(_ pair: Pair) { books[pair] = nil }

    /// The price at which a waiting order is filled by this book; nil where it goes on waiting.
    private static func price(of order: DryRunOrder, in book: DryRunBook) -> Price? {
        let side = order.request.side
        switch order.waiting {
        case .limit(let limit): return book.meets(side, limit: limit) ? limit : nil
        case .stop(let trigger, let worst):
            guard book.reaches(stop: trigger, side) else { return nil }
            let levels = book.opposite(side)
            // freqtrade counts a side without levels as a price of 0 and then takes the worst.
            if levels.isEmpty { return worst }
            let average = DryRunPricing.average(side, order.request.quantity, from: levels, worst: worst, tick: order.tick)
            return average.flatMap { $0.isPositive ? $0 : nil } ?? worst
        }
    }
}

// MARK: - Cancellation

extension DryRunVenue {
    /// Ends an order that waits. Empty where there is none of that ticket: its end has been told before.
    package mutating func cancel(_ ticket: OrderTicket, at now: Timestamp) -> [OrderUpdate] {
        guard let order = orders[ticket] else { return [] }
        release(order)
        return [.unfilled(ticket, .canceled, at: now)]
    }
}
