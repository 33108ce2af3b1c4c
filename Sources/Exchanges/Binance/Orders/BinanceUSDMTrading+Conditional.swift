package import Exchange
import Market
package import Money

/// Orders that wait for a trigger: futures keep them apart from the order book.
extension BinanceUSDMTrading {
    static let conditionalPath = "/fapi/v1/algoOrder"
    private static let prefix = "algo-"

    /// The number of a conditional order, nil for an order of the book.
    static func conditionalNumber(_ id: VenueOrderID) -> String? {
        id.text.hasPrefix(prefix) ? String(id.text.dropFirst(prefix.count)) : nil
    }

    static func conditionalID(_ number: Int64) -> VenueOrderID { VenueOrderID(prefix + String(number)) }

    /// A stop that follows the market at a distance of `callbackPercent`, from `activation` on (nil: at once).
    package func placeTrailingStop(
        _ side: OrderSide, quantity: Quantity, callbackPercent: Amount, activation: Price?, clientOrderID: ClientOrderID,
        reduceOnly: Bool, _ instrument: TradedInstrument
    ) throws(VenueError) -> SignedCall<OrderReport> {
        try BinanceOrderChecks.check(OrderIntent(side, .market, quantity: quantity, clientOrderID: clientOrderID))
        guard !callbackPercent.isZero, !callbackPercent.isNegative else {
            throw BinanceOrderChecks.invalid("the distance of a trailing stop is not above zero")
        }
        var parameters: [RequestDraft.Parameter] = [
            .init("symbol", instrument.symbol), .init("side", BinanceWords.text(side)),
            .init("callbackRate", callbackPercent.description),
        ]
        parameters.add("activatePrice", activation?.description)
        parameters.add("clientAlgoId", clientOrderID.text)
        parameters.add("newOrderRespType", "RESULT")
        parameters.add("type", "TRAILING_STOP_MARKET")
        parameters.add("quantity", quantity.description)
        parameters.add("reduceOnly", reduceOnly ? "true" : nil)
        parameters.add("algoType", "CONDITIONAL")
        return SignedCall(
            RequestDraft(.post, Self.conditionalPath, parameters), charges: BinanceBudgets.order(.usdm), changesState: true
        ) { response throws(VenueError) in try Self.conditionalReport(response, Self.changing) }
    }

    package func conditionalOrder(_ order: OrderReference) -> SignedCall<OrderReport> {
        read(Self.conditionalPath, Self.conditionalParameters(order), weight: 1) { response, answers throws(VenueError) in
            try Self.conditionalReport(response, answers)
        }
    }

    /// The answer says only that it was done.
    package func cancelConditional(_ order: OrderReference) -> SignedCall<OrderReport?> {
        change(
            .delete, Self.conditionalPath, Self.conditionalParameters(order), weight: 1, isCancel: true
        ) { response, answers throws(VenueError) in
            try answers.done(response)
            return nil
        }
    }

    package func cancelAllConditional(_ instrument: TradedInstrument) -> SignedCall<Int?> {
        change(
            .delete, "/fapi/v1/algoOpenOrders", [.init("symbol", instrument.symbol)], weight: 1, isCancel: true
        ) { response, answers throws(VenueError) in
            try answers.done(response)
            return nil
        }
    }

    package func openConditionalOrders(_ instrument: TradedInstrument?) -> SignedCall<[OrderReport]> {
        let parameters: [RequestDraft.Parameter] = instrument.map { [.init("symbol", $0.symbol)] } ?? []
        let weight = instrument == nil ? 40 : 1
        return read("/fapi/v1/openAlgoOrders", parameters, weight: weight) { response, answers throws(VenueError) in
            let list = try answers.list(response)
            return try answers.read { () throws(JSONError) in
                var reports: [OrderReport] = []
                for entry in list { reports.append(try BinanceConditionalOrders.report(entry)) }
                return reports
            }
        }
    }

    private static func conditionalParameters(_ order: OrderReference) -> [RequestDraft.Parameter] {
        switch order {
        case .client(let id): [.init("clientAlgoId", id.text)]
        case .venue(let id): [.init("algoId", conditionalNumber(id) ?? id.text)]
        }
    }

    static func conditionalReport(_ response: WebResponse, _ answers: BinanceAnswers) throws(VenueError) -> OrderReport {
        let json = try answers.json(response)
        return try answers.read { () throws(JSONError) in try BinanceConditionalOrders.report(json) }
    }
}

/// Conditional orders in answers and in the user stream.
enum BinanceConditionalOrders {
    static func report(_ json: JSONValue) throws(JSONError) -> OrderReport {
        var report = OrderReport(
            venueOrderID: BinanceUSDMTrading.conditionalID(try json.integer("algoId")),
            clientOrderID: json.filled("clientAlgoId").map { ClientOrderID($0) }, symbol: try json.text("symbol"),
            status: status(try json.text("algoStatus"), filled: json["actualQty"]?.fixedPoint()),
            side: try json.required("side") { $0.text.flatMap(BinanceWords.side) }, type: json.filled("orderType") ?? "")
        report.price = json.positive("price")
        report.triggerPrice = json.positive("triggerPrice")
        report.quantity = json.positive("quantity")
        report.createdAt = json.positiveTime("createTime")
        report.updatedAt = json.positiveTime("updateTime")
        return report
    }

    /// `ALGO_UPDATE`; `time` stands outside of the order.
    static func event(_ json: JSONValue, time: Timestamp) throws(JSONError) -> AccountEvent {
        let filled: Quantity? = json["aq"]?.fixedPoint()
        var report = OrderReport(
            venueOrderID: BinanceUSDMTrading.conditionalID(try json.integer("aid")),
            clientOrderID: json.filled("caid").map { ClientOrderID($0) }, symbol: try json.text("s"),
            status: status(try json.text("X"), filled: filled),
            side: try json.required("S") { $0.text.flatMap(BinanceWords.side) }, type: json.filled("o") ?? "")
        report.price = json.positive("p")
        report.triggerPrice = json.positive("tp")
        report.quantity = json.positive("q")
        report.filled = filled
        report.updatedAt = time
        report.reason = json.filled("rm")
        return .order(report, fill: nil)
    }

    /// Triggered means that an order of the book was made from it; finished that this one is over, filled or canceled.
    private static func status(_ word: String, filled: Quantity?) -> OrderReport.Status {
        switch word {
        case "NEW", "TRIGGERING": .pending
        case "TRIGGERED": .open
        case "FINISHED": filled?.isPositive == true ? .filled : .canceled
        case "CANCELED": .canceled
        case "EXPIRED": .expired
        case "REJECTED": .rejected
        default: .pending
        }
    }
}
