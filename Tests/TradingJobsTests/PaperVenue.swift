import Configuration
import Connectors
import Exchange
import Foundation
import Market
import Money
import PaperExchange
import PaperServer
import Testing
import Venues
import Web

@testable import TradingJobs

/// A paper venue behind real sockets whose time runs fast, and what a worker needs to find it.
final class PaperVenue: Sendable {
    /// A minute of the venue passes in a second.
    static let speed = 60.0

    let name: String
    let pair: Pair
    let server: PaperExchangeServer
    /// Its venue file.
    let text: String
    let start: Int64
    static let key = "paper-main-key"
    static let secret = "c2VjcmV0"
    private let control: PaperControl
    private let operators: ConnectorFactory

    init(_ dialect: String, faults: String = "") async throws {
        name = "paper-" + dialect
        pair = try #require(Pair(dialect == "kraken" ? "BTC/USD" : "BTC/USDT"))
        let configured = """
            venues:
              - name: \(name)
                protocol: \(dialect)
                listen: 127.0.0.1:0
                instruments: [{pair: \(pair)}]
                market: {synthetic: {seed: 11}}
                history: 1d
                accounts: [{name: main, key: \(Self.key), secret: \(Self.secret), balances: {\(pair.quote): 1000}}]
                speed: \(Self.speed)
                # The venue's limits are for clients of the real clock; ours keeps its own budgets by the fast one.
                rate_limits: false
                \(faults.isEmpty ? "" : "faults: \(faults)")
            """
        let configuration = try PaperExchangeConfiguration.load(path: "paper.yaml", source: .memory(["paper.yaml": configured]))
        let start = Int64(Date.now.timeIntervalSince1970 * 1000)
        self.start = start
        server = try await PaperExchangeServer.start(
            configuration, PaperExchangeServer.Surroundings(wallClock: { start }, pid: 1))
        control = try #require(PaperControl(readyFile: server.ready.json(isPublic: false).bytes))
        let venue = try #require(server.ready.venues.first)
        text = """
            id: \(name)
            protocol: \(dialect)
            rest: \(venue.url)
            market_stream: \(venue.streamURL)
            account_stream: \(venue.streamURL)
            speed: \(Self.speed)
            """
        operators = try Self.factory(name, text, start)
    }

    private static func factory(_ name: String, _ text: String, _ start: Int64) throws -> ConnectorFactory {
        let file = try VenueFile.load(path: "\(name).yaml", source: .memory(["\(name).yaml": text]))
        var settings = ClientSettings()
        settings.timeout = .seconds(2)
        settings.attempts = 2
        return try ConnectorFactory(
            file, version: "test", clock: SystemConnectorClock { Timestamp(milliseconds: start) }, settings: settings)
    }

    /// Connectors of a process of their own.
    func connectors() throws -> ConnectorFactory { try Self.factory(name, text, start) }

    func stop() async {
        await operators.shutdown()
        await server.shutdown(grace: .zero)
    }

    // MARK: - The operator

    @discardableResult private func ask(_ request: WebRequest) async throws -> JSONValue {
        let response = try await operators.web.send(request, to: control.origin, timeout: .seconds(20))
        try #require(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
        return try JSONValue(parsing: response.body)
    }

    /// What the venue says that the account has: all of each currency, and the client ids of its open orders.
    func account() async throws -> (totals: [String: Amount], open: [String], fills: Int64) {
        let books = try await ask(control.books(name))
        let account = try #require(books["accounts"]?[0])
        var totals: [String: Amount] = [:]
        for balance in account["balances"]?.elements ?? [] {
            let asset = try #require(balance["asset"]?.text)
            totals[asset] = balance["free"]?.amount?.adding(balance["locked"]?.amount ?? .zero)
        }
        let open = account["open_orders"]?.elements?.compactMap { $0["client_id"]?.text } ?? []
        return (totals, open, account["fills"]?["count"]?.integer ?? 0)
    }

    /// The venue's time in milliseconds.
    func time() async throws -> Int64 { try #require(try await ask(control.books(name))["time"]?.integer) }

    func fault(_ kind: PaperFault.Kind, _ target: PaperFault.Target = .any, count: Int?) async throws {
        try await ask(control.add(FaultOrder(kind, target: target, probability: 1, count: count), to: name))
    }

    func clearFaults() async throws { try await ask(control.clearFaults(name)) }

    static func run(_ dialect: String, _ body: (PaperVenue) async throws -> Void) async throws {
        let venue = try await PaperVenue(dialect)
        do {
            try await body(venue)
            await venue.stop()
        } catch {
            await venue.stop()
            throw error
        }
    }
}
