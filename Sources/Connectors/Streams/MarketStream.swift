package import Exchange
import Market
import Synchronization

/// A set of market subscriptions over one connection at a time, kept alive for as long as `run` runs.
///
/// Read `events` while `run` runs in another task. Where nobody reads in time the backlog is thrown away, and each subscription gets a
/// `gap` and a `resumed` that say so.
package final class MarketStream: Sendable {
    package struct Settings: Hashable, Sendable {
        /// Events that wait for the consumer at most.
        package var capacity = 65_536
        /// Levels asked for over REST where a book begins with it.
        package var snapshotDepth = 1000
        package var session = StreamSession.Settings()
        package var book = BookKeeper.Settings()

        package init() {}
    }

    package struct Counters: Hashable, Sendable {
        package var messages = 0
        package var unreadable = 0
        package var unexpected = 0
        package var lostConnections = 0
        package var dropped = 0
        package var bookFaults = 0
    }

    package let events: EventChannel<StreamEvent>
    let client: MarketDataClient
    package let subscriptions: [MarketSubscription]
    /// Where it connects, behind the origin.
    package let path: String
    let settings: Settings
    /// By the place of their subscription.
    private let books = Mutex<[Int: BookKeeper]>([:])
    let counted = Mutex(Counters())

    init(_ client: MarketDataClient, _ subscriptions: [MarketSubscription], settings: Settings) {
        self.client = client
        self.subscriptions = subscriptions
        var settings = settings
        settings.session.stretch(toPace: client.clock.pace)
        self.settings = settings
        events = EventChannel(capacity: max(settings.capacity, 4 * subscriptions.count + 16))
        let venue = client.venue
        path = subscriptions.first.map(venue.marketStreamPath(of:)) ?? venue.marketStreamPath
        for (place, subscription) in subscriptions.enumerated() {
            guard case .book(let instrument, let depth) = subscription else { continue }
            let keeper = BookKeeper(venue.bookRule, depth: depth, settings: settings.book) { bids, asks in
                venue.bookChecksum(bids: bids, asks: asks, of: instrument)
            }
            books.withLock { $0[place] = keeper }
        }
    }

    package var counters: Counters { counted.withLock { $0 } }

    /// The kept book of a subscription; nil while it is not in step with the venue's.
    package func book(_ instrument: TradedInstrument, depth: Int) -> OrderBook? {
        guard let place = subscriptions.firstIndex(of: .book(instrument, depth: depth)) else { return nil }
        return books.withLock { $0[place].flatMap { $0.isSynced ? $0.book : nil } }
    }

    /// Changes the keeper of the subscription at this place and answers what it wants.
    func keep(_ place: Int, _ change: (inout BookKeeper) -> [BookKeeper.Directive]) -> [BookKeeper.Directive] {
        books.withLock { books in
            // Taken out, so that it is changed in place.
            guard var keeper = books.removeValue(forKey: place) else { return [] }
            defer { books[place] = keeper }
            return change(&keeper)
        }
    }

    /// Runs until the task is canceled.
    package func run() async {
        let mailbox = EventChannel<MarketStreamLoop.Input>(capacity: 1024)
        await withDiscardingTaskGroup { group in
            var loop = MarketStreamLoop(self, mailbox: mailbox)
            loop.start(&group)
            while !Task.isCancelled, let input = await mailbox.next() { loop.take(input, &group) }
            mailbox.finish()
            loop.stop()
            group.cancelAll()
        }
        events.finish()
    }
}

extension MarketDataClient {
    /// A stream of these subscriptions, in one connection. More than fit in one, or that the venue serves at several paths, are more
    /// streams: see `streams`.
    package func stream(
        _ subscriptions: [MarketSubscription], settings: MarketStream.Settings? = nil
    ) throws(VenueError) -> MarketStream {
        guard subscriptions.count <= venue.subscriptionsPerConnection else {
            throw VenueError(
                .badRequest, .permanent, code: "subscriptions",
                message: "\(subscriptions.count) subscriptions do not fit in one connection of \(address.id), which takes "
                    + "\(venue.subscriptionsPerConnection)")
        }
        let paths = Set(subscriptions.map(venue.marketStreamPath(of:)))
        guard paths.count <= 1 else {
            throw VenueError(
                .badRequest, .permanent, code: "subscriptions",
                message: "\(address.id) serves these subscriptions at several paths: \(paths.sorted().joined(separator: ", "))")
        }
        var own = settings ?? MarketStream.Settings()
        if settings == nil { own.session.silenceLimit = venue.streamSilenceLimit }
        return MarketStream(self, subscriptions, settings: own)
    }

    /// As many streams as these subscriptions need: at least one for each path at which the venue serves some of them.
    package func streams(
        _ subscriptions: [MarketSubscription], settings: MarketStream.Settings? = nil
    ) throws(VenueError) -> [MarketStream] {
        let size = max(venue.subscriptionsPerConnection, 1)
        let byPath = Dictionary(grouping: subscriptions, by: venue.marketStreamPath(of:))
        var result: [MarketStream] = []
        for (_, subscriptions) in byPath.sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: subscriptions.count, by: size) {
                let part = Array(subscriptions[start..<min(start + size, subscriptions.count)])
                result.append(try stream(part, settings: settings))
            }
        }
        return result
    }
}
