import Exchange
import Matching
import Money

/// Executions and balances of an account to its streams. As at Kraken a report tells what changed: only the first one of an order and its fills
/// say which pair and which kind of order it is.
extension KrakenDialect {
    mutating func reports(_ session: SessionID, _ batch: Batch, _ venue: PaperVenue) -> [StreamMessage] {
        var result: [StreamMessage] = []
        if let account = sessions[session]?.executions?.account {
            for update in batch.orders[account] ?? [] {
                for data in executions(update, venue) { result.append(numbered("executions", "update", [data], session)) }
            }
        }
        if let account = sessions[session]?.balances?.account, batch.balances.contains(account) {
            let changes = balanceChanges(session, account, batch.orders[account] ?? [], venue)
            if !changes.isEmpty { result.append(numbered("balances", "update", changes, session)) }
        }
        return result
    }

    /// Orders and fills apart: clients tell by the first entry of a message which of them it has.
    mutating func executionSnapshots(_ parameters: JSONValue, _ session: SessionID, _ venue: PaperVenue) -> [StreamMessage] {
        guard let account = sessions[session]?.executions?.account else { return [] }
        var orders: [JSONValue] = []
        if parameters["snap_orders"]?.bool ?? true {
            orders = venue.engine.openOrders(of: account).map { .members(opening($0, "new", venue)) }
        }
        var result = [numbered("executions", "snapshot", orders, session)]
        guard parameters["snap_trades"]?.bool ?? false else { return result }
        let fills = venue.engine.fills(of: account).suffix(50)
        guard !fills.isEmpty else { return result }
        result.append(numbered("executions", "snapshot", fills.map { .members(trade($0, account, venue)) }, session))
        return result
    }

    private mutating func numbered(_ channel: String, _ type: String, _ data: [JSONValue], _ session: SessionID) -> StreamMessage
    {
        let number: Int64
        if channel == "executions" {
            sessions[session]?.executions?.sequence += 1
            number = sessions[session]?.executions?.sequence ?? 0
        } else {
            sessions[session]?.balances?.sequence += 1
            number = sessions[session]?.balances?.sequence ?? 0
        }
        return Self.message(channel, type, data, session, sequence: number)
    }

    // MARK: Orders

    private typealias Members = [(String, JSONValue?)]

    private func executions(_ update: OrderUpdate, _ venue: PaperVenue) -> [JSONValue] {
        let order = update.order
        switch update.kind {
        case .rejected: return []
        case .new:
            let short = Self.named(order, "new", "new") + [("timestamp", Self.time(order.placedAt))]
            return [.members(opening(order, "pending_new", venue)), .members(short)]
        case .trade(let fill):
            let report = JSONValue.members(trade(fill, order, venue))
            return order.status == .filled ? [report, .members(ending(order, "filled", venue))] : [report]
        case .completed: return [.members(ending(order, "filled", venue))]
        case .triggered:
            return [
                .members(
                    Self.named(order, "status", "new") + [
                        ("triggers", triggers(order, venue)), ("timestamp", Self.time(order.updatedAt)),
                    ])
            ]
        case .amended: return [.members(amended(order, venue))]
        case .canceled: return [.members(ending(order, "canceled", venue))]
        case .expired: return [.members(ending(order, order.reason == .deadline ? "expired" : "canceled", venue))]
        }
    }

    private static func time(_ milliseconds: Int64) -> JSONValue { .string(PaperKrakenTime.stream(milliseconds)) }

    private static func named(_ order: Order, _ kind: String, _ status: String) -> Members {
        [
            ("order_id", .string(PaperKrakenID.text(order.id))),
            ("cl_ord_id", order.clientID.isNone ? nil : .string(order.clientID.description)), ("exec_type", .string(kind)),
            ("order_status", .string(status)),
        ]
    }

    private static func status(_ order: Order) -> String {
        switch order.status {
        case .new: "new"
        case .partiallyFilled: "partially_filled"
        case .filled: "filled"
        case .canceled, .rejected: "canceled"
        case .expired: order.reason == .deadline ? "expired" : "canceled"
        }
    }

