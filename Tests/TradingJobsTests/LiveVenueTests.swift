import Configuration
import Connectors
import Coordination
import Exchange
import Execution
import Foundation
import Halt
import LiveGates
import Market
import Money
import Orders
import PaperServer
import Synchronization
import Testing
import TradingLoop
import Venues
import Web

@testable import Fleet
@testable import TradingJobs

/// A paper venue with the account of `LiveRunnerRig`.
private final class LiveVenue: Sendable {
    static let name = "paper-live"
    let server: PaperExchangeServer
    let text: String

    init() async throws {
        let configured = """
            venues:
              - name: \(Self.name)
                protocol: binance
                listen: 127.0.0.1:0
                instruments: [{pair: BTC/USDT}]
                market: {synthetic: {seed: 11}}
                history: 1d
                accounts:
                  - {name: main, key: paper-live-account-1, secret: 4hJk92mPqz7LxWvB, balances: {USDT: 10000, BTC: 1}}
            """
        let configuration = try PaperExchangeConfiguration.load(path: "paper.yaml", source: .memory(["paper.yaml": configured]))
        server = try await PaperExchangeServer.start(
            configuration, PaperExchangeServer.Surroundings(wallClock: { Int64(Date.now.timeIntervalSince1970 * 1000) }, pid: 1))
        let venue = try #require(server.ready.venues.first)
        text = """
            id: \(Self.name)
            protocol: binance
            rest: \(venue.url)
            market_stream: \(venue.streamURL)
            account_stream: \(venue.streamURL)
            """
    }

    static func run(_ body: (LiveVenue) async throws -> Void) async throws {
        let venue = try await LiveVenue()
        do { try await body(venue) } catch {
            await venue.server.shutdown(grace: .zero)
            throw error
        }
        await venue.server.shutdown(grace: .zero)
    }

    /// A worker's home with the venue's file.
    func rig() throws -> LiveRunnerRig {
        var rig = try LiveRunnerRig(exchange: Self.name)
        rig.wall = Int64(Date.now.timeIntervalSince1970 * 1000)
        rig.issuedAt = rig.wall
        try FileManager.default.createDirectory(atPath: rig.folder.path + "/venues", withIntermediateDirectories: true)
        try text.write(toFile: rig.folder.path + "/venues/\(Self.name).yaml", atomically: true, encoding: .utf8)
        return rig
    }

