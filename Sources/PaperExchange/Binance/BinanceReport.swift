import Exchange
import Matching

/// The event `executionReport`.
struct BinanceReport {
    let update: OrderUpdate
    /// The order as the report shall tell it.
    let order: Order
    /// The client id of the cancel that ended it.
    let name: String?
    /// The report's own number.
    let number: Int64
    let venue: PaperVenue

    private var instrument: PaperInstrument { venue.instrument(order.instrument) }
    private var fill: Matching.Fill? { if case .trade(let fill) = update.kind { fill } else { nil } }

    private var execution: JSONValue {
        switch update.kind {
        case .new, .triggered: "NEW"
        case .trade: "TRADE"
        case .amended: "REPLACED"
        case .canceled: "CANCELED"
        case .completed, .expired: order.reason == .selfTrade ? "TRADE_PREVENTION" : "EXPIRED"
        case .rejected: "REJECTED"
        }
    }

    private var isCanceled: Bool { if case .canceled = update.kind { true } else { false } }
    private var isWorking: Bool { order.isWorking || (order.status == .filled && order.kind != .market) }

    var event: JSONValue {
        let renamed = isCanceled ? name : nil
        var members: [JSONValue.Member] = [
            .init("e", "executionReport"), .init("E", .integer(venue.clock)), .init("s", .string(instrument.binanceSymbol)),
            .init("c", .string(renamed ?? order.clientID.description)), .init("S", .string(BinanceText.side(order.side))),
            .init("o", .string(BinanceText.type(order))), .init("f", .string(BinanceText.timeInForce(order.timeInForce))),
            .init("q", .string(instrument.binanceQuantity(order.quantity))),
            .init("p", .string(instrument.binancePrice(order.price))),
            .init("P", .string(instrument.binancePrice(order.triggerPrice))), .init("F", "0.00000000"),
            .init("g", .integer(BinanceText.listID(order.list))),
            .init("C", .string(renamed == nil ? "" : order.clientID.description)), .init("x", execution),
            .init("X", .string(BinanceText.status(order))), .init("r", "NONE"), .init("i", .integer(order.id.rawValue)),
        ]
        members += money
        members += [
            .init("T", .integer(order.updatedAt)), .init("t", .integer(fill?.number ?? -1)), .init("I", .integer(number)),
            .init("w", .bool(isWorking)), .init("m", .bool(fill?.isMaker ?? false)), .init("M", .bool(fill != nil)),
            .init("O", .integer(order.placedAt)),
            .init("Z", .string(venue.binanceCost(order.quoteFilled, instrument))),
            .init("Y", .string(venue.binanceCost(fill?.notional ?? 0, instrument))),
            .init("Q", .string(venue.binanceCost(order.quoteQuantity, instrument))),
        ]
        if isWorking { members.append(.init("W", .integer(order.isTriggered ? order.updatedAt : order.placedAt))) }
        members.append(.init("V", .string(BinanceText.selfTrade(order.selfTrade))))
        return .object(members)
    }

    /// What was filled last and altogether, and the fee.
    private var money: [JSONValue.Member] {
        [
            .init("l", .string(instrument.binanceQuantity(fill?.quantity ?? 0))),
            .init("z", .string(instrument.binanceQuantity(order.filled))),
            .init("L", .string(instrument.binancePrice(fill?.price ?? 0))),
            .init("n", .string(fill.map { venue.binanceAmount($0.fee, $0.feeAsset) } ?? "0")),
            .init("N", fill.map { .string(venue.asset($0.feeAsset).name) } ?? .null),
        ]
    }
}
