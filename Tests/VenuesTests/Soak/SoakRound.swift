import Connectors
import Exchange
import Market
import Money
import PaperExchange
import SyntheticMarket

/// One round: faults and orders by chance, then quiet, then both sides' books side by side.
struct SoakRound: Sendable {
    static let traders = 3

    let session: SoakSession
    let number: Int
    let seed: UInt64
    /// Calls of each of the traders.
    let operations: Int

    private var trading: TradingClient { session.trading }

    func run() async throws -> (tally: SoakTally, problems: [String]) {
        let before = try session.venue()
        let reconnects = session.read(\.reconnects)
        var tally = try await trade()
        try await session.rig.clearFaults()
        let quiet = try session.venue()
        tally.faults = quiet.struck.merging(before.struck) { $0 - $1 }.filter { $0.value > 0 }
        try await endOrders(&tally)
        // A message that is lost, or held back at the end, is only seen with the next connection.
        let isLossy = ["loseStreamMessages", "reorderStreamMessages"].contains { tally.faults[$0] != nil }
        if isLossy { try await reconnect() }
        try await catchUp(isWhole: !isLossy && session.read(\.reconnects) == reconnects)
        try await askForEnds()
        let problems = try await compare() + compareBooks()
        tally.fills = session.read(\.fills.count) - before.fills.count
        tally.reconnects = session.read(\.reconnects) - reconnects
        return (tally, problems)
    }

    private func trade() async throws -> SoakTally {
        try await watched("the orders of round \(number)", seconds: 600) {
            try await withThrowingTaskGroup(of: SoakTally.self) { group in
                for index in 0..<Self.traders {
                    group.addTask {
                        var trader = SoakTrader(session, number: index, round: number, seed: seed)
                        try await trader.run(operations)
                        return trader.tally
                    }
                }
                var sum = SoakTally()
                for try await tally in group { sum.add(tally) }
                return sum
            }
        }
    }

    // MARK: - Quiet

    /// Finds out what became of orders that nobody could be asked about, and cancels what is open.
    private func endOrders(_ tally: inout SoakTally) async throws {
        try await patiently("the venue's clock") { () async throws(VenueError) in
            _ = try await session.market.synchronizeClock()
        }
        var trader = SoakTrader(session, number: Self.traders, round: number, seed: seed)
        for id in session.read({ $0.open([.unknown, .underWay]) }) {
            guard let instrument = session.read({ $0.orders[id].flatMap { $0.pair }.flatMap($0.instrument) }) else { continue }
            await trader.lookUp(id, instrument)
        }
        tally.add(trader.tally)
        for instrument in session.instruments {
            while true {
                let open = try await patiently("open orders") { () async throws(VenueError) in
                    try await trading.openOrders(instrument)
                }
                if open.isEmpty { break }
                _ = try await patiently("cancel all") { () async throws(VenueError) in
                    try await trading.cancelAll(trading.venue.cancelAll(instrument) == nil ? nil : instrument)
                }
            }
        }
    }

    private func reconnect() async throws {
        // One that is under way ends first: it may be too far to see the cut, and would be taken for the one after it. Ready and count are
        // read at once: a loss between the two would be counted, and the cut then strike a connection that was never told of.
        let before = try await session.reconnectsWhenReady()
        let cuts = try session.venue().struck["disconnectStreams"] ?? 0
        try await session.rig.fault(.disconnectStreams)
        do {
            try await session.wait("a new connection of the user stream") { ledger, _ in
                ledger.reconnects > before && ledger.isReady
            }
        } catch {
            let (now, told) = session.read { ($0.reconnects, $0.told) }
            let books = try await session.rig.books()
            let struck = (try session.venue().struck["disconnectStreams"] ?? 0) - cuts
            let state =
                "cuts: \(struck), connections lost before: \(before), now: \(now); \(books["streams"]?.integer ?? 0) streams at the venue"
            let faults = books["faults"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
            throw SoakFailure(description: (["\(error)", state, faults] + told).joined(separator: "\n"))
        }
    }

    /// Waits until the streams have told all fills and the last balances and, where they were whole, how each order ended.
    private func catchUp(isWhole: Bool) async throws {
        let truth = try session.venue()
        let totals = truth.balances.mapValues { $0.free.adding($0.locked) ?? $0.free }
        do {
            try await session.wait(
                "fills, balances and ends by the user stream",
                until: { ledger, _ in
                    guard ledger.isReady, ledger.fills.count >= truth.fills.count else { return false }
                    guard totals.allSatisfy({ ledger.balances[$0.key] ?? .zero == $0.value }) else { return false }
                    return !isWhole
                        || ledger.orders.allSatisfy { $0.value.outcome != .placed || $0.value.status?.isFinal ?? false }
                })
        } catch {
            throw SoakFailure(description: "\(error)\n" + session.read { Self.behind($0, truth, totals) }.joined(separator: "\n"))
        }
    }

    /// What the streams have not told.
    private static func behind(_ ledger: SoakLedger, _ truth: SoakVenue, _ totals: [String: Amount]) -> [String] {
        var lines = ["ready: \(ledger.isReady), fills: \(ledger.fills.count) of \(truth.fills.count)"] + ledger.contradictions
        for (asset, total) in totals where ledger.balances[asset] ?? .zero != total {
            lines.append("\(asset): told \(ledger.balances[asset]?.description ?? "nothing"), there \(total)")
        }
        let told = Set(ledger.fills.values.map(\.time))
        lines += truth.fills.filter { !told.contains($0.time) }.map { "not told: \($0)" }
        lines += ledger.open([.placed]).map { "not ended: \($0)" }
        return lines
    }

    /// What the stream did not tell is asked for.
    private func askForEnds() async throws {
        for id in session.read({ $0.open([.placed]) }) {
            guard let instrument = session.read({ $0.orders[id].flatMap { $0.pair }.flatMap($0.instrument) }) else { continue }
            let report = try await patiently("order \(id)") { () async throws(VenueError) in
                try await trading.order(.client(id), instrument)
            }
            session.change { $0.take(report, isStream: false) }
        }
    }

    /// Again while the venue asks for patience or a cancel's outcome is open.
    func patiently<Answer: Sendable>(
        _ what: String, _ body: @escaping @Sendable () async throws(VenueError) -> Answer
    ) async throws -> Answer {
        try await watched(what) {
            var attempt = 0
            while true {
                attempt += 1
                do throws(VenueError) {
                    return try await body()
                } catch {
                    guard attempt < 500 else { throw SoakFailure(description: "\(what) after \(attempt) attempts: \(error)") }
                    switch error.handling {
                    case _ where error.kind == .invalidNonce: _ = try? await session.market.synchronizeClock()
                    case .retryable(let wait): await trading.clock.sleep(for: wait ?? .seconds(1))
                    case .outcomeUnknown: continue
                    case .permanent, .fatal: throw SoakFailure(description: "\(what): \(error)")
                    }
                    try Task.checkCancellation()
                }
            }
        }
    }
}
