@testable import Matching

/// A run of random requests to the engine and to the slow one, compared after each.
struct RandomSession {
    static let instruments = [InstrumentID(0), InstrumentID(1)]
    /// Three traders and the house; account 0 has the fees.
    static let traders = [AccountID(1), AccountID(2), AccountID(3)]
    static let house = AccountID(4)

    var random: SplitMix64
    var engine: MatchingEngine
    let slow: SlowEngine
    var orders = 0
    private var middle: Int64 = 60

    init(seed: UInt64, fault: SlowEngine.Fault? = nil, isHouseReported: Bool = false) throws {
        random = SplitMix64(seed: seed)
        let rules = [Self.rules(0, &random), Self.rules(1, &random)]
        var settings = MatchingEngine.Settings(assetCount: 3)
        settings.openOrders = 8
        settings.tradeHistory = 5
        var engine = try MatchingEngine(settings)
        for rules in rules { _ = try engine.addInstrument(rules) }
        let history = Int.random(in: 0...5, using: &random)
        for _ in Self.traders { _ = try engine.addAccount(history: history, fills: 3) }
        _ = try engine.addAccount(.house, history: 0, fills: 0, isReported: isHouseReported)
        slow = SlowEngine(rules: rules, accounts: 5, assets: 3, openLimit: settings.openOrders, fault: fault)
        self.engine = engine
        for account in Self.traders {
            for asset in 0..<3 { try deposit(account, AssetID(Int32(asset))) }
        }
    }

    /// Odd values and steep fees, so that rounding shows.
    private static func rules(_ index: Int32, _ random: inout SplitMix64) -> InstrumentRules {
        InstrumentRules(
            base: AssetID(index), quote: AssetID(2), tickValue: Int64.random(in: 1...9, using: &random),
            lotValue: Int64.random(in: 1...15, using: &random), price: 2...120, quantity: 1...40, notional: 30...1_000_000,
            fees: FeeSchedule(
                maker: Int64.random(in: 0...3_000_000, using: &random), taker: Int64.random(in: 0...9_000_000, using: &random),
                rounding: random.pick([.down, .up]), paidIn: random.pick([.received, .quote])))
    }

    private mutating func deposit(_ account: AccountID, _ asset: AssetID) throws {
        let amount = Int128(Int64.random(in: 1...(asset.rawValue == 2 ? 40_000 : 800), using: &random))
        try engine.deposit(amount, asset, to: account)
        slow.owned[Int(account.rawValue)][Int(asset.rawValue)] += amount
    }

    // MARK: - Requests

    /// One request to both; the results, which must be equal.
    mutating func step() throws -> (engine: Rejection?, slow: Rejection?) {
        engine.removeEvents()
        slow.notes.removeAll(keepingCapacity: true)
        slow.trades.removeAll(keepingCapacity: true)
        if random.chance(2) { middle = min(100, max(20, middle + Int64.random(in: -10...10, using: &random))) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<74: return placing(request())
        case 74..<80: return placing(oco())
        case 80..<90: return canceling()
        case 90..<95: return amending()
        case 95..<97: advancing()
        case 97..<98: cancelingAll()
        case 98..<99: try withdraw()
        default: try deposit(random.pick(Self.traders), AssetID(Int32.random(in: 0..<3, using: &random)))
        }
        return (nil, nil)
    }

    private mutating func placing(_ request: OrderRequest) -> (Rejection?, Rejection?) {
        orders += 1
        return (
            Rejection.of { _ = try engine.place(request) }, Rejection.of { try slow.place(request) }
        )
    }

    private mutating func placing(_ request: OCORequest) -> (Rejection?, Rejection?) {
        orders += 2
        return (
            Rejection.of { _ = try engine.place(request) }, Rejection.of { try slow.place(request) }
        )
    }

    private mutating func price(_ spread: Int64 = 6) -> Int64 { middle + Int64.random(in: -spread...spread, using: &random) }

