import Exchange
import Market
import Matching
import Money

/// `/0/public`
extension KrakenDialect {
    /// Minutes of the candles that Kraken has.
    static let intervals: [Int64: String] = [
        1: "1m", 5: "5m", 15: "15m", 30: "30m", 60: "1h", 240: "4h", 1440: "1d", 10_080: "1w", 21_600: "15d",
    ]

    mutating func publicCall(
        _ name: String, _ request: WebRequest, _ peer: String, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) -> JSONValue {
        if venue.settings.enforcesRateLimits, !limits.takePublic(peer, at: venue.now) { throw .tooManyRequests }
        guard var form = PaperKrakenForm(form: Array(request.query.utf8)) else { throw .arguments("query") }
        if request.query.isEmpty, !request.body.isEmpty {
            guard let body = Self.form(request) else { throw .arguments("body") }
            form = body
        }
        switch name {
        case "Time": return Self.time(venue)
        case "SystemStatus":
            return ["status": "online", "timestamp": .string(PaperKrakenTime.seconds(venue.clock))]
        case "Assets": return try assets(form, venue)
        case "AssetPairs": return try assetPairs(form, venue)
        case "Ticker": return try tickers(form, venue)
        case "OHLC": return try candles(form, venue)
        case "Depth": return try depth(form, venue)
        case "Trades": return try trades(form, venue)
        case "Spread": return try spread(form, venue)
        default: throw .unknownMethod
        }
    }

    /// The parameters in a body, by its type; without one it is a form.
    static func form(_ request: WebRequest) -> PaperKrakenForm? {
        let type = request.header("Content-Type")?.lowercased() ?? ""
        return type.contains("json") ? PaperKrakenForm(json: request.body) : PaperKrakenForm(form: request.body)
    }

    func pair(_ form: PaperKrakenForm) throws(PaperKrakenRefusal) -> PaperKrakenNames.PairNames {
        guard let name = form.text("pair") else { throw .arguments("pair") }
        guard let pair = names.pair(name) else { throw .unknownPair }
        return pair
    }

    private static func time(_ venue: PaperVenue) -> JSONValue {
        ["unixtime": .integer(venue.clock / 1000), "rfc1123": .string(PaperKrakenTime.rfc1123(venue.clock))]
    }

    private func assets(_ form: PaperKrakenForm, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let wanted = form.list("asset").map { $0.uppercased() }
        let all = venue.assets.map { asset in
            (PaperKrakenNames.code(asset.name), PaperKrakenNames.altname(asset.name), asset)
        }
        for name in wanted where !all.contains(where: { $0.0 == name || $0.1 == name || $0.2.name == name }) {
            throw .unknownAsset
        }
        let chosen = all.filter { entry in
            wanted.isEmpty || wanted.contains(entry.0) || wanted.contains(entry.1) || wanted.contains(entry.2.name)
        }
        return .object(
            chosen.map { code, short, asset in
                .init(
                    code,
                    [
                        "aclass": "currency", "altname": .string(short), "decimals": .integer(Int64(asset.decimals)),
                        "display_decimals": .integer(Int64(min(asset.decimals, 5))), "status": "enabled",
                    ])
            })
    }

    private func assetPairs(_ form: PaperKrakenForm, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let chosen = try pairs(form)
        return .object(chosen.map { .init($0.key, Self.description(of: $0, venue)) })
    }

    /// The pairs that are named, or all.
    private func pairs(_ form: PaperKrakenForm) throws(PaperKrakenRefusal) -> [PaperKrakenNames.PairNames] {
        let wanted = form.list("pair")
        guard !wanted.isEmpty else { return names.pairs }
        var result: [PaperKrakenNames.PairNames] = []
        for name in wanted {
            guard let pair = names.pair(name) else { throw .unknownPair }
            result.append(pair)
        }
        return result
    }

    private static func description(of pair: PaperKrakenNames.PairNames, _ venue: PaperVenue) -> JSONValue {
        let instrument = venue.instrument(pair.id)
        let fees = instrument.rules.fees
        return [
            "altname": .string(pair.altname), "wsname": .string(pair.wsname), "aclass_base": "currency",
            "base": .string(pair.baseCode), "aclass_quote": "currency", "quote": .string(pair.quoteCode), "lot": "unit",
            "cost_decimals": .integer(Int64(venue.asset(instrument.rules.quote).decimals)),
            "pair_decimals": .integer(Int64(instrument.tick.decimals)),
            "lot_decimals": .integer(Int64(instrument.lot.decimals)), "lot_multiplier": 1, "leverage_buy": [],
            "leverage_sell": [], "fees": [[0, .number(percent(fees.taker))]], "fees_maker": [[0, .number(percent(fees.maker))]],
            "fee_volume_currency": "ZUSD", "margin_call": 80, "margin_stop": 40,
            "ordermin": .string(instrument.quantity(instrument.rules.quantity.lowerBound).description),
            "costmin": .string(instrument.minimumNotional.description), "tick_size": .string(instrument.tick.fullText),
            "status": "online",
        ]
    }

