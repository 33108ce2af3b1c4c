import Connectors
import Exchange
import Market
import Money

extension ConformanceCase {
    func runTrading(_ venue: VenueUnderTest, _ market: MarketDataClient, _ trading: TradingClient) async throws -> Bool {
        let instrument = try await market.instrument(venue.pair)
        let resting = OrderIntent(.buy, .limit(venue.restingPrice), quantity: venue.quantity, clientOrderID: venue.freshID())
        switch self {
        case .rights: _ = try await trading.accountRights()
        case .restingOrder: try await restingOrder(resting, instrument, trading)
        case .marketOrder: try await marketOrder(venue, instrument, trading)
        case .orderErrors: try await orderErrors(venue, instrument, trading)
        case .validation:
            try await trading.validate(resting, instrument)
            let error = try await failure { _ = try await trading.order(.client(resting.clientOrderID), instrument) }
            try require(error.kind == .orderNotFound, "a validated order was placed: \(error)")
        case .cancelAll:
            _ = try await trading.place(resting, instrument)
            // Kraken cancels all of the account, or nothing.
            _ = try await trading.cancelAll(trading.venue.cancelAll(instrument) == nil ? nil : instrument)
            try require(try await trading.openOrders(instrument).isEmpty, "orders are left")
        case .timer:
            guard trading.venue.deadManTimer(.seconds(60), instrument) != nil else { return false }
            try await trading.deadManTimer(.seconds(60), instrument)
            try await trading.deadManTimer(.zero, instrument)
        case .damagedAnswer:
            guard let damage = venue.faults.damageBalances else { return false }
            await damage()
            try require(!(try await trading.balances()).isEmpty, "no balances")
        case .lostAnswer: return try await unknown(venue.faults.loseOrderAnswer, isPlaced: true, resting, instrument, trading)
        case .cutRequest: return try await unknown(venue.faults.cutOrder, isPlaced: false, resting, instrument, trading)
        case .accountStream, .accountReconnect: return try await account(venue, instrument, trading)
        default: try identity(trading)
        }
        return true
    }

    private func restingOrder(_ order: OrderIntent, _ instrument: TradedInstrument, _ trading: TradingClient) async throws {
        let placed = try await trading.place(order, instrument)
        let ours = OrderReference.client(order.clientOrderID)
        try require(try await trading.order(ours, instrument).venueOrderID == placed.venueOrderID, "found another by our id")
        let theirs = try await trading.order(.venue(placed.venueOrderID), instrument)
        try require(theirs.status == .open && theirs.clientOrderID == order.clientOrderID, "found another by the venue's id")
        try require(
            try await trading.openOrders(instrument).contains { $0.clientOrderID == order.clientOrderID }, "not among the open")
        let error = try await failure { _ = try await trading.place(order, instrument) }
        try require(error.kind == .duplicateClientOrderID, "the same id again: \(error)")
        _ = try await trading.cancel(ours, instrument)
        try require(try await trading.order(ours, instrument).status == .canceled, "not canceled")
        let again = try await failure { _ = try await trading.cancel(ours, instrument) }
        try require(again.kind == .orderNotFound, "a second cancel: \(again)")
    }

    private func marketOrder(_ venue: VenueUnderTest, _ instrument: TradedInstrument, _ trading: TradingClient) async throws {
        let before = try await trading.allFills(instrument, after: nil, from: nil)
        let order = OrderIntent(.buy, .market, quantity: venue.quantity, clientOrderID: venue.freshID())
        let placed = try await trading.place(order, instrument)
        let report = try await trading.order(.venue(placed.venueOrderID), instrument)
        try require(report.status == .filled && report.filled == venue.quantity, "not filled: \(report)")
        let fills = try await trading.allFills(instrument, after: before.last?.tradeID, from: nil)
        let own = fills.filter { $0.venueOrderID == placed.venueOrderID }
        let total = own.reduce(Quantity.zero) { $0.adding($1.quantity) ?? $0 }
        try require(total == venue.quantity, "the fills make \(total), not \(venue.quantity)")
        try require(Set(fills.map(\.tradeID)).isDisjoint(with: before.map(\.tradeID)), "a fill came twice")
    }