    private mutating func client() -> ClientID {
        random.chance(40) ? ClientID(number: UInt64.random(in: 1...12, using: &random)) : .none
    }

    private mutating func request() -> OrderRequest {
        let kind = random.pick(
            [
                OrderKind.limit, .limit, .limit, .limit, .limit, .limit, .market, .stopLoss, .stopLossLimit, .takeProfit,
                .takeProfitLimit,
            ])
        var request = OrderRequest(
            account: random.chance(15) ? Self.house : random.pick(Self.traders), instrument: random.pick(Self.instruments),
            side: random.pick([.buy, .sell]), kind: kind)
        request.clientID = client()
        request.selfTrade = random.pick([.none, .none, .expireTaker, .expireMaker, .expireBoth])
        if kind == .market, random.chance(40) {
            request.quoteQuantity = Int128(Int64.random(in: 0...9000, using: &random))
        } else {
            request.quantity = Int64.random(in: random.chance(2) ? 0...45 : 1...20, using: &random)
        }
        if kind.hasLimit { request.price = random.chance(1) ? Int64.random(in: 0...130, using: &random) : price() }
        if kind.hasTrigger { request.triggerPrice = price(9) }
        if kind.hasLimit {
            request.timeInForce = random.pick([.goodTillCanceled, .goodTillCanceled, .immediateOrCancel, .fillOrKill])
        }
        if kind == .limit, request.timeInForce == .goodTillCanceled { request.isPostOnly = random.chance(20) }
        if kind != .market, request.timeInForce == .goodTillCanceled, random.chance(20) {
            request.deadline = slow.now + Int64.random(in: 0...20, using: &random)
        }
        return request
    }

    private mutating func oco() -> OCORequest {
        let side = random.pick([Side.buy, .sell])
        let instrument = random.pick(Self.instruments)
        let last = slow.last[Int(instrument.rawValue)] ?? middle
        let (far, near) = (Int64.random(in: 0...6, using: &random), Int64.random(in: 0...6, using: &random))
        var request = OCORequest(
            account: random.pick(Self.traders), instrument: instrument, side: side,
            quantity: Int64.random(in: 1...20, using: &random), price: side == .sell ? last + far : last - far,
            triggerPrice: side == .sell ? last - near : last + near)
        if random.chance(60) { request.stopLimitPrice = request.triggerPrice + Int64.random(in: -3...3, using: &random) }
        if random.chance(20) { request.stopTimeInForce = .immediateOrCancel }
        request.limitClientID = client()
        request.stopClientID = client()
        request.selfTrade = random.pick([.none, .expireMaker, .expireTaker])
        return request
    }

    private mutating func anyOrder() -> (id: Int64, account: AccountID, order: SlowEngine.SlowOrder?) {
        guard !slow.open.isEmpty, !random.chance(5) else {
            return (Int64.random(in: 0...slow.lastID, using: &random), Self.traders[0], nil)
        }
        let order = slow.open[Int.random(in: 0..<slow.open.count, using: &random)]
        return (order.id, order.request.account, order)
    }

    private mutating func canceling() -> (Rejection?, Rejection?) {
        let chosen = anyOrder()
        let isOwn = slow.open.contains { $0.id == chosen.id && $0.request.account == chosen.account }
        let id = isOwn ? chosen.id : 0
        let client = chosen.order?.request.clientID ?? .none
        let reference: OrderReference = client.isNone ? .id(OrderID(chosen.id)) : .client(client)
        return (Rejection.of { _ = try engine.cancel(reference, of: chosen.account) }, Rejection.of { try slow.cancel(id) })
    }

    private mutating func amending() -> (Rejection?, Rejection?) {
        let chosen = anyOrder()
        guard let order = chosen.order else { return (nil, nil) }
        let quantity: Int64? =
            random.chance(70) ? max(0, order.quantity + Int64.random(in: -8...4, using: &random)) : nil
        let price: Int64? = order.request.kind.hasLimit && random.chance(40) ? price() : nil
        return (
            Rejection.of { _ = try engine.amend(.id(OrderID(chosen.id)), of: chosen.account, price: price, quantity: quantity) },
            Rejection.of { try slow.amend(chosen.id, price: price, quantity: quantity) }
        )
    }

