package import Connectors
import Exchange
package import Market

/// Tries everything that a venue is needed for, without placing an order, and says what works.
package struct VenueCheck: Sendable {
    package struct Settings: Sendable {
        /// For the first event of each stream, in real time.
        package var streamDeadline = Duration.seconds(20)
        /// Whose market is looked at; nil: a well-known pair that the venue has.
        package var pair: Pair?
        /// The clocks may be apart by so much before the user is told.
        package var skewLimit = Duration.seconds(1)

        package init() {}
    }

    /// Makes the client with a key; it throws what speaks against the credentials.
    package typealias MakeTrading = @Sendable () throws -> TradingClient
    package typealias Report = @Sendable (CheckLine) -> Void

    let market: MarketDataClient
    let settings: Settings
    private let report: Report

    /// `report` gets each line as soon as it is known.
    package init(_ market: MarketDataClient, settings: Settings = Settings(), report: @escaping Report = { _ in }) {
        self.market = market
        self.settings = settings
        self.report = report
    }

    /// All lines. `trading` is nil where no account was named.
    package func run(_ trading: MakeTrading?) async -> [CheckLine] {
        var lines: [CheckLine] = []
        add([await clock()], to: &lines)
        let (list, instrument) = await markets()
        add([list], to: &lines)
        if let instrument {
            for step in [candles, trades, book] { add([await step(instrument)], to: &lines) }
            add(await streams(instrument), to: &lines)
            if let trading { await account(trading, instrument, &lines) }
        }
        add([await budgets()], to: &lines)
        return lines
    }

    private func add(_ new: [CheckLine], to lines: inout [CheckLine]) {
        for line in new { report(line) }
        lines += new
    }

    private func account(_ make: MakeTrading, _ instrument: TradedInstrument, _ lines: inout [CheckLine]) async {
        let client: TradingClient
        do {
            client = try make()
        } catch {
            return add([CheckLine("credentials", .failed, "\(error)")], to: &lines)
        }
        for step in [balances, rights] { add([await step(client)], to: &lines) }
        add([await validate(client, instrument)], to: &lines)
        add([await userStream(client, instrument)], to: &lines)
    }

    /// A step that has to throw nothing.
    func line(_ name: String, _ body: () async throws(VenueError) -> (CheckLine.State, String)) async -> CheckLine {
        do {
            let (state, text) = try await body()
            return CheckLine(name, state, text)
        } catch {
            return CheckLine(name, .failed, error.description)
        }
    }
}
