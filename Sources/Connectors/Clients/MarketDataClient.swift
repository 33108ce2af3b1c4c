package import Exchange
package import Market
import Synchronization

/// Reads a venue's market: over REST and streams, never with a key.
///
/// Built from the public half of a venue alone: nothing in it can sign, and no trading client can be made from it.
package final class MarketDataClient: Sendable {
    package let venue: any MarketDataVenue
    package let address: VenueAddress
    package let gate: BudgetGate
    package let clock: any ConnectorClock
    let dialer: any WebSocketDialer
    let settings: ClientSettings
    private let sender: RequestSender
    private let cache = Mutex<[TradedInstrument]?>(nil)

    package init(
        _ venue: any MarketDataVenue, at address: VenueAddress, client: any WebClient, dialer: any WebSocketDialer,
        clock: any ConnectorClock, gate: BudgetGate? = nil, settings: ClientSettings = ClientSettings()
    ) {
        let gate = gate ?? BudgetGate(venue, clock: clock)
        self.venue = venue
        self.address = address
        self.gate = gate
        self.clock = clock
        self.dialer = dialer
        self.settings = settings
        sender = RequestSender(client: client, origin: address.rest, gate: gate, clock: clock, settings: settings)
    }

    /// The venue's time, which also improves what is known of its clock.
    package func serverTime() async throws(VenueError) -> Timestamp {
        let call = venue.serverTime()
        let (gate, clock) = (gate, clock)
        return try await sender.retrying { () async throws(VenueError) -> Timestamp in
            var sent = Duration.zero
            let time = try await sender.send(charges: call.charges, changesState: false, decode: call.decode) {
                () throws(VenueError) in
                sent = clock.now().uptime
                return call.request
            }
            gate.add(time, sent: sent, received: clock.now().uptime)
            return time
        }
    }

    /// Asks for the venue's time so often, and answers its clock's offset from ours and how far that may be off.
    package func synchronizeClock(rounds: Int = 4) async throws(VenueError) -> (offset: Duration, uncertainty: Duration) {
        for _ in 0..<max(rounds, 1) { _ = try await serverTime() }
        guard let offset = gate.clockOffset() else {
            throw VenueError(.malformedAnswer, .retryable(after: nil), code: "time", message: "the venue's time is out of range")
        }
        return offset
    }

    /// What the venue trades; asked for once, and again with `refresh`. Takes over the budgets that the list names.
    package func instruments(refresh: Bool = false) async throws(VenueError) -> [TradedInstrument] {
        if !refresh, let known = cache.withLock({ $0 }) { return known }
        var responses: [WebResponse] = []
        for call in venue.marketList() { responses.append(try await sender.call(call)) }
        let list = try venue.instruments(from: responses)
        await gate.adopt(responses.flatMap { venue.budgetLimits(inMarketList: $0) })
        cache.withLock { $0 = list }
        return list
    }

    package func instrument(_ pair: Pair) async throws(VenueError) -> TradedInstrument {
        if let found = try await instruments().first(where: { $0.pair == pair }) { return found }
        throw VenueError(.badSymbol, .permanent, code: "pair", message: "\(address.id) does not list \(pair)")
    }

    /// One page of candles.
    package func candlePage(
        _ instrument: TradedInstrument, _ timeframe: Timeframe, from: Timestamp?, limit: Int
    ) async throws(VenueError) -> [Candle] {
        try await sender.call(venue.candles(instrument, timeframe, from: from, limit: min(limit, venue.candleLimit)))
    }

    /// All candles that open at or after `from` and before `to` (nil: to the newest, which may be open), page after page, each once.
    package func candles(
        _ instrument: TradedInstrument, _ timeframe: Timeframe, from: Timestamp, to: Timestamp? = nil
    ) async throws(VenueError) -> [Candle] {
        var result: [Candle] = []
        var next = from
        for _ in 0..<settings.pageLimit {
            let page = try await candlePage(instrument, timeframe, from: next, limit: venue.candleLimit)
            let fresh = page.filter { $0.time >= next && $0.time < to ?? Timestamp(milliseconds: .max) }
            result += fresh
            guard let last = fresh.last?.time, fresh.count == page.count, page.count >= venue.candleLimit, venue.candlesReachBack
            else { return result }
            next = Timestamp(milliseconds: last.milliseconds &+ timeframe.milliseconds)
            guard next > last else { return result }
        }
        return result
    }

    /// The newest trades, oldest first.
    package func recentTrades(_ instrument: TradedInstrument, limit: Int = 1000) async throws(VenueError) -> [MarketTrade] {
        try await sender.call(venue.recentTrades(instrument, limit: limit)).sorted { $0.tradeID < $1.tradeID }
    }

    package func book(_ instrument: TradedInstrument, depth: Int) async throws(VenueError) -> BookUpdate {
        try await sender.call(venue.book(instrument, depth: depth))
    }
}
