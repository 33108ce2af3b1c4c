import Exchange
import Market
import Matching
import Money

/// Market data and reports to the streams.
extension KrakenDialect {
    package mutating func publish(_ events: [PaperEvent], venue: inout PaperVenue) -> [StreamMessage] {
        guard !sessions.isEmpty else { return [] }
        prepare(&venue)
        let batch = Batch(events)
        let now = realTime(venue)
        var result: [StreamMessage] = []
        for session in sessions.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            let before = result.count
            for channel in sessions[session]?.channels ?? [] { result += messages(channel, session, batch, venue) }
            result += reports(session, batch, venue)
            if result.count > before { sessions[session]?.lastSent = now }
        }
        return result
    }

    /// A heartbeat about each second where nothing else is sent.
    package mutating func tick(venue: inout PaperVenue) -> [StreamMessage] {
        prepare(&venue)
        let now = realTime(venue)
        var result: [StreamMessage] = []
        for session in sessions.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let state = sessions[session], state.isSubscribed, now - state.lastSent >= 1000 else { continue }
            sessions[session]?.lastSent = now
            result.append(StreamMessage(session, ["channel": "heartbeat"], isData: false))
        }
        return result
    }

    /// Events sorted by what they are about.
    struct Batch {
        var trades: [InstrumentID: [Trade]] = [:]
        var depths: [InstrumentID: [DepthChanges]] = [:]
        var orders: [AccountID: [OrderUpdate]] = [:]
        var balances: Set<AccountID> = []

        init(_ events: [PaperEvent]) {
            for event in events {
                switch event {
                case .trade(let trade): trades[trade.instrument, default: []].append(trade)
                case .order(let update): orders[update.order.account, default: []].append(update)
                case .balances(let account, _): balances.insert(account)
                case .depth(let pair, let changes): depths[pair, default: []].append(changes)
                case .list: break
                }
            }
        }
    }

    /// The first message of a channel; what a subscriber of a book knows begins with it.
    mutating func begin(
        _ channel: PaperKrakenSession.Channel, _ session: SessionID, _ venue: PaperVenue
    ) -> StreamMessage? {
        let instrument = venue.instrument(channel.pair)
        let symbol = names.pair(channel.pair).symbol
        switch channel.kind {
        case .trade:
            let trades = venue.engine.recentTrades(channel.pair).suffix(50)
            return Self.message("trade", "snapshot", trades.map { Self.trade($0, instrument, symbol) }, session)
        case .ohlc(let minutes):
            return Self.message(
                "ohlc", "snapshot", candles(minutes, from: nil, instrument, symbol, venue), session, at: venue.clock)
        case .book(let depth):
            let book = PaperKrakenBook(venue.engine.depth(channel.pair, levels: depth))
            sessions[session]?.books[channel] = book
            let data = Self.book(book.bids, book.asks, book, instrument, symbol, venue.clock)
            return Self.message("book", "snapshot", [data], session)
        case .ticker:
            let quote = quote(channel.pair, venue)
            sessions[session]?.quotes[channel.pair] = quote
            return Self.message("ticker", "snapshot", [PaperKrakenDay(instrument, venue).streamTicker(symbol)], session)
        }
    }

    private mutating func messages(
        _ channel: PaperKrakenSession.Channel, _ session: SessionID, _ batch: Batch, _ venue: PaperVenue
    ) -> [StreamMessage] {
        let instrument = venue.instrument(channel.pair)
        let symbol = names.pair(channel.pair).symbol
        let trades = batch.trades[channel.pair] ?? []
        switch channel.kind {
        case .trade:
            guard !trades.isEmpty else { return [] }
            return [Self.message("trade", "update", trades.map { Self.trade($0, instrument, symbol) }, session)]
        case .ohlc(let minutes):
            guard let first = trades.first else { return [] }
            let rows = candles(minutes, from: first.time, instrument, symbol, venue)
            // One message each: clients take the first entry for all of them where the interval is concerned.
            return rows.map { Self.message("ohlc", "update", [$0], session, at: venue.clock) }
        case .book(let depth):
            return bookUpdates(channel, depth, session, batch, venue)
        case .ticker(let onQuotes):
            let quote = quote(channel.pair, venue)
            guard !trades.isEmpty || (onQuotes && sessions[session]?.quotes[channel.pair] != quote) else { return [] }
            sessions[session]?.quotes[channel.pair] = quote
            return [Self.message("ticker", "update", [PaperKrakenDay(instrument, venue).streamTicker(symbol)], session)]
        }
    }

    private func quote(_ pair: InstrumentID, _ venue: PaperVenue) -> PaperKrakenQuote {
        PaperKrakenQuote(bid: venue.engine.bestBid(pair), ask: venue.engine.bestAsk(pair))
    }

    private mutating func bookUpdates(
        _ channel: PaperKrakenSession.Channel, _ depth: Int, _ session: SessionID, _ batch: Batch, _ venue: PaperVenue
    ) -> [StreamMessage] {
        guard var book = sessions[session]?.books[channel] else { return [] }
        var result: [StreamMessage] = []
        for changes in batch.depths[channel.pair] ?? [] {
            let told = book.update(changes, now: venue.engine.depth(channel.pair, levels: depth))
            guard !told.bids.isEmpty || !told.asks.isEmpty else { continue }
            let data = Self.book(
                told.bids, told.asks, book, venue.instrument(channel.pair), names.pair(channel.pair).symbol, venue.clock)
            result.append(Self.message("book", "update", [data], session))
        }
        sessions[session]?.books[channel] = book
        return result
    }

    // MARK: Writing

    static func message(
        _ channel: String, _ type: String, _ data: [JSONValue], _ session: SessionID, at time: Int64? = nil,
        sequence: Int64? = nil
    ) -> StreamMessage {
        StreamMessage(
            session,
            .members([
                ("channel", .string(channel)), ("type", .string(type)), ("data", .array(data)),
                ("timestamp", time.map { .string(PaperKrakenTime.stream($0)) }), ("sequence", sequence.map { .integer($0) }),
            ]), isData: true)
    }

    private static func trade(_ trade: Trade, _ instrument: PaperInstrument, _ symbol: String) -> JSONValue {
        [
            "symbol": .string(symbol), "side": trade.takerSide == .buy ? "buy" : "sell",
            "price": instrument.priceNumber(trade.price), "qty": instrument.volumeNumber(trade.quantity), "ord_type": "limit",
            "trade_id": .integer(trade.number), "timestamp": .string(PaperKrakenTime.stream(trade.time)),
        ]
    }

    private static func book(
        _ bids: [DepthLevel], _ asks: [DepthLevel], _ book: PaperKrakenBook, _ instrument: PaperInstrument, _ symbol: String,
        _ time: Int64
    ) -> JSONValue {
        let level = { (level: DepthLevel) -> JSONValue in
            ["price": instrument.priceNumber(level.price), "qty": instrument.volumeNumber(level.quantity)]
        }
        return [
            "symbol": .string(symbol), "bids": .array(bids.map(level)), "asks": .array(asks.map(level)),
            "checksum": .integer(Int64(book.checksum(instrument))), "timestamp": .string(PaperKrakenTime.stream(time)),
        ]
    }

    /// Candles that opened at `from` or later, the one that contains it included; nil: the newest.
    private func candles(
        _ minutes: Int64, from: Int64?, _ instrument: PaperInstrument, _ symbol: String, _ venue: PaperVenue
    ) -> [JSONValue] {
        guard let timeframe = Self.intervals[minutes].flatMap({ Timeframe($0) }) else { return [] }
        let start = from.map { timeframe.floor(Timestamp(milliseconds: $0)).milliseconds }
        return venue.history(instrument.id).candles(timeframe, from: start, to: nil, limit: 720).map { candle in
            [
                "symbol": .string(symbol), "open": instrument.priceNumber(candle.open),
                "high": instrument.priceNumber(candle.high), "low": instrument.priceNumber(candle.low),
                "close": instrument.priceNumber(candle.close), "trades": .integer(candle.trades),
                "volume": instrument.volumeNumber(candle.volume),
                "vwap": .number(instrument.priceText(candle.quoteVolume, over: candle.volume)),
                "interval_begin": .string(PaperKrakenTime.stream(candle.time)), "interval": .integer(minutes),
                "timestamp": .string(PaperKrakenTime.stream(candle.time + timeframe.milliseconds)),
            ]
        }
    }

    /// The data of the channel `instrument`.
    func instruments(_ venue: PaperVenue) -> JSONValue {
        let assets = venue.assets.map { asset -> JSONValue in
            [
                "id": .string(asset.name), "status": "enabled", "precision": .integer(Int64(asset.decimals)),
                "precision_display": .integer(Int64(min(asset.decimals, 5))), "borrowable": false, "collateral_value": 0,
                "margin_rate": 0,
            ]
        }
        let pairs = names.pairs.map { pair -> JSONValue in
            let instrument = venue.instrument(pair.id)
            return [
                "symbol": .string(pair.symbol), "base": .string(instrument.base), "quote": .string(instrument.quote),
                "status": "online", "qty_precision": .integer(Int64(instrument.lot.decimals)),
                "qty_increment": .number(instrument.lot.description),
                "price_precision": .integer(Int64(instrument.tick.decimals)),
                "price_increment": .number(instrument.tick.description),
                "cost_precision": .integer(Int64(venue.asset(instrument.rules.quote).decimals)),
                "cost_min": .number(instrument.minimumNotional.description),
                "qty_min": .number(instrument.quantity(instrument.rules.quantity.lowerBound).description), "marginable": false,
                "has_index": false,
            ]
        }
        return ["assets": .array(assets), "pairs": .array(pairs)]
    }
}
