package import Exchange

/// Kraken's spot protocol as pure values: requests, signatures, answers and streams. No I/O.
package enum Kraken {
    /// What venue files call this protocol.
    package static let protocolName = "kraken"
    /// Kraken refuses requests without one.
    static let userAgent = WebHeader("User-Agent", "Pragma")
}

/// The verification level of an account; it decides the budgets.
package enum KrakenTier: String, Sendable, CaseIterable {
    case starter, intermediate, pro

    /// The counter of a key: its maximum, and thousandths by which it falls in a second.
    var callCounter: (maximum: Int, decay: Int) {
        switch self {
        case .starter: (15, 330)
        case .intermediate: (20, 500)
        case .pro: (20, 1000)
        }
    }

    /// The matching engine's counter of each pair.
    var tradingCounter: (maximum: Int, decay: Int) {
        switch self {
        case .starter: (60, 1000)
        case .intermediate: (125, 2340)
        case .pro: (180, 3750)
        }
    }
}

/// The names of Kraken's budgets and what calls cost in them. Kraken sends no headers about them, so that they are counted here.
package enum KrakenBudget {
    /// Public requests of an address. Kraken names about one a second; a few in a row pass.
    package static let publicCalls = "public"
    /// The counter of a key.
    package static let privateCalls = "private"

    /// The matching engine's counter of one pair. REST and streams share it.
    package static func trading(_ instrument: TradedInstrument) -> String { "trading:" + instrument.symbol }

    package static func limits(_ tier: KrakenTier) -> [BudgetLimit] {
        let call = tier.callCounter
        let trading = tier.tradingCounter
        return [
            BudgetLimit(publicCalls, units: 15, .decay(milliunitsPerSecond: 1000)),
            BudgetLimit(privateCalls, units: call.maximum, .decay(milliunitsPerSecond: call.decay)),
            BudgetLimit("trading:*", units: trading.maximum, .decay(milliunitsPerSecond: trading.decay)),
        ]
    }

    /// What the cancel of an order of this age costs: young ones cost most, from 300 s on it is free. Unknown counts as new.
    package static func cancelUnits(age: Duration?) -> Int {
        guard let age else { return 8 }
        return switch age {
        case ..<Duration.seconds(5): 8
        case ..<Duration.seconds(10): 6
        case ..<Duration.seconds(15): 5
        case ..<Duration.seconds(45): 4
        case ..<Duration.seconds(90): 2
        case ..<Duration.seconds(300): 1
        default: 0
        }
    }
}
