package import Market

/// What a consumer of a market stream gets. Between `gap` and `resumed` of a subscription something may be missing; nothing ever is
/// without one.
package enum StreamEvent: Hashable, Sendable {
    /// In order and once. Symbols are the stream's own (`TradedInstrument.streamSymbol`), those filled in over REST too.
    case market(MarketEvent)
    case gap(MarketSubscription, StreamGap)
    /// In order again. What was missed has been sent before this; false: some of it could not be had and is lost.
    /// Books begin anew, so that their gaps are always made good.
    case resumed(MarketSubscription, isComplete: Bool)
    /// The venue refused a subscription; it goes on without.
    case refused(VenueError)
    /// A message could not be read. The connection is made anew, because nobody knows what was in it.
    case unreadable(VenueError)
    /// The book that is kept of this subscription is right from here on.
    case bookSynced(MarketSubscription)
    /// The book that is kept of this subscription is not to be used until `bookSynced`.
    case bookLost(MarketSubscription, BookFault)
}

/// Why events may be missing.
package enum StreamGap: Hashable, Sendable, CustomStringConvertible {
    /// The connection was lost.
    case disconnected(String)
    /// The numbers of the venue's events jump.
    case missing(after: Int64, before: Int64)
    /// Candles are missing between these openings, or the end of the first was never seen.
    case missingCandles(after: Timestamp, before: Timestamp)
    /// The consumer did not read in time, and so many events were dropped.
    case overflow(dropped: Int)

    package var description: String {
        switch self {
        case .disconnected(let reason): "the connection was lost: \(reason)"
        case .missing(let after, let before): "events between \(after) and \(before) are missing"
        case .missingCandles(let after, let before): "candles between \(after) and \(before) are missing"
        case .overflow(let dropped): "\(dropped) events were dropped, because nobody read them in time"
        }
    }
}
