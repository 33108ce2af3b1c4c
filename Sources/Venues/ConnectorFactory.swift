import Binance
package import Connectors
package import Exchange
import Kraken
import MarketData
package import Web

/// Makes the clients of a venue out of its file.
///
/// One for each venue and process: what it makes shares connections, budgets and the venue's clock.
package struct ConnectorFactory: Sendable {
    package let file: VenueFile
    package let web: HTTPWebClient
    private let dialer: NIOWebSocketDialer
    private let loop = WebLoop()
    private let clock: any ConnectorClock
    private let settings: ClientSettings

    /// `version` is that of this program, `clock` the machine's: clients of an accelerated paper venue get one that keeps step with it.
    /// Nothing is connected yet.
    ///
    /// - Throws: `VenueSetupError` where the file of certificates cannot be used.
    package init(
        _ file: VenueFile, version: String, clock: any ConnectorClock, settings: ClientSettings = ClientSettings()
    ) throws(VenueSetupError) {
        self.file = file
        self.clock = file.speed == 1 ? clock : AcceleratedClock(clock, speed: file.speed)
        self.settings = settings
        do {
            var configuration = HTTPWebClient.Configuration(version: version)
            configuration.roots = file.roots
            dialer = try NIOWebSocketDialer(version: version, roots: file.roots, on: loop)
            web = try HTTPWebClient(configuration, on: loop)
        } catch {
            throw VenueSetupError("\(file.path): roots: \(error)")
        }
    }

    /// Closes the connections of all clients; the last thing to be done with this.
    package func shutdown() async { await web.shutdown() }

    /// The thread of all connections. Tasks that run there hear of a message, and send a request, without a change of threads.
    package var executor: any TaskExecutor { loop.executor }

    /// Where the venue's candles lie as files; nil where the venue file names no such place.
    package var archive: CandleArchive? {
        guard let origin = file.publicData else { return nil }
        switch file.protocolName {
        case .binance: return CandleArchive(web, at: origin, section: .spot)
        case .binanceUSDM: return CandleArchive(web, at: origin, section: .linear)
        case .kraken: return nil
        }
    }

    /// A client for market data, which has no way to a key.
    package func market(budget: RateBudget.Settings = RateBudget.Settings()) -> MarketDataClient {
        let venue = publicHalf
        return MarketDataClient(
            venue, at: file.address, client: web, dialer: dialer, clock: clock,
            gate: BudgetGate(venue, clock: clock, settings: budget), settings: settings)
    }

    /// A client with a key. It shares budgets and clock with `market`, which asks for the venue's time where a request's is refused;
    /// `report` is told so. `nonces` are needed where the venue wants them; see `needsNonces`.
    package func trading(
        _ market: MarketDataClient, credentials: Credentials, nonces: NonceKeeper = NonceKeeper(stored: 0) { _ in },
        report: @escaping ClockRepair.Report = { _ in }, permit: @escaping TradingClient.Permit = { _, _ in nil }
    ) throws(VenueError) -> TradingClient {
        try TradingClient(
            privateHalf, at: file.address, credentials: credentials, client: web, dialer: dialer, clock: clock, gate: market.gate,
            nonces: nonces, settings: settings,
            synchronize: { () async throws(VenueError) in try await market.synchronizeClock() }, report: report, permit: permit)
    }

    /// Whether the used nonces of a key have to be remembered.
    package var needsNonces: Bool { privateHalf.requestsAreOrdered }

    private var publicHalf: any MarketDataVenue {
        switch file.protocolName {
        case .binance: BinanceSpotMarketData()
        case .binanceUSDM: BinanceUSDMMarketData()
        case .kraken: KrakenMarketData(tier: file.tier)
        }
    }

    private var privateHalf: any TradingVenue {
        switch file.protocolName {
        case .binance: BinanceSpotTrading(receiveWindow: file.receiveWindow)
        case .binanceUSDM: BinanceUSDMTrading(receiveWindow: file.receiveWindow)
        case .kraken: KrakenTrading(tier: file.tier, isPaper: file.id.isPaper)
        }
    }
}
