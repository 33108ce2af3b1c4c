import Foundation
import Matching

/// The matching engine alone: orders that rest, cancel and cross around a spread that wanders, with accounts, fees and reports.
enum OrderMatching {
    private static let count = 1_000_000
    private static let target = 1_000_000.0

    static func rows(_ options: Options) throws -> [Row] {
        let inputs = Flow(seed: 1).inputs(count)
        var placing: [Double] = []
        var canceling: [Double] = []
        var counts = Counts()
        for _ in 0..<options.rounds {
            var venue = try Venue()
            counts = venue.run(inputs)
            placing.append(counts.placing)
            canceling.append(counts.canceling)
            try venue.check()
        }
        guard counts.accepted == counts.orders else {
            throw BenchError("of \(counts.orders) orders the engine took \(counts.accepted)")
        }
        return [orders(counts, placing.median), requests(inputs, counts, placing.median + canceling.median)]
    }

    private static func orders(_ counts: Counts, _ seconds: Double) -> Row {
        let rate = Double(counts.orders) / seconds
        var row = Row("matching engine, orders placed", rate, "orders/CPU s")
        row.target = ">= 1,000,000"
        row.met = rate >= target
        row.note =
            "\(Text.whole(Double(counts.orders))) orders, \(Text.whole(Double(counts.trades))) trades; without the time of the cancels"
        return row
    }

    private static func requests(_ inputs: [Batch], _ counts: Counts, _ seconds: Double) -> Row {
        let rate = Double(counts.orders + counts.cancels) / seconds
        var row = Row("matching engine, orders and cancels", rate, "requests/CPU s")
        let all = inputs.reduce(0) { $0 + $1.orders.count + $1.cancels.count }
        row.note =
            "the same run with \(Text.whole(Double(counts.cancels))) cancels; \(Text.whole(Double(all - counts.orders - counts.cancels))) that "
            + "found no order any more take time and do not count; \(Text.ratio(Double(all) / seconds / naive(inputs)))x one sorted array of "
            + "orders a side, without accounts"
        return row
    }

    struct Counts {
        var orders = 0
        var accepted = 0
        var cancels = 0
        var trades = 0
        /// Processor seconds.
        var placing = 0.0
        var canceling = 0.0
    }

    struct Limit {
        var side: Side
        var price: Int64
        var quantity: Int64
        var account: Int
    }

    /// A thousand orders, and then the cancels that were drawn among them, so that each kind's time can be taken alone.
    struct Batch {
        static let orders = 1000
        var orders: [Limit] = []
        /// Numbers of orders, which begin with 1.
        var cancels: [Int] = []
    }

    /// Of ten requests that are drawn six rest near the spread, three cancel one of the last thousand orders, one crosses; and what is
    /// left of an order is canceled once `lifetime` others came, so that the book keeps its size.
    struct Flow {
        static let lifetime = 10_000
        private var state: UInt64
        init(seed: UInt64) { state = seed }

        private mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }

