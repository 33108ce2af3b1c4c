package import Exchange
package import Market
import Money

extension KrakenTrading {
    /// By Kraken's id: `QueryOrders`, which finds open and closed ones. By ours: the open orders only; `orderLookups` decides.
    package func order(_ order: OrderReference, _ instrument: TradedInstrument) -> SignedCall<OrderReport> {
        switch order {
        case .venue:
            Self.call("QueryOrders", [Self.parameter(order)]) { result throws(VenueError) in
                try Self.one(order, in: result, isLast: true)
            }
        case .client:
            Self.call("OpenOrders", [Self.parameter(order)]) { result throws(VenueError) in
                try Self.one(order, in: Self.member("open", result), isLast: false)
            }
        }
    }

    /// Open orders first: an order that ends between the calls is found by the second.
    package func orderLookups(_ order: OrderReference, _ instrument: TradedInstrument) -> [SignedCall<OrderReport>] {
        guard case .client = order else { return [self.order(order, instrument)] }
        let closed = Self.call("ClosedOrders", [Self.parameter(order)], charges: Self.historyCharge) {
            result throws(VenueError) in
            try Self.one(order, in: Self.member("closed", result), isLast: true)
        }
        return [self.order(order, instrument), closed]
    }

    /// All of the account, cut to the instrument here: Kraken cannot ask for one pair.
    package func openOrders(_ instrument: TradedInstrument?) -> SignedCall<[OrderReport]> {
        Self.call("OpenOrders") { result throws(VenueError) in
            try Self.reports(Self.member("open", result)).filter { instrument?.isNamed($0.symbol) ?? true }
        }
    }

    /// Orders that ended, newest first; Kraken gives 50 from `offset` on.
    package func closedOrders(from: Timestamp?, offset: Int = 0) -> SignedCall<[OrderReport]> {
        var parameters: [RequestDraft.Parameter] = []
        if let from { parameters.append(.init("start", String(from.milliseconds / 1000))) }
        if offset > 0 { parameters.append(.init("ofs", String(offset))) }
        return Self.call("ClosedOrders", parameters, charges: Self.historyCharge) { result throws(VenueError) in
            try Self.reports(Self.member("closed", result))
        }
    }

    /// The newest 50 at most. Where more than that were made since, this is an error that says so: `fillPage` reads them all.
    package func fills(_ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?) -> SignedCall<[Fill]> {
        let page = fillPage(instrument, after: tradeID, from: from, offset: 0)
        let isBounded = tradeID != nil || from != nil
        return SignedCall(page.draft, charges: page.charges, changesState: false) { response throws(VenueError) in
            let answer = try page.decode(response)
            guard isBounded, answer.nextOffset != nil else { return answer.fills }
            throw VenueError(
                .partlyDone, .permanent, code: "more-fills",
                message: "there are more fills than one answer holds: read them page by page")
        }
    }

    package func fillPage(
        _ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?, offset: Int
    ) -> SignedCall<FillPage> {
        var parameters: [RequestDraft.Parameter] = []
        // Either a time or a fill, which is then left out.
        if let start = tradeID ?? from.map({ String($0.milliseconds / 1000) }) { parameters.append(.init("start", start)) }
        if offset > 0 { parameters.append(.init("ofs", String(offset))) }
        return Self.call("TradesHistory", parameters, charges: Self.historyCharge) { result throws(VenueError) in
            let trades = try Self.member("trades", result).members ?? []
            let fills = try trades.map { trade throws(VenueError) in try KrakenReports.fill(trade.name, trade.value, instrument) }
            let total = result["count"]?.integer ?? Int64(trades.count)
            let end = Int64(min(max(offset, 0), Int(Int32.max))) + Int64(trades.count)
            let wanted = fills.filter { fill in
                fill.tradeID != tradeID && (instrument?.isNamed(fill.symbol) ?? true) && (from.map { fill.time >= $0 } ?? true)
            }
            return FillPage(
                fills: wanted.sorted { ($0.time, $0.tradeID) < ($1.time, $1.tradeID) },
                nextOffset: end < total && !trades.isEmpty ? Int(end) : nil)
        }
    }

    // MARK: Reading

    static let historyCharge = [BudgetCharge(KrakenBudget.privateCalls, 2)]

    private static func member(_ name: String, _ result: JSONValue) throws(VenueError) -> JSONValue {
        guard let value = result[name], value.members != nil else { throw KrakenAnswer.missing(name, changesState: false) }
        return value
    }

    private static func reports(_ orders: JSONValue) throws(VenueError) -> [OrderReport] {
        try (orders.members ?? []).map { order throws(VenueError) in try KrakenReports.order(order.name, order.value) }
    }

