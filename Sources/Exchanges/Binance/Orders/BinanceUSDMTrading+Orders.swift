package import Exchange
package import Market
import Money

extension BinanceUSDMTrading {
    package func place(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp
    ) throws(VenueError) -> SignedCall<OrderReport> {
        try place(order, instrument, at: moment, options: BinanceUSDMOrderOptions())
    }

    package func place(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp, options: BinanceUSDMOrderOptions
    ) throws(VenueError) -> SignedCall<OrderReport> {
        let isConditional = BinanceUSDMOrderParameters.isConditional(order.kind)
        let parameters = try BinanceUSDMOrderParameters(receiveWindow: receiveWindow, options: options)
            .make(order, instrument, at: moment)
        let path = isConditional ? Self.conditionalPath : "/fapi/v1/order"
        return SignedCall(
            RequestDraft(.post, path, parameters), charges: BinanceBudgets.order(.usdm), changesState: true
        ) { response throws(VenueError) in
            isConditional ? try Self.conditionalReport(response, Self.changing) : try Self.report(response, Self.changing)
        }
    }

    /// Futures have no such order.
    package func place(_ oco: OCOIntent, _ instrument: TradedInstrument) -> SignedCall<[OrderReport]>? { nil }

    package func validate(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp
    ) throws(VenueError) -> SignedCall<Void> {
        guard !BinanceUSDMOrderParameters.isConditional(order.kind) else {
            throw BinanceOrderChecks.unsupported("conditional orders of futures cannot be tested")
        }
        let parameters = try BinanceUSDMOrderParameters(receiveWindow: receiveWindow, options: .init())
            .make(order, instrument, at: moment)
        return SignedCall(
            RequestDraft(.post, "/fapi/v1/order/test", parameters), charges: BinanceBudgets.call(1, .usdm), changesState: false
        ) { response throws(VenueError) in try Self.reading.done(response) }
    }

    package func cancel(
        _ order: OrderReference, _ instrument: TradedInstrument, age: Duration?
    ) -> SignedCall<OrderReport?> {
        if case .venue(let id) = order, Self.conditionalNumber(id) != nil { return cancelConditional(order) }
        return change(
            .delete, "/fapi/v1/order", BinanceSpotTrading.parameters(order, instrument), weight: 1, isCancel: true
        ) { response, answers throws(VenueError) in try Self.report(response, answers) }
    }

    /// Of one instrument, without its conditional orders (`cancelAllConditional`). The answer tells no number.
    package func cancelAll(_ instrument: TradedInstrument?) -> SignedCall<Int?>? {
        guard let instrument else { return nil }
        return change(
            .delete, "/fapi/v1/allOpenOrders", [.init("symbol", instrument.symbol)], weight: 1, isCancel: true
        ) { response, answers throws(VenueError) in
            try answers.done(response)
            return nil
        }
    }

    package func order(_ order: OrderReference, _ instrument: TradedInstrument) -> SignedCall<OrderReport> {
        if case .venue(let id) = order, Self.conditionalNumber(id) != nil { return conditionalOrder(order) }
        return read(
            "/fapi/v1/order", BinanceSpotTrading.parameters(order, instrument), weight: 1
        ) { response, answers throws(VenueError) in try Self.report(response, answers) }
    }

    /// Without conditional orders (`openConditionalOrders`).
    package func openOrders(_ instrument: TradedInstrument?) -> SignedCall<[OrderReport]> {
        let parameters: [RequestDraft.Parameter] = instrument.map { [.init("symbol", $0.symbol)] } ?? []
        let weight = instrument == nil ? 40 : 1
        return read("/fapi/v1/openOrders", parameters, weight: weight) { response, answers throws(VenueError) in
            let list = try answers.list(response)
            return try answers.read { () throws(JSONError) in try BinanceOrderAnswers.reports(list) }
        }
    }

    private static func report(_ response: WebResponse, _ answers: BinanceAnswers) throws(VenueError) -> OrderReport {
        let json = try answers.json(response)
        return try answers.read { () throws(JSONError) in try BinanceOrderAnswers.report(json) }
    }
}
