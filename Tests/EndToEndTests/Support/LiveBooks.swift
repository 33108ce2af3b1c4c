import Foundation
import Testing

/// What the venue `paper-binance` has of its account, and what the fleet says of its live orders.
struct LiveBooks {
    /// An account at the venue.
    struct Account: Decodable, Equatable {
        struct Balance: Decodable, Equatable {
            var asset: String
            var free: Decimal
            var locked: Decimal

            enum CodingKeys: CodingKey { case asset, free, locked }

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                asset = try values.decode(String.self, forKey: .asset)
                free = try Self.decimal(values, .free)
                locked = try Self.decimal(values, .locked)
            }

            private static func decimal(_ values: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys) throws -> Decimal {
                try #require(Decimal(string: try values.decode(String.self, forKey: key)))
            }
        }
        struct Open: Decodable, Equatable { var client_id: String }
        struct Fills: Decodable, Equatable { var count: Int }

        var name: String
        var balances: [Balance]
        var open_orders: [Open]
        var fills: Fills
    }
    struct Order: Decodable {
        struct Fee: Decodable {
            var asset: String
            var amount: String
        }
        var pair: String
        var side: String
        var purpose: String
        var created: String
        var client_order_id: String
        var working: Bool
        var filled: String
        var cost: String
        var fees: [Fee]
    }
    private struct Books: Decodable { var accounts: [Account] }
    private struct Rows: Decodable { var live: [Order] }

    private let rig: Rig

    init(_ rig: Rig) { self.rig = rig }

    func venue() async throws -> Account {
        let text = try await rig.succeed(["paper-exchange", "books", "--venue", "paper-binance", "--json"])
        return try #require(try JSONDecoder().decode(Books.self, from: Data(text.utf8)).accounts.first { $0.name == "demo" })
    }

    func orders() async throws -> [Order] {
        try JSONDecoder().decode(Rows.self, from: Data(try await rig.succeed(["orders", "--json"]).utf8)).live
    }

    /// Waits until the fleet's records show two more entries that were filled.
    func grow(_ what: String) async throws {
        func filled() async throws -> Int { try await orders().count { $0.filled != "0" && $0.purpose == "entry" } }
        let before = try await filled()
        try await eventually(what, within: .seconds(180), every: .milliseconds(500)) { try await filled() >= before + 2 }
    }

    /// Checks that nothing works on, that no order was sent twice, and that the balances are what the fleet's orders make of the first ones.
    func areEqual() async throws {
        let (orders, venue) = (try await orders(), try await venue())
        #expect(venue.open_orders.isEmpty && orders.allSatisfy { !$0.working })
        #expect(Set(orders.map(\.client_order_id)).count == orders.count)
        var expected: [String: Decimal] = ["USDT": 100_000, "BTC": 1]
        for order in orders {
            let assets = order.pair.split(separator: "/").map(String.init)
            let sign: Decimal = order.side == "buy" ? 1 : -1
            expected[assets[0], default: 0] += sign * (try #require(Decimal(string: order.filled)))
            expected[assets[1], default: 0] -= sign * (try #require(Decimal(string: order.cost)))
            for fee in order.fees { expected[fee.asset, default: 0] -= try #require(Decimal(string: fee.amount)) }
        }
        #expect(venue.fills.count >= orders.count { $0.filled != "0" } && venue.fills.count > 0)
        for balance in venue.balances {
            #expect(balance.free == expected[balance.asset, default: 0] && balance.locked == 0, "\(balance.asset): \(expected)")
        }
    }
}
