import Exchange
import Market
import Money

/// What the user streams of spot and futures have in common.
enum BinanceUserStream {
    /// Answers of the WebSocket API: `{"id":"1","status":200,"result":{...}}` or with `error`.
    static func acknowledgement(_ json: JSONValue, system: Binance.System) -> AccountInput {
        let status = json["status"]?.integer.flatMap { (100...599).contains($0) ? Int($0) : nil }
        let id = json["id"]?.integer
        if let error = json["error"], !error.isNull {
            return .acknowledged(
                id: id, error: BinanceErrors.error(in: error, status: status ?? 400, system: system, changesState: false))
        }
        guard id != nil || json.has("result") else { return .ignored }
        return .acknowledged(id: id, error: nil)
    }

    /// The execution that an order event is about; nil for events without one. `side` and names are those of the order.
    static func fill(_ event: JSONValue, of report: OrderReport, feeAsset: String?) throws(JSONError) -> Fill? {
        guard let side = report.side, let id = event["t"]?.integer, id >= 0,
            let quantity: Quantity = event.positive("l"), let price: Price = event["L"]?.fixedPoint()
        else { return nil }
        // No fee is written as no asset.
        return Fill(
            tradeID: String(id), venueOrderID: report.venueOrderID, clientOrderID: report.clientOrderID, symbol: report.symbol,
            side: side, price: price, quantity: quantity, fee: event["n"]?.amount ?? .zero, feeAsset: feeAsset ?? "",
            isMaker: event["m"]?.bool, time: try event.time("T"))
    }
}

/// Spot's event about an order.
enum BinanceExecutionReport {
    static func event(_ json: JSONValue) throws(JSONError) -> AccountEvent {
        let type = try json.text("o")
        let client = json.filled("C") ?? json.filled("c")
        var report = OrderReport(
            venueOrderID: VenueOrderID(String(try json.integer("i"))), clientOrderID: client.map { ClientOrderID($0) },
            symbol: try json.text("s"), status: BinanceWords.status(try json.text("X"), type: type, isWorking: json["w"]?.bool),
            side: try json.required("S") { $0.text.flatMap(BinanceWords.side) }, type: type)
        report.price = json.positive("p")
        report.triggerPrice = json.positive("P")
        report.quantity = json.positive("q")
        report.filled = try json.fixedPoint("z")
        report.filledCost = try json.amount("Z")
        report.createdAt = json.positiveTime("O")
        report.updatedAt = json.positiveTime("T")
        if let reason = json.filled("r"), reason != "NONE" { report.reason = reason }
        let isTrade = json["x"]?.text == "TRADE"
        return .order(
            report, fill: isTrade ? try BinanceUserStream.fill(json, of: report, feeAsset: json.filled("N")) : nil)
    }
}
