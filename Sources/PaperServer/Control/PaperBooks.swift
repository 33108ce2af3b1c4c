import Exchange
import Market
import Matching
import Money
import PaperExchange

/// A venue's books for its operator: who has what, what is open, what was filled, and whether the sums are right.
enum PaperBooks {
    static func json(_ core: PaperCore, slowStreams: Int) -> JSONValue {
        let venue = core.venue
        let conservation = venue.assets.map { asset in
            let (deposited, total) = (venue.engine.deposited(asset.id), venue.engine.total(asset.id))
            return (asset: asset, deposited: deposited, total: total)
        }
        return [
            "venue": .string(venue.settings.name), "time": .integer(venue.now), "requests": .integer(core.requestCount),
            "streams": .integer(Int64(core.sessionCount)), "slow_streams_cut": .integer(Int64(slowStreams)),
            "faults": faults(venue), "markets": .array(venue.instruments.map { market($0, venue) }),
            "accounts": .array(venue.accounts.map { account($0, venue) }),
            "conservation": .array(
                conservation.map { row in
                    [
                        "asset": .string(row.asset.name), "deposited": amount(row.asset, row.deposited),
                        "total": amount(row.asset, row.total), "is_conserved": .bool(row.deposited == row.total),
                    ]
                }),
            "is_conserved": .bool(conservation.allSatisfy { $0.deposited == $0.total }),
        ]
    }

    private static func amount(_ asset: PaperAsset, _ units: Int128) -> JSONValue { .string(asset.amount(units).description) }

    private static func faults(_ venue: PaperVenue) -> JSONValue {
        let struck = venue.faults.struck.sorted { $0.key < $1.key }
        return [
            "in_force": .array(venue.faults.faults.map(fault)),
            "struck": .object(struck.map { .init($0.key, .integer(Int64($0.value))) }),
        ]
    }

    private static func fault(_ fault: PaperFault) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("kind", .string(FaultPlan.name(fault.kind))), .init("target", .string(fault.target.rawValue)),
            .init("probability", .number("\(fault.probability)")), .init("from", .integer(fault.from)),
        ]
        if let count = fault.count { members.append(.init("count", .integer(Int64(count)))) }
        if fault.until != .max { members.append(.init("until", .integer(fault.until))) }
        return .object(members)
    }

    private static func market(_ instrument: PaperInstrument, _ venue: PaperVenue) -> JSONValue {
        func price(_ ticks: Int64?) -> JSONValue { ticks.map { .string(instrument.price($0).description) } ?? .null }
        return [
            "pair": .string(instrument.pair.description), "last": price(venue.engine.lastTrade(instrument.id)?.price),
            "bid": price(venue.engine.bestBid(instrument.id)?.price), "ask": price(venue.engine.bestAsk(instrument.id)?.price),
            "is_over": .bool(venue.ended.contains(Int(instrument.id.rawValue))),
        ]
    }

    // MARK: - Accounts

    private static func account(_ account: PaperVenue.Account, _ venue: PaperVenue) -> JSONValue {
        let balances = venue.assets.map { asset -> JSONValue in
            let balance = venue.engine.balance(account.id, asset.id)
            return [
                "asset": .string(asset.name), "free": amount(asset, balance.free), "locked": amount(asset, balance.locked),
            ]
        }
        return [
            "name": .string(account.settings.name), "key": .string(account.settings.key), "balances": .array(balances),
            "open_orders": .array(venue.engine.openOrders(of: account.id).map { order($0, venue) }),
            "fills": fills(account, venue),
        ]
    }

    private static func order(_ order: Order, _ venue: PaperVenue) -> JSONValue {
        let instrument = venue.instrument(order.instrument)
        return [
            "id": .integer(order.id.rawValue), "client_id": .string(order.clientID.description),
            "pair": .string(instrument.pair.description), "side": .string("\(order.side)"), "kind": .string("\(order.kind)"),
            "status": .string("\(order.status)"),
            "price": order.kind.hasLimit ? .string(instrument.price(order.price).description) : .null,
            "trigger_price": order.kind.hasTrigger ? .string(instrument.price(order.triggerPrice).description) : .null,
            "quantity": .string(instrument.quantity(order.quantity).description),
            "filled": .string(instrument.quantity(order.filled).description), "placed_at": .integer(order.placedAt),
        ]
    }

    /// Sums of an account's fills of one instrument.
    private struct Sums {
        var count: Int64 = 0
        var bought: Int64 = 0
        var sold: Int64 = 0
        var spent: Int128 = 0
        var received: Int128 = 0

        mutating func add(_ fill: Matching.Fill) {
            count += 1
            if fill.side == .buy {
                bought = bought.addingReportingOverflow(fill.quantity).partialValue
                spent += fill.notional
            } else {
                sold = sold.addingReportingOverflow(fill.quantity).partialValue
                received += fill.notional
            }
        }
    }

    /// Sums over the fills that the venue keeps, the newest ten thousand of an account.
    private static func fills(_ account: PaperVenue.Account, _ venue: PaperVenue) -> JSONValue {
        var sums: [Int32: Sums] = [:]
        var fees: [Int32: Int128] = [:]
        let fills = venue.engine.fills(of: account.id)
        for fill in fills {
            sums[fill.instrument.rawValue, default: Sums()].add(fill)
            fees[fill.feeAsset.rawValue, default: 0] += fill.fee
        }
        let pairs = venue.instruments.compactMap { instrument in
            sums[instrument.id.rawValue].map { pair(instrument, $0, venue) }
        }
        let paid = venue.assets.compactMap { asset in
            fees[asset.id.rawValue].map { JSONValue.Member(asset.name, amount(asset, $0)) }
        }
        return ["count": .integer(Int64(fills.count)), "pairs": .array(pairs), "fees": .object(paid)]
    }

    private static func pair(_ instrument: PaperInstrument, _ sums: Sums, _ venue: PaperVenue) -> JSONValue {
        let quote = venue.asset(instrument.rules.quote)
        return [
            "pair": .string(instrument.pair.description), "count": .integer(sums.count),
            "bought": .string(instrument.quantity(sums.bought).description),
            "sold": .string(instrument.quantity(sums.sold).description), "spent": amount(quote, sums.spent),
            "received": amount(quote, sums.received),
        ]
    }
}
