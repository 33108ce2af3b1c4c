import Exchange

/// Binance's budgets by the names that charges use: `weight-1m`, `orders-10s`, `orders-1d`, `raw-5m`, after the venue's own intervals.
package enum BinanceBudgets {
    package static let weight = "weight-1m"
    /// Of the wallet endpoints (`/sapi`), which count apart.
    package static let walletWeight = "wallet-weight-1m"
    /// Of the history of funding rates.
    package static let funding = "funding-5m"

    /// The figures of the documents of 2026; the market list and headers correct them.
    static let spot = [
        BudgetLimit(weight, units: 6000, .window(.seconds(60))),
        BudgetLimit("orders-10s", units: 100, .window(.seconds(10))),
        BudgetLimit("orders-1d", units: 200_000, .window(.seconds(86_400))),
        BudgetLimit("raw-5m", units: 61_000, .window(.seconds(300))),
        BudgetLimit(walletWeight, units: 12_000, .window(.seconds(60))),
    ]

    static let usdm = [
        BudgetLimit(weight, units: 2400, .window(.seconds(60))),
        BudgetLimit("orders-10s", units: 300, .window(.seconds(10))),
        BudgetLimit("orders-1m", units: 1200, .window(.seconds(60))),
        BudgetLimit(funding, units: 500, .window(.seconds(300))),
    ]

    /// A call of this weight that places no order.
    static func call(_ units: Int, _ system: Binance.System) -> [BudgetCharge] {
        system == .spot ? [BudgetCharge(weight, units), BudgetCharge("raw-5m", 1)] : [BudgetCharge(weight, units)]
    }

    /// A call that places `orders` orders.
    static func order(_ system: Binance.System, orders: Int = 1) -> [BudgetCharge] {
        let long = system == .spot ? "orders-1d" : "orders-1m"
        return call(1, system) + [BudgetCharge("orders-10s", orders), BudgetCharge(long, orders)]
    }

    /// `rateLimits` of the market list.
    static func limits(in list: JSONValue) -> [BudgetLimit] {
        (list["rateLimits"]?.elements ?? []).compactMap(limit)
    }

    private static func limit(_ entry: JSONValue) -> BudgetLimit? {
        guard let type = entry["rateLimitType"]?.text, let interval = entry["interval"]?.text,
            let count = entry["intervalNum"]?.integer, let units = entry["limit"]?.integer,
            (1...1000).contains(count), (1...1_000_000_000).contains(units)
        else { return nil }
        let prefixes = ["REQUEST_WEIGHT": "weight", "ORDERS": "orders", "RAW_REQUESTS": "raw"]
        let lengths: [String: (letter: String, seconds: Int64)] = [
            "SECOND": ("s", 1), "MINUTE": ("m", 60), "HOUR": ("h", 3600), "DAY": ("d", 86_400),
        ]
        guard let prefix = prefixes[type], let length = lengths[interval] else { return nil }
        return BudgetLimit("\(prefix)-\(count)\(length.letter)", units: Int(units), .window(.seconds(count * length.seconds)))
    }

    /// What the headers say is used: `X-MBX-USED-WEIGHT-1M`, `X-MBX-ORDER-COUNT-10S`, `X-SAPI-USED-IP-WEIGHT-1M`.
    static func usage(in response: WebResponse) -> [BudgetUsage] {
        let families = [
            ("x-mbx-used-weight-", "weight-"), ("x-mbx-order-count-", "orders-"), ("x-sapi-used-ip-weight-", "wallet-weight-"),
        ]
        return response.headers.compactMap { header in
            guard let units = Int(header.value), (0...1_000_000_000).contains(units) else { return nil }
            let name = header.name.lowercased()
            guard let family = families.first(where: { name.hasPrefix($0.0) }) else { return nil }
            let interval = name.dropFirst(family.0.count)
            guard (2...5).contains(interval.utf8.count) else { return nil }
            return BudgetUsage(family.1 + interval, units: units)
        }
    }
}
