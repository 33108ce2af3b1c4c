import Backtesting
package import Exchange
package import Market
package import Money
package import Orders

/// What a shell tells the loop. Each input returns what to do about it.
extension TradingInstance {
    /// The closed candles of a pair up to now, startup candles included, before the first `candle` of it. Decides nothing yet.
    package mutating func history(_ pair: Pair, _ candles: Candles, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        guard markets[pair] != nil else { return end() }
        markets[pair]?.window.load(candles)
        analyze(pair)
        return end()
    }

    /// A candle of a pair is over.
    package mutating func candle(_ pair: Pair, _ candle: Candle, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        guard markets[pair]?.window.append(candle) == true else { return end() }
        analyze(pair)
        decide(about: pair)
        return end()
    }

    /// The best prices of a pair; `last` where it is known.
    package mutating func quote(
        _ pair: Pair, bid: Price, ask: Price, last: Price? = nil, now time: Timestamp
    ) -> [TradingDirective] {
        begin(time)
        guard bid.isPositive, ask.isPositive else { return end() }
        markets[pair]?.bid = bid
        markets[pair]?.ask = ask
        if let last { markets[pair]?.last = last }
        priceChanged(pair)
        return end()
    }

    /// The upper levels of a pair's book, best first.
    package mutating func book(
        _ pair: Pair, bids: [BookLevel], asks: [BookLevel], now time: Timestamp
    ) -> [TradingDirective] {
        begin(time)
        markets[pair]?.bids = Array(bids.prefix(50))
        markets[pair]?.asks = Array(asks.prefix(50))
        if let bid = bids.first?.price { markets[pair]?.bid = bid }
        if let ask = asks.first?.price { markets[pair]?.ask = ask }
        priceChanged(pair)
        return end()
    }

    /// Something happened to an order of ours.
    package mutating func orderUpdate(_ update: OrderUpdate, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        apply(update)
        // A slot became free: freqtrade closes and enters in one pass, too.
        if slotFreed { considerEntries() }
        slotFreed = false
        return end()
    }

    /// What the account has. `isComplete`: a currency that is not named has nothing; otherwise it stays as it was.
    package mutating func wallet(_ new: [Balance], isComplete: Bool, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        balances.update(new, isComplete: isComplete, at: inputs)
        return end()
    }

    /// The order gate of the account changed.
    package mutating func gate(_ mode: GateMode, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        gate = mode
        if mode == .reducing { cancelEntries(because: .gate) }
        if mode != .halted { for trade in trades.map(\.number) { advance(trade) } }
        return end()
    }

    /// No entries for this reason until it is taken back; exits go on.
    package mutating func pauseEntries(_ reason: String, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        pauses.insert(reason)
        return end()
    }

    package mutating func resumeEntries(_ reason: String, now time: Timestamp) -> [TradingDirective] {
        begin(time)
        pauses.remove(reason)
        considerEntries()
        return end()
    }

    /// What an entry of each pair may cost from now on, in stake currency; a pair that is not named may not be entered. Decides nothing.
    package mutating func limitEntries(to rooms: [Pair: Amount]) { self.rooms = rooms }

    /// No order takes a number below this: a lost journal has used them.
    package mutating func skipTickets(below next: OrderTicket) { nextTicket = max(nextTicket, next.number) }

    /// Time passed. To be called every `process_throttle_secs`, as `wakeAt` says.
    package mutating func tick(now time: Timestamp) -> [TradingDirective] {
        begin(time)
        if gate == .reducing { cancelEntries(because: .gate) }
        checkTimeouts()
        for trade in trades.map(\.number) {
            advance(trade)
            checkExit(trade)
        }
        considerEntries()
        if !isFinished { out.append(.wakeAt(now.advanced(byMilliseconds: settings.processThrottle))) }
        return end()
    }

    /// The job is to end: with `cancel_open_orders_on_exit` orders of entry and exit are canceled; positions and stops at the venue stay.
    package mutating func stopRequested(now time: Timestamp) -> [TradingDirective] {
        begin(time)
        isStopping = true
        if settings.cancelOpenOrdersOnExit, gate != .halted {
            for index in trades.indices {
                for order in trades[index].orders where !order.isOver && !order.isStop {
                    cancel(order.ticket, at: index, because: .shutdown)
                }
            }
        }
        return end()
    }
}

extension TradingInstance {
    /// A new price: exits are looked at, and an entry that waited for a price.
    private mutating func priceChanged(_ pair: Pair) {
        guard isStarted else { return }
        if settings.checksExitsOnQuotes, let index = index(of: pair) { checkExit(trades[index].number) }
        if markets[pair]?.awaitsPrice == true { considerEntries() }
    }

    /// A new candle: exits of the pair first, as freqtrade has it, then entries.
    private mutating func decide(about pair: Pair) {
        guard isStarted else { return }
        if let index = index(of: pair) { checkExit(trades[index].number) }
        considerEntries()
    }
}
