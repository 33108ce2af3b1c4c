import Connectors
import Exchange
import Market
import PaperExchange
import Testing

@testable import Venues

@Suite(.serialized, .timeLimit(.minutes(5)))
struct StreamFaultTests {
    /// Runs `body` beside a stream of these subscriptions.
    private func withStream(
        _ rig: PaperRig, _ subscription: (TradedInstrument) -> MarketSubscription, _ body: (MarketStream) async throws -> Void
    ) async throws {
        let market = rig.connectors.market()
        let stream = try market.stream([subscription(try await market.instrument(rig.pair))])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await stream.run() }
            defer { group.cancelAll() }
            try await body(stream)
        }
    }

    @Test(arguments: ["binance", "kraken"])
    func `a change that is left out of the book is noticed, and the book made anew`(dialect: String) async throws {
        try await withRig(dialect) { rig in
            try await withStream(rig, { .book($0, depth: 10) }) { stream in
                for _ in 0..<2 {
                    while true {
                        if case .bookSynced = try #require(await stream.events.next(), "the stream ended") { break }
                    }
                    // Kraken's changes have no numbers: one that is overtaken by the next leaves no trace, so that a few would not do.
                    try await rig.fault(.bookGap, count: nil, probability: 0.5)
                    while true {
                        if case .bookLost = try #require(await stream.events.next(), "the stream ended") { break }
                    }
                    try await rig.clearFaults()
                }
                #expect(stream.counters.bookFaults >= 2)
            }
        }
    }

    @Test(
        arguments: ["binance", "kraken"], [PaperFault.Kind.reorderStreamMessages, .loseStreamMessages, .duplicateStreamMessages])
    func `trades that come late, twice or never are in order, once, and never missing unseen`(
        dialect: String, kind: PaperFault.Kind
    ) async throws {
        try await withRig(dialect) { rig in
            try await withStream(rig, { .trades($0) }) { stream in
                var ids: [Int64] = []
                var isTold = false
                while ids.count < 60 {
                    switch try #require(await stream.events.next(), "the stream ended") {
                    case .market(.trade(let trade)):
                        if let last = ids.last {
                            #expect(trade.tradeID > last)
                            #expect(
                                trade.tradeID == last + 1 || isTold,
                                "trades between \(last) and \(trade.tradeID) are missing unseen")
                        }
                        isTold = false
                        ids.append(trade.tradeID)
                        if ids.count == 10 || ids.count == 30 { try await rig.fault(kind, count: 4) }
                    // Missing for good: only this allows a jump.
                    case .resumed(_, isComplete: false): isTold = true
                    default: break
                    }
                }
                let struck = try await rig.books()["faults"]?["struck"]?[FaultPlan.name(kind)]?.integer ?? 0
                #expect(struck > 0)
            }
        }
    }
}