    private func orderErrors(_ venue: VenueUnderTest, _ instrument: TradedInstrument, _ trading: TradingClient) async throws {
        let huge = OrderIntent(.buy, .limit(venue.restingPrice), quantity: venue.hugeQuantity, clientOrderID: venue.freshID())
        let poor = try await failure { _ = try await trading.place(huge, instrument) }
        try require(poor.kind == .insufficientFunds && poor.handling == .permanent, "too large: \(poor)")
        let none = try await failure { _ = try await trading.order(.client(venue.freshID()), instrument) }
        try require(none.kind == .orderNotFound && none.handling == .permanent, "an order that is not: \(none)")
    }

    private func unknown(
        _ fault: (@Sendable () async -> Void)?, isPlaced: Bool, _ order: OrderIntent, _ instrument: TradedInstrument,
        _ trading: TradingClient
    ) async throws -> Bool {
        guard let fault else { return false }
        await fault()
        let error = try await failure { _ = try await trading.place(order, instrument) }
        try require(error.handling == .outcomeUnknown, "a lost answer is \(error.handling)")
        let end = trading.gate.venueNow().advanced(byMilliseconds: 1)
        switch await trading.lookUp(order.clientOrderID, instrument, until: end) {
        case .found(let report) where isPlaced:
            try require(report.clientOrderID == order.clientOrderID, "another order was found")
            _ = try await trading.cancel(.client(order.clientOrderID), instrument)
        case .notPlaced where !isPlaced: break
        case let other: throw ConformanceFailure("the order was \(isPlaced ? "" : "not ")placed, and the look-up says \(other)")
        }
        return true
    }

    private func account(_ venue: VenueUnderTest, _ instrument: TradedInstrument, _ trading: TradingClient) async throws -> Bool {
        if self == .accountReconnect, venue.faults.breakStreams == nil { return false }
        let newest = try await trading.allFills(instrument, after: nil, from: nil).last?.tradeID
        let start = AccountStream.Cursor(tradeIDs: newest.map { [instrument.symbol: $0] } ?? [:])
        let stream = AccountStream(trading, instruments: [instrument], since: start, settings: venue.accountStream)
        return try await beside([{ await stream.run() }]) {
            try await ready(stream)
            let first = OrderIntent(.buy, .market, quantity: venue.quantity, clientOrderID: venue.freshID())
            if self == .accountReconnect, let breakStreams = venue.faults.breakStreams { await breakStreams() }
            let placed = try await trading.place(first, instrument)
            var fills: [Fill] = []
            while !fills.contains(where: { $0.venueOrderID == placed.venueOrderID }) {
                switch await stream.updates.next() {
                case .stream(.account(.order(_, let fill?))): fills.append(fill)
                case .reconciled(let snapshot): fills += snapshot.fills
                case nil: throw ConformanceFailure("the stream ended")
                default: break
                }
            }
            try require(Set(fills.map(\.tradeID)).count == fills.count, "a fill came twice: \(fills.map(\.tradeID))")
            return true
        }
    }

    private func ready(_ stream: AccountStream) async throws {
        while let update = await stream.updates.next() { if update == .stream(.ready) { return } }
        throw ConformanceFailure("the user stream was never ready")
    }

    private func identity(_ trading: TradingClient) throws {
        let paper = VenueGuard.problem(of: Credentials(key: "paper-x", secret: "s"), at: trading.address.id)
        let real = VenueGuard.problem(of: Credentials(key: "x", secret: "s"), at: trading.address.id)
        try require(
            (paper == nil) == trading.address.id.isPaper && (real == nil) != trading.address.id.isPaper, "keys are mixed up")
    }
}
