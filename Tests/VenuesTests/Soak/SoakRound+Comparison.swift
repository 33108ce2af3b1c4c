import Connectors
import Exchange
import Market
import Money

/// Both sides' books after the faults. An empty list: they are equal.
extension SoakRound {
    func compare() async throws -> [String] {
        let (ledger, truth) = (session.read { $0 }, try session.venue())
        var problems = ledger.contradictions + session.marketView.contradictions
        if !truth.isConserved { problems.append("the venue's own sums are wrong") }
        problems += orders(ledger, truth) + fills(ledger, truth)
        problems += try await balances(truth)
        problems += try await fillsByPage(truth)
        return problems
    }

    // MARK: - Orders

    private func orders(_ ledger: SoakLedger, _ truth: SoakVenue) -> [String] {
        var problems = ledger.strayOrders.map { "the venue told of an order \($0), which nobody placed" }
        if truth.orderCount != truth.orders.count { problems.append("an id was given to several orders") }
        for (id, entry) in ledger.orders.sorted(by: { $0.key.text < $1.key.text }) {
            switch (entry.outcome, truth.orders[id.text]) {
            case (.placed, let row?): problems += order(id, entry, row)
            case (.notPlaced, nil): break
            case (let outcome, let row):
                problems.append("\(id) is \(outcome) to us, and \(row.map { "\($0)" } ?? "unknown") at the venue")
            }
        }
        let ours = Set(ledger.orders.keys.map(\.text))
        return problems + truth.orders.keys.filter { !ours.contains($0) }.map { "nobody placed \($0), which the venue has" }
    }

    private func order(_ id: ClientOrderID, _ entry: SoakLedger.Entry, _ row: SoakVenue.OrderRow) -> [String] {
        guard row.status.isFinal else { return ["\(id) is \(row.status) at the venue although all were canceled"] }
        guard entry.status == row.status, entry.filled == row.filled else {
            let ours = "\(entry.status.map { "\($0)" } ?? "without a state"), \(entry.filled) filled"
            return ["\(id) is \(ours) to us, \(row.status), \(row.filled) filled at the venue"]
        }
        return []
    }

    // MARK: - Fills

    private func fills(_ ledger: SoakLedger, _ truth: SoakVenue) -> [String] {
        let ours = ledger.fills.values.map { row($0, ledger) }
        return difference(ours, truth.fills, "told")
    }

    private func row(_ fill: Fill, _ ledger: SoakLedger) -> SoakVenue.FillRow {
        SoakVenue.FillRow(
            order: ledger.order(of: fill)?.text ?? "no order of ours",
            pair: ledger.pair(fill.symbol) ?? session.rig.pair, side: fill.side, price: fill.price, quantity: fill.quantity,
            fee: fill.fee, feeAsset: fill.feeAsset, time: fill.time)
    }

    /// Fill for fill, each as often here as there.
    private func difference(_ ours: [SoakVenue.FillRow], _ theirs: [SoakVenue.FillRow], _ what: String) -> [String] {
        var counts: [SoakVenue.FillRow: Int] = [:]
        for row in ours { counts[row, default: 0] += 1 }
        for row in theirs { counts[row, default: 0] -= 1 }
        let wrong = counts.filter { $0.value != 0 }.sorted { $0.key.time < $1.key.time }.prefix(10)
        return wrong.map { row, count in
            count > 0 ? "\(what) and not at the venue: \(row)" : "at the venue and not \(what): \(row)"
        }
    }

    /// What the venue answers when it is asked for all fills of the session.
    private func fillsByPage(_ truth: SoakVenue) async throws -> [String] {
        var rows: [SoakVenue.FillRow] = []
        for instrument in session.instruments {
            let list = try await patiently("all fills") { () async throws(VenueError) in
                try await session.trading.allFills(instrument, after: nil, from: session.start)
            }
            rows += session.read { ledger in list.map { row($0, ledger) } }
        }
        return difference(rows, truth.fills, "answered")
    }

    // MARK: - Balances

    private func balances(_ truth: SoakVenue) async throws -> [String] {
        let ours = try await patiently("balances") { () async throws(VenueError) in try await session.trading.balances() }
        return truth.balances.sorted { $0.key < $1.key }.compactMap { asset, theirs in
            let balance = ours.first { $0.asset == asset }
            let (free, locked) = (balance?.free ?? .zero, balance?.locked ?? .zero)
            guard free != theirs.free || locked != theirs.locked else { return nil }
            return "\(asset): \(free) free and \(locked) locked to us, \(theirs.free) and \(theirs.locked) at the venue"
        }
    }

    // MARK: - Order books

    /// Stops the venue's time and waits until each kept book is the venue's, level for level.
    func compareBooks() async throws -> [String] {
        // Changes that were left out before are noticed by the next ones.
        let before = session.marketView.bookUpdates
        try await session.wait("changes of the order books") { _, view in
            session.instruments.allSatisfy { instrument in
                let seen = (view.bookUpdates[instrument.streamSymbol] ?? 0) - (before[instrument.streamSymbol] ?? 0)
                return seen >= 2 && session.stream.book(instrument, depth: SoakSession.bookDepth) != nil
            }
        }
        session.time.freeze()
        defer { session.time.thaw() }
        do {
            try await watched("the order books being equal", seconds: 30) {
                while try !unequalBooks().isEmpty {
                    // A round trip: what the venue had to send before is on its way.
                    _ = try await session.rig.books()
                }
            }
            return []
        } catch let failure as SoakFailure {
            return ["\(failure)"] + (try unequalBooks())
        }
    }

    private func unequalBooks() throws -> [String] {
        let truth = try session.venue()
        return session.instruments.compactMap { instrument in
            guard let book = session.stream.book(instrument, depth: SoakSession.bookDepth) else {
                return "the book of \(instrument.pair) is not kept"
            }
            guard let levels = truth.books[instrument.pair] else { return "the venue has no book of \(instrument.pair)" }
            let depth = book.depth
            let ours = SoakVenue.Levels(bids: Array(book.bids), asks: Array(book.asks))
            let theirs = SoakVenue.Levels(bids: Array(levels.bids.prefix(depth)), asks: Array(levels.asks.prefix(depth)))
            return ours == theirs ? nil : "the book of \(instrument.pair) is \(ours) to us, \(theirs) at the venue"
        }
    }
}
