import Foundation
import Matching

/// The matching engine alone: orders that rest, cancel and cross around a spread that wanders, with accounts, fees and reports.
enum OrderMatching {
    private static let count = 1_000_000
    private static let target = 1_000_000.0

    static func rows(_ options: Options) throws -> [Row] {
        let inputs = Flow(seed: 1).inputs(count)
        var rates: [Double] = []
        var counts = Counts()
        for _ in 0..<options.rounds {
            var venue = try Venue()
            let start = clock()
            counts = venue.run(inputs)
            rates.append(Double(inputs.count) / (Double(clock() - start) / Double(CLOCKS_PER_SEC)))
            try venue.check()
        }
        var row = Row("matching engine, adds, cancels, crosses", rates.median, "requests/CPU s")
        row.target = ">= 1,000,000"
        row.met = rates.median >= target
        row.note =
            "\(Text.whole(Double(counts.orders))) orders, \(Text.whole(Double(counts.cancels))) cancels that found one, "
            + "\(Text.whole(Double(counts.trades))) trades; \(Text.ratio(rates.median / naive(inputs)))x one sorted array of orders a side, "
            + "without accounts"
        return [row]
    }

    struct Counts {
        var orders = 0
        var cancels = 0
        var trades = 0
    }

    enum Input {
        case limit(Side, price: Int64, quantity: Int64, account: Int)
        /// The order that was placed so many orders ago.
        case cancel(Int)
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

        func inputs(_ count: Int) -> [Input] {
            var flow = self
            var middle: Int64 = 50_000
            var (orders, result) = (0, [Input]())
            while orders < count {
                if flow.next(50) == 0 { middle = min(60_000, max(40_000, middle + Int64(flow.next(5) - 2))) }
                let side: Side = flow.next(2) == 0 ? .buy : .sell
                let kind = flow.next(10)
                if kind >= 7, orders > 1000 {
                    result.append(.cancel(1 + flow.next(1000)))
                    continue
                }
                let distance = kind == 0 ? -Int64(flow.next(4)) : 1 + Int64(flow.next(8) * flow.next(8))
                result.append(
                    .limit(
                        side, price: side == .buy ? middle - distance : middle + distance, quantity: 1 + Int64(flow.next(100)),
                        account: flow.next(16)))
                orders += 1
                if orders >= Self.lifetime { result.append(.cancel(Self.lifetime)) }
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

        mutating func run(_ inputs: [Input]) -> Counts {
            var counts = Counts()
            var placed = Array(repeating: (id: OrderID.none, account: AccountID.fees), count: 16_384)
            for input in inputs {
                switch input {
                case .limit(let side, let price, let quantity, let number):
                    let account = accounts[number]
                    counts.orders += 1
                    var request = OrderRequest.limit(account, pair, side, price: price, quantity: quantity)
                    request.clientID = ClientID(number: UInt64(counts.orders))
                    guard let order = try? engine.place(request) else { continue }
                    placed[counts.orders & 16_383] = (order.id, account)
                case .cancel(let ago):
                    let order = placed[(counts.orders + 1 - ago) & 16_383]
                    if (try? engine.cancel(.id(order.id), of: order.account)) != nil { counts.cancels += 1 }
                }
                counts.trades += engine.trades.count
                engine.removeEvents()
            }
            return counts
        }

        /// The measured run was a true one.
        func check() throws {
            for asset in [AssetID(0), AssetID(1)] where engine.total(asset) != engine.deposited(asset) {
                throw BenchError("the engine lost money of asset \(asset.rawValue)")
            }
        }
    }

    /// Requests a CPU second of the structure that comes to mind first, on a tenth of the inputs.
    private static func naive(_ inputs: [Input]) -> Double {
        var book = NaiveBook()
        let part = inputs.prefix(inputs.count / 10)
        let start = clock()
        for input in part {
            switch input {
            case .limit(let side, let price, let quantity, _): book.place(side, price, quantity)
            case .cancel(let ago): book.cancel(book.last + 1 - ago)
            }
        }
        return Double(part.count) / (Double(clock() - start) / Double(CLOCKS_PER_SEC))
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
