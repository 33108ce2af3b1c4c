/// The limits of all accounts of a fleet together: the section `portfolio` of the coordinator's role file.
package struct PortfolioConfiguration: Hashable, Sendable {
    /// Of the limits, and of the stakes of every job that has a part of them.
    package var currency: String
    /// The value of all positions and of orders that could add to them.
    package var maxExposure: Double
    package var maxOpenOrders: Int
    /// The money that may be lost within a UTC day.
    package var maxDailyLoss: Double
    /// The accounts' weights, at least 1: each has its weight's part of every limit. Others have none.
    package var weights: [String: Int]

    /// Nil where something is wrong; that is reported.
    init?(_ section: SectionReader) {
        section.reportUnknown(
            .error, known: ["currency", "max_exposure", "max_open_orders", "max_daily_loss", "accounts"],
            remedy: "a limit that nobody reads protects nobody")
        let required = [
            ("currency", "USDT"), ("max_exposure", "10000"), ("max_open_orders", "50"), ("max_daily_loss", "500"),
            ("accounts", "{main: 1}"),
        ]
        for (name, example) in required where section.member(name) == nil {
            section.addMissing(name, remedy: "write \(name): \(example)")
        }
        let amounts = Double.leastNonzeroMagnitude...ConfigurationResolver.largestAmount
        let currency = section.nonEmpty("currency")
        let exposure = section.number("max_exposure", in: amounts)
        let orders = section.integer("max_open_orders", in: 1...1_000_000)
        let loss = section.number("max_daily_loss", in: amounts)
        let accounts = section.section("accounts")
        let weights = accounts.map(Self.weights)
        guard let currency, let exposure, let orders, let loss, let weights, !weights.isEmpty else { return nil }
        self.currency = currency
        maxExposure = exposure
        maxOpenOrders = orders
        maxDailyLoss = loss
        self.weights = weights
    }

    private static func weights(_ section: SectionReader) -> [String: Int] {
        if section.names.isEmpty {
            section.collector.add(
                .error, .outOfRange, section.value, key: section.path, "names no account",
                remedy: "write the accounts that may trade live: {main: 1}")
        }
        var result: [String: Int] = [:]
        for name in section.names {
            if section.member(name) == nil {
                section.addMissing(name, remedy: "write the account's weight, a whole number of at least 1")
            }
            if let weight = section.integer(name, in: 1...1_000_000) { result[name] = weight }
        }
        return result
    }
}
