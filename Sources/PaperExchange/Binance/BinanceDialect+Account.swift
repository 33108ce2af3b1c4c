import Exchange
import Market
import Matching

// What an account may ask about itself.

extension BinanceDialect {
    func queryOrder(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        guard let order = try Self.order(parameters, account.id, instrument, venue) else { throw .noSuchOrder }
        return BinanceOrderText(venue: venue).query(order)
    }

    func openOrders(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = parameters["symbol"] == nil ? nil : try Self.instrument(parameters, venue)
        let text = BinanceOrderText(venue: venue)
        return .array(venue.engine.openOrders(of: account.id, instrument?.id).map(text.query))
    }

    func allOrders(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let limit = try parameters.limit(500, most: 1000)
        let (first, start, end) = (
            try parameters.integer("orderId"), try parameters.integer("startTime"), try parameters.integer("endTime")
        )
        try Self.checkRange(start, end)
        var orders =
            venue.engine.endedOrders(of: account.id, instrument.id) + venue.engine.openOrders(of: account.id, instrument.id)
        orders.sort { $0.id.rawValue < $1.id.rawValue }
        let wanted = orders.filter {
            $0.id.rawValue >= first ?? 0 && $0.placedAt >= start ?? .min && $0.placedAt <= end ?? .max
        }
        let text = BinanceOrderText(venue: venue)
        return .array((first == nil && start == nil ? wanted.suffix(limit) : wanted.prefix(limit)).map(text.query))
    }

    func myTrades(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let limit = try parameters.limit(500, most: 1000)
        let (order, first) = (try parameters.integer("orderId"), try parameters.integer("fromId"))
        let (start, end) = (try parameters.integer("startTime"), try parameters.integer("endTime"))
        if first != nil, start != nil || end != nil { throw .combination }
        try Self.checkRange(start, end)
        let wanted = venue.engine.fills(of: account.id).filter {
            $0.instrument == instrument.id && (order == nil || $0.order.rawValue == order) && $0.number >= first ?? 0
                && $0.time >= start ?? .min && $0.time <= end ?? .max
        }
        let text = BinanceOrderText(venue: venue)
        return .array(
            (first == nil && start == nil ? wanted.suffix(limit) : wanted.prefix(limit)).map { fill in
                text.trade(fill, venue.engine.order(.id(fill.order), of: account.id)?.list ?? .none)
            })
    }

    /// A range of time must not go backwards nor be longer than a day.
    private static func checkRange(_ start: Int64?, _ end: Int64?) throws(BinanceFailure) {
        guard let start, let end else { return }
        guard start <= end else { throw BinanceFailure(-1100, "Start time is greater than end time.") }
        guard end - start <= 86_400_000 else { throw BinanceFailure(-1127, "More than 24 hours between startTime and endTime.") }
    }

    func accountInfo(
        _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        let omitsZeros = try parameters.flag("omitZeroBalances") ?? false
        let fees = venue.instruments.first?.rules.fees ?? FeeSchedule()
        var balances: [JSONValue] = []
        for asset in venue.assets {
            let balance = venue.engine.balance(account.id, asset.id)
            if omitsZeros, balance.total == 0 { continue }
            balances.append(balanceText(asset, balance))
        }
        return [
            // Parts of ten thousand.
            "makerCommission": .integer(fees.maker / 10_000), "takerCommission": .integer(fees.taker / 10_000),
            "buyerCommission": 0, "sellerCommission": 0, "commissionRates": Self.rates(fees.maker, fees.taker),
            "canTrade": .bool(account.settings.canTrade), "canWithdraw": .bool(account.settings.canWithdraw), "canDeposit": true,
            "brokered": false, "requireSelfTradePrevention": false, "preventSor": false, "updateTime": .integer(venue.clock),
            "accountType": "SPOT", "balances": .array(balances), "permissions": ["SPOT"],
            "uid": .integer(Int64(account.id.rawValue)),
        ]
    }

    private func balanceText(_ asset: PaperAsset, _ balance: Matching.Balance) -> JSONValue {
        [
            "asset": .string(asset.name), "free": .string(BinanceText.number(balance.free, decimals: asset.decimals)),
            "locked": .string(BinanceText.number(balance.locked, decimals: asset.decimals)),
        ]
    }

