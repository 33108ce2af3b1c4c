/// How orders are placed and given up.
extension ConfigurationResolver {
    /// The members of `order_types` in freqtrade; all but entry and exit are for live trading.
    private static let orderTypes = [
        "entry", "exit", "stoploss", "emergency_exit", "force_entry", "force_exit", "stoploss_on_exchange",
        "stoploss_on_exchange_interval", "stoploss_on_exchange_limit_ratio", "stoploss_price_type",
    ]

    func resolveOrders() -> OrderSettings {
        var result = OrderSettings()
        if let section = root.section("unfilledtimeout") {
            section.reportUnknown(
                .warning, known: ["entry", "exit", "exit_timeout_count", "unit"], remedy: "entry and exit are the sides")
            let unit: Double = section.choice("unit", of: ["minutes", "seconds"]) == "seconds" ? 1 : 60
            let range = 1...1e9
            result.entryTimeout = section.number("entry", in: range).map { Int64(($0 * unit).rounded()) }
            result.exitTimeout = section.number("exit", in: range).map { Int64(($0 * unit).rounded()) }
            result.exitTimeoutCount = section.integer("exit_timeout_count", in: 0...1_000_000) ?? 0
        }
        if let section = root.section("order_types") {
            section.reportUnknown(.warning, known: Self.orderTypes, remedy: "it is kept but nothing reads it")
            let kinds = OrderSettings.Kind.allCases.map(\.rawValue)
            result.entry = section.choice("entry", of: kinds).flatMap(OrderSettings.Kind.init) ?? .limit
            result.exit = section.choice("exit", of: kinds).flatMap(OrderSettings.Kind.init) ?? .limit
            checkMarketSide(result.entry, "entry_pricing", allowed: ["ask", "other"])
            checkMarketSide(result.exit, "exit_pricing", allowed: ["bid", "other"])
        }
        return result
    }

    /// A market order takes the other side of the book, and freqtrade wants the file to say so.
    private func checkMarketSide(_ kind: OrderSettings.Kind, _ name: String, allowed: [String]) {
        guard kind == .market else { return }
        let section = root.section(name) ?? empty(name)
        let side = section.choice("price_side", of: ["ask", "bid", "same", "other"]) ?? "same"
        guard !allowed.contains(side) else { return }
        section.add(
            .conflict, "price_side", "market orders take the other side of the book", remedy: "write \"price_side\": \"other\"")
    }

    private func empty(_ name: String) -> SectionReader {
        SectionReader(ConfigValue(.object([:]), at: root.value.location), path: root.key(name), collector: collector)
    }
}
