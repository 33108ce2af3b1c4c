import Configuration
import Crypto
import Exchange
import Foundation
import Market
import MarketData
import Money
import PaperExchange
import Testing

@testable import PaperServer

/// The role file: what it means, and what is said of one that is wrong.
struct ConfigurationTests {
    private static func load(_ text: String, files: [String: String] = [:]) throws -> PaperExchangeConfiguration {
        try .load(path: "p.yaml", source: .memory(files.merging(["p.yaml": text]) { $1 }))
    }

    private static let venue = "venues:\n  - {name: paper-a, protocol: binance, instruments: [{pair: BTC/USDT}]"

    @Test func `variables of the fleet's roles are not meant for it, others are`() throws {
        let load = { (variables: [String: String]) in
            try PaperExchangeConfiguration.load(
                path: "p.yaml", environment: variables, source: .memory(["p.yaml": Self.venue + "}\n"]))
        }
        let roles = ["PRAGMA__ENCRYPTION": "on", "PRAGMA__LIVE__ENABLED": "true", "PRAGMA__LOG__LEVEL": "debug", "PATH": "/bin"]
        #expect(try load(roles).venues.map(\.name) == ["paper-a"])
        #expect(try load(["PRAGMA__CONTROL": "127.0.0.1:9"]).control.port == 9)
        #expect(throws: ConfigurationError.self) { try load(["PRAGMA__ENCRYPTIONS": "on"]) }
    }

