package import Exchange
package import Market
import Money

extension BinanceSpotTrading {
    package func place(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp
    ) throws(VenueError) -> SignedCall<OrderReport> {
        let draft = RequestDraft(.post, "/api/v3/order", try parameters(order, instrument, at: moment))
        return SignedCall(draft, charges: BinanceBudgets.order(.spot), changesState: true) { response throws(VenueError) in
            try Self.report(response)
        }
    }

    package func validate(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp
    ) throws(VenueError) -> SignedCall<Void> {
        let draft = RequestDraft(.post, "/api/v3/order/test", try parameters(order, instrument, at: moment))
        return SignedCall(draft, charges: BinanceBudgets.call(1, .spot), changesState: false) { response throws(VenueError) in
            try Self.reading.done(response)
        }
    }

    package func cancel(
        _ order: OrderReference, _ instrument: TradedInstrument, age: Duration?
    ) -> SignedCall<OrderReport?> {
        SignedCall(
            RequestDraft(.delete, "/api/v3/order", Self.parameters(order, instrument)), charges: BinanceBudgets.call(1, .spot),
            isCancel: true, changesState: true
        ) { response throws(VenueError) in try Self.report(response) }
    }

    /// Of one instrument; spot has no call for all.
    package func cancelAll(_ instrument: TradedInstrument?) -> SignedCall<Int?>? {
        guard let instrument else { return nil }
        return SignedCall(
            RequestDraft(.delete, "/api/v3/openOrders", [.init("symbol", instrument.symbol)]),
            charges: BinanceBudgets.call(1, .spot), isCancel: true, changesState: true
        ) { response throws(VenueError) in
            do throws(VenueError) {
                let list = try Self.changing.list(response)
                return list.reduce(0) { $0 + ($1["orderReports"]?.elements?.count ?? 1) }
            } catch {
                // Nothing to cancel is an error to the venue, not to us.
                guard error.kind == .orderNotFound else { throw error }
                return 0
            }
        }
    }

    package func order(_ order: OrderReference, _ instrument: TradedInstrument) -> SignedCall<OrderReport> {
        read("/api/v3/order", Self.parameters(order, instrument), weight: 4) { response, answers throws(VenueError) in
            let json = try answers.json(response)
            return try answers.read { () throws(JSONError) in try BinanceOrderAnswers.report(json) }
        }
    }

    package func openOrders(_ instrument: TradedInstrument?) -> SignedCall<[OrderReport]> {
        let parameters: [RequestDraft.Parameter] = instrument.map { [.init("symbol", $0.symbol)] } ?? []
        let weight = instrument == nil ? 80 : 6
        return read("/api/v3/openOrders", parameters, weight: weight) { response, answers throws(VenueError) in
            let list = try answers.list(response)
            return try answers.read { () throws(JSONError) in try BinanceOrderAnswers.reports(list) }
        }
    }

    private static func report(_ response: WebResponse) throws(VenueError) -> OrderReport {
        let json = try changing.json(response)
        return try changing.read { () throws(JSONError) in try BinanceOrderAnswers.report(json) }
    }

    static func parameters(_ order: OrderReference, _ instrument: TradedInstrument) -> [RequestDraft.Parameter] {
        let name: RequestDraft.Parameter =
            switch order {
            case .client(let id): .init("origClientOrderId", id.text)
            case .venue(let id): .init("orderId", id.text)
            }
        return [.init("symbol", instrument.symbol), name]
    }
}

// MARK: - From intent to parameters

extension BinanceSpotTrading {
    func parameters(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp
    ) throws(VenueError) -> [RequestDraft.Parameter] {
        try BinanceOrderChecks.check(order)
        guard !order.reduceOnly else { throw BinanceOrderChecks.unsupported("spot has no positions that an order could reduce") }
        var parameters: [RequestDraft.Parameter] = []
        let window = try BinanceOrderChecks.window(order, at: moment, usual: receiveWindow)
        if window != nil { parameters.add("timestamp", String(moment.milliseconds)) }
        parameters.add("symbol", instrument.symbol)
        parameters.add("side", BinanceWords.text(order.side))
        parameters.add("newClientOrderId", order.clientOrderID.text)
        parameters.add("newOrderRespType", "FULL")
        addKind(of: order, to: &parameters)
        parameters.add("recvWindow", window.map { String($0) })
        return parameters
    }

