import Exchange
import Market
import Money
import Orders

@testable import TradingLoop

/// A venue in a few lines: orders fill at the best price; with `chaos` also in parts, late, and some are refused.
///
/// Chance follows from the seed, the order and the step, not from how often it was asked: a loop that was restarted meets the same fate.
struct SimpleVenue {
    struct Resting {
        var request: OrderRequest
        var status = OrderStatus.open
        var filled = Quantity.zero
        var cost = Amount.zero
        var fees: [String: Amount] = [:]
        var isTriggered = false
    }

    let seed: UInt64
    var chaos = false
    var losesCancels = false
    var feesInBase = false
    let steps: [Pair: Quantity]
    var step: UInt64 = 0
    var orders: [OrderTicket: Resting] = [:]
    var quotes: [Pair: Price] = [:]
    var totals: [String: Amount]
    var queue: [OrderUpdate] = []
    var delivered: [OrderTicket: OrderUpdate] = [:]
    var violations: [String] = []
    var placed = 0

    init(seed: UInt64, listings: [TradedInstrument], cash: Amount) {
        self.seed = seed
        steps = Dictionary(uniqueKeysWithValues: listings.map { ($0.pair, $0.quantityStep) })
        totals = ["USDT": cash]
    }

    private func chance(_ probability: Double, _ ticket: OrderTicket, _ salt: UInt64) -> Bool {
        guard chaos else { return false }
        var random = Randomness(seed ^ ticket.number &* 0x9E37_79B9 ^ step &* 0x85EB_CA6B ^ salt << 40)
        _ = random.next()
        return random.chance(probability)
    }

    private func working(_ pair: Pair, _ side: OrderSide) -> [Resting] {
        orders.values.filter { $0.request.pair == pair && $0.request.side == side && !$0.status.isFinal }
    }

    private static func left(_ order: Resting) -> Quantity { order.request.quantity.subtracting(order.filled) ?? .zero }

    /// What every account has to obey: never more for sale than there is.
    mutating func place(_ request: OrderRequest, now: Timestamp) {
        placed += 1
        if orders[request.ticket] != nil { violations.append("ticket \(request.ticket) was used twice") }
        var resting = Resting(request: request)
        if request.side == .sell {
            let offered = working(request.pair, .sell).reduce(Amount(request.quantity)) { $0.adding(Amount(Self.left($1))) ?? $0 }
            if offered > totals[request.pair.base] ?? .zero {
                violations.append("\(offered) \(request.pair.base) for sale of \(totals[request.pair.base] ?? .zero)")
            }
        }
        if chance(0.08, request.ticket, 1) { resting.status = .rejected }
        orders[request.ticket] = resting
        send(request.ticket, now)
        match(request.ticket, now)
    }

    mutating func cancel(_ ticket: OrderTicket, now: Timestamp) {
        guard let order = orders[ticket], !order.status.isFinal else { return }
        if losesCancels, chance(0.2, ticket, 2) { return }
        orders[ticket]?.status = .canceled
        send(ticket, now)
    }

    mutating func matchAll(now: Timestamp) {
        for ticket in orders.keys.sorted() where orders[ticket]?.status.isFinal == false { match(ticket, now) }
    }

    private mutating func match(_ ticket: OrderTicket, _ now: Timestamp) {
        guard var order = orders[ticket], !order.status.isFinal, let quote = quotes[order.request.pair] else { return }
        switch order.request.kind {
        case .limit(let limit), .postOnly(let limit):
            guard order.request.side == .buy ? quote <= limit : quote >= limit else { return }
        case .stopLoss(let trigger):
            if !order.isTriggered { guard quote <= trigger else { return } }
        case .stopLossLimit(let trigger, let limit):
            if quote <= trigger { order.isTriggered = true }
            guard order.isTriggered, quote >= limit else {
                orders[ticket] = order
                return
            }
        default: break
        }
        order.isTriggered = true
        var part = Self.left(order)
        if chance(0.4, ticket, 3), let step = steps[order.request.pair],
            let half = Quantity(units: part.units / 2, decimals: Int(part.decimals)).rounded(toMultipleOf: step, .down),
            half.isPositive
        {
            part = half
        }
        fill(&order, part, quote)
        orders[ticket] = order
        send(ticket, now)
    }

    private mutating func fill(_ order: inout Resting, _ part: Quantity, _ price: Price) {
        let pair = order.request.pair
        let cost = Amount(price, times: part)
        order.filled = order.filled.adding(part) ?? order.filled
        order.cost = order.cost.adding(cost) ?? order.cost
        order.status = Self.left(order).isZero ? .filled : .partiallyFilled
        let isBuy = order.request.side == .buy
        let asset = isBuy && feesInBase ? pair.base : pair.quote
        let whole = isBuy && feesInBase ? Amount(part) : cost
        let fee = Amount(units: whole.units, decimals: Int(whole.decimals) + 3)
        order.fees[asset] = (order.fees[asset] ?? .zero).adding(fee)
        add(isBuy ? Amount(part) : Self.minus(Amount(part)), pair.base)
        add(isBuy ? Self.minus(cost) : cost, pair.quote)
        add(Self.minus(fee), asset)
    }

    private static func minus(_ amount: Amount) -> Amount { Amount(units: -amount.units, decimals: Int(amount.decimals)) }
    private mutating func add(_ amount: Amount, _ asset: String) {
        totals[asset] = (totals[asset] ?? .zero).adding(amount) ?? .zero
    }

    private mutating func send(_ ticket: OrderTicket, _ now: Timestamp) {
        guard let order = orders[ticket] else { return }
        queue.append(
            OrderUpdate(
                ticket: ticket, status: order.status, filled: order.filled, cost: order.cost,
                fees: order.fees.sorted { $0.key < $1.key }.map { FeeTotal(asset: $0.key, amount: $0.value) }, time: now))
    }

    /// What has come in by now; with chaos some of it comes at a later step.
    mutating func deliver() -> [OrderUpdate] {
        var (due, later): ([OrderUpdate], [OrderUpdate]) = ([], [])
        for update in queue {
            // One late message holds back those of its order that follow.
            let waits = later.contains { $0.ticket == update.ticket } || chance(0.2, update.ticket, 4)
            if waits { later.append(update) } else { due.append(update) }
        }
        queue = later
        return due
    }

    var balances: [Balance] {
        totals.sorted { $0.key < $1.key }.map { asset, total in
            var locked = Amount.zero
            for order in orders.values where !order.status.isFinal {
                if order.request.side == .sell, order.request.pair.base == asset {
                    locked = locked.adding(Amount(Self.left(order))) ?? locked
                } else if order.request.side == .buy, order.request.pair.quote == asset,
                    case .limit(let price) = order.request.kind
                {
                    locked = locked.adding(Amount(price, times: Self.left(order))) ?? locked
                }
            }
            return Balance(asset: asset, free: total.subtracting(locked) ?? .zero, locked: locked)
        }
    }
}
