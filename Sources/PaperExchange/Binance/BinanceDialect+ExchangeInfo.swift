import Exchange
import Matching

// Which instruments there are and which rules they have.

extension BinanceDialect {
    static let maximumOpenOrders: Int64 = 200
    static let maximumWaitingOrders = 5
    /// How many times the average price an order may be away from it, either way.
    static let priceFactor: Int64 = 5

    func exchangeInfo(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> JSONValue {
        var instruments: [PaperInstrument]
        switch try Self.selection(parameters, venue) {
        case .one(let instrument): instruments = [instrument]
        case .many(let selected): instruments = selected
        }
        if let status = try parameters.text("symbolStatus") {
            guard ["TRADING", "HALT", "BREAK"].contains(status) else { throw .invalid("symbolStatus") }
            if status != "TRADING" { instruments = [] }
        }
        return [
            "timezone": "UTC", "serverTime": .integer(venue.clock), "rateLimits": .array(Self.rateLimits),
            "exchangeFilters": [], "symbols": .array(instruments.map { Self.description(of: $0, venue) }),
        ]
    }

    private static let rateLimits: [JSONValue] = [
        limit("REQUEST_WEIGHT", "MINUTE", 1, BinanceLimits.weightPerMinute),
        limit("ORDERS", "SECOND", 10, BinanceLimits.ordersPerTenSeconds),
        limit("ORDERS", "DAY", 1, BinanceLimits.ordersPerDay),
        limit("RAW_REQUESTS", "MINUTE", 5, 61_000),
    ]

    static func limit(_ type: String, _ interval: String, _ number: Int64, _ limit: Int, count: Int? = nil) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("rateLimitType", .string(type)), .init("interval", .string(interval)), .init("intervalNum", .integer(number)),
            .init("limit", .integer(Int64(limit))),
        ]
        if let count { members.append(.init("count", .integer(Int64(count)))) }
        return .object(members)
    }

    private static func description(of instrument: PaperInstrument, _ venue: PaperVenue) -> JSONValue {
        let base = Int64(venue.asset(instrument.rules.base).decimals)
        let quote = Int64(venue.asset(instrument.rules.quote).decimals)
        return [
            "symbol": .string(instrument.binanceSymbol), "status": "TRADING", "baseAsset": .string(instrument.base),
            "baseAssetPrecision": .integer(base), "quoteAsset": .string(instrument.quote), "quotePrecision": .integer(quote),
            "quoteAssetPrecision": .integer(quote), "baseCommissionPrecision": .integer(base),
            "quoteCommissionPrecision": .integer(quote),
            "orderTypes": [
                "LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT",
            ],
            "icebergAllowed": false, "ocoAllowed": true, "otoAllowed": false, "opoAllowed": false,
            "quoteOrderQtyMarketAllowed": true,
            "allowTrailingStop": false, "cancelReplaceAllowed": true, "amendAllowed": true, "pegInstructionsAllowed": false,
            "isSpotTradingAllowed": true,
            "isMarginTradingAllowed": false, "filters": .array(filters(instrument, venue)), "permissions": [],
            "permissionSets": [["SPOT"]], "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
            "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
        ]
    }

    private static func filters(_ instrument: PaperInstrument, _ venue: PaperVenue) -> [JSONValue] {
        let rules = instrument.rules
        func price(_ ticks: Int64) -> JSONValue { .string(instrument.binancePrice(ticks)) }
        func quantity(_ lots: Int64) -> JSONValue { .string(instrument.binanceQuantity(lots)) }
        func cost(_ units: Int128) -> JSONValue { .string(venue.binanceCost(units, instrument)) }
        let factor = JSONValue.string(String(priceFactor))
        let part = JSONValue.string(BinanceText.number(100_000_000 / Int128(priceFactor), decimals: 8))
        return [
            [
                "filterType": "PRICE_FILTER", "minPrice": price(rules.price.lowerBound),
                "maxPrice": price(rules.price.upperBound),
                "tickSize": price(1),
            ],
            [
                "filterType": "LOT_SIZE", "minQty": quantity(rules.quantity.lowerBound),
                "maxQty": quantity(rules.quantity.upperBound), "stepSize": quantity(1),
            ],
            [
                "filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": quantity(rules.quantity.upperBound),
                "stepSize": "0.00000000",
            ],
            [
                "filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": factor, "bidMultiplierDown": part,
                "askMultiplierUp": factor, "askMultiplierDown": part, "avgPriceMins": 5,
            ],
            [
                "filterType": "NOTIONAL", "minNotional": cost(rules.notional.lowerBound), "applyMinToMarket": true,
                "maxNotional": cost(rules.notional.upperBound), "applyMaxToMarket": false, "avgPriceMins": 5,
            ],
            ["filterType": "MAX_NUM_ORDERS", "maxNumOrders": .integer(maximumOpenOrders)],
            ["filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": .integer(Int64(maximumWaitingOrders))],
        ]
    }
}
