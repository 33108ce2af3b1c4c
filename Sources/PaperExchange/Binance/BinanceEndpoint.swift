/// What a client can ask for, over REST or over the WebSocket API.
enum BinanceCall: Sendable {
    case ping, time, exchangeInfo
    case depth, trades, aggregateTrades, klines, averagePrice, dayTicker, windowTicker, priceTicker, bookTicker
    case account, commission, orderRates, myTrades, nothing
    case placeOrder, testOrder, queryOrder, cancelOrder, openOrders, cancelOpenOrders, allOrders, cancelReplace, amendOrder
    case placeList, placeOldList, queryList, cancelList, openLists, allLists
    case systemStatus, apiRestrictions, accountStatus, tradingStatus, coins, tradeFees, userAssets
    case removed
    case subscribeUserData, unsubscribeUserData, subscriptions, sessionStatus, unsupportedLogon
}

/// One thing to ask for: where it is, what it costs and which parameters it has.
struct BinanceEndpoint: Sendable {
    /// Whether a request needs a signature.
    enum Access: Sendable { case open, signed }

    let call: BinanceCall
    /// Method and path of REST; nil: only over the WebSocket API.
    let rest: String?
    /// Method of the WebSocket API; nil: only over REST.
    let socket: String?
    let access: Access
    let weight: Int
    let parameters: Set<String>
    let target: PaperFault.Target

    private init(
        _ call: BinanceCall, _ rest: String?, _ socket: String?, _ access: Access = .open, weight: Int = 1,
        takes parameters: String = "", target: PaperFault.Target? = nil
    ) {
        self.call = call
        self.rest = rest
        self.socket = socket
        self.access = access
        self.weight = weight
        var names = Set(parameters.split(separator: " ").map(String.init))
        if access == .signed { names.formUnion(["timestamp", "recvWindow", "signature"]) }
        if rest == nil || socket != nil { names.formUnion(["apiKey", "returnRateLimits"]) }
        self.parameters = names
        self.target = target ?? (access == .signed ? .account : .publicData)
    }

    static func rest(_ method: String, _ path: String) -> BinanceEndpoint? { byPath[method + " " + path] }
    static func socket(_ method: String) -> BinanceEndpoint? { byMethod[method] }

    private static let byPath = Dictionary(
        all.compactMap { endpoint in endpoint.rest.map { ($0, endpoint) } }, uniquingKeysWith: { first, _ in first })
    private static let byMethod = Dictionary(
        all.compactMap { endpoint in endpoint.socket.map { ($0, endpoint) } }, uniquingKeysWith: { first, _ in first })

    static let all = market + account + orders + lists + wallet + sessions

    private static let candles = "symbol interval startTime endTime timeZone limit"
    private static let market: [BinanceEndpoint] = [
        .init(.ping, "GET /api/v3/ping", "ping"),
        .init(.time, "GET /api/v3/time", "time"),
        .init(
            .exchangeInfo, "GET /api/v3/exchangeInfo", "exchangeInfo", weight: 20,
            takes: "symbol symbols permissions showPermissionSets symbolStatus"),
        .init(.depth, "GET /api/v3/depth", "depth", weight: 5, takes: "symbol limit symbolStatus"),
        .init(.trades, "GET /api/v3/trades", "trades.recent", weight: 25, takes: "symbol limit"),
        .init(.trades, "GET /api/v3/historicalTrades", "trades.historical", weight: 25, takes: "symbol limit fromId"),
        .init(
            .aggregateTrades, "GET /api/v3/aggTrades", "trades.aggregate", weight: 4,
            takes: "symbol limit fromId startTime endTime"),
        .init(.klines, "GET /api/v3/klines", "klines", weight: 2, takes: candles),
        .init(.klines, "GET /api/v3/uiKlines", "uiKlines", weight: 2, takes: candles),
        .init(.averagePrice, "GET /api/v3/avgPrice", "avgPrice", weight: 2, takes: "symbol"),
        .init(.dayTicker, "GET /api/v3/ticker/24hr", "ticker.24hr", weight: 2, takes: "symbol symbols type symbolStatus"),
        .init(
            .windowTicker, "GET /api/v3/ticker", "ticker", weight: 4, takes: "symbol symbols windowSize type symbolStatus"),
        .init(.priceTicker, "GET /api/v3/ticker/price", "ticker.price", weight: 2, takes: "symbol symbols symbolStatus"),
        .init(.bookTicker, "GET /api/v3/ticker/bookTicker", "ticker.book", weight: 2, takes: "symbol symbols symbolStatus"),
    ]

