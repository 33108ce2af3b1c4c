package import Exchange
package import Market
import Money

extension KrakenTrading {
    /// The quantity is cut to the instrument's step and prices go to the nearest tick. A deadline is brought within what Kraken takes, 2 to 60 s
    /// from now; one that has passed is refused here.
    package func place(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp
    ) throws(VenueError) -> SignedCall<OrderReport> {
        let parameters = try KrakenOrderParameters(order, instrument, at: moment).list
        let symbol = instrument.symbol
        return Self.call("AddOrder", parameters, charges: Self.tradingCharge(instrument, 1), changesState: true) {
            result throws(VenueError) in
            guard let id = result["txid"]?[0]?.text, !id.isEmpty else { throw KrakenAnswer.missing("txid", changesState: true) }
            var report = OrderReport(
                venueOrderID: VenueOrderID(id), clientOrderID: order.clientOrderID, symbol: symbol, status: .pending,
                side: order.side,
                type: KrakenOrderParameters.typeName(order.kind))
            report.price = order.kind.limitPrice
            report.triggerPrice = order.kind.trigger
            if !order.kind.isByCost { report.quantity = order.quantity.rounded(toMultipleOf: instrument.quantityStep, .down) }
            return report
        }
    }

    /// Kraken has no such order.
    package func place(_ oco: OCOIntent, _ instrument: TradedInstrument) -> SignedCall<[OrderReport]>? { nil }

    package func validate(
        _ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp
    ) throws(VenueError) -> SignedCall<Void> {
        let parameters = try KrakenOrderParameters(order, instrument, at: moment).list + [.init("validate", "true")]
        return Self.call("AddOrder", parameters, charges: Self.tradingCharge(instrument, 1)) { result throws(VenueError) in
            guard result["descr"] != nil else { throw KrakenAnswer.missing("descr", changesState: false) }
        }
    }

    /// Answers nil: Kraken says how many it cancels, not what became of them.
    package func cancel(_ order: OrderReference, _ instrument: TradedInstrument, age: Duration?) -> SignedCall<OrderReport?> {
        let charges = Self.tradingCharge(instrument, KrakenBudget.cancelUnits(age: age))
        return Self.call("CancelOrder", [Self.parameter(order)], charges: charges, isCancel: true, changesState: true) {
            result throws(VenueError) in
            guard result["count"]?.integer != nil else { throw KrakenAnswer.missing("count", changesState: true) }
            return nil
        }
    }

    /// All of the account; Kraken cannot cancel by pair.
    package func cancelAll(_ instrument: TradedInstrument?) -> SignedCall<Int?>? {
        guard instrument == nil else { return nil }
        return Self.call("CancelAll", isCancel: true, changesState: true) { result throws(VenueError) in
            guard let count = result["count"]?.integer else { throw KrakenAnswer.missing("count", changesState: true) }
            return Int(count)
        }
    }

    static func parameter(_ order: OrderReference) -> RequestDraft.Parameter {
        switch order {
        case .client(let id): .init("cl_ord_id", id.text)
        case .venue(let id): .init("txid", id.text)
        }
    }

    private static func tradingCharge(_ instrument: TradedInstrument, _ units: Int) -> [BudgetCharge] {
        units == 0 ? [] : [BudgetCharge(KrakenBudget.trading(instrument), units)]
    }
}

/// An order as parameters of `AddOrder`.
struct KrakenOrderParameters {
    /// In the order in which ccxt sends them, too.
    private(set) var list: [RequestDraft.Parameter]
    private let instrument: TradedInstrument

    /// Kraken's bounds of a deadline.
    static let shortestDeadline: Int64 = 2000
    static let longestDeadline: Int64 = 60_000

    init(_ order: OrderIntent, _ instrument: TradedInstrument, at moment: Timestamp) throws(VenueError) {
        self.instrument = instrument
        try Self.check(order)
        list = [
            .init("pair", instrument.symbol), .init("type", order.side.rawValue), .init("ordertype", Self.typeName(order.kind)),
            .init("volume", try Self.volume(order, instrument)), .init("cl_ord_id", order.clientOrderID.text),
        ]
        try addPrices(order.kind)
        try addFlags(order)
        if let deadline = order.deadline { list.append(.init("deadline", try Self.deadline(deadline, moment))) }
    }

    static func typeName(_ kind: OrderKind) -> String {
        switch kind {
        case .limit, .postOnly: "limit"
        case .market, .marketByCost: "market"
        case .stopLoss: "stop-loss"
        case .stopLossLimit: "stop-loss-limit"
        case .takeProfit: "take-profit"
        case .takeProfitLimit: "take-profit-limit"
        }
    }

