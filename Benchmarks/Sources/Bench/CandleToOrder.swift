import Foundation

/// From the frame that closes a candle to the signed order that follows from it, with a real live worker at the real paper exchange: from the write of the
/// frame on loopback until the last byte of the order has come back over it.
///
/// The market is a recording in which the averages of EmaCross cross with every second candle. Four pairs take turns, so that two of them are bought
/// each time a candle is over; they are sold at once, since the ROI table says so.
enum CandleToOrder {
    /// Times as fast as ours that the venue's time is: a candle of a minute takes two seconds. The venue's streams tell ten times a second of ours what is new;
    /// much faster, and a candle that is over would be late enough to be asked for over REST.
    private static let speed = 30
    private static let orders = 120
    /// What an entry commits: candles, decision, trade, order and counters.
    private static let commit = (records: 8, bytes: 290)
    /// Milliseconds from the frame to the order, beyond the commit's own.
    private static let target = 2.0

    /// The journal's commits cost no disk here: the home lies in memory.
    static func inMemory(_ options: Options) throws -> [Row] {
        var trips = Trips()
        let measured = try measure(options, home: "/dev/shm") { venue in
            trips = try exchange(options, venue)
        }
        return [("p50", 0.5), ("p99", 0.99)].map { name, part in
            var row = row("journal in memory, \(name)", measured, part)
            row.limit = trips.echoes.quantile(part) * 1e3
            if part == 0.99 { row.judge(target) }
            row.note += "; C: the same bytes there and back, nothing done with them"
            let works = Text.decimals(trips.works.quantile(part) * 1e3, 2)
            row.note += "; C that computes \(trips.work) us for each of them: \(works) ms"
            return row
        }
    }

    static func onDisk(_ options: Options) throws -> [Row] {
        var commits: [String: Double] = [:]
        let measured = try measure(options, home: nil) { venue in
            let pause = 60_000_000 / speed / 2
            commits = try Command.reference(
                options, "commits", [venue.fleet.home, "\(orders)", "\(commit.records)", "\(commit.bytes)", "\(pause)"])
            try wait(venue)
        }
        return [("p50", 0.5), ("p99", 0.99)].map { name, part in
            var row = row("journal on disk, \(name)", measured, part)
            row.limit = commits[name]
            if part == 0.99 { row.judge(target, above: commits[name] ?? 0) }
            row.note += "; C: a commit of \(commit.records) records of \(commit.bytes) bytes in the same folder meanwhile"
            return row
        }
    }

    private static func row(_ name: String, _ measured: Measured, _ part: Double) -> Row {
        let watch = measured.watch
        var row = Row("candle close to order, \(name)", watch.latencies.quantile(part) * 1e3, "ms", decimals: 3)
        row.note = "\(watch.latencies.count) orders; worst \(Text.decimals(watch.latencies.quantile(1) * 1e3, 2)) ms"
        if watch.locked > 0 { row.note += "; \(watch.locked) more waited for a lock's end" }
        row.note += "; the host took \(Text.decimals(100 * measured.stolen, 1)) % of the processor time that was wanted"
        return row
    }

    private struct Measured {
        var watch: OrderWatch
        /// Of the processor time that the machine wanted meanwhile, the part that its host gave to others.
        var stolen: Double
    }

    // MARK: - Measuring

    private static func measure(
        _ options: Options, home base: String?, beside: (TradingVenue) throws -> Void
    ) throws -> Measured {
        let folder = try Fleet.temporaryFolder()
        try AlternatingMarket.write(to: folder, options)
        let venue = try TradingVenue(
            options, AlternatingMarket.pairs, market: "candles: candles, timeframe: 1m", in: folder, speed: speed, isLive: true,
            home: base)
        defer { venue.end() }
        try venue.submit(stake: 100, more: #""minimal_roi": {"0": -1}, "stoploss": -0.1,"#)
        // The first ones find caches and connections cold.
        try wait(venue, for: 10)
        venue.relay.forget()
        let before = Machine.processors
        try beside(venue)
        let after = Machine.processors
        let (worked, stolen) = (after.worked - before.worked, after.stolen - before.stolen)
        return Measured(watch: try venue.relay.watch(), stolen: stolen / (worked + stolen))
    }

    private static func wait(_ venue: TradingVenue, for count: Int = orders) throws {
        let end = Machine.now + 240
        while try venue.relay.watch().latencies.count < count {
            guard Machine.now < end else {
                let watch = try venue.relay.watch()
                throw BenchError(
                    "\(watch.latencies.count) of \(count) orders came in 240 s, \(watch.closes.count) candles were closed; the worker's log ends: "
                        + venue.log.suffix(600))
            }
            usleep(20_000)
        }
    }

    /// What a program in C needed meanwhile for bytes of the same sizes there and back, in seconds.
    private struct Trips {
        var echoes: [Double] = []
        /// One that also computes for each of them as long as our worker usually takes.
        var works: [Double] = []
        /// How long that is, in microseconds.
        var work = 0
    }

    /// Frames and orders of the same sizes between this process and two in C, until the worker has sent its orders.
    private static func exchange(_ options: Options, _ venue: TradingVenue) throws -> Trips {
        try wait(venue, for: 5)
        let seen = try venue.relay.watch()
        let (frame, order) = (seen.closes.bytes / max(seen.closes.count, 1), seen.orders.bytes / max(seen.orders.count, 1))
        var trips = Trips(work: Int(seen.latencies.median * 1e6))
        let peer = try WirePeer(options, answer: order)
        defer { peer.end() }
        let worker = try WirePeer(options, answer: order, work: trips.work)
        defer { worker.end() }
        let message = withUnsafeBytes(of: UInt32(frame).littleEndian) { [UInt8]($0) } + [UInt8](repeating: 0x78, count: frame)
        let end = Machine.now + 240
        while try venue.relay.watch().latencies.count < orders {
            guard Machine.now < end else { try wait(venue); break }
            usleep(50_000)
            trips.echoes.append(try peer.trip(message, answer: order))
            usleep(50_000)
            trips.works.append(try worker.trip(message, answer: order))
        }
        return trips
    }
}

extension Row {
    /// Met where the value is at most so much above something.
    fileprivate mutating func judge(_ limit: Double, above base: Double? = nil) {
        target = base == nil ? "<= \(Int(limit)) ms" : "<= C + \(Int(limit)) ms"
        met = value.map { $0 <= limit + (base ?? 0) }
    }
}
