import Exchange
import Market
package import PaperExchange
package import Web

/// Several paper venues in one process, each at its own port, and the endpoint of their operator.
package final class PaperExchangeServer: Sendable {
    /// What a server does not read from its file.
    package struct Surroundings: Sendable {
        /// Milliseconds since 1970.
        package var wallClock: @Sendable () -> Int64
        package var clock = ServerClock.real
        package var pid: Int32
        /// Makes the token of the control endpoint: nobody must guess it.
        package var token: @Sendable () -> String = {
            var random = SystemRandomNumberGenerator()
            return (0..<4).map { _ in String(UInt64.random(in: .min ... .max, using: &random), radix: 36) }.joined()
        }
        package var limits = WebSocketLimits()
        package var dialect: @Sendable (PaperExchangeConfiguration.Venue, PaperVenue) throws(PaperServerError) -> any PaperDialect

        package init(
            wallClock: @escaping @Sendable () -> Int64, pid: Int32,
            dialect:
                @escaping @Sendable (PaperExchangeConfiguration.Venue, PaperVenue) throws(PaperServerError) -> any PaperDialect
        ) {
            self.wallClock = wallClock
            self.pid = pid
            self.dialect = dialect
        }
    }

    package let ready: PaperReadyFile
    private let servers: [WebServer]
    private let venues: [String: PaperVenueServer]
    private let ticker: Task<Void, Never>

    /// How often the venues' time goes on by itself.
    private static let tickInterval: Duration = .milliseconds(100)

    /// Makes the venues, listens, and begins to tick.
    package static func start(
        _ configuration: PaperExchangeConfiguration, _ surroundings: Surroundings
    ) async throws(PaperServerError) -> PaperExchangeServer {
        let handlers = try makeVenues(configuration, surroundings)
        var servers: [WebServer] = []
        do throws(PaperServerError) {
            for (venue, handler) in zip(configuration.venues, handlers) {
                servers.append(
                    try await listen(venue.listen, handler, surroundings, of: "venue \(venue.name)", in: configuration.path))
            }
            let token = surroundings.token()
            let byName = Dictionary(zip(configuration.venues.map(\.name), handlers)) { $1 }
            let control = ControlHandler(venues: byName, token: token)
            let controller = try await listen(
                configuration.control, control, surroundings, of: "the control endpoint", in: configuration.path)
            let ready = PaperReadyFile(
                venues: zip(configuration.venues, servers).map { PaperReadyFile.Venue($0, port: $1.port) },
                pid: surroundings.pid, controlHost: configuration.control.host, controlPort: controller.port, token: token)
            return PaperExchangeServer(ready, servers + [controller], byName, surroundings.clock)
        } catch {
            for server in servers { await server.shutdown(grace: .zero) }
            throw error
        }
    }

    private static func makeVenues(
        _ configuration: PaperExchangeConfiguration, _ surroundings: Surroundings
    ) throws(PaperServerError) -> [PaperVenueServer] {
        // One moment for all: what it takes to make the venues is no part of their time.
        let (start, origin) = (surroundings.wallClock(), surroundings.clock.now())
        let maker = VenueMaker(path: configuration.path, start: start)
        var result: [PaperVenueServer] = []
        for venue in configuration.venues {
            let paper = try maker.venue(venue)
            let core = PaperCore(paper, try surroundings.dialect(venue, paper))
            let server = PaperVenueServer(
                core, clock: surroundings.clock, time: VenueTime(start: start, origin: origin, speed: venue.speed))
            for scripted in venue.faults { _ = server.add(scripted.fault, after: scripted.at) }
            result.append(server)
        }
        return result
    }

    private static func listen(
        _ address: ListenAddress, _ handler: any WebHandler, _ surroundings: Surroundings, of what: String, in path: String
    ) async throws(PaperServerError) -> WebServer {
        var configuration = ServerConfiguration()
        configuration.host = address.host
        configuration.port = address.port
        configuration.socketLimits = surroundings.limits
        configuration.now = surroundings.clock.now
        do { return try await WebServer.start(configuration, handler: handler) } catch {
            throw PaperServerError(
                .system, "\(path): \(what) \(error.description); end what listens there, or name another address (port 0: any)")
        }
    }

    private init(_ ready: PaperReadyFile, _ servers: [WebServer], _ venues: [String: PaperVenueServer], _ clock: ServerClock) {
        self.ready = ready
        self.servers = servers
        self.venues = venues
        ticker = Task {
            while (try? await clock.sleep(Self.tickInterval)) != nil {
                for venue in venues.values { venue.tick() }
            }
        }
    }

    /// Reads the inside of a venue as it stands, order by order and fill by fill, to hold what clients saw against it; nil where no venue has
    /// the name.
    package func inspect<Value: Sendable>(_ name: String, _ body: (PaperVenue) -> Value) -> Value? { venues[name]?.inspect(body) }

    /// Answers what is under way for at most `grace`, says goodbye to streams, and returns when all connections are closed.
    package func shutdown(grace: Duration = .seconds(2)) async {
        ticker.cancel()
        await ticker.value
        await withDiscardingTaskGroup { group in
            for server in servers { group.addTask { await server.shutdown(grace: grace) } }
        }
    }
}

extension PaperReadyFile.Venue {
    init(_ venue: PaperExchangeConfiguration.Venue, port: Int) {
        let market =
            switch venue.feed {
            case .synthetic(let seed): "synthetic, seed \(seed)"
            case .recorded(let folder, _, let timeframe, _): "candles \(timeframe) of \(folder)"
            }
        self.init(
            name: venue.name, dialect: venue.dialect.rawValue, host: venue.listen.host, port: port,
            accounts: venue.accounts.map { ($0.name, $0.key) }, pairs: venue.instruments.map(\.pair.description), market: market,
            speed: venue.speed)
    }
}
