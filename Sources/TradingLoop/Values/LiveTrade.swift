import Backtesting
import Exchange
import Market
import Money
import Orders
import Trading

/// A trade from its first order to its close, with the orders that make it up.
struct LiveTrade: Sendable {
    let number: TradeNumber
    let pair: Pair
    let enterTag: String
    let opened: Timestamp
    /// The rules of backtests, fed with what was filled.
    var rules: OpenTrade
    /// All that filled something or may yet do so, and the entries.
    var orders: [LoopOrder] = []
    /// Orders that ended without a fill and are not kept: a stop that trails for weeks is replaced thousands of times.
    var forgottenOrders = 0
    var plan: ExitPlan?
    var exitReason = ""
    /// Exit reasons that led to an order, and the candle in which they did.
    var seenReasons: [String: Timestamp] = [:]
    var canceledExits = 0
    /// No selling order before this time: the last one was refused.
    var retryAt = Timestamp(milliseconds: 0)

    var working: LoopOrder? { orders.last { !$0.isOver && !$0.isStop } }
    var workingStop: LoopOrder? { orders.last { !$0.isOver && $0.isStop } }
    var hasWorking: Bool { orders.contains { !$0.isOver } }
    var hasFilledEntry: Bool { orders.contains { $0.isEntry && $0.isOver && $0.filled.isPositive } }

    /// Bought less sold less fees in base currency: what is held, from fills alone.
    var held: Amount {
        var sum = Amount.zero
        for order in orders {
            let filled = Amount(order.filled)
            // 128 bits hold far more than any wallet; a sum beyond them would be a venue's nonsense and counts as nothing held.
            sum = (order.isEntry ? sum.adding(filled) : sum.subtracting(filled)) ?? .zero
            sum = sum.subtracting(order.fee(in: pair.base)) ?? .zero
        }
        return sum
    }

    /// Received less paid less fees in quote currency.
    var cashFlow: Amount {
        var sum = Amount.zero
        for order in orders {
            sum = (order.isEntry ? sum.subtracting(order.cost) : sum.adding(order.cost)) ?? .zero
            sum = sum.subtracting(order.fee(in: pair.quote)) ?? .zero
        }
        return sum
    }

    /// All fees, a currency each, sorted by name.
    var fees: [FeeTotal] {
        var totals: [String: Amount] = [:]
        for fee in orders.flatMap(\.fees) { totals[fee.asset] = (totals[fee.asset] ?? .zero).adding(fee.amount) ?? .zero }
        return totals.sorted { $0.key < $1.key }.map { FeeTotal(asset: $0.key, amount: $0.value) }
    }

    /// Average price of all that was sold; 0: nothing was.
    var closeRate: Double {
        var (quantity, cost) = (ExactDecimal.zero, ExactDecimal.zero)
        for order in orders where !order.isEntry {
            quantity = quantity + ExactDecimal(order.filled)
            cost = cost + ExactDecimal(order.cost)
        }
        return quantity.isZero ? 0 : Double(cost / quantity)
    }

    func report(_ state: TradeReport.State, at time: Timestamp) -> TradeReport {
        let held = held
        return TradeReport(
            number: number, pair: pair, state: state, enterTag: enterTag, exitReason: exitReason, openTime: opened,
            closeTime: state == .closed || state == .dropped ? time : nil, held: held, dust: state == .closed ? held : .zero,
            openRate: rules.openRate, closeRate: closeRate, stake: rules.stake, stop: rules.stop, initialStop: rules.initialStop,
            isStopTrailing: rules.isTrailing, profitRatio: rules.profitRatio, profit: rules.realizedProfit, cashFlow: cashFlow,
            fees: fees,
            orderCount: orders.count + forgottenOrders)
    }

    /// Lets go of selling orders that are over and filled nothing.
    mutating func forgetUnfilled() {
        let before = orders.count
        orders.removeAll { $0.isOver && !$0.isEntry && $0.filled.isZero && $0.fees.isEmpty }
        forgottenOrders += before - orders.count
    }

    /// What an open trade is doing.
    var state: TradeReport.State {
        if !hasFilledEntry { return .opening }
        return plan != nil || orders.contains { !$0.isOver && !$0.isEntry && !$0.isStop } ? .closing : .open
    }
}

/// What a venue allows for a pair, in both number systems.
struct PairRules: Sendable {
    let traded: TradedInstrument
    let instrument: Instrument

    init(_ traded: TradedInstrument) {
        self.traded = traded
        instrument = traded.instrument
    }

    /// The largest order out of `amount` at `price` that the venue takes; nil: none.
    func orderable(_ amount: Amount, at price: Price, isMarket: Bool) -> Quantity? {
        let step = isMarket ? traded.marketQuantityStep ?? traded.quantityStep : traded.quantityStep
        guard var quantity = ExactDecimal(amount).fixedPoint(inStepsOf: step, .down), quantity.isPositive else { return nil }
        let most = isMarket ? traded.marketMaximumQuantity ?? traded.maximumQuantity : traded.maximumQuantity
        if let most, quantity > most {
            guard let cut = most.rounded(toMultipleOf: step, .down) else { return nil }
            quantity = cut
        }
        let least = isMarket ? traded.marketMinimumQuantity ?? traded.minimumQuantity : traded.minimumQuantity
        if let least, quantity < least { return nil }
        if let notional = traded.minimumNotional, !isMarket || traded.minimumNotionalAppliesToMarket,
            Amount(price, times: quantity) < notional
        {
            return nil
        }
        return quantity
    }

    /// Whether so little is left that it counts as nothing: below a step, or below what the venue takes at the opening rate.
    func isDust(_ amount: Amount, rate: Double) -> Bool {
        guard let price = ExactDecimal(rate).fixedPoint(inStepsOf: traded.priceTick, .nearest) else { return false }
        return orderable(amount, at: price, isMarket: false) == nil
    }

    /// `rate` on the next tick.
    func price(_ rate: Double, _ rounding: FixedPointRounding = .nearest) -> Price? {
        guard rate.isFinite, rate > 0 else { return nil }
        return ExactDecimal(rate).fixedPoint(inStepsOf: traded.priceTick, rounding).flatMap { $0.isPositive ? $0 : nil }
    }

    /// freqtrade's least stake of an entry at `price`, with the reserve that the stop needs.
    func limits(at price: ExactDecimal, _ settings: TradingSettings) -> StakeLimits<ExactDecimal> {
        StakeLimits(
            instrument: instrument, price: price, leverage: .one, amountReserve: settings.rules.amountReservePercent,
            lossReserve: settings.rules.stoploss)
    }
}
