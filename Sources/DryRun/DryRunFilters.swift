import Exchange
import Market
import Money
import Orders

/// The rules of an instrument that an order must meet, as the venue would check them. Answers are reasons; nil is a pass.
enum DryRunFilters {
    static func refusal(_ request: OrderRequest, _ instrument: TradedInstrument) -> String? {
        if request.pair != instrument.pair { return "the order is for \(request.pair), the instrument is \(instrument.pair)" }
        if request.pair.base == request.pair.quote { return "\(request.pair) has one currency on both sides" }
        if !instrument.isTrading { return "\(instrument.pair) is not traded now" }
        if instrument.pair.settle != nil || instrument.contractSize != nil {
            return "\(instrument.pair) is a contract: a dry-run simulates spot orders"
        }
        return unsupported(request.kind) ?? quantity(request, instrument) ?? prices(request, instrument)
            ?? digits(request, instrument)
    }

    private static func unsupported(_ kind: OrderKind) -> String? {
        switch kind {
        case .limit, .postOnly, .market, .stopLoss, .stopLossLimit: nil
        case .marketByCost: "a dry-run takes market orders by quantity, not by cost"
        case .takeProfit, .takeProfitLimit: "a dry-run does not simulate take-profit orders"
        }
    }

    private static func quantity(_ request: OrderRequest, _ instrument: TradedInstrument) -> String? {
        let quantity = request.quantity
        guard quantity.isPositive else { return "quantity \(quantity) is not above 0" }
        let isMarket = request.kind == .market
        let step = (isMarket ? instrument.marketQuantityStep : nil) ?? instrument.quantityStep
        if !quantity.isMultiple(of: step) {
            return "quantity \(quantity) is no multiple of the step \(step) of \(instrument.pair)"
        }
        let minimum = (isMarket ? instrument.marketMinimumQuantity : nil) ?? instrument.minimumQuantity
        if let minimum, quantity < minimum {
            return "quantity \(quantity) is below the smallest of \(instrument.pair), \(minimum)"
        }
        let maximum = (isMarket ? instrument.marketMaximumQuantity : nil) ?? instrument.maximumQuantity
        if let maximum, quantity > maximum {
            return "quantity \(quantity) is above the largest of \(instrument.pair), \(maximum)"
        }
        return nil
    }

    private static func prices(_ request: OrderRequest, _ instrument: TradedInstrument) -> String? {
        switch request.kind {
        case .limit(let price), .postOnly(let price): return self.price(price, instrument) ?? notional(price, request, instrument)
        case .stopLoss(let trigger): return price(trigger, instrument) ?? notional(trigger, request, instrument)
        case .stopLossLimit(let trigger, let limit):
            if request.side == .sell ? limit > trigger : limit < trigger {
                return "a \(request.side.rawValue) stop at \(trigger) cannot have the better limit \(limit)"
            }
            return price(trigger, instrument) ?? price(limit, instrument) ?? notional(limit, request, instrument)
        case .market, .marketByCost, .takeProfit, .takeProfitLimit: return nil
        }
    }

    private static func price(_ price: Price, _ instrument: TradedInstrument) -> String? {
        guard price.isPositive else { return "price \(price) is not above 0" }
        if !price.isMultiple(of: instrument.priceTick) {
            return "price \(price) is no multiple of the tick \(instrument.priceTick) of \(instrument.pair)"
        }
        if Int(price.trimmed.decimals) > instrument.priceDecimals {
            return "price \(price) has more than the \(instrument.priceDecimals) decimals of \(instrument.pair)"
        }
        if let minimum = instrument.minimumPrice, price < minimum {
            return "price \(price) is below the smallest of \(instrument.pair), \(minimum)"
        }
        if let maximum = instrument.maximumPrice, price > maximum {
            return "price \(price) is above the largest of \(instrument.pair), \(maximum)"
        }
        return nil
    }

    /// The value of an order at `price`; asked for market orders once their price is known.
    static func notional(_ price: Price, _ request: OrderRequest, _ instrument: TradedInstrument) -> String? {
        let value = Amount(price, times: request.quantity)
        let minimum = request.kind == .market && !instrument.minimumNotionalAppliesToMarket ? nil : instrument.minimumNotional
        if let minimum, value < minimum { return "a value of \(value) is below the smallest of \(instrument.pair), \(minimum)" }
        if let maximum = instrument.maximumNotional, value > maximum {
            return "a value of \(value) is above the largest of \(instrument.pair), \(maximum)"
        }
        return nil
    }

    /// Money is kept exactly: what a price and a quantity have in decimals must leave room for totals.
    private static func digits(_ request: OrderRequest, _ instrument: TradedInstrument) -> String? {
        let decimals = Int(instrument.priceTick.trimmed.decimals) + Int(request.quantity.trimmed.decimals)
        guard instrument.priceTick.isPositive else { return "\(instrument.pair) has no price tick" }
        return decimals <= DryRunRules.moneyDecimals
            ? nil
            : "tick and quantity of \(instrument.pair) have \(decimals) decimals together: more than \(DryRunRules.moneyDecimals)"
    }
}
