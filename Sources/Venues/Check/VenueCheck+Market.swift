import Connectors
import Exchange
import Market

extension VenueCheck {
    func clock() async -> CheckLine {
        await line("clock") { () async throws(VenueError) in
            let (offset, uncertainty) = try await market.synchronizeClock()
            if market.address.id.isPaper, let problem = try await paceProblem() { return (.failed, problem) }
            guard market.clock.pace == 1 else {
                return (.ok, "the venue's time goes \(Self.times(market.clock.pace)) as fast as ours, and clients keep step")
            }
            let text =
                "the venue's clock is \(offset.wholeMilliseconds) ms from ours, give or take \(uncertainty.wholeMilliseconds) ms"
            guard market.gate.skew(limit: settings.skewLimit) != nil else { return (.ok, text) }
            return (.warning, text + ": set this machine's clock (chrony or systemd-timesyncd)")
        }
    }

    /// What is wrong with the venue file's `speed`, as a second of real time shows it; nil where the venue keeps to it.
    private func paceProblem() async throws(VenueError) -> String? {
        let clock = market.clock
        let first = clock.now().uptime
        let start = try await market.serverTime()
        let second = clock.now().uptime
        await clock.sleep(for: clock.real(.seconds(1)))
        let third = clock.now().uptime
        let end = try await market.serverTime()
        let fourth = clock.now().uptime
        let passed = end.milliseconds - start.milliseconds
        // The times were taken somewhere between the requests and their answers, and the venue's time moves in steps of up to a tenth of a real second.
        let steps = Double(clock.real(.milliseconds(150)).wholeMilliseconds) + 2
        let longest = Double((fourth - first).wholeMilliseconds) * 1.02 + steps
        let shortest = Double((third - second).wholeMilliseconds) * 0.98 - steps
        guard Double(passed) > longest || Double(passed) < shortest else { return nil }
        let speed = Double(passed) / max(Double((third - second).wholeMilliseconds) / clock.pace, 1)
        let file = clock.pace == 1 ? "the venue file has no speed" : "the venue file says speed: \(Self.number(clock.pace))"
        return
            "the venue's time goes about \(Self.times(speed)) as fast as ours, and \(file): write there what the paper exchange's own "
            + "file says (a machine that is too slow for that speed falls behind)"
    }

    private static func times(_ speed: Double) -> String { "\(number(speed)) times" }

    /// Three digits, without a zero behind the point.
    private static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
        let scale: Double = abs(value) < 10 ? 1000 : abs(value) < 1000 ? 10 : 1
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    func markets() async -> (CheckLine, TradedInstrument?) {
        do {
            let list = try await market.instruments()
            let trading = list.filter(\.isTrading)
            guard let instrument = choose(trading) else {
                let wanted = settings.pair.map { "\($0) is not among the" } ?? "there are no"
                return (CheckLine("markets", .failed, "\(wanted) \(trading.count) instruments that are traded now"), nil)
            }
            let text = "\(list.count) instruments, \(trading.count) of them traded now; looking at \(instrument.pair)"
            return (CheckLine("markets", .ok, text), instrument)
        } catch {
            return (CheckLine("markets", .failed, error.description), nil)
        }
    }

    private func choose(_ list: [TradedInstrument]) -> TradedInstrument? {
        if let pair = settings.pair { return list.first { $0.pair == pair } }
        let known = ["BTC/USDT", "BTC/USD", "BTC/EUR", "BTC/USDT:USDT"].compactMap { Pair($0) }
        return known.lazy.compactMap { pair in list.first { $0.pair == pair } }.first ?? list.first
    }

    func candles(_ instrument: TradedInstrument) async -> CheckLine {
        await line("candles") { () async throws(VenueError) in
            let timeframe = market.venue.timeframes.first ?? .oneMinute
            let candles = try await market.candlePage(instrument, timeframe, from: nil, limit: 100)
            guard let last = candles.last else { return (.failed, "the venue has no candles of \(instrument.pair)") }
            return (.ok, "\(candles.count) of \(timeframe), the newest of \(last.time.iso8601)")
        }
    }

    func trades(_ instrument: TradedInstrument) async -> CheckLine {
        await line("trades") { () async throws(VenueError) in
            let trades = try await market.recentTrades(instrument, limit: 100)
            guard let last = trades.last else { return (.failed, "the venue has no trades of \(instrument.pair)") }
            return (.ok, "\(trades.count), the newest at \(last.price)")
        }
    }

    func book(_ instrument: TradedInstrument) async -> CheckLine {
        await line("book") { () async throws(VenueError) in
            let update = try await market.book(instrument, depth: 10)
            var book = OrderBook(depth: 5000)
            book.load(bids: update.bids, asks: update.asks)
            guard let bid = book.bestBid, let ask = book.bestAsk else { return (.failed, "one side of the book is empty") }
            return (book.isCrossed ? .failed : .ok, "\(bid.price) to \(ask.price)\(book.isCrossed ? ": crossed" : "")")
        }
    }

    func budgets() async -> CheckLine {
        let state = await market.gate.state()
        guard !state.isEmpty else { return CheckLine("budgets", .ok, "none was drawn on") }
        let parts = state.map { "\($0.name) \(units($0.limit - $0.used)) of \(units($0.limit)) left" }
        return CheckLine("budgets", .ok, parts.joined(separator: ", "))
    }

    private func units(_ thousandths: Int) -> String {
        let rest = abs(thousandths % 1000) / 100
        return "\(thousandths / 1000)" + (rest == 0 ? "" : ".\(rest)")
    }
}
