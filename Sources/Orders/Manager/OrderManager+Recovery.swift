import Exchange
package import Market

// After a journal that was lost came back out of the coordinator's store: its newest records may be missing, and what they said is known from the
// venue alone.

/// What is read at the venue because records may be missing.
struct OrderRecovery: Hashable, Sendable {
    /// Every record up to this time is there.
    let since: Timestamp
    /// Fills that were read and whose orders nobody has told yet.
    var unknown: Set<OrderLedger.VenueKey> = []
    /// When the orders of `unknown` are asked for again.
    var nextAt: Timestamp?
    /// How often they were asked for again since the last one became known.
    var attempts = 0
}

extension OrderManager {
    /// The journal may lack records after this time: fills of every instrument since then are read, also of those without an order, and orders of
    /// this job among them are adopted. To be called before `start`.
    package mutating func recover(since: Timestamp) { recovery = OrderRecovery(since: since) }

    /// Whether there are fills of which nobody knows yet whether they are of this job: a position may be another one than the journal says, so that
    /// nothing is to be placed.
    package var isRecovering: Bool { recovery?.unknown.isEmpty == false }

    /// So much longer than a pair's own orders say the fills are read for.
    func recoveryQueries(_ queries: inout [Pair: ReconciliationRequest.Fills]) {
        guard reconciliation.isWide, let recovery else { return }
        // Records without a time among them: since ever, which venues write as 0 and not as less.
        let from = max(recovery.since.earlier(settings.fillMargin), Timestamp(milliseconds: 0))
        for pair in Set(pairs.values) {
            var query = queries[pair] ?? .init(pair: pair, after: ledger.cursors[pair], from: from)
            query.from = min(query.from, from)
            // A fill of one order may be in the journal, and an older one of another order not.
            query.after = nil
            queries[pair] = query
        }
    }

    /// A fill of an order that is not known: whose it is will be asked.
    mutating func noteUnknown(_ key: OrderLedger.VenueKey) { recovery?.unknown.insert(key) }

    /// The venue told of an order. Once the last one is known the account is read again: its balances have all fills now.
    mutating func noteKnown(_ report: OrderReport, _ now: Timestamp, _ out: inout Output) {
        guard isRecovering, let pair = pairs[report.symbol],
            recovery?.unknown.remove(OrderLedger.VenueKey(pair: pair, id: report.venueOrderID)) != nil
        else { return }
        recovery?.attempts = 0
        guard !isRecovering else { return }
        recovery?.nextAt = nil
        reconciliation.isUnderWay = false
        requestReconciliation(now, after: .zero, &out)
    }

    /// Answers may be lost.
    mutating func askForUnknown(_ now: Timestamp, _ out: inout Output) {
        guard isRecovering, let unknown = recovery?.unknown else { return }
        guard let nextAt = recovery?.nextAt, nextAt <= now else {
            if recovery?.nextAt == nil { recovery?.nextAt = now.later(settings.longestWait) }
            return
        }
        recovery?.nextAt = now.later(settings.longestWait)
        recovery?.attempts += 1
        if recovery?.attempts == settings.patience {
            let orders = unknown.map { "\($0.id) on \($0.pair)" }.sorted().joined(separator: ", ")
            out.append(
                .alarm("the venue does not say whose orders its fills are of (\(orders)); nothing is placed until it does"))
        }
        for key in unknown.sorted(by: { ($0.pair, $0.id.text) < ($1.pair, $1.id.text) }) {
            out.append(.identify(key.pair, key.id))
        }
    }
}
