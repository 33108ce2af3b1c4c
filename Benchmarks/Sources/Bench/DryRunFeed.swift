import Foundation

/// Market data that a dry-run worker takes: from the bytes at its socket to its loop, the real process with a job of ten pairs. What a relay before the paper
/// exchange writes to it instead of the venue's messages are changes of books and candles that go on; the figure is of the processor time of
/// the whole worker, all its threads and what the kernel does for it.
enum DryRunFeed {
    private static let messages = 200_000
    private static let target = 50_000.0
    private static let coins = ["BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "LINK", "DOT", "AVAX"]

    static func rows(_ options: Options) throws -> [Row] {
        let venue = try TradingVenue(
            options, coins.map { $0 + "/USDT" }, market: "synthetic: {seed: 1}", in: try Fleet.temporaryFolder(), speed: 1,
            isLive: false)
        defer { venue.end() }
        try venue.submit(stake: 1000, more: #""minimal_roi": {"0": 0.01},"#)
        let end = Machine.now + 60
        while try venue.relay.watch().lastUpdates.count < coins.count {
            guard Machine.now < end else { throw BenchError("not all books came in 60 s: \(venue.log.suffix(600))") }
            usleep(100_000)
        }
        sleep(5)
        var rates: [Double] = []
        var limits: [Double] = []
        var walls: [Double] = []
        for _ in 0..<options.rounds {
            let flood = try flood(venue)
            limits.append(try sink(flood, options))
            let measured = try pour(flood, venue)
            rates.append(measured.perProcessorSecond)
            walls.append(Double(messages) / measured.seconds)
        }
        var row = Row("market data through a dry-run worker", rates.median, "messages/CPU s")
        row.limit = limits.median
        row.target = ">= 50,000"
        row.met = rates.median >= target
        row.note = "\(Text.whole(walls.median)) messages/s of the clock; \(coins.count) pairs; C reads the frames and counts them"
        return [row]
    }

    private static func flood(_ venue: TradingVenue) throws -> MarketFlood {
        var prices: [String: Int] = [:]
        for coin in coins { prices[coin + "USDT"] = Int(try venue.venue.price(of: coin + "USDT") * 10_000) }
        return MarketFlood(prices, count: messages, candle: Int(Date().timeIntervalSince1970 / 60) * 60_000)
    }

    private static func pour(
        _ flood: MarketFlood, _ venue: TradingVenue
    ) throws -> (seconds: Double, perProcessorSecond: Double) {
        let before = interruptions(venue)
        let start = Machine.processorTime(venue.worker)
        let seconds: Double
        do { seconds = try venue.relay.pour(flood) } catch {
            throw BenchError("\(error); the worker says: \(venue.log.suffix(600))")
        }
        var used = Machine.processorTime(venue.worker)
        // What it has taken and not worked through yet.
        while true {
            usleep(100_000)
            let now = Machine.processorTime(venue.worker)
            if now - used < 0.02 { break }
            used = now
        }
        guard interruptions(venue) == before else {
            throw BenchError("the worker lost messages: \(venue.log.suffix(600))")
        }
        return (seconds, Double(messages) / (used - start))
    }

    private static func interruptions(_ venue: TradingVenue) -> Int { venue.log.components(separatedBy: "interrupted").count }

    /// Frames a processor second of the C program.
    private static func sink(_ flood: MarketFlood, _ options: Options) throws -> Double {
        let peer = try WirePeer(options, answer: 0)
        var numbers = Dictionary(uniqueKeysWithValues: flood.symbols.map { ($0, 0) })
        for part in try flood.parts(after: &numbers) { try peer.write(part) }
        let said = peer.end()
        guard said.frames == messages else { throw BenchError("wire counted \(said.frames) of \(messages) frames") }
        return Double(said.frames) / said.processor
    }
}