    /// Everything about an order, as it begins or in a snapshot.
    private func opening(_ order: Order, _ kind: String, _ venue: PaperVenue) -> Members {
        let instrument = venue.instrument(order.instrument)
        let note = notes[order.id]
        let texts = PaperKrakenOrderText(order, names.pair(order.instrument), venue)
        var members = Self.named(order, kind, kind == "pending_new" ? "pending_new" : Self.status(order))
        members += [
            ("order_userref", .integer(note.reference ?? 0)), ("symbol", .string(names.pair(order.instrument).symbol)),
            ("side", .string(texts.side)), ("order_type", .string(texts.type)),
        ]
        if order.quoteQuantity > 0 {
            members.append(("cash_order_qty", venue.asset(instrument.rules.quote).number(order.quoteQuantity)))
        } else {
            members.append(("order_qty", instrument.volumeNumber(order.quantity)))
        }
        members += [
            ("limit_price", order.kind.hasLimit ? instrument.priceNumber(order.price) : nil),
            ("limit_price_type", order.kind.hasLimit ? "static" : nil),
            ("stop_price", order.kind.hasTrigger ? instrument.priceNumber(order.triggerPrice) : nil),
            ("triggers", order.kind.hasTrigger ? triggers(order, venue) : nil),
            ("time_in_force", .string(note.timeInForce)), ("post_only", order.isPostOnly ? true : nil),
            ("expire_time", note.expires > 0 ? Self.time(note.expires * 1000) : nil), ("fee_ccy_pref", "fciq"),
        ]
        members += sums(order, venue) + [("timestamp", Self.time(kind == "pending_new" ? order.placedAt : order.updatedAt))]
        return members
    }

    private func triggers(_ order: Order, _ venue: PaperVenue) -> JSONValue {
        let instrument = venue.instrument(order.instrument)
        return .members([
            ("reference", "last"), ("price", instrument.priceNumber(order.triggerPrice)), ("price_type", "static"),
            ("actual_price", order.isTriggered ? instrument.priceNumber(order.triggerPrice) : nil),
            ("last_price", venue.engine.lastTrade(order.instrument).map { instrument.priceNumber($0.price) }),
            ("status", order.isTriggered ? "triggered" : "untriggered"),
            ("timestamp", order.isTriggered ? Self.time(order.updatedAt) : nil),
        ])
    }

    /// What was filled so far.
    private func sums(_ order: Order, _ venue: PaperVenue) -> Members {
        let instrument = venue.instrument(order.instrument)
        let fees = venue.asset(venue.engine.feeAsset(of: order)).number(order.fees)
        return [
            ("cum_qty", instrument.volumeNumber(order.filled)),
            ("cum_cost", venue.asset(instrument.rules.quote).number(order.quoteFilled)),
            ("avg_price", order.filled > 0 ? .number(instrument.averageText(order)) : 0), ("fee_usd_equiv", fees),
        ]
    }

    private func ending(_ order: Order, _ kind: String, _ venue: PaperVenue) -> Members {
        let reason = kind == "filled" ? nil : PaperKrakenOrderText(order, names.pair(order.instrument), venue).reason
        return Self.named(order, kind, Self.status(order)) + [("order_userref", .integer(notes[order.id].reference ?? 0))]
            + sums(order, venue) + [
                ("cancel_reason", reason.map { .string($0) }), ("reason", reason.map { .string($0) }),
                ("timestamp", Self.time(order.updatedAt)),
            ]
    }

    private func amended(_ order: Order, _ venue: PaperVenue) -> Members {
        let instrument = venue.instrument(order.instrument)
        return Self.named(order, "amended", Self.status(order)) + [
            ("order_qty", instrument.volumeNumber(order.quantity)),
            ("limit_price", order.kind.hasLimit ? instrument.priceNumber(order.price) : nil), ("amended", true),
        ] + sums(order, venue) + [("timestamp", Self.time(order.updatedAt))]
    }

    // MARK: Fills