    @Test func `every key of the file means what it says`() throws {
        let text = """
            control: 127.0.0.1:9000
            venues:
              - name: paper-kraken
                protocol: kraken
                listen: "[::1]:9001"
                instruments:
                  - {pair: BTC/USD, tick: 0.1, lot: 0.00000001, min_quantity: 0.0001, min_notional: 0.5}
                  - pair: ETH/USD
                market: {candles: data, exchange: kraken, timeframe: 5m, from: 2024-01-31}
                history: 2d
                seed: 9
                fees: {maker: 0.0025, taker: 0.004}
                speed: 60
                rate_limits: false
                accounts:
                  - {name: a, key: paper-a, secret_file: a.secret, balances: {USD: 123456.78901234, BTC: "0.00000001"}, withdraw: true}
                  - {name: b, key: paper-b, secret: c2VjcmV0, trade: false}
                faults:
                  - {kind: latency, delay: 250ms, at: 30s, for: 1m, probability: 0.5, count: 3, target: account}
                  - {kind: clockSkew, skew: -2s}
            """
        let file = try Self.load(text, files: ["a.secret": "YWJj\n"])
        let venue = try #require(file.venues.first)
        #expect(file.control == ListenAddress(host: "127.0.0.1", port: 9000))
        #expect(
            venue.name == "paper-kraken" && venue.dialect == .kraken && venue.listen == ListenAddress(host: "::1", port: 9001))
        #expect(venue.instruments.count == 2 && venue.instruments[0].tick == Price("0.1"))
        #expect(venue.instruments[0].lot == Quantity("0.00000001") && venue.instruments[0].minimumNotional == Amount("0.5"))
        #expect(venue.instruments[1].tick == nil)
        let from = Timestamp(iso8601: "2024-01-31")
        let timeframe = try #require(Timeframe("5m"))
        #expect(venue.feed == .recorded(folder: "data", exchange: "kraken", timeframe: timeframe, from: from))
        #expect(venue.history == .seconds(172_800) && venue.seed == 9 && venue.speed == 60 && !venue.enforcesRateLimits)
        #expect(venue.makerFee == 250_000 && venue.takerFee == 400_000)
        #expect(venue.accounts.map(\.secret) == ["YWJj", "c2VjcmV0"])
        let balances: [String: Amount?] = ["USD": Amount("123456.78901234"), "BTC": Amount("0.00000001")]
        #expect(venue.accounts[0].balances == balances.compactMapValues { $0 })
        #expect(venue.accounts.map(\.canWithdraw) == [true, false] && venue.accounts.map(\.canTrade) == [true, false])
        let late = FaultOrder(.latency(milliseconds: 250), target: .account, probability: 0.5, count: 3, duration: .seconds(60))
        #expect(venue.faults.map(\.fault) == [late, FaultOrder(.clockSkew(milliseconds: -2000))])
        #expect(venue.faults.map(\.at) == [.seconds(30), .zero])
    }

    /// What follows the line of a venue, and what is said of it.
    static let wrongVenues: [(String, [String])] = [
        (", colour: red}", ["venues[0].colour", "is no known key"]),
        (", speed: 0}", ["venues[0].speed", "out of range"]),
        (", speed: fast}", ["venues[0].speed", "\"fast\"", "must be a number"]),
        (", history: long}", ["venues[0].history", "\"long\"", "is no duration"]),
        (", history: 101d}", ["venues[0].history", "out of range", "100d"]),
        (", listen: 0.0.0.0:80}", ["venues[0].listen", "can be reached by others", "allow_remote"]),
        (", listen: 127.0.0.1}", ["venues[0].listen", "is no address with a port"]),
        (", listen: 127.0.0.1:70000}", ["venues[0].listen", "is no address with a port"]),
        (", fees: {maker: 2}}", ["venues[0].fees.maker", "out of range"]),
        (", fees: {maker: 0.0000000001}}", ["venues[0].fees.maker", "more than eight decimals"]),
        (", market: {}}", ["venues[0].market", "says nothing"]),
        (", market: {synthetic: {seed: 1}, candles: x}}", ["venues[0].market.candles", "is no known key"]),
        (", market: {candles: x, timeframe: 7m}}", ["venues[0].market.timeframe", "\"7m\""]),
        (", market: {candles: x, from: yesterday}}", ["venues[0].market.from", "\"yesterday\"", "is no time"]),
        (", faults: [{kind: fire}]}", ["venues[0].faults[0].kind", "\"fire\"", "choose from"]),
        (", faults: [{kind: latency}]}", ["venues[0].faults[0].delay", "is missing"]),
        (", faults: [{kind: outage, delay: 1s}]}", ["venues[0].faults[0].delay", "means nothing to outage"]),
        (", faults: [{kind: outage, probability: 2}]}", ["venues[0].faults[0].probability", "out of range"]),
        (", faults: [{kind: outage, target: orders}]}", ["venues[0].faults[0].target", "\"orders\""]),
        (", faults: [{kind: clockSkew, skew: 1d}]}", ["venues[0].faults[0].skew", "is no skew"]),
        (", accounts: [{name: a, key: real-key, secret: x}]}", ["accounts[0].key", "does not begin with paper"]),
        (", accounts: [{name: a, key: paper-a}]}", ["accounts[0].secret", "is missing"]),
        (", accounts: [{name: a, key: paper-a, secret: x, secret_file: y}]}", ["accounts[0].secret", "one of them"]),
        (", accounts: [{name: a, key: paper-a, secret_file: y}]}", ["accounts[0].secret_file", "no such file"]),
        (", accounts: [{name: a, key: paper-a, secret: x, balances: {USDT: -1}}]}", ["balances.USDT", "is no amount"]),
        (
            ", accounts: [{name: a, key: paper-a, secret: x}, {name: a, key: paper-a, secret: x}]}",
            ["accounts[1].name", "two accounts", "accounts[1].key"]
        ),
    ]

    static let wrongFiles: [(String, [String])] = [
        ("", ["venues", "is missing"]),
        ("venues: []", ["venues", "is missing"]),
        ("venues: 3", ["venues", "is a number but must be a list"]),
        ("venus: []", ["venus", "is no known key", "did you mean \"venues\"?"]),
        ("venues: [1]", ["venues[0]", "is a number but must be a section"]),
        ("venues: [{name: binance, protocol: binance, instruments: [{pair: BTC/USDT}]}]", ["name", "\"binance\"", "paper-"]),
        ("venues: [{protocol: ftx, instruments: [{pair: BTC/USDT}]}]", ["protocol", "\"ftx\"", "\"binance\", \"kraken\""]),
        ("venues: [{name: paper-a, protocol: kraken}]", ["instruments", "is missing"]),
        (
            "venues: [{name: paper-a, protocol: kraken, instruments: [{pair: BTC}]}]",
            ["instruments[0].pair", "\"BTC\"", "no spot pair"]
        ),
        (
            "venues: [{name: paper-a, protocol: kraken, instruments: [{pair: BTC/USD}, {pair: BTC/USD}]}]",
            ["instruments[1].pair", "listed twice"]
        ),
        (
            "venues: [{name: paper-a, protocol: kraken, instruments: [{pair: BTC/USD, tick: 0}]}]",
            ["instruments[0].tick", "above zero"]
        ),
        (
            "venues: [{name: paper-a, protocol: kraken, instruments: [{pair: BTC/USD}], accounts: [{name: a, key: paper-a, secret: no-base}]}]",
            ["accounts[0].secret", "no base64"]
        ),
    ]

    static let wrongPairs: [(String, [String])] = [
        ("control: 10.0.0.1:80\nallow_remote: true\n\(venue)}", ["control", "can be reached by others"]),
        ("control: 127.0.0.1:80\n\(venue), listen: 127.0.0.1:80}", ["venues[0].listen", "something else of this file"]),
        ("\(venue)}\n\(venue.dropFirst(8))}", ["venues[1].name", "two venues"]),
    ]

    @Test(arguments: wrongVenues.map { (venue + $0.0, $0.1) } + wrongFiles + wrongPairs)
    func `a wrong file is refused with file, key and value`(_ text: String, _ parts: [String]) throws {
        do {
            _ = try Self.load(text)
            Issue.record("taken: \(text)")
        } catch let error as ConfigurationError {
            for part in ["p.yaml"] + parts { #expect(error.description.contains(part), "\(error)") }
            for secret in ["real-key", "no-base"] { #expect(!error.description.contains("\"\(secret)\""), "\(error)") }
        }
    }

    @Test func `an address of others is taken where the file allows it`() throws {
        let file = try Self.load("allow_remote: true\n" + Self.venue + ", listen: 0.0.0.0:8080}")
        #expect(file.venues[0].listen == ListenAddress(host: "0.0.0.0", port: 8080))
    }

    @Test func `a currency that no instrument has cannot be held`() throws {
        let file = try Self.load(
            Self.venue + ", history: 1h, accounts: [{name: a, key: paper-a, secret: x, balances: {GOLD: 1}}]}")
        let failure = #expect(throws: PaperServerError.self) {
            _ = try VenueMaker(path: file.path, start: Rig.start).venue(file.venues[0])
        }
        #expect(failure?.description.contains("no instrument has the currency GOLD") == true)
        #expect(failure?.kind == .input)
    }

    @Test func `faults survive the way over the control endpoint`() throws {
        var settings = FaultOrder.Settings()
        settings.delay = .milliseconds(1500)
        settings.retryAfter = .seconds(9)
        settings.skewMilliseconds = -77
        settings.fraction = 0.25
        for (name, _) in FaultOrder.kinds {
            let kind = try #require(FaultOrder.kind(name, settings))
            #expect(FaultPlan.name(kind) == name)
            for order in [
                FaultOrder(kind),
                FaultOrder(kind, target: .placing, probability: 0.125, count: 4, duration: .milliseconds(2750)),
            ] {
                let json = try JSONValue(parsing: order.json.bytes)
                #expect(FaultOrder(json) == order)
            }
        }
    }

    @Test func `hashes are those of RFC 4231`() {
        let key = [UInt8](repeating: 0x0B, count: 20)
        let data = Array("Hi There".utf8)
        func hex(_ bytes: [UInt8]) -> String { bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
        #expect(
            hex(PaperHashes.real.hmacSHA256(data, key)) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(hex(PaperHashes.real.hmacSHA512(data, key)).hasPrefix("87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec278"))
        #expect(hex(PaperHashes.real.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }
}

/// Recordings that are played.
struct RecordingTests {
    private static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "/paper-recording-\(UUID().uuidString)"
        let store = try CandleStore(creating: path)
        var builder = CandleBuilder(capacity: 600)
        // Ten hours from midnight; the price tells the minute.
        for minute in 0..<600 {
            let price = 30_000 + Double(minute)
            let time = Timestamp(milliseconds: 1_700_006_400_000 + Int64(minute) * 60_000)
            builder.append(Candle(time: time, open: price, high: price + 0.5, low: price - 0.5, close: price + 0.25, volume: 3))
        }
        try store.write(builder.candles, as: CandleKey(try #require(Pair("BTC/USDT")), .oneMinute))
        return path
    }

    private static func venue(_ folder: String, _ more: String) throws -> PaperVenue {
        let text = """
            venues:
              - name: paper-recorded
                protocol: binance
                instruments: [{pair: BTC/USDT, tick: 0.01, lot: 0.00001}]
                market: {candles: \(folder)\(more)}
                history: 2h
            """
        let file = try PaperExchangeConfiguration.load(path: "p.yaml", source: .memory(["p.yaml": text]))
        return try VenueMaker(path: file.path, start: Rig.start).venue(file.venues[0])
    }

    @Test(arguments: [("", 120), (", from: \"2023-11-15T05:30\"", 330)])
    func `a recording plays from its place when the venue starts, on whole minutes`(_ more: String, _ minute: Int) throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var venue = try Self.venue(folder, more)
        let instrument = venue.instruments[0]
        let first = Timeframe.oneMinute.floor(Timestamp(milliseconds: Rig.start)).milliseconds
        let candles = venue.history(instrument.id).candles
        #expect(candles.allSatisfy { $0.time % 60_000 == 0 })
        // The history's two hours, and the candle that is open.
        #expect(candles.count == 121 && candles.last?.time == first)
        #expect(candles.last?.open == Int64(30_000 + minute) * 100)
        #expect(candles.first?.open == Int64(30_000 + minute - 120) * 100)
        venue.advance(to: first + 120_000)
        #expect(venue.history(instrument.id).candles.suffix(3).map(\.open) == (0..<3).map { Int64(30_000 + minute + $0) * 100 })
        venue.advance(to: first + Int64(600 - minute + 5) * 60_000)
        #expect(venue.ended == [0])
    }

    @Test func `a place outside of the recording and a folder without it are named`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outside = #expect(throws: PaperServerError.self) { _ = try Self.venue(folder, ", from: \"2024-01-01\"") }
        #expect(outside?.description.contains("has no candle at 2024-01-01") == true)
        #expect(outside?.description.contains("p.yaml") == true)
        let missing = #expect(throws: PaperServerError.self) { _ = try Self.venue(folder, ", timeframe: 5m") }
        #expect(missing?.description.contains("BTC/USDT 5m") == true)
        let nowhere = #expect(throws: PaperServerError.self) { _ = try Self.venue("/nowhere", "") }
        #expect(nowhere?.description.contains("/nowhere") == true && nowhere?.kind == .input)
    }
}
