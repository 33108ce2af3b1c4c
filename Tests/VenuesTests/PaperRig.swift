import Configuration
import ConnectorTesting
import Connectors
import Exchange
import Foundation
import Market
import Money
import PaperExchange
import PaperServer
import Synchronization
import Testing
import Web

@testable import Venues

/// A paper venue behind real sockets, and real clients of it made by its venue file.
final class PaperRig: Sendable {
    /// A minute of the venue passes in so many seconds: 3.
    static let speed = 20.0

    /// What a test may have otherwise.
    struct Options: Sendable {
        var speed = PaperRig.speed
        /// What the venue file says, where that is not the venue's speed.
        var clientSpeed: Double?
        var history = "1d"
        /// The venue's limits are for clients of the real clock; ours keep their own budgets by the fast one.
        var rateLimits = false
        /// The venue's time at its start; nil: now.
        var start: Int64?
        /// Whether the client's wall clock is the machine's own. Else it keeps step, so that nobody has to ask for the time first.
        var ownWall = false
        /// Further lines of the venue file.
        var lines = ""
        /// Base currencies that are traded against the dialect's quote currency.
        var bases = ["BTC"]
        /// What the account has of the quote currency, and of each base.
        var money = (quote: 100_000, base: 10)
        /// Of the market and of the venue's chances.
        var seed: UInt64 = 7
        /// For one whole answer, in real time.
        var timeout = Duration.seconds(2)
        var clock = ServerClock.real
    }

    let name: String
    let server: PaperExchangeServer
    let connectors: ConnectorFactory
    let pair: Pair
    let pairs: [Pair]
    private let control: PaperControl
    private let numbered = Mutex(0)

    init(_ dialect: String, _ options: Options = Options()) async throws {
        name = "paper-" + dialect
        let quote = dialect == "kraken" ? "USD" : "USDT"
        pairs = options.bases.compactMap { Pair("\($0)/\(quote)") }
        pair = try #require(pairs.first)
        let balances = ["\(quote): \(options.money.quote)"] + options.bases.map { "\($0): \(options.money.base)" }
        let text = """
            venues:
              - name: \(name)
                protocol: \(dialect)
                listen: 127.0.0.1:0
                instruments: [\(pairs.map { "{pair: \($0)}" }.joined(separator: ", "))]
                market: {synthetic: {seed: \(options.seed)}}
                seed: \(options.seed)
                history: \(options.history)
                accounts:
                  - {name: demo, key: paper-demo-key, secret: c2VjcmV0, balances: {\(balances.joined(separator: ", "))}, withdraw: true}
                speed: \(options.speed)
                rate_limits: \(options.rateLimits)
            """
        let configuration = try PaperExchangeConfiguration.load(path: "paper.yaml", source: .memory(["paper.yaml": text]))
        let start = options.start ?? Int64(Date.now.timeIntervalSince1970 * 1000)
        var surroundings = PaperExchangeServer.Surroundings(wallClock: { start }, pid: 1)
        surroundings.clock = options.clock
        server = try await PaperExchangeServer.start(configuration, surroundings)
        control = try #require(PaperControl(readyFile: server.ready.json(isPublic: false).bytes))
        let venue = try #require(server.ready.venues.first)
        let path = "\(name).yaml"
        let yaml = """
            id: \(name)
            protocol: \(dialect)
            rest: \(venue.url)
            market_stream: \(venue.streamURL)
            account_stream: \(venue.streamURL)
            speed: \(options.clientSpeed ?? options.speed)
            """
        let file = try VenueFile.load(path: path, source: .memory([path: yaml + "\n" + options.lines]))
        var settings = ClientSettings()
        settings.timeout = options.timeout
        let (origin, speed) = (ContinuousClock.now, options.ownWall ? 1 : options.speed)
        let clock = SystemConnectorClock {
            Timestamp(milliseconds: start).advanced(byMilliseconds: ((ContinuousClock.now - origin) * speed).wholeMilliseconds)
        }
        connectors = try ConnectorFactory(file, version: "test", clock: clock, settings: settings)
    }

    func stop() async {
        await connectors.shutdown()
        await server.shutdown(grace: .zero)
    }

    func trading(_ market: MarketDataClient) throws -> TradingClient {
        try connectors.trading(market, credentials: Credentials(key: "paper-demo-key", secret: "c2VjcmV0"))
    }

    func freshID() -> ClientOrderID {
        let number = numbered.withLock { number in
            number += 1
            return number
        }
        return ClientOrderID("0123456789abcdef" + String(repeating: "0", count: 12) + String(1000 + number))
    }

    /// A price to buy at that rests: a fifth below the market.
    func restingPrice(_ market: MarketDataClient) async throws -> Price {
        let instrument = try await market.instrument(pair)
        let bid = try #require(try await market.book(instrument, depth: 10).bids.map(\.price).max())
        let below = Price(units: bid.units / 5 * 4, decimals: Int(bid.decimals))
        return try #require(below.rounded(toMultipleOf: instrument.priceTick, .down))
    }

    // MARK: - The operator

    private func ask(_ request: WebRequest) async throws -> JSONValue {
        let response = try await connectors.web.send(request, to: control.origin, timeout: .seconds(20))
        try #require(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
        return try JSONValue(parsing: response.body)
    }

    func fault(
        _ kind: PaperFault.Kind, _ target: PaperFault.Target = .any, count: Int? = 1, probability: Double = 1,
        duration: Duration? = nil
    ) async throws {
        try await fault(FaultOrder(kind, target: target, probability: probability, count: count, duration: duration))
    }

    func fault(_ order: FaultOrder) async throws { _ = try await ask(control.add(order, to: name)) }

    func clearFaults() async throws { _ = try await ask(control.clearFaults(name)) }

    func books() async throws -> JSONValue { try await ask(control.books(name)) }
}

/// Runs `body` with a venue of its own.
func withRig(
    _ dialect: String, _ options: PaperRig.Options = PaperRig.Options(), _ body: (PaperRig) async throws -> Void
) async throws {
    let rig = try await PaperRig(dialect, options)
    do {
        try await body(rig)
        await rig.stop()
    } catch {
        await rig.stop()
        throw error
    }
}