    private static let account: [BinanceEndpoint] = [
        .init(.account, "GET /api/v3/account", "account.status", .signed, weight: 20, takes: "omitZeroBalances"),
        .init(.commission, "GET /api/v3/account/commission", "account.commission", .signed, weight: 20, takes: "symbol"),
        .init(.orderRates, "GET /api/v3/rateLimit/order", "account.rateLimits.orders", .signed, weight: 40),
        .init(
            .myTrades, "GET /api/v3/myTrades", "myTrades", .signed, weight: 20,
            takes: "symbol orderId startTime endTime fromId limit"),
        .init(
            .nothing, "GET /api/v3/myPreventedMatches", "myPreventedMatches", .signed, weight: 20,
            takes: "symbol preventedMatchId orderId fromPreventedMatchId limit"),
        .init(
            .nothing, "GET /api/v3/myAllocations", "myAllocations", .signed, weight: 20,
            takes: "symbol startTime endTime fromAllocationId limit orderId"),
    ]

    private static let newOrder =
        "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId strategyType stopPrice "
        + "newOrderRespType selfTradePreventionMode"
    private static let oneOrder = "symbol orderId origClientOrderId"
    private static let orders: [BinanceEndpoint] = [
        .init(.placeOrder, "POST /api/v3/order", "order.place", .signed, takes: newOrder, target: .placing),
        .init(
            .testOrder, "POST /api/v3/order/test", "order.test", .signed, takes: newOrder + " computeCommissionRates",
            target: .placing),
        .init(.queryOrder, "GET /api/v3/order", "order.status", .signed, weight: 4, takes: oneOrder),
        .init(
            .cancelOrder, "DELETE /api/v3/order", "order.cancel", .signed,
            takes: oneOrder + " newClientOrderId cancelRestrictions",
            target: .canceling),
        .init(.openOrders, "GET /api/v3/openOrders", "openOrders.status", .signed, weight: 6, takes: "symbol"),
        .init(
            .cancelOpenOrders, "DELETE /api/v3/openOrders", "openOrders.cancelAll", .signed, takes: "symbol", target: .canceling),
        .init(
            .allOrders, "GET /api/v3/allOrders", "allOrders", .signed, weight: 20, takes: "symbol orderId startTime endTime limit"
        ),
        .init(
            .cancelReplace, "POST /api/v3/order/cancelReplace", "order.cancelReplace", .signed,
            takes: newOrder
                + " cancelReplaceMode cancelNewClientOrderId cancelOrigClientOrderId cancelOrderId cancelRestrictions "
                + "orderRateLimitExceededMode",
            target: .placing),
        .init(
            .amendOrder, "PUT /api/v3/order/amend/keepPriority", "order.amend.keepPriority", .signed, weight: 4,
            takes: oneOrder + " newClientOrderId newQty", target: .placing),
    ]

    private static let lists: [BinanceEndpoint] = [
        .init(
            .placeList, "POST /api/v3/orderList/oco", "orderList.place.oco", .signed,
            takes:
                "symbol listClientOrderId side quantity aboveType aboveClientOrderId abovePrice aboveStopPrice aboveTimeInForce "
                + "belowType belowClientOrderId belowPrice belowStopPrice belowTimeInForce newOrderRespType "
                + "selfTradePreventionMode",
            target: .placing),
        .init(
            .placeOldList, "POST /api/v3/order/oco", "orderList.place", .signed,
            takes: "symbol listClientOrderId side quantity limitClientOrderId price stopClientOrderId stopPrice stopLimitPrice "
                + "stopLimitTimeInForce newOrderRespType selfTradePreventionMode",
            target: .placing),
        .init(
            .queryList, "GET /api/v3/orderList", "orderList.status", .signed, weight: 4, takes: "orderListId origClientOrderId"),
        .init(
            .cancelList, "DELETE /api/v3/orderList", "orderList.cancel", .signed,
            takes: "symbol orderListId listClientOrderId newClientOrderId", target: .canceling),
        .init(.openLists, "GET /api/v3/openOrderList", "openOrderLists.status", .signed, weight: 6),
        .init(
            .allLists, "GET /api/v3/allOrderList", "allOrderLists", .signed, weight: 20, takes: "fromId startTime endTime limit"),
    ]

