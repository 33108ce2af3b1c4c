/// How orders are placed, priced and given up.
extension ConfigurationResolver {
    private static let orderTypes = [
        "entry", "exit", "stoploss", "emergency_exit", "force_entry", "force_exit", "stoploss_on_exchange",
        "stoploss_on_exchange_interval", "stoploss_on_exchange_limit_ratio", "stoploss_price_type",
    ]
    private static let pricingKeys = [
        "price_side", "use_order_book", "order_book_top", "price_last_balance", "check_depth_of_market",
    ]

    func resolveOrders(mode: ExecutionMode) -> OrderSettings {
        var result = OrderSettings()
        resolveTimeouts(&result)
        resolveTypes(&result)
        resolveTimeInForce(&result, mode: mode)
        resolvePricing("entry_pricing", &result.entryPricing, mode: mode)
        resolvePricing("exit_pricing", &result.exitPricing, mode: mode)
        checkMarketSide(result.entry, "entry_pricing", result.entryPricing, allowed: [.ask, .other])
        checkMarketSide(result.exit, "exit_pricing", result.exitPricing, allowed: [.bid, .other])
        result.ignoreExpiredCandleAfter =
            root.integer("ignore_buying_expired_candle_after", in: 0...1_000_000_000).map(Int64.init) ?? 0
        result.cancelOpenOrdersOnExit = root.boolean("cancel_open_orders_on_exit") ?? false
        if let seconds = root.section("internals")?.number("process_throttle_secs", in: 0.1...3600) {
            result.throttleMilliseconds = Int64((seconds * 1000).rounded())
        }
        return result
    }

    private func resolveTimeouts(_ result: inout OrderSettings) {
        guard let section = root.section("unfilledtimeout") else { return }
        section.reportUnknown(
            .warning, known: ["entry", "exit", "exit_timeout_count", "unit"], remedy: "entry and exit are the sides")
        let unit: Double = section.choice("unit", of: ["minutes", "seconds"]) == "seconds" ? 1 : 60
        let range = 1...1e9
        result.entryTimeout = section.number("entry", in: range).map { Int64(($0 * unit).rounded()) }
        result.exitTimeout = section.number("exit", in: range).map { Int64(($0 * unit).rounded()) }
        result.exitTimeoutCount = section.integer("exit_timeout_count", in: 0...1_000_000) ?? 0
    }

    private func resolveTypes(_ result: inout OrderSettings) {
        guard let section = root.section("order_types") else { return }
        section.reportUnknown(.warning, known: Self.orderTypes, remedy: "it is kept but nothing reads it")
        func kind(_ name: String) -> OrderSettings.Kind? {
            section.choice(name, of: OrderSettings.Kind.allCases.map(\.rawValue)).flatMap(OrderSettings.Kind.init)
        }
        result.entry = kind("entry") ?? .limit
        result.exit = kind("exit") ?? .limit
        result.stoploss = kind("stoploss") ?? .limit
        result.emergencyExit = kind("emergency_exit") ?? .market
        result.forceEntry = kind("force_entry")
        result.forceExit = kind("force_exit")
        result.stoplossOnExchange = section.boolean("stoploss_on_exchange") ?? false
        result.stoplossOnExchangeInterval =
            section.integer("stoploss_on_exchange_interval", in: 1...1_000_000).map(Int64.init) ?? 60
        result.stoplossOnExchangeLimitRatio = section.number("stoploss_on_exchange_limit_ratio", in: 0.5...1) ?? 0.99
    }

    private func resolveTimeInForce(_ result: inout OrderSettings, mode: ExecutionMode) {
        guard let section = root.section("order_time_in_force") else { return }
        section.reportUnknown(.warning, known: ["entry", "exit"], remedy: "entry and exit are the sides")
        func read(_ side: String) -> OrderSettings.TimeInForce {
            guard let text = section.string(side) else { return .goodTilCanceled }
            guard let known = OrderSettings.TimeInForce(rawValue: text.uppercased()) else {
                section.add(.notAllowed, side, "is not allowed", remedy: "choose GTC, FOK, IOC or PO")
                return .goodTilCanceled
            }
            if mode == .backtest, known != .goodTilCanceled {
                section.add(
                    .ignored, side, "has no effect: orders wait until they are filled or time out", remedy: "write \"GTC\"",
                    severity: .warning)
            }
            return known
        }
        result.entryTimeInForce = read("entry")
        result.exitTimeInForce = read("exit")
    }

    private func resolvePricing(_ name: String, _ result: inout OrderSettings.Pricing, mode: ExecutionMode) {
        guard let section = root.section(name) else { return }
        section.reportUnknown(.warning, known: Self.pricingKeys, remedy: "it is kept but nothing reads it")
        let sides = OrderSettings.PriceSide.allCases.map(\.rawValue)
        result.side = section.choice("price_side", of: sides).flatMap(OrderSettings.PriceSide.init) ?? .same
        result.usesOrderBook = section.boolean("use_order_book") ?? false
        result.orderBookTop = section.integer("order_book_top", in: 1...50) ?? 1
        result.lastBalance = section.number("price_last_balance", in: 0...1) ?? 0
        guard mode != .backtest, let depth = section.section("check_depth_of_market"), depth.boolean("enabled") == true else {
            return
        }
        depth.add(
            .unsupported, "enabled", "the depth of the market is not looked at before an entry",
            remedy: "write false or remove the section")
    }

    /// A market order takes the other side of the book, and freqtrade wants the file to say so.
    private func checkMarketSide(
        _ kind: OrderSettings.Kind, _ name: String, _ pricing: OrderSettings.Pricing, allowed: [OrderSettings.PriceSide]
    ) {
        guard kind == .market, !allowed.contains(pricing.side) else { return }
        (root.section(name) ?? empty(name)).add(
            .conflict, "price_side", "market orders take the other side of the book", remedy: "write \"price_side\": \"other\"")
    }

    private func empty(_ name: String) -> SectionReader {
        SectionReader(ConfigValue(.object([:]), at: root.value.location), path: root.key(name), collector: collector)
    }
}