    private static func refused(_ code: String, _ message: String, _ kind: VenueError.Kind = .invalidOrder) -> VenueError {
        VenueError(kind, .permanent, code: code, message: message)
    }

    private static func check(_ order: OrderIntent) throws(VenueError) {
        if order.kind.isByCost, order.side == .sell {
            throw refused("by-cost", "Kraken takes market orders by their value for buying only", .notSupported)
        }
        // A sale on spot can only reduce; a purchase never does.
        if order.reduceOnly, order.side == .buy {
            throw refused("reduce-only", "a purchase on spot cannot reduce a position", .notSupported)
        }
        guard isClientID(order.clientOrderID.text) else {
            throw refused(
                "client-id",
                "the client order id is none that Kraken takes: 32 hexadecimal digits, a UUID, or 1 to 18 plain characters")
        }
    }

    private static func isClientID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if (1...18).contains(bytes.count) { return bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
        let isHex = { (byte: UInt8) in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
        }
        if bytes.count == 32 { return bytes.allSatisfy(isHex) }
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { [8, 13, 18, 23].contains($0) ? $1 == UInt8(ascii: "-") : isHex($1) }
    }

    private static func volume(_ order: OrderIntent, _ instrument: TradedInstrument) throws(VenueError) -> String {
        if case .marketByCost(let cost) = order.kind {
            // Without a rule of the instrument, prices' decimals are safe.
            let rounded = cost.rescaled(decimals: min(instrument.costDecimals ?? instrument.priceDecimals, Int(cost.decimals)))
            guard let rounded, rounded.units > 0 else { throw refused("cost", "the value of the order is zero or does not fit") }
            return rounded.description
        }
        guard let quantity = order.quantity.rounded(toMultipleOf: instrument.quantityStep, .down), quantity.isPositive else {
            throw refused("quantity", "the quantity is below one step of \(instrument.quantityStep)")
        }
        return quantity.description
    }

    /// `price` is the trigger where there is one, and `price2` then the limit.
    private mutating func addPrices(_ kind: OrderKind) throws(VenueError) {
        let prices = [kind.trigger, kind.limitPrice].compactMap { $0 }
        for (name, value) in zip(["price", "price2"], prices) { list.append(.init(name, try text(value))) }
    }

    private func text(_ price: Price) throws(VenueError) -> String {
        guard let rounded = price.rounded(toMultipleOf: instrument.priceTick, .nearest), rounded.isPositive else {
            throw Self.refused("price", "a price is below one tick of \(instrument.priceTick)")
        }
        return rounded.description
    }

    private mutating func addFlags(_ order: OrderIntent) throws(VenueError) {
        switch order.kind {
        case .postOnly:
            guard order.timeInForce == .goodTilCanceled else {
                throw Self.refused("time-in-force", "an order that must not take has to stay in the book")
            }
            list.append(.init("oflags", "post"))
        case .marketByCost: list.append(.init("oflags", "viqc"))
        case .limit: if order.timeInForce != .goodTilCanceled { list.append(.init("timeinforce", order.timeInForce.rawValue)) }
        // Market orders are immediate as they are, and triggered ones have no time in force.
        case .market, .stopLoss, .stopLossLimit, .takeProfit, .takeProfitLimit: break
        }
    }

    private static func deadline(_ deadline: Timestamp, _ now: Timestamp) throws(VenueError) -> String {
        guard deadline > now else { throw refused("deadline", "the deadline of the order has passed") }
        let (rest, overflow) = deadline.milliseconds.subtractingReportingOverflow(now.milliseconds)
        let wait = overflow ? longestDeadline : min(max(rest, shortestDeadline), longestDeadline)
        let (end, tooLate) = now.milliseconds.addingReportingOverflow(wait)
        guard !tooLate, let text = KrakenTime.text(Timestamp(milliseconds: end)) else {
            throw refused("deadline", "the deadline of the order is no time that can be written")
        }
        return text
    }
}

extension OrderKind {
    /// The price of the order in the book.
    var limitPrice: Price? {
        switch self {
        case .limit(let price), .postOnly(let price), .stopLossLimit(_, let price), .takeProfitLimit(_, let price): price
        case .market, .marketByCost, .stopLoss, .takeProfit: nil
        }
    }

    var trigger: Price? {
        switch self {
        case .stopLoss(let trigger), .stopLossLimit(let trigger, _), .takeProfit(let trigger), .takeProfitLimit(let trigger, _):
            trigger
        case .limit, .postOnly, .market, .marketByCost: nil
        }
    }

    var isByCost: Bool { if case .marketByCost = self { true } else { false } }
}