    private static let wallet: [BinanceEndpoint] = [
        .init(.systemStatus, "GET /sapi/v1/system/status", nil),
        .init(.apiRestrictions, "GET /sapi/v1/account/apiRestrictions", nil, .signed),
        .init(.accountStatus, "GET /sapi/v1/account/status", nil, .signed),
        .init(.tradingStatus, "GET /sapi/v1/account/apiTradingStatus", nil, .signed),
        .init(.coins, "GET /sapi/v1/capital/config/getall", nil, .signed, weight: 10),
        .init(.tradeFees, "GET /sapi/v1/asset/tradeFee", nil, .signed, takes: "symbol"),
        .init(.userAssets, "POST /sapi/v3/asset/getUserAsset", nil, .signed, takes: "asset needBtcValuation"),
        .init(.nothing, "POST /sapi/v1/asset/get-funding-asset", nil, .signed, takes: "asset needBtcValuation"),
        .init(.nothing, "GET /sapi/v1/margin/allPairs", nil, .signed, takes: "symbol"),
        .init(.nothing, "GET /sapi/v1/margin/isolated/allPairs", nil, .signed, takes: "symbol"),
        .init(.nothing, "GET /sapi/v1/spot/delist-schedule", nil, .signed),
        .init(
            .nothing, "GET /sapi/v1/capital/deposit/hisrec", nil, .signed,
            takes: "coin status startTime endTime offset limit includeSource txId"),
        .init(
            .nothing, "GET /sapi/v1/capital/withdraw/history", nil, .signed,
            takes: "coin status startTime endTime offset limit withdrawOrderId idList"),
    ]

    private static let sessions: [BinanceEndpoint] = [
        .init(.removed, "POST /api/v3/userDataStream", "userDataStream.start"),
        .init(.removed, "PUT /api/v3/userDataStream", "userDataStream.ping", takes: "listenKey"),
        .init(.removed, "DELETE /api/v3/userDataStream", "userDataStream.stop", takes: "listenKey"),
        .init(.subscribeUserData, nil, "userDataStream.subscribe.signature", .signed, weight: 2),
        .init(.unsubscribeUserData, nil, "userDataStream.unsubscribe", weight: 2, takes: "subscriptionId"),
        .init(.subscriptions, nil, "session.subscriptions", weight: 2),
        .init(.sessionStatus, nil, "session.status", weight: 2),
        .init(.sessionStatus, nil, "session.logout", weight: 2),
        .init(.unsupportedLogon, nil, "session.logon", weight: 2, takes: "timestamp recvWindow signature"),
        .init(.unsupportedLogon, nil, "userDataStream.subscribe", weight: 2),
    ]
}

extension BinanceEndpoint {
    /// What the request costs of the budget per minute and address.
    func weight(of parameters: BinanceParameters) -> Int {
        let symbols = parameters["symbols"].map { text in text.utf8.count { $0 == UInt8(ascii: ",") } + 1 }
        let isForAll = parameters["symbol"] == nil && symbols == nil
        switch call {
        case .depth:
            switch parameters["limit"].flatMap({ Int($0) }) ?? 100 {
            case ...100: return 5
            case ...500: return 25
            case ...1000: return 50
            default: return 250
            }
        case .openOrders: return parameters["symbol"] == nil ? 80 : weight
        case .myTrades: return parameters["orderId"] == nil ? weight : 5
        case .dayTicker:
            guard !isForAll, (symbols ?? 1) <= 100 else { return 80 }
            return (symbols ?? 1) > 20 ? 40 : weight
        case .windowTicker: return min(200, 4 * (symbols ?? 1))
        case .priceTicker, .bookTicker: return parameters["symbol"] == nil ? 4 : weight
        case .testOrder: return parameters["computeCommissionRates"] == "true" ? 20 : weight
        default: return weight
        }
    }

    /// How many orders the request counts as.
    var orders: Int {
        switch call {
        case .placeOrder, .cancelReplace: 1
        case .placeList, .placeOldList: 2
        default: 0
        }
    }
}
