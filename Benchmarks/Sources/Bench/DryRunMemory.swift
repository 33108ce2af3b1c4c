import Foundation

/// What a dry-run worker has in memory while it trades: the real process, one job of three pairs at a paper exchange whose time runs fast.
enum DryRunMemory {
    /// Times as fast as ours that the venue's time is: a candle of a minute a second.
    private static let speed = 60
    /// Trades after which nothing new is begun any more, and seconds since the start of the job at least.
    private static let warm = (trades: 10, seconds: 60.0)
    /// Mebibytes.
    private static let target = 60.0

    static func rows(_ options: Options) throws -> [Row] {
        let venue = try TradingVenue(
            options, ["BTC/USDT", "ETH/USDT", "SOL/USDT"], market: "synthetic: {seed: 1}", in: try Fleet.temporaryFolder(),
            speed: speed, isLive: false)
        defer { venue.end() }
        let idle = Machine.resident(venue.worker)
        let begin = Machine.now
        try venue.submit(stake: 1000, more: #""minimal_roi": {"0": 0.01, "3": -1},"#)
        while trades(venue) < warm.trades || Machine.now < begin + warm.seconds {
            guard Machine.now < begin + 300 else {
                throw BenchError("\(trades(venue)) trades in 300 s: \(venue.log.suffix(600))")
            }
            usleep(500_000)
        }
        let note =
            "\(trades(venue)) trades in \(Int(Machine.now - begin)) s; before the job \(Text.decimals(idle, 1)) MiB resident"
        var resident = Row("dry-run worker memory, resident", Machine.resident(venue.worker), "MiB", decimals: 1)
        resident.target = "<= \(Int(target)) MiB"
        resident.met = Machine.resident(venue.worker) <= target
        resident.note = note
        var own = Row("dry-run worker memory, its own", Machine.own(venue.worker), "MiB", decimals: 1)
        own.note = "private and written to; the rest are pages of the executable and of libraries, which all workers share"
        return [resident, own]
    }

    private static func trades(_ venue: TradingVenue) -> Int { venue.log.components(separatedBy: "trade closed").count - 1 }
}
