import Exchange
import Market
import Money
import Testing

@testable import Binance

/// What each case of the corpus wants, in our own vocabulary.
enum Intents {
    private static func order(
        _ side: OrderSide, _ kind: OrderKind, _ quantity: Quantity, _ time: TimeInForce = .goodTilCanceled,
        reduceOnly: Bool = false
    ) -> OrderIntent {
        OrderIntent(side, kind, quantity: quantity, timeInForce: time, clientOrderID: Given.id, reduceOnly: reduceOnly)
    }

    static func spot(_ name: String) throws -> RequestDraft {
        let venue = BinanceSpotTrading(receiveWindow: 10_000)
        let btc = try Given.spot()
        if let order = try spotOrder(name, btc) { return try venue.place(order, btc, at: Given.now).draft }
        let byID = OrderReference.venue(VenueOrderID("28"))
        switch name {
        case "fetchBalance": return venue.balances().draft
        case "cancelOrder": return venue.cancel(byID, btc, age: nil).draft
        case "cancelOrder_by_client_id": return venue.cancel(.client(Given.id), btc, age: nil).draft
        case "cancelAllOrders": return try #require(venue.cancelAll(btc)).draft
        case "fetchOrder": return venue.order(byID, btc).draft
        case "fetchOrder_by_client_id": return venue.order(.client(Given.id), btc).draft
        case "fetchOpenOrders": return venue.openOrders(btc).draft
        case "oco_sell": return try #require(venue.place(try oco(), btc)).draft
        default: throw Unknown(name: name)
        }
    }

    struct Unknown: Error { var name: String }

    private static func oco() throws -> OCOIntent {
        OCOIntent(
            side: .sell, quantity: try #require(Quantity("0.001")), limitPrice: try Given.price("70000"),
            stopTrigger: try Given.price("59500"), stopPrice: try Given.price("59000"), listID: Given.id,
            limitID: ClientOrderID("limit"), stopID: ClientOrderID("stop"))
    }

    private static func spotOrder(_ name: String, _ btc: TradedInstrument) throws -> OrderIntent? {
        let one = try Given.quantity("0.001", btc)
        switch name {
        case "market_buy_qty": return order(.buy, .market, try Given.quantity("0.0012", btc))
        case "market_buy_cost": return order(.buy, .marketByCost(try #require(Amount("123.45"))), .zero)
        case "limit_sell":
            return order(.sell, .limit(try Given.price("65432.129", btc)), try Given.quantity("0.001234567", btc))
        case "limit_buy_ioc": return order(.buy, .limit(try Given.price("60000", btc)), one, .immediateOrCancel)
        case "stop_loss_limit":
            return order(.sell, .stopLossLimit(trigger: try Given.price("59500"), price: try Given.price("59000")), one)
        case "take_profit_limit":
            return order(.sell, .takeProfitLimit(trigger: try Given.price("70500"), price: try Given.price("71000")), one)
        case "post_only": return order(.buy, .postOnly(try Given.price("60000")), one)
        default: return nil
        }
    }

    static func usdm(_ name: String) throws -> RequestDraft {
        let venue = BinanceUSDMTrading(receiveWindow: 10_000)
        let btc = try Given.perpetual()
        if let draft = try usdmOrder(name, venue, btc) { return draft }
        switch name {
        case "fetchPositions": return venue.positions(btc).draft
        case "cancelOrder": return venue.cancel(.venue(VenueOrderID("28")), btc, age: nil).draft
        case "cancelAllOrders": return try #require(venue.cancelAll(btc)).draft
        case "fetchOpenOrders": return venue.openOrders(btc).draft
        case "fetchOpenOrders_conditional": return venue.openConditionalOrders(btc).draft
        case "fetchMyTrades":
            return venue.fills(btc, after: nil, from: Timestamp(milliseconds: 1_749_990_000_000)).draft
        case "setLeverage": return venue.setLeverage(5, btc).draft
        case "setMarginMode": return venue.setIsolatedMargin(true, btc).draft
        case "listenKey": return try #require(venue.streamToken()).draft
        case "countdownCancelAll": return try #require(venue.deadManTimer(.seconds(120), btc)).draft
        case "countdownCancelAll_off": return try #require(venue.deadManTimer(.zero, btc)).draft
        default: throw Unknown(name: name)
        }
    }

    private static func usdmOrder(
        _ name: String, _ venue: BinanceUSDMTrading, _ btc: TradedInstrument
    ) throws -> RequestDraft? {
        let size = try Given.quantity("0.01", btc)
        let stop = OrderKind.stopLoss(trigger: try Given.price("59500"))
        func draft(_ order: OrderIntent, _ options: BinanceUSDMOrderOptions = .init()) throws -> RequestDraft {
            try venue.place(order, btc, at: Given.now, options: options).draft
        }
        switch name {
        case "market_buy": return try draft(order(.buy, .market, try Given.quantity("0.012", btc)))
        case "limit_sell":
            return try draft(
                order(.sell, .limit(try Given.price("65432.129", btc)), try Given.quantity("0.0123456", btc)))
        case "stop_loss_market_reduce_only": return try draft(order(.sell, stop, size, reduceOnly: true))
        case "stop_market_close_position": return try draft(order(.sell, stop, .zero), .init(closesPosition: true))
        case "reduce_only": return try draft(order(.sell, .market, size, reduceOnly: true))
        case "hedge_mode_short": return try draft(order(.sell, .market, size), .init(positionSide: .short))
        case "trailing_stop":
            return try venue.placeTrailingStop(
                .sell, quantity: size, callbackPercent: try #require(Amount("1.5")), activation: try Given.price("66000"),
                clientOrderID: Given.id, reduceOnly: true, btc
            ).draft
        default: return nil
        }
    }
}
