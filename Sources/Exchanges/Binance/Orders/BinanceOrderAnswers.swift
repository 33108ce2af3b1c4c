import Exchange
import Market
import Money

/// Orders and fills as REST answers have them: acknowledgement, result, full, or from a list.
enum BinanceOrderAnswers {
    static func report(_ json: JSONValue) throws(JSONError) -> OrderReport {
        let type = json.filled("type") ?? json.filled("origType") ?? ""
        var report = OrderReport(
            venueOrderID: VenueOrderID(String(try json.integer("orderId"))), clientOrderID: clientID(json),
            symbol: try json.text("symbol"), status: status(json, type: type),
            side: json["side"]?.text.flatMap(BinanceWords.side), type: type)
        report.price = json.positive("price")
        report.triggerPrice = json.positive("stopPrice")
        report.quantity = json.positive("origQty")
        report.filled = json["executedQty"]?.fixedPoint()
        report.filledCost = cost(json)
        report.createdAt = json.positiveTime("time") ?? json.positiveTime("transactTime")
        report.updatedAt = json.positiveTime("updateTime") ?? json.positiveTime("transactTime")
        report.fills = try fills(json, of: report)
        return report
    }

    static func reports(_ list: [JSONValue]) throws(JSONError) -> [OrderReport] {
        var reports: [OrderReport] = []
        for entry in list { reports.append(try report(entry)) }
        return reports
    }

    /// A cancel's answer has the order's own id in `origClientOrderId` and the cancel's in `clientOrderId`.
    private static func clientID(_ json: JSONValue) -> ClientOrderID? {
        (json.filled("origClientOrderId") ?? json.filled("clientOrderId")).map { ClientOrderID($0) }
    }

    /// An acknowledgement tells no status: the order is in the engine, no more is known.
    private static func status(_ json: JSONValue, type: String) -> OrderReport.Status {
        guard let word = json["status"]?.text else { return .pending }
        return BinanceWords.status(word, type: type, isWorking: json["isWorking"]?.bool)
    }

    /// Spot: `cummulativeQuoteQty`, negative where it is not known for old orders. Futures: `cumQuote`.
    private static func cost(_ json: JSONValue) -> Amount? {
        guard let cost = (json["cummulativeQuoteQty"] ?? json["cumQuote"])?.amount, !cost.isNegative else { return nil }
        return cost
    }

    /// The fills of a full answer; without a trade id (orders that match in parts the venue does not tell) they are left out.
    private static func fills(_ json: JSONValue, of report: OrderReport) throws(JSONError) -> [Fill] {
        guard let list = json["fills"]?.elements, let side = report.side else { return [] }
        var fills: [Fill] = []
        for entry in list {
            guard let id = entry["tradeId"]?.integer, id >= 0 else { continue }
            fills.append(
                Fill(
                    tradeID: String(id), venueOrderID: report.venueOrderID, clientOrderID: report.clientOrderID,
                    symbol: report.symbol, side: side, price: try entry.fixedPoint("price"),
                    quantity: try entry.fixedPoint("qty"), fee: try entry.amount("commission"),
                    feeAsset: try entry.text("commissionAsset"), isMaker: false,
                    time: report.updatedAt ?? Timestamp(milliseconds: 0)))
        }
        return fills
    }

    /// `myTrades` (spot: `isBuyer`, `isMaker`) and `userTrades` (futures: `side`, `maker`).
    static func trade(_ entry: JSONValue) throws(JSONError) -> Fill {
        let isBuyer = entry["isBuyer"]?.bool ?? entry["buyer"]?.bool
        guard let side = isBuyer.map({ $0 ? OrderSide.buy : .sell }) ?? entry["side"]?.text.flatMap(BinanceWords.side) else {
            throw JSONError(.missing("isBuyer"), at: 0)
        }
        return Fill(
            tradeID: String(try entry.integer("id")), venueOrderID: VenueOrderID(String(try entry.integer("orderId"))),
            clientOrderID: nil, symbol: try entry.text("symbol"), side: side, price: try entry.fixedPoint("price"),
            quantity: try entry.fixedPoint("qty"), fee: try entry.amount("commission"),
            feeAsset: try entry.text("commissionAsset"), isMaker: entry["isMaker"]?.bool ?? entry["maker"]?.bool,
            time: try entry.time("time"))
    }

    static func trades(_ list: [JSONValue]) throws(JSONError) -> [Fill] {
        var fills: [Fill] = []
        for entry in list { fills.append(try trade(entry)) }
        return fills.sorted { ($0.time, $0.tradeID.utf8.count, $0.tradeID) < ($1.time, $1.tradeID.utf8.count, $1.tradeID) }
    }
}

/// Words of the venue.
enum BinanceWords {
    static func side(_ word: String) -> OrderSide? { word == "BUY" ? .buy : word == "SELL" ? .sell : nil }

    /// `isWorking` false, or not told of an order with a trigger: the order is not in the book yet.
    static func status(_ word: String, type: String, isWorking: Bool?) -> OrderReport.Status {
        switch word {
        case "NEW": isWorking ?? !hasTrigger(type) ? .open : .pending
        case "PENDING_NEW": .pending
        case "PARTIALLY_FILLED": .partiallyFilled
        case "FILLED": .filled
        case "CANCELED": .canceled
        // Still in the book until the cancel is through.
        case "PENDING_CANCEL": .open
        case "REJECTED": .rejected
        case "EXPIRED", "EXPIRED_IN_MATCH": .expired
        // A word of next year: not final, so that whoever reads it asks again.
        default: .pending
        }
    }

    private static func hasTrigger(_ type: String) -> Bool { type.hasPrefix("STOP") || type.hasPrefix("TAKE_PROFIT") }

    static func text(_ side: OrderSide) -> String { side == .buy ? "BUY" : "SELL" }
}
