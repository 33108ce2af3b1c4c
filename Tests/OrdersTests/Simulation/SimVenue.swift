import Exchange
import Market
import Money
import Orders

/// A venue that does what venues may do: fills in parts, refuses, cancels by itself, and forgets nothing.
struct SimVenue {
    struct Order {
        var clientID: ClientOrderID
        var venueID: VenueOrderID
        var side: OrderSide
        var price: Price
        var quantity: Quantity
        var filled = Quantity.zero
        var status = OrderReport.Status.open
        var fills: [Fill] = []
        var time: Timestamp
    }

    var orders: [VenueOrderID: Order] = [:]
    /// How often an order of each id was taken.
    var placements: [ClientOrderID: Int] = [:]
    private(set) var fills: [Fill] = []
    private(set) var base = Amount.zero
    private(set) var quote = Amount.zero
    /// What its stream says, in order, since it was taken away last.
    var events: [AccountEvent] = []
    /// Whether fills over REST name our id (Kraken) or not (Binance).
    var fillsNameClient = true
    /// Whether an answer to placing tells the fills (Binance) or only the id (Kraken).
    var answersInFull = true

    private var nextID = 1

    init() {}

    mutating func place(_ intent: OrderIntent, _ now: Timestamp, _ random: inout SplitMix64) -> Result<OrderReport, VenueError> {
        if random.chance(4) {
            return .failure(VenueError(.insufficientFunds, .permanent, code: "-2010", message: "insufficient balance"))
        }
        placements[intent.clientOrderID, default: 0] += 1
        let id = VenueOrderID("O\(nextID)")
        nextID += 1
        guard case .limit(let price) = intent.kind else {
            return .failure(VenueError(.badRequest, .permanent, code: "k", message: ""))
        }
        orders[id] = Order(
            clientID: intent.clientOrderID, venueID: id, side: intent.side, price: price, quantity: intent.quantity, time: now)
        tell(id, fill: nil, now)
        if random.chance(30) { fill(id, now, &random) }
        guard var report = report(id) else { return .failure(VenueError(.badRequest, .permanent, code: "k", message: "")) }
        if answersInFull {
            report.fills = orders[id]?.fills ?? []
        } else {
            (report.status, report.filled) = (.pending, nil)
        }
        return .success(report)
    }

    func report(_ id: VenueOrderID) -> OrderReport? {
        guard let order = orders[id] else { return nil }
        var report = OrderReport(
            venueOrderID: id, clientOrderID: order.clientID, symbol: "XBTUSDT", status: order.status, side: order.side,
            type: "limit")
        report.filled = order.filled
        report.quantity = order.quantity
        report.price = order.price
        return report
    }

    func find(_ reference: OrderReference) -> VenueOrderID? {
        switch reference {
        case .venue(let id): orders[id] == nil ? nil : id
        case .client(let id): orders.values.first { $0.clientID == id }?.venueID
        }
    }

    mutating func cancel(_ reference: OrderReference, _ now: Timestamp) -> Result<OrderReport?, VenueError> {
        guard let id = find(reference), orders[id]?.status.isFinal == false else {
            return .failure(VenueError(.orderNotFound, .permanent, code: "-2011", message: "unknown order"))
        }
        end(id, .canceled, now)
        return .success(answersInFull ? report(id) : nil)
    }

    private mutating func end(_ id: VenueOrderID, _ status: OrderReport.Status, _ now: Timestamp) {
        orders[id]?.status = status
        tell(id, fill: nil, now)
    }

    /// Something happens to one of the orders that are open.
    mutating func step(_ now: Timestamp, _ random: inout SplitMix64) {
        let open = orders.values.filter { !$0.status.isFinal }.map(\.venueID.text).sorted()
        guard !open.isEmpty else { return }
        let id = VenueOrderID(open[random.below(open.count)])
        if random.chance(10) { return end(id, random.chance(50) ? .expired : .canceled, now) }
        fill(id, now, &random)
    }

    private mutating func fill(_ id: VenueOrderID, _ now: Timestamp, _ random: inout SplitMix64) {
        guard var order = orders[id], let left = order.quantity.subtracting(order.filled) else { return }
        let units = random.chance(40) ? left.units : 1 + Int64(random.below(Int(left.units)))
        let part = Quantity(units: units, decimals: Int(left.decimals))
        let inBase = order.side == .buy && random.chance(50)
        let fee = Amount(units: Int128(1 + random.below(50)), decimals: inBase ? 7 : 3)
        let fill = Fill(
            tradeID: "T\(fills.count + 1)", venueOrderID: id, clientOrderID: order.clientID, symbol: "XBTUSDT", side: order.side,
            price: order.price, quantity: part, fee: fee, feeAsset: inBase ? "BTC" : "USDT", isMaker: true, time: now)
        order.fills.append(fill)
        order.filled = order.filled.adding(part) ?? order.filled
        order.status = order.filled == order.quantity ? .filled : .partiallyFilled
        orders[id] = order
        fills.append(fill)
        settle(fill, inBase: inBase)
        tell(id, fill: fill, now)
    }

    private mutating func settle(_ fill: Fill, inBase: Bool) {
        let value = Amount(fill.price, times: fill.quantity)
        let quantity = Amount(fill.quantity)
        base = (fill.side == .buy ? base.adding(quantity) : base.subtracting(quantity)) ?? base
        quote = (fill.side == .sell ? quote.adding(value) : quote.subtracting(value)) ?? quote
        if inBase { base = base.subtracting(fill.fee) ?? base } else { quote = quote.subtracting(fill.fee) ?? quote }
    }

    private mutating func tell(_ id: VenueOrderID, fill: Fill?, _ now: Timestamp) {
        guard var report = report(id) else { return }
        report.symbol = "BTC/USDT"
        report.updatedAt = now
        events.append(.order(report, fill: fill))
    }

    var openOrders: [OrderReport] {
        orders.keys.sorted { $0.text < $1.text }.compactMap { report($0) }.filter { !$0.status.isFinal }
    }

    func fills(_ query: ReconciliationRequest.Fills) -> [Fill] {
        var list = fills
        if let after = query.after {
            list = Array(list.drop { $0.tradeID != after }.dropFirst())
        } else {
            list = list.filter { $0.time >= query.from }
        }
        guard !fillsNameClient else { return list }
        return list.map { fill in
            var fill = fill
            fill.clientOrderID = nil
            return fill
        }
    }

    var balances: [Balance] {
        [Balance(asset: "BTC", free: base, locked: .zero), Balance(asset: "USDT", free: quote, locked: .zero)]
    }
}