    private func addKind(of order: OrderIntent, to parameters: inout [RequestDraft.Parameter]) {
        switch order.kind {
        case .limit(let price): add("LIMIT", order, price: price, hasTime: true, to: &parameters)
        case .postOnly(let price): add("LIMIT_MAKER", order, price: price, to: &parameters)
        case .market: add("MARKET", order, to: &parameters)
        case .marketByCost(let cost):
            parameters.add("type", "MARKET")
            parameters.add("quoteOrderQty", cost.description)
        case .stopLoss(let trigger): add("STOP_LOSS", order, trigger: trigger, to: &parameters)
        case .takeProfit(let trigger): add("TAKE_PROFIT", order, trigger: trigger, to: &parameters)
        case .stopLossLimit(let trigger, let price):
            add("STOP_LOSS_LIMIT", order, price: price, trigger: trigger, hasTime: true, to: &parameters)
        case .takeProfitLimit(let trigger, let price):
            add("TAKE_PROFIT_LIMIT", order, price: price, trigger: trigger, hasTime: true, to: &parameters)
        }
    }

    private func add(
        _ type: String, _ order: OrderIntent, price: Price? = nil, trigger: Price? = nil, hasTime: Bool = false,
        to parameters: inout [RequestDraft.Parameter]
    ) {
        parameters.add("type", type)
        parameters.add("quantity", order.quantity.description)
        parameters.add("price", price?.description)
        parameters.add("stopPrice", trigger?.description)
        if hasTime { parameters.add("timeInForce", order.timeInForce.rawValue) }
    }
}

// MARK: - One cancels the other

extension BinanceSpotTrading {
    package func place(_ oco: OCOIntent, _ instrument: TradedInstrument) -> SignedCall<[OrderReport]>? {
        SignedCall(
            RequestDraft(.post, "/api/v3/orderList/oco", Self.parameters(oco, instrument)),
            charges: BinanceBudgets.order(.spot, orders: 2), changesState: true
        ) { response throws(VenueError) in
            let json = try Self.changing.json(response)
            return try Self.changing.read { () throws(JSONError) in
                try BinanceOrderAnswers.reports(try json.required("orderReports") { $0.elements })
            }
        }
    }

    /// Selling, the limit lies above the market and the stop below it; buying it is the other way round.
    private static func parameters(_ oco: OCOIntent, _ instrument: TradedInstrument) -> [RequestDraft.Parameter] {
        let (limitSide, stopSide) = oco.side == .sell ? ("above", "below") : ("below", "above")
        var limit: [RequestDraft.Parameter] = []
        limit.add(limitSide + "Type", "LIMIT_MAKER")
        limit.add(limitSide + "ClientOrderId", oco.limitID.text)
        limit.add(limitSide + "Price", oco.limitPrice.description)
        var stop: [RequestDraft.Parameter] = []
        stop.add(stopSide + "Type", oco.stopPrice == nil ? "STOP_LOSS" : "STOP_LOSS_LIMIT")
        stop.add(stopSide + "ClientOrderId", oco.stopID.text)
        stop.add(stopSide + "StopPrice", oco.stopTrigger.description)
        if let price = oco.stopPrice {
            stop.add(stopSide + "Price", price.description)
            stop.add(stopSide + "TimeInForce", "GTC")
        }
        let common: [RequestDraft.Parameter] = [
            .init("symbol", instrument.symbol), .init("side", BinanceWords.text(oco.side)),
            .init("quantity", oco.quantity.description), .init("listClientOrderId", oco.listID.text),
        ]
        return common + (oco.side == .sell ? limit + stop : stop + limit) + [.init("newOrderRespType", "FULL")]
    }
}