    /// The order that was asked for. A venue that ignored the filter would answer with others.
    private static func one(_ reference: OrderReference, in orders: JSONValue, isLast: Bool) throws(VenueError) -> OrderReport {
        guard orders.members != nil else { throw KrakenAnswer.missing("result", changesState: false) }
        let found = try reports(orders).first { report in
            switch reference {
            case .client(let id): report.clientOrderID == id
            case .venue(let id): report.venueOrderID == id
            }
        }
        if let found { return found }
        throw isLast
            ? VenueError(.orderNotFound, .permanent, code: "no-order", message: "Kraken has no such order")
            : VenueError(
                .orderNotFound, .outcomeUnknown, code: "not-open",
                message: "the order is not among the open ones; it may have ended")
    }
}

extension TradedInstrument {
    /// Whether the venue means this instrument by a name, in any of its spellings.
    func isNamed(_ name: String) -> Bool { name == symbol || name == streamSymbol || aliases.contains(name) }
}

/// Reads orders and fills of REST answers.
enum KrakenReports {
    static func order(_ id: String, _ value: JSONValue) throws(VenueError) -> OrderReport {
        let reader = KrakenReader(value: value, changesState: false)
        let description = KrakenReader(value: try reader.require("descr") { $0 }, changesState: false)
        let type = try description.text("ordertype")
        let filled: Quantity = try reader.require("vol_exec") { $0.fixedPoint() }
        var report = OrderReport(
            venueOrderID: VenueOrderID(id), clientOrderID: value["cl_ord_id"]?.text.map { ClientOrderID($0) },
            symbol: try description.text("pair"), status: try status(reader, type: type, filled: filled),
            side: OrderSide(rawValue: try description.text("type")), type: type)
        // The volume of an order by value is in quote currency.
        let isByCost = value["oflags"]?.text?.split(separator: ",").contains("viqc") ?? false
        report.quantity = isByCost ? nil : try reader.require("vol") { $0.fixedPoint() }
        report.filled = filled
        report.filledCost = try reader.require("cost") { $0.amount }
        report.fee = value["fee"]?.amount
        prices(description.value, type, &report)
        report.createdAt = reader.optionalTime("opentm")
        report.updatedAt = reader.optionalTime("closetm") ?? report.createdAt
        report.reason = value["reason"]?.text
        return report
    }

    static func isTriggered(_ type: String) -> Bool {
        type.hasPrefix("stop-loss") || type.hasPrefix("take-profit") || type.hasPrefix("trailing-stop")
    }

    private static func prices(_ description: JSONValue, _ type: String, _ report: inout OrderReport) {
        let positive = { (name: String) -> Price? in
            description[name]?.fixedPoint(FixedPointKind.Price.self).flatMap { $0.isPositive ? $0 : nil }
        }
        if isTriggered(type) {
            report.triggerPrice = positive("price")
            report.price = type.hasSuffix("-limit") ? positive("price2") : nil
        } else if type != "market" {
            report.price = positive("price")
        }
    }

    private static func status(_ reader: KrakenReader, type: String, filled: Quantity) throws(VenueError) -> OrderReport.Status {
        switch try reader.text("status") {
        case "pending": return .pending
        case "open":
            if filled.isPositive { return .partiallyFilled }
            let words = reader.value["misc"]?.text?.split(separator: ",") ?? []
            return isTriggered(type) && !words.contains("stopped") && !words.contains("touched") ? .pending : .open
        case "closed": return .filled
        case "canceled": return .canceled
        case "expired": return .expired
        default: throw KrakenAnswer.missing("status", changesState: false)
        }
    }

    /// A fill of `TradesHistory`. Its fee is in quote currency.
    static func fill(_ id: String, _ value: JSONValue, _ instrument: TradedInstrument?) throws(VenueError) -> Fill {
        let reader = KrakenReader(value: value, changesState: false)
        let pair = try reader.text("pair")
        let known = instrument.flatMap { $0.isNamed(pair) ? $0.pair.quote : nil }
        return Fill(
            tradeID: id, venueOrderID: value["ordertxid"]?.text.map { VenueOrderID($0) },
            clientOrderID: value["cl_ord_id"]?.text.map { ClientOrderID($0) }, symbol: pair,
            side: try reader.require("type") { $0.text.flatMap { OrderSide(rawValue: $0) } },
            price: try reader.require("price") { $0.fixedPoint() }, quantity: try reader.require("vol") { $0.fixedPoint() },
            fee: try reader.require("fee") { $0.amount }, feeAsset: known ?? KrakenAssets.quote(ofPair: pair) ?? "",
            isMaker: value["maker"]?.bool,
            time: try reader.time("time"))
    }
}
