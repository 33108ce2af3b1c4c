import Exchange
import Market
import Matching
import Money
import PaperExchange

/// The venue's own account of what happened, out of its matching engine: the truth that the client is held against.
struct SoakVenue: Sendable {
    struct OrderRow: Hashable, Sendable {
        var status: OrderReport.Status
        var filled: Quantity
    }

    struct FillRow: Hashable, Sendable {
        var order: String
        var pair: Pair
        var side: OrderSide
        var price: Price
        var quantity: Quantity
        var fee: Amount
        var feeAsset: String
        var time: Timestamp
    }

    struct Levels: Hashable, Sendable {
        var bids: [BookLevel]
        var asks: [BookLevel]
    }

    /// By the client's id.
    var orders: [String: OrderRow] = [:]
    var orderCount = 0
    var fills: [FillRow] = []
    /// Free and locked, by asset.
    var balances: [String: (free: Amount, locked: Amount)] = [:]
    var books: [Pair: Levels] = [:]
    var isConserved: Bool
    /// How often each kind of fault struck.
    var struck: [String: Int]

    /// `dialect` decides what an order is called whose rest found nothing: expired by Binance, canceled by Kraken.
    init(_ venue: PaperVenue, dialect: String) {
        let engine = venue.engine
        isConserved = venue.assets.allSatisfy { engine.deposited($0.id) == engine.total($0.id) }
        struck = venue.faults.struck
        guard let account = venue.accounts.first else { return }
        var names: [OrderID: String] = [:]
        for order in engine.openOrders(of: account.id) + engine.endedOrders(of: account.id) {
            names[order.id] = order.clientID.description
            orders[order.clientID.description] = OrderRow(
                status: Self.status(order, dialect), filled: venue.instrument(order.instrument).quantity(order.filled))
            orderCount += 1
        }
        fills = engine.fills(of: account.id).map { Self.row($0, names, venue) }
        for asset in venue.assets {
            let balance = engine.balance(account.id, asset.id)
            balances[asset.name] = (asset.amount(balance.free), asset.amount(balance.locked))
        }
        for instrument in venue.instruments { books[instrument.pair] = Self.levels(instrument, venue) }
    }

    private static func row(_ fill: Matching.Fill, _ names: [OrderID: String], _ venue: PaperVenue) -> FillRow {
        let instrument = venue.instrument(fill.instrument)
        let asset = venue.asset(fill.feeAsset)
        return FillRow(
            order: names[fill.order] ?? "?", pair: instrument.pair, side: fill.side == .buy ? .buy : .sell,
            price: instrument.price(fill.price), quantity: instrument.quantity(fill.quantity), fee: asset.amount(fill.fee),
            feeAsset: asset.name, time: Timestamp(milliseconds: fill.time))
    }

    private static func levels(_ instrument: PaperInstrument, _ venue: PaperVenue) -> Levels {
        let depth = venue.engine.depth(instrument.id, levels: 10_000)
        let level = { (level: DepthLevel) in BookLevel(instrument.price(level.price), instrument.quantity(level.quantity)) }
        return Levels(bids: depth.bids.map(level), asks: depth.asks.map(level))
    }

    private static func status(_ order: Order, _ dialect: String) -> OrderReport.Status {
        switch order.status {
        case .new: order.isWorking ? .open : .pending
        case .partiallyFilled: .partiallyFilled
        case .filled: .filled
        case .canceled: .canceled
        case .expired: dialect == "kraken" && order.reason != .deadline ? .canceled : .expired
        case .rejected: .rejected
        }
    }
}
