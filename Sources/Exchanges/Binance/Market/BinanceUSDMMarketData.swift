package import Exchange
package import Market

/// Binance USD-M futures without a key: perpetuals, their candles, books and funding rates.
package struct BinanceUSDMMarketData: MarketDataVenue {
    package static let protocolName = "binance-usdm"
    private let answers = BinanceAnswers(system: .usdm, changesState: false)

    package init() {}

    package var budgetLimits: [BudgetLimit] { BinanceBudgets.usdm }
    package func usage(in response: WebResponse) -> [BudgetUsage] { BinanceBudgets.usage(in: response) }
    package func budgetLimits(inMarketList response: WebResponse) -> [BudgetLimit] {
        (try? answers.json(response)).map(BinanceBudgets.limits) ?? []
    }

    package func serverTime() -> PublicCall<Timestamp> {
        call("/fapi/v1/time", weight: 1) { [answers] response throws(VenueError) in
            try BinanceMarketAnswers.serverTime(response, answers)
        }
    }

    package func marketList() -> [PublicCall<WebResponse>] {
        [
            call("/fapi/v1/exchangeInfo", weight: 1) { [answers] response throws(VenueError) in
                try answers.check(response)
                return response
            }
        ]
    }

    package func instruments(from responses: [WebResponse]) throws(VenueError) -> [TradedInstrument] {
        try BinanceMarketList.instruments(from: responses, answers)
    }

    package var timeframes: [Timeframe] { BinanceTimeframes.all }
    package var candleLimit: Int { 1500 }
    package var candlesReachBack: Bool { true }

    package func candles(
        _ instrument: TradedInstrument, _ timeframe: Timeframe, from: Timestamp?, limit: Int
    ) -> PublicCall<[Candle]> {
        var parameters: [RequestDraft.Parameter] = [
            .init("symbol", instrument.symbol), .init("interval", BinanceTimeframes.name(timeframe)),
        ]
        parameters.add("startTime", from.map { String($0.milliseconds) })
        let count = min(max(limit, 1), candleLimit)
        parameters.add("limit", String(count))
        let weight = count < 100 ? 1 : count < 500 ? 2 : count <= 1000 ? 5 : 10
        return call("/fapi/v1/klines", parameters, weight: weight) { [answers] response throws(VenueError) in
            try BinanceMarketAnswers.candles(response, answers)
        }
    }

    /// Aggregated trades, as the stream has them, so that the numbers of both are of one kind.
    package func recentTrades(_ instrument: TradedInstrument, limit: Int) -> PublicCall<[MarketTrade]> {
        let parameters: [RequestDraft.Parameter] = [
            .init("symbol", instrument.symbol), .init("limit", String(min(max(limit, 1), 1000))),
        ]
        let symbol = instrument.streamSymbol
        return call("/fapi/v1/aggTrades", parameters, weight: 20) { [answers] response throws(VenueError) in
            try BinanceMarketAnswers.aggregateTrades(response, symbol: symbol, answers)
        }
    }

    package func book(_ instrument: TradedInstrument, depth: Int) -> PublicCall<BookUpdate> {
        // Only these depths are served; the next deeper one is taken.
        let limit = [5, 10, 20, 50, 100, 500].first { $0 >= depth } ?? 1000
        let weight = limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20
        let parameters: [RequestDraft.Parameter] = [.init("symbol", instrument.symbol), .init("limit", String(limit))]
        let symbol = instrument.streamSymbol
        return call("/fapi/v1/depth", parameters, weight: weight) { [answers] response throws(VenueError) in
            try BinanceMarketAnswers.book(response, symbol: symbol, answers)
        }
    }

    private func call<Answer>(
        _ path: String, _ parameters: [RequestDraft.Parameter] = [], weight: Int,
        decode: @escaping @Sendable (WebResponse) throws(VenueError) -> Answer
    ) -> PublicCall<Answer> {
        PublicCall(
            BinanceRequests.open(path, parameters), charges: BinanceBudgets.call(weight, .usdm), decode: decode)
    }
}

// MARK: - Streams

extension BinanceUSDMMarketData {
    package var marketStreamPath: String { "/market/ws" }
    /// Books and quotes are served at another path than trades and candles.
    package func marketStreamPath(of subscription: MarketSubscription) -> String {
        switch subscription {
        case .trades, .candles: "/market/ws"
        case .book, .quote: "/public/ws"
        }
    }
    package func subscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String] {
        subscribe(streams: subscriptions.map { BinanceStreamNames.name($0, system: .usdm) }, id: id)
    }
    /// Subscribes to streams by the venue's own names, also such as have no word in our vocabulary: `btcusdt@miniTicker`.
    package func subscribe(streams: [String], id: Int64) -> [String] {
        BinanceStreamNames.messages("SUBSCRIBE", streams, id: id)
    }
    package func unsubscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String] {
        BinanceStreamNames.messages(
            "UNSUBSCRIBE", subscriptions.map { BinanceStreamNames.name($0, system: .usdm) }, id: id)
    }
    package func decode(_ message: [UInt8]) throws(VenueError) -> StreamInput {
        try BinanceStreamReader(system: .usdm).decode(message)
    }
    package var bookRule: BookRule { .previousIDs }
    /// The venue pings every 3 minutes.
    package var streamSilenceLimit: Duration { .seconds(200) }
    package var subscriptionsPerConnection: Int { 1024 }
}
