import Connectors
import Exchange
import Market

extension VenueCheck {
    func clock() async -> CheckLine {
        await line("clock") { () async throws(VenueError) in
            let (offset, uncertainty) = try await market.synchronizeClock()
            let text =
                "the venue's clock is \(offset.wholeMilliseconds) ms from ours, give or take \(uncertainty.wholeMilliseconds) ms"
            guard await market.gate.skew(limit: settings.skewLimit) != nil else { return (.ok, text) }
            return (.warning, text + ": set this machine's clock (chrony or systemd-timesyncd)")
        }
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
