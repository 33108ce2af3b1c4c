import Exchange
import Matching

extension BinanceDialect {
    /// Carries a request out, its signature being checked.
    mutating func answer(
        _ endpoint: BinanceEndpoint, _ parameters: BinanceParameters, _ caller: BinanceCaller, _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        if let account = caller.account {
            return try answer(endpoint.call, parameters, venue.accounts[account], account, caller, &venue)
        }
        switch endpoint.call {
        case .ping: return [:]
        case .time: return ["serverTime": .integer(venue.clock)]
        case .systemStatus: return ["status": 0, "msg": "normal"]
        case .exchangeInfo: return try exchangeInfo(parameters, venue)
        case .depth: return try depth(parameters, venue)
        case .trades: return try trades(parameters, venue)
        case .aggregateTrades: return try aggregateTrades(parameters, venue)
        case .klines: return try klines(parameters, venue)
        case .averagePrice: return try averagePrice(parameters, venue)
        case .dayTicker, .windowTicker: return try tickers(endpoint.call, parameters, venue)
        case .priceTicker: return try each(parameters, venue) { instrument, venue in Self.priceTicker(instrument, venue) }
        case .bookTicker: return try each(parameters, venue) { instrument, venue in Self.bookTicker(instrument, venue) }
        case .unsubscribeUserData, .subscriptions, .sessionStatus, .unsupportedLogon:
            return try session(endpoint.call, parameters, caller, venue)
        default:
            throw BinanceFailure(
                -1099, "This endpoint was removed: subscribe with userDataStream.subscribe.signature.", status: 410)
        }
    }

    private mutating func answer(
        _ call: BinanceCall, _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ index: Int,
        _ caller: BinanceCaller,
        _ venue: inout PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        switch call {
        case .account: return try accountInfo(parameters, account, venue)
        case .commission: return Self.commission(try Self.instrument(parameters, venue), discount: true)
        case .orderRates: return orderRates(index, venue)
        case .myTrades: return try myTrades(parameters, account, venue)
        case .placeOrder: return try placeOrder(parameters, account, &venue)
        case .testOrder: return try testOrder(parameters, account, venue)
        case .queryOrder: return try queryOrder(parameters, account, venue)
        case .cancelOrder: return try cancelOrder(parameters, account, &venue)
        case .openOrders: return try openOrders(parameters, account, venue)
        case .cancelOpenOrders: return try cancelOpenOrders(parameters, account, &venue)
        case .allOrders: return try allOrders(parameters, account, venue)
        case .cancelReplace: return try cancelReplace(parameters, account, &venue)
        case .amendOrder: return try amendOrder(parameters, account, &venue)
        case .placeList: return try placeList(parameters, account, &venue)
        case .placeOldList: return try placeOldList(parameters, account, &venue)
        case .queryList: return try queryList(parameters, account, venue)
        case .cancelList: return try cancelList(parameters, account, &venue)
        case .openLists, .allLists: return try lists(call, parameters, account, venue)
        case .subscribeUserData: return try subscribeUserData(account, caller)
        case .apiRestrictions, .accountStatus, .tradingStatus, .coins, .tradeFees, .userAssets:
            return try wallet(call, parameters, account, venue)
        default: return []
        }
    }

    /// The instrument that a request names.
    static func instrument(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> PaperInstrument {
        let symbol = try parameters.required("symbol")
        guard let instrument = venue.binanceInstrument(symbol) else {
            let isPlain =
                1...20 ~= symbol.utf8.count
                && symbol.unicodeScalars.allSatisfy {
                    ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_" || $0 == "."
                }
            throw isPlain ? .symbol : .illegal("symbol", "^[A-Z0-9-_.]{1,20}$")
        }
        return instrument
    }

    /// One instrument for `symbol`, a list for `symbols`, and all of them for neither.
    enum Selection {
        case one(PaperInstrument)
        case many([PaperInstrument])
    }

    static func selection(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> Selection {
        guard let list = try parameters.text("symbols") else {
            return parameters["symbol"] == nil ? .many(venue.instruments) : .one(try instrument(parameters, venue))
        }
        guard parameters["symbol"] == nil else { throw .combination }
        guard let names = (try? JSONValue(parsing: Array(list.utf8)))?.elements, !names.isEmpty, names.count <= 100 else {
            throw .illegal("symbols", "^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$")
        }
        var result: [PaperInstrument] = []
        for name in names {
            guard let symbol = name.text, let instrument = venue.binanceInstrument(symbol) else { throw .symbol }
            guard !result.contains(where: { $0.id == instrument.id }) else {
                throw BinanceFailure(-1151, "Symbol is present multiple times in the list.")
            }
            result.append(instrument)
        }
        return .many(result)
    }

    func each(
        _ parameters: BinanceParameters, _ venue: PaperVenue, _ make: (PaperInstrument, PaperVenue) -> JSONValue
    ) throws(BinanceFailure) -> JSONValue {
        switch try Self.selection(parameters, venue) {
        case .one(let instrument): make(instrument, venue)
        case .many(let instruments): .array(instruments.map { make($0, venue) })
        }
    }
}