    /// A rate in parts of 100,000,000 as a percentage.
    static func percent(_ rate: Int64) -> String { Amount(units: Int128(rate), decimals: 6).description }

    private func tickers(_ form: PaperKrakenForm, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let chosen = try pairs(form)
        return .object(chosen.map { .init($0.key, PaperKrakenDay(venue.instrument($0.id), venue).restTicker) })
    }

    /// At most the newest 720, the last of them still open; those after `since`.
    private func candles(_ form: PaperKrakenForm, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let pair = try pair(form)
        let minutes = form["interval"] == nil ? 1 : form.integer("interval")
        guard let minutes, let name = Self.intervals[minutes], let timeframe = Timeframe(name) else {
            throw .arguments("interval")
        }
        let since = try Self.since(form, perSecond: 1)
        let instrument = venue.instrument(pair.id)
        let all = venue.history(pair.id).candles(timeframe, from: nil, to: nil, limit: 720)
        let rows = all.filter { $0.time / 1000 > since ?? .min }.map { candle -> JSONValue in
            [
                .integer(candle.time / 1000), .string(instrument.priceText(candle.open)),
                .string(instrument.priceText(candle.high)), .string(instrument.priceText(candle.low)),
                .string(instrument.priceText(candle.close)),
                .string(instrument.priceText(candle.quoteVolume, over: candle.volume)),
                .string(instrument.volumeText(candle.volume)), .integer(candle.trades),
            ]
        }
        // The last one that is complete: whoever asks on from it gets the open one again.
        let last = all.dropLast().last?.time ?? all.last?.time ?? venue.clock
        return .object([.init(pair.key, .array(rows)), .init("last", .integer(last / 1000))])
    }

    private static func since(_ form: PaperKrakenForm, perSecond: Int64) throws(PaperKrakenRefusal) -> Int64? {
        guard let text = form.text("since") else { return nil }
        // Some clients send decimals.
        let whole = text.prefix { $0 != "." }
        guard let value = Int64(whole), value >= 0 else { throw .arguments("since") }
        return value
    }

    private func depth(_ form: PaperKrakenForm, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let pair = try pair(form)
        let count = form["count"] == nil ? 100 : form.integer("count")
        guard let count, count >= 1 else { throw .arguments("count") }
        let instrument = venue.instrument(pair.id)
        let depth = venue.engine.depth(pair.id, levels: Int(min(count, 500)))
        let row = { (level: DepthLevel) -> JSONValue in
            [
                .string(instrument.priceText(level.price)), .string(instrument.volumeText(level.quantity)),
                .integer(venue.clock / 1000),
            ]
        }
        return .object([.init(pair.key, ["asks": .array(depth.asks.map(row)), "bids": .array(depth.bids.map(row))])])
    }

    /// From the oldest on after `since` (nanoseconds), or the newest; at most 1000.
    private func trades(_ form: PaperKrakenForm, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let pair = try pair(form)
        let count = form["count"] == nil ? 1000 : form.integer("count")
        guard let count, (1...1000).contains(count) else { throw .arguments("count") }
        let instrument = venue.instrument(pair.id)
        // Seconds are taken, too, as Kraken does.
        let since = try Self.since(form, perSecond: 1_000_000_000).map {
            $0 < 1_000_000_000_000 ? $0.multipliedReportingOverflow(by: 1_000_000_000).partialValue : $0
        }
        let all = venue.engine.recentTrades(pair.id)
        let stamped = all.map { (trade: $0, nanoseconds: Self.nanoseconds($0)) }
        let chosen =
            if let since { stamped.filter { $0.nanoseconds > since }.prefix(Int(count)) } else { stamped.suffix(Int(count)) }
        let rows = chosen.map { entry -> JSONValue in
            let trade = entry.trade
            let time = DecimalText.text(Int128(entry.nanoseconds / 100), decimals: 7)
            return [
                .string(instrument.priceText(trade.price)), .string(instrument.volumeText(trade.quantity)), .number(time),
                trade.takerSide == .buy ? "b" : "s", "l", "", .integer(trade.number),
            ]
        }
        let last = chosen.last?.nanoseconds ?? since ?? venue.now &* 1_000_000
        return .object([.init(pair.key, .array(rows)), .init("last", .string(String(last)))])
    }

    /// Trades of one millisecond differ in their nanoseconds by their numbers, so that `since` skips none.
    private static func nanoseconds(_ trade: Trade) -> Int64 {
        (trade.time &* 1_000_000) &+ (trade.id.rawValue % 10_000) &* 100
    }

    private func spread(_ form: PaperKrakenForm, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let pair = try pair(form)
        let instrument = venue.instrument(pair.id)
        var rows: [JSONValue] = []
        if let bid = venue.engine.bestBid(pair.id), let ask = venue.engine.bestAsk(pair.id) {
            rows.append([
                .integer(venue.clock / 1000), .string(instrument.priceText(bid.price)), .string(instrument.priceText(ask.price)),
            ])
        }
        return .object([.init(pair.key, .array(rows)), .init("last", .integer(venue.clock / 1000))])
    }
}
