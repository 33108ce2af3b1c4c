import Market
import Matching
import SyntheticMarket

/// The market's own doing.
extension PaperVenue {
    /// Candles that opened well before the start become history. The last whole one is played trade for trade, so that the first
    /// request for trades is answered with some, whatever the second of the minute.
    mutating func startMarkets() {
        for (index, instrument) in settings.instruments.enumerated() {
            var driver = MarketDriver(
                instrument.feed, base: settings.base, stepLength: settings.stepMilliseconds, seed: random.next())
            var history = PaperCandleHistory(base: settings.base, limit: settings.historyCandles)
            let first = settings.base.floor(settings.start).milliseconds - settings.base.milliseconds
            driver.skipHistory(before: first) { history.append(PaperCandle($0, instruments[index])) }
            drivers.append(driver)
            histories.append(history)
        }
        // The candle that is open at the start is played up to now.
        moveMarkets(upTo: now)
        engine.advance(to: now)
        collect()
        _ = drainEvents(depth: true)
    }

    /// Carries out all steps that are due, in the order of their times.
    mutating func moveMarkets(upTo time: Int64) {
        while true {
            var moved = false
            for index in drivers.indices {
                guard let step = drivers[index].step(upTo: time, instruments[index]) else {
                    if drivers[index].isOver { ended.insert(index) }
                    continue
                }
                engine.advance(to: step.time)
                carryOut(step, instruments[index], index)
                moved = true
            }
            guard moved else { return }
            collect()
        }
    }

    private mutating func carryOut(_ step: MarketDriver.Step, _ instrument: PaperInstrument, _ index: Int) {
        let part = faults.fillPart(at: step.time)
        _ = engine.cancelAll(of: house, instrument.id)
        sweep(step.price, instrument, part)
        offer(step.price, instrument, index, part)
        printTrade(step, instrument)
    }

    /// Fills what rests at the price or beyond it: the market came by.
    private mutating func sweep(_ price: Int64, _ instrument: PaperInstrument, _ part: Double) {
        let depth = engine.depth(instrument.id, levels: 1000)
        let asks = depth.asks.prefix { $0.price <= price }.reduce(Int64(0)) {
            $0.addingReportingOverflow($1.quantity).partialValue
        }
        let bids = depth.bids.prefix { $0.price >= price }.reduce(Int64(0)) {
            $0.addingReportingOverflow($1.quantity).partialValue
        }
        if asks > 0 { take(.buy, price, share(asks, part), instrument) }
        if bids > 0 { take(.sell, price, share(bids, part), instrument) }
    }

    private func share(_ quantity: Int64, _ part: Double) -> Int64 {
        part >= 1 ? quantity : Int64((Double(quantity) * part).rounded(.down))
    }

    private mutating func take(_ side: Side, _ price: Int64, _ quantity: Int64, _ instrument: PaperInstrument) {
        var left = quantity
        // In parts that the instrument's rules allow; each fills what is there.
        while left > 0 {
            let each = min(left, instrument.rules.quantity.upperBound)
            guard each >= instrument.rules.quantity.lowerBound else { return }
            var request = OrderRequest.limit(house, instrument.id, side, price: price, quantity: each)
            request.timeInForce = .immediateOrCancel
            guard (try? engine.place(request)) != nil else { return }
            left -= each
        }
    }

    /// A ladder of offers around the price, each level a little further and of its own size.
    private mutating func offer(_ price: Int64, _ instrument: PaperInstrument, _ index: Int, _ part: Double) {
        // About one part in ten thousand between the levels.
        let gap = max(1, price / 10_000)
        let quote = asset(instrument.rules.quote)
        let unit = max(1, instrument.rules.notional(price: price, quantity: 1))
        let usual = Int64(clamping: (quote.units(settings.levelValue) ?? 0) / unit)
        for level in 0..<settings.depthLevels {
            let distance = gap * Int64(level + 1)
            for side in [Side.buy, .sell] {
                let target = side == .buy ? price - distance : price + distance
                guard instrument.rules.price.contains(target) else { continue }
                let size = Double(usual) * (0.5 + drivers[index].randomFraction()) * part
                let lots = Int64(min(size, 1e15))
                let quantity = min(max(lots, instrument.rules.quantity.lowerBound), instrument.rules.quantity.upperBound)
                _ = try? engine.place(.limit(house, instrument.id, side, price: target, quantity: quantity))
            }
        }
    }

    /// The house trades with itself at the price, so that the public sees it, unless somebody still rests in the way.
    private mutating func printTrade(_ step: MarketDriver.Step, _ instrument: PaperInstrument) {
        if let bid = engine.bestBid(instrument.id), bid.price >= step.price { return }
        if let ask = engine.bestAsk(instrument.id), ask.price <= step.price { return }
        let bounds = instrument.rules.quantity
        var quantity = min(max(step.volume, bounds.lowerBound), bounds.upperBound)
        // What is below the smallest notional cannot be ordered: the print is made as large as it must be.
        let unit = instrument.rules.notional(price: step.price, quantity: 1)
        let smallest = (instrument.rules.notional.lowerBound + unit - 1) / max(unit, 1)
        quantity = min(max(quantity, Int64(clamping: smallest)), bounds.upperBound)
        let maker: Side = random.next() & 1 == 0 ? .buy : .sell
        guard (try? engine.place(.limit(house, instrument.id, maker, price: step.price, quantity: quantity))) != nil else {
            return
        }
        take(maker.opposite, step.price, quantity, instrument)
    }
}
