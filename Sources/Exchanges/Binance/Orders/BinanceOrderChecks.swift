import Exchange
import Market
import Money

/// What cannot be said in Binance's words is refused here. Filters are the venue's to judge (and the risk gate's before it).
enum BinanceOrderChecks {
    static func check(_ order: OrderIntent) throws(VenueError) {
        try check(order.clientOrderID)
        let (prices, needsQuantity) = numbers(order.kind)
        guard prices.allSatisfy(\.isPositive) else { throw invalid("a price is not above zero") }
        guard !needsQuantity || order.quantity.isPositive else { throw invalid("the quantity is not above zero") }
        if case .marketByCost(let cost) = order.kind, cost.isZero || cost.isNegative {
            throw invalid("the cost is not above zero")
        }
    }

    private static func numbers(_ kind: OrderKind) -> (prices: [Price], needsQuantity: Bool) {
        switch kind {
        case .limit(let price), .postOnly(let price): ([price], true)
        case .market: ([], true)
        case .marketByCost: ([], false)
        case .stopLoss(let trigger), .takeProfit(let trigger): ([trigger], true)
        case .stopLossLimit(let trigger, let price), .takeProfitLimit(let trigger, let price): ([trigger, price], true)
        }
    }

    /// 1 to 36 of letters, digits and `.:/_-`.
    private static func check(_ id: ClientOrderID) throws(VenueError) {
        let isRight =
            (1...36).contains(id.text.utf8.count)
            && id.text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isRight else { throw invalid("the client order id is not 1 to 36 letters, digits or .:/_-") }
    }

    /// Time stamp and receive window that make the venue refuse the order where it arrives after its deadline.
    ///
    /// The time stamp is fixed now, so that waiting in a queue does not move the end. A deadline behind the usual window changes nothing.
    static func window(_ order: OrderIntent, at moment: Timestamp, usual: Int) throws(VenueError) -> Int64? {
        guard let deadline = order.deadline else { return nil }
        let (left, overflow) = deadline.milliseconds.subtractingReportingOverflow(moment.milliseconds)
        guard !overflow, left > 0 else {
            throw VenueError(
                .requestTimeout, .permanent, code: "deadline", message: "the order's deadline has passed; nothing was sent")
        }
        return min(left, Int64(usual))
    }

    static func invalid(_ text: String) -> VenueError { VenueError(.invalidOrder, .permanent, code: "denied", message: text) }
    static func unsupported(_ text: String) -> VenueError { VenueError(.notSupported, .permanent, code: "denied", message: text) }
}
