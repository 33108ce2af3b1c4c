package import Exchange
package import Market

/// Binance spot without a key.
package struct BinanceSpotMarketData: MarketDataVenue {
    package static let protocolName = "binance"
    private let answers = BinanceAnswers(system: .spot, changesState: false)

    package init() {}

    package var budgetLimits: [BudgetLimit] { BinanceBudgets.spot }
    package func usage(in response: WebResponse) -> [BudgetUsage] { BinanceBudgets.usage(in: response) }
    package func budgetLimits(inMarketList response: WebResponse) -> [BudgetLimit] {
        (try? answers.json(response)).map(BinanceBudgets.limits) ?? []
    }

    package func serverTime() -> PublicCall<Timestamp> {
        call("/api/v3/time", weight: 1) { [answers] response throws(VenueError) in
            try BinanceMarketAnswers.serverTime(response, answers)
        }
    }

    package func marketList() -> [PublicCall<WebResponse>] {
        [
            call("/api/v3/exchangeInfo", weight: 20) { [answers] response throws(VenueError) in
                try answers.check(response)
                return response
            }
        ]
    }

    package func instruments(from responses: [WebResponse]) throws(VenueError) -> [TradedInstrument] {
        try BinanceMarketList.instruments(from: responses, answers)
    }

    package var timeframes: [Timeframe] { BinanceTimeframes.all }
    package var candleLimit: Int { 1000 }
    package var candlesReachBack: Bool { true }

    package func candles(
        _ instrument: TradedInstrument, _ timeframe: Timeframe, from: Timestamp?, limit: Int
    ) -> PublicCall<[Candle]> {
        var parameters: [RequestDraft.Parameter] = [
            .init("symbol", instrument.symbol), .init("interval", BinanceTimeframes.name(timeframe)),
        ]
        parameters.add("startTime", from.map { String($0.milliseconds) })
        parameters.add("limit", String(min(max(limit, 1), candleLimit)))
        return call("/api/v3/klines", parameters, weight: 2) { [answers] response throws(VenueError) in
            try BinanceMarketAnswers.candles(response, answers)
        }
    }

    package func recentTrades(_ instrument: TradedInstrument, limit: Int) -> PublicCall<[MarketTrade]> {
        let parameters: [RequestDraft.Parameter] = [
            .init("symbol", instrument.symbol), .init("limit", String(min(max(limit, 1), 1000))),
        ]
        let symbol = instrument.streamSymbol
        return call("/api/v3/trades", parameters, weight: 25) { [answers] response throws(VenueError) in
            try BinanceMarketAnswers.trades(response, symbol: symbol, answers)
        }
    }

    package func book(_ instrument: TradedInstrument, depth: Int) -> PublicCall<BookUpdate> {
        let limit = min(max(depth, 1), 5000)
        let weight = limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250
        let parameters: [RequestDraft.Parameter] = [.init("symbol", instrument.symbol), .init("limit", String(limit))]
        let symbol = instrument.streamSymbol
        return call("/api/v3/depth", parameters, weight: weight) { [answers] response throws(VenueError) in
            try BinanceMarketAnswers.book(response, symbol: symbol, answers)
        }
    }

    private func call<Answer>(
        _ path: String, _ parameters: [RequestDraft.Parameter] = [], weight: Int,
        decode: @escaping @Sendable (WebResponse) throws(VenueError) -> Answer
    ) -> PublicCall<Answer> {
        PublicCall(
            BinanceRequests.open(path, parameters), charges: BinanceBudgets.call(weight, .spot), decode: decode)
    }
}

// MARK: - Streams

extension BinanceSpotMarketData {
    package var marketStreamPath: String { "/ws" }
    package func subscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String] {
        subscribe(streams: subscriptions.map { BinanceStreamNames.name($0, system: .spot) }, id: id)
    }
    /// Subscribes to streams by the venue's own names, also such as have no word in our vocabulary: `btcusdt@miniTicker`.
    package func subscribe(streams: [String], id: Int64) -> [String] {
        BinanceStreamNames.messages("SUBSCRIBE", streams, id: id)
    }
    package func unsubscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String] {
        BinanceStreamNames.messages(
            "UNSUBSCRIBE", subscriptions.map { BinanceStreamNames.name($0, system: .spot) }, id: id)
    }
    package func decode(_ message: [UInt8]) throws(VenueError) -> StreamInput {
        try BinanceStreamReader(system: .spot).decode(message)
    }
    package var bookRule: BookRule { .updateIDs }
    /// The venue pings every 20 s.
    package var streamSilenceLimit: Duration { .seconds(60) }
    package var subscriptionsPerConnection: Int { 1024 }
}