        func inputs(_ count: Int) -> [Batch] {
            var flow = self
            var middle: Int64 = 50_000
            var (orders, result) = (0, [Batch]())
            while orders < count {
                if orders % Batch.orders == 0, result.last?.orders.isEmpty != true { result.append(Batch()) }
                if flow.next(50) == 0 { middle = min(60_000, max(40_000, middle + Int64(flow.next(5) - 2))) }
                let side: Side = flow.next(2) == 0 ? .buy : .sell
                let kind = flow.next(10)
                if kind >= 7, orders > 1000 {
                    result[result.count - 1].cancels.append(orders - flow.next(1000))
                    continue
                }
                let distance = kind == 0 ? -Int64(flow.next(4)) : 1 + Int64(flow.next(8) * flow.next(8))
                result[result.count - 1].orders.append(
                    Limit(
                        side: side, price: side == .buy ? middle - distance : middle + distance,
                        quantity: 1 + Int64(flow.next(100)),
                        account: flow.next(16)))
                orders += 1
                if orders >= Self.lifetime { result[result.count - 1].cancels.append(orders + 1 - Self.lifetime) }
            }
            return result
        }
    }

    private struct Venue {
        var engine: MatchingEngine
        let pair: InstrumentID
        var accounts: [AccountID] = []

        init() throws {
            var settings = MatchingEngine.Settings(assetCount: 2)
            settings.openOrders = Bounds.openOrders
            engine = try MatchingEngine(settings)
            pair = try engine.addInstrument(
                InstrumentRules(
                    base: AssetID(0), quote: AssetID(1), tickValue: 10, lotValue: 1000, price: 1...10_000_000,
                    quantity: 1...1_000_000_000, fees: FeeSchedule(maker: 100_000, taker: 100_000)))
            for _ in 0..<16 {
                let account = try engine.addAccount()
                for asset in [AssetID(0), AssetID(1)] { try engine.deposit(1 << 80, asset, to: account) }
                accounts.append(account)
            }
        }

        mutating func run(_ batches: [Batch]) -> Counts {
            var counts = Counts()
            var placed = Array(repeating: (id: OrderID.none, account: AccountID.fees), count: 16_384)
            for batch in batches {
                let start = clock()
                for limit in batch.orders { place(limit, &counts, &placed) }
                let middle = clock()
                for number in batch.cancels {
                    let order = placed[number & 16_383]
                    if (try? engine.cancel(.id(order.id), of: order.account)) != nil { counts.cancels += 1 }
                    engine.removeEvents()
                }
                counts.placing += Double(middle - start) / Double(CLOCKS_PER_SEC)
                counts.canceling += Double(clock() - middle) / Double(CLOCKS_PER_SEC)
            }
            return counts
        }

        private mutating func place(_ limit: Limit, _ counts: inout Counts, _ placed: inout [(id: OrderID, account: AccountID)]) {
            counts.orders += 1
            let account = accounts[limit.account]
            var request = OrderRequest.limit(account, pair, limit.side, price: limit.price, quantity: limit.quantity)
            request.clientID = ClientID(number: UInt64(counts.orders))
            guard let order = try? engine.place(request) else { return }
            counts.accepted += 1
            placed[counts.orders & 16_383] = (order.id, account)
            counts.trades += engine.trades.count
            engine.removeEvents()
        }

        /// The measured run was a true one.
        func check() throws {
            for asset in [AssetID(0), AssetID(1)] where engine.total(asset) != engine.deposited(asset) {
                throw BenchError("the engine lost money of asset \(asset.rawValue)")
            }
        }
    }

    /// Requests a CPU second of the structure that comes to mind first, on a tenth of the inputs.
    private static func naive(_ inputs: [Batch]) -> Double {
        var book = NaiveBook()
        var count = 0
        let start = clock()
        for batch in inputs.prefix(inputs.count / 10) {
            for limit in batch.orders { book.place(limit.side, limit.price, limit.quantity) }
            for number in batch.cancels { book.cancel(number) }
            count += batch.orders.count + batch.cancels.count
        }
        return Double(count) / (Double(clock() - start) / Double(CLOCKS_PER_SEC))
    }

    /// All orders of a side in one array, the best at its end.
    private struct NaiveBook {
        struct Resting {
            var id: Int
            var price: Int64
            var quantity: Int64
        }
        var bids: [Resting] = []
        var asks: [Resting] = []
        var last = 0

        mutating func place(_ side: Side, _ price: Int64, _ quantity: Int64) {
            last += 1
            var left = quantity
            if side == .buy {
                Self.take(&asks, &left) { $0 <= price }
                if left > 0 { Self.insert(&bids, Resting(id: last, price: price, quantity: left)) { $0 < price } }
            } else {
                Self.take(&bids, &left) { $0 >= price }
                if left > 0 { Self.insert(&asks, Resting(id: last, price: price, quantity: left)) { $0 > price } }
            }
        }

        mutating func cancel(_ id: Int) {
            if let place = bids.firstIndex(where: { $0.id == id }) { bids.remove(at: place) }
            if let place = asks.firstIndex(where: { $0.id == id }) { asks.remove(at: place) }
        }

        private static func take(_ side: inout [Resting], _ left: inout Int64, _ crosses: (Int64) -> Bool) {
            while left > 0, let best = side.last, crosses(best.price) {
                let quantity = min(left, best.quantity)
                left -= quantity
                side[side.count - 1].quantity -= quantity
                if best.quantity == quantity { side.removeLast() }
            }
        }

        private static func insert(_ side: inout [Resting], _ order: Resting, _ isWorse: (Int64) -> Bool) {
            let place = side.firstIndex { !isWorse($0.price) } ?? side.count
            side.insert(order, at: place)
        }
    }
}