    private static func rates(_ maker: Int64, _ taker: Int64) -> JSONValue {
        [
            "maker": .string(BinanceText.rate(maker)), "taker": .string(BinanceText.rate(taker)), "buyer": "0.00000000",
            "seller": "0.00000000",
        ]
    }

    static func commission(_ instrument: PaperInstrument, discount: Bool) -> JSONValue {
        let fees = instrument.rules.fees
        var members: [JSONValue.Member] = []
        if discount { members.append(.init("symbol", .string(instrument.binanceSymbol))) }
        members += [
            .init(discount ? "standardCommission" : "standardCommissionForOrder", rates(fees.maker, fees.taker)),
            .init(discount ? "specialCommission" : "specialCommissionForOrder", rates(0, 0)),
            .init(discount ? "taxCommission" : "taxCommissionForOrder", rates(0, 0)),
            .init(
                "discount",
                ["enabledForAccount": false, "enabledForSymbol": false, "discountAsset": "BNB", "discount": "0.00000000"]),
        ]
        return .object(members)
    }

    func orderRates(_ account: Int, _ venue: PaperVenue) -> JSONValue {
        let used = limits.orders(of: account, at: venue.now)
        return [
            Self.limit("ORDERS", "SECOND", 10, BinanceLimits.ordersPerTenSeconds, count: used.short),
            Self.limit("ORDERS", "DAY", 1, BinanceLimits.ordersPerDay, count: used.day),
        ]
    }
}

// MARK: - The wallet's endpoints

extension BinanceDialect {
    func wallet(
        _ call: BinanceCall, _ parameters: BinanceParameters, _ account: PaperVenue.Account, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        switch call {
        case .apiRestrictions: return restrictions(account, venue)
        case .accountStatus: return ["data": "Normal"]
        case .tradingStatus:
            return ["data": ["isLocked": false, "plannedRecoverTime": 0, "triggerCondition": [:], "updateTime": 0]]
        case .tradeFees:
            let wanted = parameters["symbol"] == nil ? nil : try Self.instrument(parameters, venue)
            return .array(
                venue.instruments.filter { wanted == nil || $0.id == wanted?.id }.map { instrument in
                    [
                        "symbol": .string(instrument.binanceSymbol),
                        "makerCommission": .string(BinanceText.rate(instrument.rules.fees.maker)),
                        "takerCommission": .string(BinanceText.rate(instrument.rules.fees.taker)),
                    ]
                })
        case .userAssets:
            return .array(
                venue.assets.compactMap { asset in
                    let balance = venue.engine.balance(account.id, asset.id)
                    return balance.total == 0 ? nil : balanceText(asset, balance)
                })
        default: return .array(venue.assets.map { coin($0, account, venue) })
        }
    }

    private func restrictions(_ account: PaperVenue.Account, _ venue: PaperVenue) -> JSONValue {
        [
            "ipRestrict": false, "createTime": .integer(venue.settings.start.milliseconds), "enableReading": true,
            "enableSpotAndMarginTrading": .bool(account.settings.canTrade),
            "enableWithdrawals": .bool(account.settings.canWithdraw), "enableInternalTransfer": false, "enableMargin": false,
            "enableFutures": false, "permitsUniversalTransfer": false, "enableVanillaOptions": false,
            "enablePortfolioMarginTrading": false, "enableFixApiTrade": false, "enableFixReadOnly": false,
        ]
    }

    private func coin(_ asset: PaperAsset, _ account: PaperVenue.Account, _ venue: PaperVenue) -> JSONValue {
        let balance = venue.engine.balance(account.id, asset.id)
        return [
            "coin": .string(asset.name), "name": .string(asset.name), "depositAllEnable": false, "withdrawAllEnable": false,
            "trading": true, "isLegalMoney": false, "free": .string(BinanceText.number(balance.free, decimals: asset.decimals)),
            "locked": .string(BinanceText.number(balance.locked, decimals: asset.decimals)), "freeze": "0", "withdrawing": "0",
            "ipoing": "0", "ipoable": "0", "storage": "0", "networkList": [],
        ]
    }
}
