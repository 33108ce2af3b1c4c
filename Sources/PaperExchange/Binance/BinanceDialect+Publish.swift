import Exchange
package import Matching

// What happened, on its way to the subscribers.

extension BinanceDialect {
    package mutating func publish(_ events: [PaperEvent], venue: inout PaperVenue) -> [StreamMessage] {
        var result: [StreamMessage] = []
        // A market order by amount whose rest buys no lot: its last fill says that it is filled.
        var completed: [OrderID: Order] = [:]
        for case .order(let update) in events {
            if case .completed = update.kind { completed[update.order.id] = update.order }
        }
        for event in events {
            switch event {
            case .trade(let trade): publish(trade, venue, &result)
            case .depth(let id, let changes): publish(changes, id, venue, &result)
            case .order(let update): publish(update, completed[update.order.id], venue, &result)
            case .list(let list): tell(BinanceOrderText(venue: venue).listEvent(list), list.account, &result)
            case .balances(let account, let assets): tell(balances(account, assets, venue), account, &result)
            }
        }
        changeNames.removeAll()
        return result
    }

    /// An event of a stream for everyone who has it.
    func emit(_ event: @autoclosure () -> JSONValue, _ stream: BinanceStream, _ result: inout [StreamMessage]) {
        guard let subscribers = feeds.subscribers[stream] else { return }
        let event = event()
        for session in subscribers {
            guard let state = sessions[session] else { continue }
            let name = state.names[stream] ?? ""
            result.append(
                StreamMessage(session, state.isCombined ? ["stream": .string(name), "data": event] : event, isData: true))
        }
    }

    private func publish(_ trade: Trade, _ venue: PaperVenue, _ result: inout [StreamMessage]) {
        let instrument = venue.instrument(trade.instrument)
        let head: [JSONValue.Member] = [.init("E", .integer(venue.clock)), .init("s", .string(instrument.binanceSymbol))]
        emit(
            .object(
                [.init("e", "trade")] + head + [
                    .init("t", .integer(trade.number)), .init("p", .string(instrument.binancePrice(trade.price))),
                    .init("q", .string(instrument.binanceQuantity(trade.quantity))), .init("T", .integer(trade.time)),
                    .init("m", .bool(trade.takerSide == .sell)), .init("M", true),
                ]), .trade(trade.instrument), &result)
        emit(
            .object(
                [.init("e", "aggTrade")] + head + (Self.aggregate(trade, instrument).members ?? [])),
            .aggregateTrade(trade.instrument), &result)
    }
}

// MARK: - Books

extension BinanceDialect {
    private mutating func publish(
        _ changes: DepthChanges, _ id: InstrumentID, _ venue: PaperVenue, _ result: inout [StreamMessage]
    ) {
        let instrument = venue.instrument(id)
        emit(
            Self.depthEvent(changes.first, changes.last, changes.bids, changes.asks, instrument, venue),
            .depth(id, isFast: true), &result)
        guard feeds.isWanted(.depth(id, isFast: false)) else {
            feeds.pending[id] = nil
            return
        }
        // A gap must stay one: what came before it goes out on its own.
        if let before = feeds.pending[id], changes.first != before.last + 1 { flush(id, venue, &result) }
        var pending = feeds.pending[id] ?? .init(first: changes.first, last: changes.last)
        pending.last = changes.last
        for level in changes.bids { pending.bids[level.price] = level.quantity }
        for level in changes.asks { pending.asks[level.price] = level.quantity }
        feeds.pending[id] = pending
    }

    /// Sends the changes of the last second.
    mutating func flush(_ id: InstrumentID, _ venue: PaperVenue, _ result: inout [StreamMessage]) {
        guard let pending = feeds.pending.removeValue(forKey: id) else { return }
        let bids = pending.bids.sorted { $0.key > $1.key }.map { DepthLevel(price: $0.key, quantity: $0.value) }
        let asks = pending.asks.sorted { $0.key < $1.key }.map { DepthLevel(price: $0.key, quantity: $0.value) }
        emit(
            Self.depthEvent(pending.first, pending.last, bids, asks, venue.instrument(id), venue), .depth(id, isFast: false),
            &result)
    }

    private static func depthEvent(
        _ first: Int64, _ last: Int64, _ bids: [DepthLevel], _ asks: [DepthLevel], _ instrument: PaperInstrument,
        _ venue: PaperVenue
    ) -> JSONValue {
        [
            "e": "depthUpdate", "E": .integer(venue.clock), "s": .string(instrument.binanceSymbol), "U": .integer(first),
            "u": .integer(last), "b": levels(bids, instrument), "a": levels(asks, instrument),
        ]
    }
}

// MARK: - Accounts

extension BinanceDialect {
    /// An event for everyone who has subscribed to this account.
    func tell(_ event: @autoclosure () -> JSONValue, _ account: AccountID, _ result: inout [StreamMessage]) {
        for (session, state) in sessions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            for subscription in state.accounts where subscription.account == account {
                let message: JSONValue = ["subscriptionId": .integer(subscription.id), "event": event()]
                result.append(StreamMessage(session, message, isData: true))
            }
        }
    }

    private func balances(_ account: AccountID, _ assets: [AssetID], _ venue: PaperVenue) -> JSONValue {
        let list = assets.map { id -> JSONValue in
            let balance = venue.engine.balance(account, id)
            return [
                "a": .string(venue.asset(id).name), "f": .string(venue.binanceAmount(balance.free, id)),
                "l": .string(venue.binanceAmount(balance.locked, id)),
            ]
        }
        return [
            "e": "outboundAccountPosition", "E": .integer(venue.clock), "u": .integer(venue.clock), "B": .array(list),
        ]
    }

    /// The event of a deposit or, below zero, of a withdrawal, for the subscribers of the account.
    package func balanceUpdate(
        _ account: AccountID, _ asset: AssetID, _ units: Int128, _ venue: PaperVenue
    ) -> [StreamMessage] {
        var result: [StreamMessage] = []
        tell(
            [
                "e": "balanceUpdate", "E": .integer(venue.clock), "a": .string(venue.asset(asset).name),
                "d": .string(venue.binanceAmount(units, asset)), "T": .integer(venue.clock),
            ], account, &result)
        return result
    }

    private mutating func publish(
        _ update: OrderUpdate, _ completed: Order?, _ venue: PaperVenue, _ result: inout [StreamMessage]
    ) {
        var order = update.order
        switch update.kind {
        case .rejected, .completed: return
        case .trade:
            // The last fill of the order tells its end.
            if let completed, completed.filled == order.filled { order = completed }
            if order.status == .filled, let index = venue.accounts.firstIndex(where: { $0.id == order.account }) {
                limits.add(orders: -1, of: index, at: venue.now)
            }
        default: break
        }
        feeds.executions += 1
        let report = BinanceReport(
            update: update, order: order, name: changeNames[order.id], number: feeds.executions, venue: venue)
        tell(report.event, order.account, &result)
    }
}
