package import Exchange
package import Market
package import Money
package import Orders

/// Why an order ended as soon as it came.
private enum Refusal: Error {
    case rejected(String)
    /// Nothing was wrong with it, but it could not wait.
    case expired(String)
}

extension DryRunVenue {
    /// Takes an order. Answers its state after the venue's first look: filled, open, expired or rejected.
    ///
    /// `reference` is the price from which a market order's slippage is counted; nil: the best price of the other side, which is what freqtrade
    /// takes (it demands `price_side: other` for market orders). A ticket that waits already is answered with its state and not taken twice.
    package mutating func place(
        _ request: OrderRequest, on instrument: TradedInstrument, reference: Price? = nil, at now: Timestamp
    ) -> [OrderUpdate] {
        if orders[request.ticket] != nil { return [.unfilled(request.ticket, .open, at: now)] }
        do throws(Refusal) {
            guard request.ticket > lastTicket else {
                throw .rejected("order \(request.ticket) comes after \(lastTicket): tickets rise and are used once")
            }
            lastTicket = request.ticket
            return [try accept(request, instrument, reference, now)]
        } catch {
            switch error {
            case .rejected(let reason): return [.unfilled(request.ticket, .rejected, reason: reason, at: now)]
            case .expired(let reason): return [.unfilled(request.ticket, .expired, reason: reason, at: now)]
            }
        }
    }

    private mutating func accept(
        _ request: OrderRequest, _ instrument: TradedInstrument, _ reference: Price?, _ now: Timestamp
    ) throws(Refusal) -> OrderUpdate {
        if let reason = DryRunFilters.refusal(request, instrument) { throw .rejected(reason) }
        guard let fees = rules.fees(of: instrument) else {
            throw .rejected("no usable fee is known of \(instrument.pair): set `fee` in the configuration, 0.001 for 0.1 %")
        }
        if request.kind == .market {
            let price = try marketPrice(request, instrument, reference)
            if let reason = DryRunFilters.notional(price, request, instrument) { throw .rejected(reason) }
            return try take(request, instrument, fees, at: price, now)
        }
        guard
            let order = DryRunOrder(
                request, symbol: instrument.streamSymbol, tick: instrument.priceTick, fees: fees, placedAt: now)
        else { throw .rejected("a dry-run does not simulate this kind of order") }
        switch order.waiting {
        case .limit(let limit):
            if let price = try crossingPrice(request, limit, instrument) {
                return try take(request, instrument, fees, at: price, now)
            }
            if request.timeInForce != .goodTilCanceled {
                throw .expired("the limit \(limit) does not meet the book, and the order may not wait")
            }
        case .stop(let trigger, _):
            if books[request.pair]?.reaches(stop: trigger, request.side) == true {
                throw .rejected("the stop at \(trigger) would trigger immediately")
            }
        }
        return try rest(order, now)
    }

    /// What a market order is filled at.
    private func marketPrice(_ request: OrderRequest, _ instrument: TradedInstrument, _ reference: Price?) throws(Refusal)
        -> Price
    {
        guard let book = books[request.pair] else { throw .rejected("no book of \(request.pair) has been seen yet") }
        let levels = book.opposite(request.side)
        guard let best = levels.first?.price else {
            throw .expired("nobody \(request.side == .buy ? "sells" : "buys") \(request.pair.base)")
        }
        return try Self.walk(request, levels, reference ?? best, instrument.priceTick)
    }

    /// What a limit order is filled at when it is placed; nil where it does not meet the book.
    private func crossingPrice(_ request: OrderRequest, _ limit: Price, _ instrument: TradedInstrument) throws(Refusal) -> Price?
    {
        guard let book = books[request.pair], book.meets(request.side, limit: limit) else { return nil }
        if case .postOnly = request.kind { throw .rejected("the post-only order at \(limit) would take") }
        guard book.meetsFar(request.side, limit: limit) else { return limit }
        let price = try Self.walk(request, book.opposite(request.side), limit, instrument.priceTick)
        // freqtrade lets the average be up to 5 % worse than the limit; no venue does.
        return request.side == .buy ? min(price, limit) : max(price, limit)
    }

    private static func walk(_ request: OrderRequest, _ levels: [BookLevel], _ reference: Price, _ tick: Price) throws(Refusal)
        -> Price
    {
        guard let worst = DryRunPricing.worst(request.side, reference: reference, tick: tick),
            let price = DryRunPricing.average(request.side, request.quantity, from: levels, worst: worst, tick: tick),
            price.isPositive
        else { throw .rejected("the price of \(request.quantity) \(request.pair) is beyond the range of prices") }
        return price
    }

    /// Fills an order that came just now.
    private mutating func take(
        _ request: OrderRequest, _ instrument: TradedInstrument, _ fees: DryRunFees, at price: Price, _ now: Timestamp
    ) throws(Refusal) -> OrderUpdate {
        do throws(DryRunWallet.Problem) {
            let execution = DryRunExecution(
                request, symbol: instrument.streamSymbol, price: price, feeRatio: fees.taker, isMaker: false, time: now)
            return try settle(execution)
        } catch { throw .rejected(error.reason) }
    }

    /// Lets an order wait; its money is set aside.
    private mutating func rest(_ order: DryRunOrder, _ now: Timestamp) throws(Refusal) -> OrderUpdate {
        guard orders.count < DryRunRules.workingOrders else {
            throw .rejected("\(orders.count) orders wait already, the most that a dry-run holds")
        }
        guard let line = DryRunSnapshot.line(of: order), line.utf8.count <= DryRunSnapshot.lineLimit else {
            throw .rejected("the tag of the order is too long")
        }
        do throws(DryRunWallet.Problem) {
            guard let reserve = order.reserve else { throw .beyondRange }
            try wallet.lock(reserve, order.paysWith)
        } catch { throw .rejected(error.reason) }
        orders[order.request.ticket] = order
        waiting[order.request.pair, default: []].append(order.request.ticket)
        return .unfilled(order.request.ticket, .open, at: now)
    }
}

extension DryRunWallet.Problem {
    /// As a venue would say it.
    var reason: String {
        switch self {
        case .insufficient(let asset, let free, let needed): "insufficient funds: \(needed) \(asset) are needed, \(free) are free"
        case .beyondRange: "the sum is beyond the range of amounts"
        }
    }
}
