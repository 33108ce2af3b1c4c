import Exchange
import Foundation
import Market
import Money
import Orders
import Testing

@testable import DryRun

@Suite struct SnapshotTests {
    /// A venue in the middle of its life, with each kind of order that waits.
    private static func scene() throws -> Scene {
        var scene = try Scene(usdt: "1000.000000000000000001")
        try scene.usualBook()
        _ = try scene.place(.buy, .market, "1.234")
        _ = try scene.limit(.buy, "90", "1")
        _ = try scene.place(.sell, .postOnly(try Sample.price("120")), "1")
        _ = try scene.place(.sell, .stopLoss(trigger: try Sample.price("80")), "1.5")
        _ = try scene.place(.sell, .stopLossLimit(trigger: try Sample.price("80"), price: try Sample.price("79.2")), "0.7")
        return scene
    }

    @Test func `the text is the one of the documents`() throws {
        var scene = try Scene(usdt: "1000", btc: "0")
        try scene.usualBook()
        _ = try scene.limit(.buy, "90.5", "1")
        #expect(
            String(decoding: scene.venue.snapshot(), as: UTF8.self) == """
                pragma-dry-run 1
                start =BTC 0@0
                start =USDT 1000@0
                balance =BTC 0@0 0@0
                balance =USDT 909319@3 90681@3
                last 1
                order 1 1 =BTC/USDT buy limit 905@1 - 1@0 GTC entry =a%20tag%2C%20100%20%25 =BTCUSDT 1@2 1@3 2@3 1760000000000
                end 7

                """)
    }

    @Test func `a restored venue goes on as the one that was stored`() throws {
        var scene = try Self.scene()
        let bytes = scene.venue.snapshot()
        var restored = try DryRunVenue(restoring: bytes, rules: scene.venue.rules)
        #expect(restored.snapshot() == bytes)
        #expect(restored.orders == scene.venue.orders)
        #expect(restored.wallet == scene.venue.wallet)
        #expect(restored.waiting == scene.venue.waiting)
        let book = (try Sample.levels([("78", "1")]), try Sample.levels([("79", "1")]))
        let ours = scene.venue.book(scene.pair, bids: book.0, asks: book.1, at: Sample.now)
        #expect(ours.map(\.ticket.number) == [2, 4, 5])
        #expect(restored.book(scene.pair, bids: book.0, asks: book.1, at: Sample.now) == ours)
        #expect(restored.snapshot() == scene.venue.snapshot())
        #expect(restored.lastTicket == OrderTicket(5))
    }

    @Test func `what is restored in place keeps the books and rules, and fills with the next book`() throws {
        let scene = try Self.scene()
        let bytes = scene.venue.snapshot()
        var venue = DryRunVenue(wallet: try DryRunWallet([:]), rules: scene.venue.rules)
        let book = (try Sample.levels([("78", "1")]), try Sample.levels([("79", "1")]))
        #expect(venue.book(scene.pair, bids: book.0, asks: book.1, at: Sample.now).isEmpty)
        try venue.restore(bytes)
        #expect(venue.snapshot() == bytes && venue.rules == scene.venue.rules && venue.books[scene.pair] != nil)
        #expect(venue.book(scene.pair, bids: book.0, asks: book.1, at: Sample.now).map(\.ticket.number) == [2, 4, 5])
        #expect(throws: DryRunSnapshotError.self) { try venue.restore([1]) }
    }

    @Test func `a restored venue has no book`() throws {
        var scene = try Self.scene()
        scene.venue = try DryRunVenue(restoring: scene.venue.snapshot(), rules: scene.venue.rules)
        #expect(try scene.place(.buy, .market, "1").reason == "no book of BTC/USDT has been seen yet")
    }

    @Test func `what is no stored state is refused with its line`() throws {
        let good = String(decoding: try Self.scene().venue.snapshot(), as: UTF8.self)
        func refusal(_ old: String, _ new: String) throws -> String {
            let range = try #require(good.firstRange(of: old), "\(old) is not in the text")
            let bytes = Array(good.replacingCharacters(in: range, with: new).utf8)
            let error = #expect(throws: DryRunSnapshotError.self) { try DryRunVenue(restoring: bytes, rules: DryRunRules()) }
            return try #require(error).description
        }
        #expect(try refusal("pragma-dry-run 1", "pragma-dry-run 2").contains("line 1: it is not \"pragma-dry-run 1\""))
        #expect(try refusal("\nend", "\nfin").contains("line 11"))
        #expect(try refusal("end 10", "end 9").contains("lines are missing"))
        #expect(try refusal("end 10\n", "end 10\nmore").contains("something follows"))
        #expect(try refusal("end 10\n", "").contains("line 11"))
        #expect(try refusal("last 5", "last 3").contains("does not fit"))
        #expect(try refusal("=BTC/USDT", "=BTCUSDT").contains("none of its kind"))
        #expect(try refusal("=BTC/USDT", "=BTC/BTC").contains("none of its kind"))
        #expect(try refusal("sell", "lend").contains("none of its kind"))
        #expect(try refusal("limit 90@0", "limit 90@4").contains("multiple of the tick"))
        #expect(try refusal("limit 90@0", "limit 91@0").contains("what is locked of USDT"))
        #expect(try refusal("stop_limit", "stop").contains("do not fit"))
        #expect(try refusal("start =BTC 10@0", "start =BTC -10@0").contains("began out of range"))
        #expect(try refusal("start =BTC 10@0", "start =BTC 100@1").contains("not in the form"))
        #expect(try refusal("%2C", "%2").contains("a text is none"))
        #expect(try refusal("%2C", "%FF").contains("not UTF-8"))
    }

    @Test func `changed bytes are refused or read as what they say, and never trap`() throws {
        let bytes = try Self.scene().venue.snapshot()
        var random = SplitMix64(seed: Seed.announced("changed states"))
        var accepted = 0
        for _ in 0..<10_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<changed.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: changed[place] = UInt8.random(in: 0...255, using: &random)
                case 1: changed[place] = UInt8.random(in: 48...57, using: &random)
                case 2: changed.remove(at: place)
                default: changed.insert(UInt8.random(in: 45...64, using: &random), at: place)
                }
            }
            do {
                var venue = try DryRunVenue(restoring: changed, rules: DryRunRules())
                #expect(venue.snapshot() == changed)
                accepted += 1
                // Whatever was accepted can be traded on.
                let book = (try Sample.levels([("50", "1")]), try Sample.levels([("51", "1")]))
                _ = venue.book(try Sample.pair(), bids: book.0, asks: book.1, at: Sample.now)
                for ticket in venue.workingTickets { _ = venue.cancel(ticket, at: Sample.now) }
                #expect(venue.wallet.balances.allSatisfy { !$0.free.isNegative && $0.locked.isZero })
            } catch is DryRunSnapshotError {}
        }
        print("changed states: 10000, \(accepted) still sound")
        #expect(accepted > 0)
    }

    @Test func `bytes without end are not read`() {
        let bytes = [UInt8](repeating: 32, count: DryRunSnapshot.byteLimit + 1)
        #expect(throws: DryRunSnapshotError.self) { try DryRunVenue(restoring: bytes, rules: DryRunRules()) }
        #expect(throws: DryRunSnapshotError.self) { try DryRunVenue(restoring: [], rules: DryRunRules()) }
    }
}
