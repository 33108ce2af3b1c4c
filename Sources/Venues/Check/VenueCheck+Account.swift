import Connectors
import Exchange
import Market
import Money
import Synchronization

extension VenueCheck {
    func balances(_ client: TradingClient) async -> CheckLine {
        await line("balances") { () async throws(VenueError) in
            let balances = try await client.balances()
            let held = balances.filter { !$0.free.isZero || !$0.locked.isZero }
            return (.ok, "\(balances.count) currencies, \(held.count) of them held")
        }
    }

    func rights(_ client: TradingClient) async -> CheckLine {
        await line("rights") { () async throws(VenueError) in
            guard let rights = try await client.accountRights(),
                rights.canRead != nil || rights.canTrade != nil || rights.canWithdraw != nil
            else { return (.ok, "the venue does not tell: see its page of API keys that this one may not withdraw") }
            if rights.canWithdraw == true {
                return (
                    .warning,
                    "THIS KEY MAY WITHDRAW MONEY. Nothing here needs that: take the right away at the venue, or make a key without it"
                )
            }
            if rights.canTrade == false { return (.warning, "the key may read and not trade") }
            let withdrawal = rights.canWithdraw == false ? "not withdraw" : "withdraw: the venue does not tell"
            return (.ok, "the key may \(rights.canTrade == true ? "trade" : "read") and \(withdrawal)")
        }
    }

    /// Has the venue check an order that is never placed.
    func validate(_ client: TradingClient, _ instrument: TradedInstrument) async -> CheckLine {
        await line("order") { () async throws(VenueError) in
            let update = try await market.book(instrument, depth: 10)
            guard let bid = update.bids.map(\.price).max(), let order = order(instrument, bid) else {
                return (.failed, "no order can be made up: the book or the rules of \(instrument.pair) say too little")
            }
            do throws(VenueError) {
                try await client.validate(order, instrument)
            } catch  where error.kind == .insufficientFunds {
                return (.warning, "the venue would take one, but the account has too little")
            } catch  where error.kind == .notSupported {
                return (.ok, "the venue cannot check one without placing it")
            }
            return (.ok, "the venue would take a limit order to buy (checked, not placed)")
        }
    }

    /// A buy ten percent below the best bid, as small as the rules allow.
    private func order(_ instrument: TradedInstrument, _ bid: Price) -> OrderIntent? {
        let below = Price(units: bid.units / 10 * 9, decimals: Int(bid.decimals))
        guard let price = below.rounded(toMultipleOf: instrument.priceTick, .down), price.isPositive else { return nil }
        let step = instrument.quantityStep
        let least = max(
            instrument.minimumQuantity?.approximation ?? 0,
            1.1 * (instrument.minimumNotional?.approximation ?? 0) / price.approximation)
        let steps = max((least / step.approximation).rounded(.up), 1)
        guard steps.isFinite, steps < 1e15 else { return nil }
        let (units, overflow) = step.units.multipliedReportingOverflow(by: Int64(steps))
        guard !overflow else { return nil }
        let id = [market.clock.random(), market.clock.random()].map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return OrderIntent(
            .buy, .limit(price), quantity: Quantity(units: units, decimals: Int(step.decimals)),
            clientOrderID: ClientOrderID(id.joined()))
    }

    func userStream(_ client: TradingClient, _ instrument: TradedInstrument) async -> CheckLine {
        let stream = AccountStream(client, instruments: [instrument])
        let reason = Mutex<String?>(nil)
        let isReady = Mutex(false)
        await beforeDeadline(
            [{ await stream.run() }],
            until: [
                {
                    while let update = await stream.updates.next() {
                        switch update {
                        case .stream(.ready): return isReady.withLock { $0 = true }
                        case .stream(.refused(let error)), .stream(.unreadable(let error)):
                            reason.withLock { $0 = error.description }
                        case .stream(.lost(let text)): reason.withLock { $0 = text }
                        default: break
                        }
                    }
                }
            ])
        if isReady.withLock({ $0 }) { return CheckLine("stream.account", .ok, "connected, orders and fills read") }
        return CheckLine("stream.account", .failed, reason.withLock { $0 } ?? "not ready in time")
    }
}
