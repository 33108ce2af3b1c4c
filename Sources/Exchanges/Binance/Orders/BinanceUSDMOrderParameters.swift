import Exchange
import Market
import Money

/// What an order for a perpetual says beyond an `OrderIntent`.
package struct BinanceUSDMOrderOptions: Hashable, Sendable {
    /// In hedge mode: the position that the order belongs to.
    package enum PositionSide: String, Sendable { case long = "LONG", short = "SHORT" }
    package var positionSide: PositionSide?
    /// A stop or take-profit at the market that closes whatever position there is then; the quantity is not used.
    package var closesPosition: Bool

    package init(positionSide: PositionSide? = nil, closesPosition: Bool = false) {
        self.positionSide = positionSide
        self.closesPosition = closesPosition
    }
}

/// From intent to parameters.
struct BinanceUSDMOrderParameters {
    let receiveWindow: Int
    let options: BinanceUSDMOrderOptions

    /// Whether the order waits outside of the book for its trigger.
    static func isConditional(_ kind: OrderKind) -> Bool {
        switch kind {
        case .limit, .postOnly, .market, .marketByCost: false
        case .stopLoss, .stopLossLimit, .takeProfit, .takeProfitLimit: true
        }
    }

    func make(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp
    ) throws(VenueError) -> [RequestDraft.Parameter] {
        try check(order)
        let isConditional = Self.isConditional(order.kind)
        var parameters: [RequestDraft.Parameter] = []
        let window = try BinanceOrderChecks.window(order, at: moment, usual: receiveWindow)
        if window != nil { parameters.add("timestamp", String(moment.milliseconds)) }
        parameters.add("symbol", instrument.symbol)
        parameters.add("side", BinanceWords.text(order.side))
        parameters.add(isConditional ? "clientAlgoId" : "newClientOrderId", order.clientOrderID.text)
        parameters.add("newOrderRespType", "RESULT")
        addKind(of: order, to: &parameters)
        parameters.add("reduceOnly", order.reduceOnly ? "true" : nil)
        parameters.add("closePosition", options.closesPosition ? "true" : nil)
        parameters.add("positionSide", options.positionSide?.rawValue)
        parameters.add("algoType", isConditional ? "CONDITIONAL" : nil)
        parameters.add("recvWindow", window.map { String($0) })
        return parameters
    }

    private func check(_ order: OrderIntent) throws(VenueError) {
        var order = order
        if options.closesPosition {
            switch order.kind {
            case .stopLoss, .takeProfit: order.quantity = Quantity(units: 1, decimals: 0)
            default: throw BinanceOrderChecks.unsupported("only a stop or take-profit at the market can close a position")
            }
        }
        if options.closesPosition || options.positionSide != nil, order.reduceOnly {
            throw BinanceOrderChecks.unsupported("reduceOnly does not go with closing a position or with hedge mode")
        }
        if case .marketByCost = order.kind { throw BinanceOrderChecks.unsupported("futures take no orders by cost") }
        try BinanceOrderChecks.check(order)
    }

    private func addKind(of order: OrderIntent, to parameters: inout [RequestDraft.Parameter]) {
        let time = order.timeInForce.rawValue
        switch order.kind {
        case .limit(let price): add("LIMIT", order, price: price, time: time, to: &parameters)
        case .postOnly(let price): add("LIMIT", order, price: price, time: "GTX", to: &parameters)
        // By cost was refused before.
        case .market, .marketByCost: add("MARKET", order, to: &parameters)
        case .stopLoss(let trigger): add("STOP_MARKET", order, trigger: trigger, to: &parameters)
        case .takeProfit(let trigger): add("TAKE_PROFIT_MARKET", order, trigger: trigger, to: &parameters)
        case .stopLossLimit(let trigger, let price):
            add("STOP", order, price: price, trigger: trigger, time: time, to: &parameters)
        case .takeProfitLimit(let trigger, let price):
            add("TAKE_PROFIT", order, price: price, trigger: trigger, time: time, to: &parameters)
        }
    }

    private func add(
        _ type: String, _ order: OrderIntent, price: Price? = nil, trigger: Price? = nil, time: String? = nil,
        to parameters: inout [RequestDraft.Parameter]
    ) {
        parameters.add("type", type)
        parameters.add("quantity", options.closesPosition ? nil : order.quantity.description)
        parameters.add("price", price?.description)
        parameters.add("triggerPrice", trigger?.description)
        parameters.add("timeInForce", time)
    }
}