    private mutating func advancing() {
        let time = slow.now + Int64.random(in: 0...6, using: &random)
        engine.advance(to: time)
        slow.advance(to: time)
    }

    private mutating func cancelingAll() {
        let account = random.pick(Self.traders + [Self.house])
        let instrument = random.chance(50) ? random.pick(Self.instruments) : nil
        engine.cancelAll(of: account, instrument)
        slow.cancelAll(account, instrument)
    }

    private mutating func withdraw() throws {
        let account = random.pick(Self.traders + [.fees])
        let asset = AssetID(Int32.random(in: 0..<3, using: &random))
        let free = engine.balance(account, asset).free
        guard free > 0 else { return }
        let amount = min(free, Int128(Int64.random(in: 1...500, using: &random)))
        try engine.withdraw(amount, asset, from: account)
        slow.owned[Int(account.rawValue)][Int(asset.rawValue)] -= amount
    }

    // MARK: - Comparison

    /// The first difference between the two after a request; nil: there is none.
    func difference(_ result: (engine: Rejection?, slow: Rejection?)) -> String? {
        if result.engine != result.slow { return "the engine said \(String(describing: result.engine)), the slow one \(result)" }
        return differentTrades() ?? differentNotes() ?? differentBalances() ?? differentOrders()
    }

    private func differentTrades() -> String? {
        let ours = engine.trades.map {
            SlowEngine.SlowTrade(
                price: $0.price, quantity: $0.quantity, buyer: $0.buyOrder.rawValue, seller: $0.sellOrder.rawValue,
                instrument: $0.instrument.rawValue)
        }
        return ours == slow.trades ? nil : "trades \(ours), slow \(slow.trades)"
    }

    private func differentNotes() -> String? {
        let ours = engine.updates.map { update in
            SlowEngine.Note(
                order: update.order.id.rawValue, what: Self.name(update.kind), filled: update.order.filled,
                quoteFilled: update.order.quoteFilled, fees: update.order.fees, reason: update.order.reason)
        }
        return ours == slow.notes ? nil : "updates \(ours), slow \(slow.notes)"
    }

    private static func name(_ kind: OrderUpdate.Kind) -> String {
        switch kind {
        case .new: "new"
        case .trade: "trade"
        case .triggered: "triggered"
        case .amended: "amended"
        case .completed: "completed"
        case .canceled: "canceled"
        case .expired: "expired"
        case .rejected: "rejected"
        }
    }

    private func differentBalances() -> String? {
        for account in 0..<5 {
            for asset in 0..<3 {
                let ours = engine.balance(AccountID(Int32(account)), AssetID(Int32(asset)))
                let (owned, locked) = (slow.owned[account][asset], slow.locked(account, asset))
                if ours.total != owned || ours.locked != locked {
                    return "account \(account) asset \(asset): \(ours), slow owns \(owned) with \(locked) locked"
                }
            }
        }
        return nil
    }

    private func differentOrders() -> String? {
        for order in slow.open {
            guard let ours = engine.order(.id(OrderID(order.id)), of: order.request.account) else {
                return "no order \(order.id)"
            }
            let isQuantityEqual = order.request.quoteQuantity != nil || ours.quantity == order.quantity
            let status: OrderStatus = order.filled > 0 ? .partiallyFilled : .new
            guard ours.status == status, ours.price == order.price, isQuantityEqual, ours.filled == order.filled,
                ours.isTriggered == order.isTriggered, ours.list.rawValue == order.list
            else { return "\(ours), slow \(order)" }
        }
        let count = (1...4).reduce(0) { $0 + engine.openOrderCount(of: AccountID(Int32($1))) }
        return count == slow.open.count ? nil : "\(count) open orders, slow \(slow.open.count)"
    }
}