    private func trade(_ fill: Matching.Fill, _ order: Order, _ venue: PaperVenue) -> Members {
        let instrument = venue.instrument(fill.instrument)
        let asset = venue.asset(fill.feeAsset)
        return Self.named(order, "trade", Self.status(order)) + [
            ("exec_id", .string(PaperKrakenID.text(fill.trade))), ("trade_id", .integer(fill.number)),
            ("symbol", .string(names.pair(fill.instrument).symbol)), ("side", fill.side == .buy ? "buy" : "sell"),
            ("order_type", .string(PaperKrakenOrderText.type(order.kind))), ("last_qty", instrument.volumeNumber(fill.quantity)),
            ("last_price", instrument.priceNumber(fill.price)), ("liquidity_ind", fill.isMaker ? "m" : "t"),
            ("cost", venue.asset(instrument.rules.quote).number(fill.notional)),
            ("order_userref", .integer(notes[order.id].reference ?? 0)),
            ("fees", [["asset": .string(asset.name), "qty": asset.number(fill.fee)]]),
        ] + sums(order, venue) + [("timestamp", Self.time(fill.time))]
    }

    /// A fill of a snapshot, with its order as it is now.
    private func trade(_ fill: Matching.Fill, _ account: AccountID, _ venue: PaperVenue) -> Members {
        guard let order = venue.engine.order(.id(fill.order), of: account) else {
            // The order is forgotten: what the fill alone tells.
            let instrument = venue.instrument(fill.instrument)
            return [
                ("order_id", .string(PaperKrakenID.text(fill.order))), ("exec_id", .string(PaperKrakenID.text(fill.trade))),
                ("exec_type", "trade"), ("order_status", "filled"), ("symbol", .string(names.pair(fill.instrument).symbol)),
                ("side", fill.side == .buy ? "buy" : "sell"), ("last_qty", instrument.volumeNumber(fill.quantity)),
                ("last_price", instrument.priceNumber(fill.price)), ("timestamp", Self.time(fill.time)),
            ]
        }
        return trade(fill, order, venue)
    }

    // MARK: Balances

    mutating func balanceSnapshot(_ session: SessionID, _ venue: PaperVenue) -> StreamMessage? {
        guard let account = sessions[session]?.balances?.account else { return nil }
        var data: [JSONValue] = []
        for asset in venue.assets {
            let total = venue.engine.balance(account, asset.id).total
            sessions[session]?.balances?.totals[asset.id] = total
            guard total != 0 else { continue }
            let balance = asset.number(total)
            data.append([
                "asset": .string(asset.name), "asset_class": "currency", "balance": balance,
                "wallets": [["type": "spot", "id": "main", "balance": balance]],
            ])
        }
        return numbered("balances", "snapshot", data, session)
    }

    /// An entry for each currency whose total changed; fees are told apart from what the trades moved.
    private mutating func balanceChanges(
        _ session: SessionID, _ account: AccountID, _ updates: [OrderUpdate], _ venue: PaperVenue
    ) -> [JSONValue] {
        var fees: [AssetID: Int128] = [:]
        var trade = ""
        for case .trade(let fill) in updates.map(\.kind) {
            fees[fill.feeAsset, default: 0] += fill.fee
            trade = PaperKrakenID.text(fill.trade)
        }
        var result: [JSONValue] = []
        for asset in venue.assets {
            let total = venue.engine.balance(account, asset.id).total
            let before = sessions[session]?.balances?.totals.updateValue(total, forKey: asset.id) ?? 0
            guard total != before else { continue }
            let fee = fees[asset.id] ?? 0
            ledgerEntries += 1
            result.append([
                "ledger_id": .string(PaperKrakenID.ledger(ledgerEntries)), "ref_id": .string(trade),
                "timestamp": Self.time(venue.now),
                "type": "trade", "asset": .string(asset.name), "asset_class": "currency", "category": "trade",
                "wallet_type": "spot", "wallet_id": "main", "amount": asset.number(total - before + fee),
                "fee": asset.number(fee), "balance": asset.number(total),
            ])
        }
        return result
    }
}
