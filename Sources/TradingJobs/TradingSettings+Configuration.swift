internal import Backtesting
package import Configuration
internal import Execution
package import TradingLoop

extension TradingSettings {
    /// The loop's settings for a configuration: the object that was validated, in the loop's own terms.
    package init(_ configuration: EffectiveConfiguration) {
        self.init(rules: BacktestSettings(configuration))
        let orders = configuration.orders
        entryPricing = Pricing(orders.entryPricing)
        exitPricing = Pricing(orders.exitPricing)
        orderTypes.stoploss = .init(orders.stoploss)
        orderTypes.emergencyExit = .init(orders.emergencyExit)
        orderTypes.forceExit = orders.forceExit.map { .init($0) }
        orderTypes.stoplossOnExchange = orders.stoplossOnExchange
        orderTypes.stoplossOnExchangeInterval = Self.milliseconds(orders.stoplossOnExchangeInterval)
        orderTypes.stoplossOnExchangeLimitRatio = orders.stoplossOnExchangeLimitRatio
        entryTimeInForce = TimeInForceRule(orders.entryTimeInForce)
        exitTimeInForce = TimeInForceRule(orders.exitTimeInForce)
        exitTimeoutCount = orders.exitTimeoutCount
        if orders.ignoreExpiredCandleAfter > 0 {
            ignoreBuyingExpiredCandleAfter = Self.milliseconds(orders.ignoreExpiredCandleAfter)
        }
        cancelOpenOrdersOnExit = orders.cancelOpenOrdersOnExit
        processThrottle = orders.throttleMilliseconds
        candleLimit = max(candleLimit, rules.startupCandleCount + 1)
    }

    private static func milliseconds(_ seconds: Int64) -> Int64 {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max / 4 : product
    }
}

extension TradingSettings.Pricing {
    fileprivate init(_ pricing: OrderSettings.Pricing) {
        self.init()
        side =
            switch pricing.side {
            case .same: .same
            case .other: .other
            case .bid: .bid
            case .ask: .ask
            }
        usesOrderBook = pricing.usesOrderBook
        orderBookTop = pricing.orderBookTop
        lastBalance = pricing.lastBalance
    }
}

extension TradingSettings.TimeInForceRule {
    fileprivate init(_ rule: OrderSettings.TimeInForce) {
        self =
            switch rule {
            case .goodTilCanceled: .goodTilCanceled
            case .fillOrKill: .fillOrKill
            case .immediateOrCancel: .immediateOrCancel
            case .postOnly: .postOnly
            }
    }
}

extension BacktestSettings.OrderType {
    fileprivate init(_ kind: OrderSettings.Kind) { self = kind == .market ? .market : .limit }
}
