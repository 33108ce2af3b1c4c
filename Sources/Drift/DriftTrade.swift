package import Market

/// A trade as both sides of the comparison have it: the job's, from its fills, and the backtest's.
package struct DriftTrade: Hashable, Sendable {
    /// The number within its side.
    package var number: UInt64
    package var pair: Pair
    package var enterTag: String
    /// When its first entry order was placed.
    package var openTime: Timestamp
    /// When its last exit was filled; nil: it is open at the end of what is compared.
    package var closeTime: Timestamp?
    /// Average prices. What is open at the end counts as sold at the last close.
    package var openRate: Double
    package var closeRate: Double
    /// What was bought, in base currency.
    package var amount: Double
    /// In stake currency. An open trade's exit fee is that of a sale at the last close, at the ratio of its entry.
    package var entryFee: Double
    package var exitFee: Double
    /// Empty where it is open at the end.
    package var exitReason: String
    /// Received less paid less fees, in stake currency.
    package var profit: Double

    package init(
        number: UInt64, pair: Pair, enterTag: String, openTime: Timestamp, closeTime: Timestamp?, openRate: Double,
        closeRate: Double, amount: Double, entryFee: Double, exitFee: Double, exitReason: String, profit: Double
    ) {
        self.number = number
        self.pair = pair
        self.enterTag = enterTag
        self.openTime = openTime
        self.closeTime = closeTime
        self.openRate = openRate
        self.closeRate = closeRate
        self.amount = amount
        self.entryFee = entryFee
        self.exitFee = exitFee
        self.exitReason = exitReason
        self.profit = profit
    }

    /// What was paid without fees, in stake currency.
    package var stake: Double { amount * openRate }
    package var isOpen: Bool { closeTime == nil }

    /// Whether both were held at some instant.
    func overlaps(_ other: DriftTrade) -> Bool {
        openTime < other.closeTime ?? .distantFuture && other.openTime < closeTime ?? .distantFuture
    }
}

/// What a profit is made of, apart from rounding, dust and fees in other currencies.
struct DriftTerms {
    var openRate: Double
    var closeRate: Double
    var amount: Double
    /// As ratios of what was bought and sold.
    var entryFee: Double
    var exitFee: Double

    init(_ trade: DriftTrade) {
        func ratio(_ fee: Double, _ rate: Double) -> Double { trade.amount * rate > 0 ? fee / (trade.amount * rate) : 0 }
        openRate = trade.openRate
        closeRate = trade.closeRate
        amount = trade.amount
        entryFee = ratio(trade.entryFee, trade.openRate)
        exitFee = ratio(trade.exitFee, trade.closeRate)
    }

    var profit: Double { amount * (closeRate * (1 - exitFee) - openRate * (1 + entryFee)) }
}

extension Timestamp {
    static let distantFuture = Timestamp(milliseconds: .max)
}
