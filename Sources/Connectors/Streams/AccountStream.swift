package import Exchange
package import Market
import Synchronization

/// What a consumer of one's own account gets.
package enum AccountUpdate: Hashable, Sendable {
    case stream(AccountStreamEvent)
    /// What the venue said over REST after each connection, before `ready`: all open orders, the fills since the last known, balances.
    case reconciled(AccountSnapshot)
    /// The consumer did not read in time and so many updates were dropped; everything is read anew.
    case overflow(dropped: Int)
}

package struct AccountSnapshot: Hashable, Sendable {
    package var openOrders: [OrderReport]
    package var fills: [Fill]
    package var balances: [Balance]

    package init(openOrders: [OrderReport], fills: [Fill], balances: [Balance]) {
        self.openOrders = openOrders
        self.fills = fills
        self.balances = balances
    }
}

/// One's own orders and balances as they change, kept alive for as long as `run` runs. Nothing is to be traded before `ready`.
package final class AccountStream: Sendable {
    package struct Settings: Hashable, Sendable {
        package var capacity = 16_384
        package var session = AccountSession.Settings()

        package init() {}
    }

    /// Where fills were read up to.
    package struct Cursor: Hashable, Sendable {
        /// The last known trade id by symbol; "" for an account that is read as a whole.
        package var tradeIDs: [String: String] = [:]
        /// Where no id is known: fills from this time on; nil: the newest ones.
        package var from: Timestamp?

        package init(tradeIDs: [String: String] = [:], from: Timestamp? = nil) {
            self.tradeIDs = tradeIDs
            self.from = from
        }
    }

    package let updates: EventChannel<AccountUpdate>
    let client: TradingClient
    /// Whose fills and orders are read; empty: those of the whole account, where the venue can.
    let instruments: [TradedInstrument]
    let settings: Settings
    let cursor: Mutex<Cursor>

    package init(
        _ client: TradingClient, instruments: [TradedInstrument], since cursor: Cursor = Cursor(), settings: Settings = Settings()
    ) {
        self.client = client
        self.instruments = instruments
        self.cursor = Mutex(cursor)
        var settings = settings
        settings.session.usesToken = client.venue.streamToken() != nil
        settings.session.renewal = client.venue.renewStreamToken("").map(\.every)
        settings.session.stretch(toPace: client.clock.pace)
        self.settings = settings
        updates = EventChannel(capacity: max(settings.capacity, 64))
    }

    /// Where fills were read up to over REST, to begin there again. Fills that the stream told since are told once more by who does: only what
    /// was read shows that none is missing between.
    package var position: Cursor { cursor.withLock { $0 } }

    /// Runs until the task is canceled.
    package func run() async {
        let mailbox = EventChannel<AccountStreamLoop.Input>(capacity: 1024)
        await withDiscardingTaskGroup { group in
            var loop = AccountStreamLoop(self, mailbox: mailbox)
            loop.start(&group)
            while !Task.isCancelled, let input = await mailbox.next() { loop.take(input, &group) }
            mailbox.finish()
            loop.stop()
            group.cancelAll()
        }
        updates.finish()
    }

    /// Reads what was missed.
    func snapshot() async throws(VenueError) -> AccountSnapshot {
        let since = position
        var orders: [OrderReport] = []
        var fills: [Fill] = []
        for instrument in instruments.isEmpty ? [nil] : instruments.map(Optional.some) {
            orders += try await client.openOrders(instrument)
            fills += try await client.allFills(instrument, after: since.tradeIDs[instrument?.symbol ?? ""], from: since.from)
        }
        let balances = try await client.balances()
        return AccountSnapshot(openOrders: orders, fills: fills.sorted { $0.time < $1.time }, balances: balances)
    }

    /// Moves the cursor past these fills.
    func passed(_ fills: [Fill]) {
        guard !fills.isEmpty else { return }
        cursor.withLock { cursor in
            for fill in fills {
                cursor.tradeIDs[instruments.isEmpty ? "" : Self.symbol(fill.symbol, of: instruments)] = fill.tradeID
            }
        }
    }

    /// The name of an instrument in REST requests, whichever of its names is given.
    static func symbol(_ name: String, of instruments: [TradedInstrument]) -> String {
        instruments.first { $0.symbol == name || $0.streamSymbol == name || $0.aliases.contains(name) }?.symbol ?? name
    }
}
