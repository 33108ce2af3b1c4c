import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A `pragma paper-exchange` with a venue of each protocol, and the files by which a home's workers find them.
struct PaperVenues {
    private struct Ready: Decodable {
        struct Venue: Decodable {
            var name: String
            var `protocol`: String
            var url: String
            var stream_url: String
        }
        var venues: [Venue]
    }
    private struct BinanceTime: Decodable { var serverTime: Int64 }
    private struct KrakenTime: Decodable {
        struct Result: Decodable { var unixtime: Int64 }
        var result: Result
    }

    /// Times as fast as ours that the exchanges' time is: a candle of a minute takes a second.
    static let speed = 60
    static let currencies = ["binance": "USDT", "kraken": "USD"]

    let child: Child
    /// By protocol, without a slash at the end.
    private let urls: [String: String]

    /// Returns when both take connections.
    ///
    /// - Parameter more: by protocol, what is put into the venue's part of the exchange's file, with a comma behind it.
    init(_ rig: Rig, _ more: [String: String] = [:]) async throws {
        let venues = Self.currencies.sorted { $0.key < $1.key }.map { name, currency in
            "  - {name: paper-\(name), protocol: \(name), listen: '127.0.0.1:0', history: 1d, speed: \(Self.speed), \(more[name] ?? "")"
                + "market: {synthetic: {seed: 1}}, instruments: [{pair: BTC/\(currency)}, {pair: ETH/\(currency)}, {pair: SOL/\(currency)}]}"
        }
        try rig.write("venues:\n" + venues.joined(separator: "\n") + "\n", to: "paper.yaml")
        let child = try rig.start(["paper-exchange", "--config", rig.folder + "/paper.yaml", "--json"])
        let ready: Ready = try await eventually("the ready line; it said: \(child.errors)", within: .seconds(60)) {
            if !child.isRunning { throw Unexpected(description: child.errors) }
            return try? JSONDecoder().decode(Ready.self, from: Data(child.output.utf8))
        }
        try FileManager.default.createDirectory(atPath: rig.home + "/venues", withIntermediateDirectories: true)
        for venue in ready.venues {
            let text = """
                id: \(venue.name)
                protocol: \(venue.protocol)
                rest: \(venue.url)
                market_stream: \(venue.stream_url)
                account_stream: \(venue.stream_url)
                speed: \(Self.speed)

                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: rig.home + "/venues/\(venue.name).yaml"))
        }
        self.child = child
        urls = Dictionary(uniqueKeysWithValues: ready.venues.map { ($0.protocol, $0.url) })
    }

    /// The venue's own time, in seconds.
    func time(of venue: String) async throws -> Int64 {
        let path = venue == "binance" ? "/api/v3/time" : "/0/public/Time"
        let address = try #require(urls[venue])
        let (body, _) = try await URLSession.shared.data(from: try #require(URL(string: address + path)))
        if venue == "binance" { return try JSONDecoder().decode(BinanceTime.self, from: body).serverTime / 1000 }
        return try JSONDecoder().decode(KrakenTime.self, from: body).result.unixtime
    }

    /// The moment as `pragma orders --json` would write it, seconds only.
    static func text(_ seconds: Int64) -> String {
        ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: TimeInterval(seconds))).replacingOccurrences(
            of: "Z", with: "")
    }

    /// Waits until the venue's time is so many of its minutes later.
    func pass(minutes: Int64, of venue: String) async throws {
        let end = try await time(of: venue) + 60 * minutes
        try await eventually("\(minutes) minutes of \(venue)", within: .seconds(120), every: .milliseconds(500)) {
            try await time(of: venue) >= end
        }
    }
}
