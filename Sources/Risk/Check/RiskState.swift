package import Market
package import Money

/// All that the limits of one account are checked against: breaker, positions, working orders, sent orders, returns. Kept over restarts.
///
/// The caller feeds it what happens (`apply`, `mark`, `closed`, `accepted`, `filled`, `ended`) and asks `check` before each order.
package struct RiskState: Hashable, Sendable {
    /// Venue and name, `paper-binance/main`: a state of another account is refused.
    package let account: String
    /// The currency of equity and exposure; only pairs quoted in it may be traded.
    package let currency: String
    package internal(set) var breaker = CircuitBreaker()
    /// In base currency, below zero for short; no zeros.
    package internal(set) var positions: [Pair: Amount] = [:]
    /// What each pair traded at last.
    package internal(set) var marks: [Pair: Price] = [:]
    package internal(set) var orders: [UInt64: WorkingOrder] = [:]
    /// When orders were accepted, not longer ago than a minute; sorted.
    package internal(set) var sendings: [Timestamp] = []
    package internal(set) var returns = ReturnHistory()
    /// The pair that the half-open breaker lets trade, from its first order until it is flat.
    package internal(set) var trial: Pair?
    /// A number has left its range, or a table its bounds: nothing may be added until the state is built anew.
    package internal(set) var isUnreliable = false

    package init(account: String, currency: String) {
        self.account = account.cut(utf8: RiskBounds.textBytes)
        self.currency = currency.cut(utf8: RiskBounds.textBytes)
    }

    /// Tells the breaker what happened.
    @discardableResult
    package mutating func apply(_ event: BreakerEvent, at time: Timestamp, policy: RiskPolicy) -> BreakerChange? {
        let change = breaker.apply(event, at: time, policy: policy)
        if case .halfOpen = breaker.phase {} else { trial = nil }
        return change
    }

    /// A closed candle of a pair, of one timeframe always.
    package mutating func closed(_ close: ReturnHistory.Close, of pair: Pair, policy: RiskPolicy) {
        returns.take(close, of: pair, window: policy.correlationWindow)
    }

    /// What a pair trades at now. A price of zero or below is left out.
    package mutating func mark(_ pair: Pair, at price: Price) {
        guard price.isPositive else { return }
        guard marks[pair] != nil || marks.count < RiskBounds.pairs else {
            isUnreliable = true
            return
        }
        marks[pair] = price
    }

    /// Sets a position as reconciliation found it; zero removes it.
    package mutating func setPosition(_ pair: Pair, to quantity: Amount) {
        guard quantity.isZero || positions[pair] != nil || positions.count < RiskBounds.pairs else {
            isUnreliable = true
            return
        }
        positions[pair] = quantity.isZero ? nil : quantity
        releaseTrial()
    }

    // MARK: - Orders

    /// An order that passed the check goes out. From here on it counts until it is filled or has ended.
    package mutating func accepted(_ order: OrderProposal, at time: Timestamp, policy: RiskPolicy) {
        let adds = !reduces(order)
        guard let price = worstPrice(order, policy), orders.count < RiskBounds.orders, orders[order.id] == nil else {
            isUnreliable = true
            return
        }
        orders[order.id] = WorkingOrder(pair: order.pair, side: order.side, remaining: Amount(order.quantity), price: price)
        if let reference = order.reference { mark(order.pair, at: reference) }
        if adds, case .halfOpen = breaker.phase { trial = order.pair }
        record(time)
    }

    private mutating func record(_ time: Timestamp) {
        sendings.removeAll { Self.isOver($0, at: time) }
        let place = sendings.firstIndex { $0 > time } ?? sendings.endIndex
        sendings.insert(time, at: place)
        sendings.removeFirst(max(0, sendings.count - RiskBounds.sendings))
    }

    /// A minute has passed since. What lies in the future (the clock was set back) is not over.
    static func isOver(_ sent: Timestamp, at now: Timestamp) -> Bool {
        let (age, overflow) = now.milliseconds.subtractingReportingOverflow(sent.milliseconds)
        return overflow ? now > sent : age >= 60_000
    }

    /// A fill, of a known order or not.
    ///
    /// - Parameter baseFee: what the venue took of the base currency: it is not held.
    package mutating func filled(
        order id: UInt64?, pair: Pair, side: RiskSide, quantity: Quantity, price: Price, baseFee: Amount = .zero
    ) {
        if marks[pair] == nil { mark(pair, at: price) }
        let signed = side == .buy ? Amount(quantity) : Amount(quantity).negated
        guard !quantity.isNegative, let signed, let net = signed.subtracting(baseFee),
            let position = (positions[pair] ?? .zero).adding(net)
        else {
            isUnreliable = true
            return
        }
        if let id, let order = orders[id] {
            let rest = order.remaining.subtracting(Amount(quantity)) ?? .zero
            orders[id]?.remaining = rest
            if !rest.isPositive { orders[id] = nil }
        }
        setPosition(pair, to: position)
    }

    /// An order can be filled no more: canceled, expired, rejected, denied, never placed.
    package mutating func ended(order id: UInt64) {
        orders[id] = nil
        releaseTrial()
    }

    /// The trial is over when its pair is flat and nothing of it is working.
    mutating func releaseTrial() {
        guard let pair = trial, positions[pair] == nil, !orders.values.contains(where: { $0.pair == pair }) else { return }
        trial = nil
    }
}