    /// Rests an order far below the market, as somebody outside of the fleet would.
    func rest(_ id: ClientOrderID) async throws {
        let file = try VenueFile.load(path: "\(Self.name).yaml", source: .memory(["\(Self.name).yaml": text]))
        let connectors = try ConnectorFactory(
            file, version: "test",
            clock: SystemConnectorClock { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) })
        let market = connectors.market()
        let trading = try connectors.trading(
            market, credentials: Credentials(key: "paper-live-account-1", secret: "4hJk92mPqz7LxWvB"))
        _ = try await market.synchronizeClock()
        _ = try await trading.place(try Self.order(id), try await Self.instrument(market))
        await connectors.shutdown()
    }

    static func instrument(_ market: MarketDataClient) async throws -> TradedInstrument {
        let pair = try #require(Pair("BTC/USDT"))
        return try #require(try await market.instruments().first { $0.pair == pair })
    }

    static func order(_ id: ClientOrderID) throws -> Exchange.OrderIntent {
        Exchange.OrderIntent(
            .buy, .limit(try #require(Price("20000"))), quantity: try #require(Quantity("0.1")), clientOrderID: id)
    }
}

/// A session that tries one order and waits until it is told to stop.
private final class Probe: LiveJobSession {
    let parts: LiveParts
    /// What became of the order; nil: it went.
    let refusal = Mutex<String??>(nil)
    private let stopped = Mutex(false)

    init(_ parts: LiveParts) { self.parts = parts }

    func signal(_ signal: UnitSignal) { if signal == .stop { stopped.withLock { $0 = true } } }
    func order(_ order: TradingGuard.Order) {}

    func run() async -> LiveJobEnd {
        do {
            let id = try ClientOrderCode(parts.identity, OrderTicket(1)).id
            _ = try await parts.trading.place(try LiveVenue.order(id), try await LiveVenue.instrument(parts.market))
            refusal.withLock { $0 = .some(nil) }
        } catch { refusal.withLock { $0 = .some("\(error)") } }
        while !stopped.withLock({ $0 }), !Task.isCancelled { await Task.yield() }
        return .stopped(summary: Array("{}".utf8))
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct LiveVenueTests {
    /// Runs the rig's job on a thread, as a worker does; `body` gets the session as soon as it has tried its order, then the job is told to stop.
    private func run(
        _ rig: LiveRunnerRig, _ trading: TradingGuard = TradingGuard(),
        before: @escaping @Sendable (UnitControl) -> Void = { _ in },
        _ body: (Probe) throws -> Void
    ) async throws -> UnitOutcome {
        let probe = Mutex<Probe?>(nil)
        let control = UnitControl(report: { _ in })
        let runner = try rig.runner(trading, RecordingLog()) { parts throws(JobFault) in
            before(control)
            let made = Probe(parts)
            probe.withLock { $0 = made }
            return made
        }
        let (assignment, payload) = try rig.job()
        let end = Mutex<UnitOutcome?>(nil)
        Thread {
            let (outcome, _) = runner.run(assignment, payload: payload, control: control)
            end.withLock { $0 = outcome }
        }.start()
        while end.withLock({ $0 == nil }), probe.withLock({ $0?.refusal.withLock { $0 } }) == nil { await Task.yield() }
        if let made = probe.withLock({ $0 }) { try body(made) }
        control.stop()
        while end.withLock({ $0 == nil }) { await Task.yield() }
        return try #require(end.withLock { $0 })
    }

    @Test func `with everything there a session is made, sends, and ends when it is told to`() async throws {
        try await LiveVenue.run { venue in
            let outcome = try await run(try venue.rig()) { probe in
                #expect(probe.refusal.withLock { $0 } == .some(nil), "\(String(describing: probe.refusal.withLock { $0 }))")
                #expect(probe.parts.account == "main" && probe.parts.executor.canExecuteLiveTrades)
                #expect(probe.parts.executor.context.executorType == "live" && !probe.parts.executor.context.safeForTesting)
                #expect(probe.parts.identity.job == 5 && probe.parts.identity.token == 2 << 18 | 3)
                #expect(probe.parts.links.mode == .active)
            }
            #expect(outcome == .canceled)
        }
    }

    @Test func `what a job says of its account, and a stop that reaches it, are alerts`() async throws {
        try await LiveVenue.run { venue in
            var rig = try venue.rig()
            let (alerts, trading) = (RecordingLog(), TradingGuard())
            rig.alerts = alerts
            _ = try await run(rig, trading) { probe in
                for _ in 0..<3 { probe.parts.links.alarm("the circuit breaker of paper-live/main is open (drawdown)") }
                probe.parts.links.alarm("order 7 cannot be canceled: it is away")
                trading.cancelOrders(.cancel)
            }
            let told = alerts.all.filter { $0.contains("kind=account") }
            #expect(told.count == 2, "\(alerts.all)")
            #expect(told.first?.hasPrefix("error alert: the circuit breaker of paper-live/main is open (drawdown)") == true)
            for line in told { for part in ["job=5", "account=main", "venue=paper-live"] { #expect(line.contains(part)) } }
            #expect(alerts.all.contains { $0.contains("kind=halt_received") && $0.contains("job=5") }, "\(alerts.all)")
        }
    }

    @Test func `the write itself is refused once the gate is halted, or somebody else has the job`() async throws {
        try await LiveVenue.run { venue in
            let trading = TradingGuard()
            _ = try await run(try venue.rig(), trading, before: { _ in trading.set(.halted) }) { probe in
                #expect(probe.refusal.withLock { $0 }??.contains("permit.gate_halted") == true)
            }
            _ = try await run(try venue.rig(), before: { $0.noteReplaced() }) { probe in
                #expect(probe.refusal.withLock { $0 }??.contains("permit.superseded") == true)
            }
        }
    }

    @Test func `a second fencing token that is not above the first is no holder of the account`() async throws {
        try await LiveVenue.run { venue in
            let rig = try venue.rig()
            _ = try await run(rig) { _ in }
            #expect(try HighestTokens(home: rig.home).highest() == FencingToken(incarnation: 2, counter: 3))
            let again = try await run(rig) { _ in Issue.record("a session was made") }
            guard case .failed(let failure) = again else {
                Issue.record("\(again)")
                return
            }
            #expect(failure.message.contains("fencing token 2.3"), "\(failure.message)")
        }
    }

    @Test(arguments: [true, false])
    func `open orders of another fleet refuse the start, and those of strangers an account that is said to be exclusive`(
        isFleet: Bool
    ) async throws {
        try await LiveVenue.run { venue in
            let other = OrderIdentity(owner: 12345, job: 1, token: 1)
            try await venue.rest(isFleet ? try ClientOrderCode(other, OrderTicket(1)).id : ClientOrderID("by-hand"))
            if !isFleet {
                let outcome = try await run(try venue.rig()) { _ in }
                #expect(outcome == .canceled)
            }
            var rig = try venue.rig()
            if !isFleet { rig.set(.boolean(true), "account", "exclusive") }
            let outcome = try await run(rig) { _ in Issue.record("a session was made") }
            guard case .failed(let failure) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(
                failure.message.hasPrefix("live.accountOwned: ") && failure.message.contains("1 open orders"),
                "\(failure.message)")
        }
    }
}
