package import Market

/// Brings the missing candles of several pairs and timeframes, one request after the other. Pure: a shell sends, stores and waits.
///
/// ```
/// while true {
///     switch download.next() {
///     case .request(let request): answer, then `received(_:now:)`, or `failed(_:)` when the client has given up
///     case .store(let key, let candles): merge them into the store atomically, then call `next()` again
///     case .finished: return download.report
///     }
/// }
/// ```
/// What is stored when the process dies is found again by the next run, whose goals are made of what is stored.
package struct CandleDownload: Sendable {
    /// Asks for at most `limit` candles that open at or after `from`, oldest first; nil: the newest there are.
    package struct Request: Hashable, Sendable {
        package var key: CandleKey
        package var from: Timestamp?
        package var limit: Int
    }

    /// What the shell is to do.
    package enum Directive: Hashable, Sendable {
        case request(Request)
        /// Add these candles, in ascending order, to what is stored. They are then no longer held here.
        case store(CandleKey, [Candle])
        case finished
    }

    /// What became of a goal.
    package struct Outcome: Hashable, Sendable {
        package var key: CandleKey
        /// Candles that were got.
        package var received = 0
        package var requests = 0
        /// Files of the venue's public data whose candles are among `received`.
        package var archives = 0
        /// Spans within the history for which the venue has no candles although it was asked twice.
        package var venueGaps: [CandleSpan] = []
        /// What lies before the first candle of the venue, or before what it still gives; nil where nothing does.
        package var before: CandleSpan?
        /// Candles that the venue sent and that are none of this timeframe, or have impossible times.
        package var strange = 0
        /// Why the goal was given up; nil where it was not.
        package var failure: String?
        /// What else there is to know, a sentence each: files that the venue does not have, for example.
        package var notes: [String] = []

        init(key: CandleKey) { self.key = key }
    }

    private let traits: CandleVenueTraits
    /// After how many answers candles are handed out to be stored.
    private let requestsPerStore: Int
    private var waiting: [DownloadGoal]
    private var current: DownloadState?
    private var outstanding = false
    private var sinceStore = 0
    private let total: Int
    private var settled = 0
    /// One for each goal that is done, in their order.
    package private(set) var outcomes: [Outcome] = []

    /// A download of `goals`, in their order. `requestsPerStore` answers at most are lost when the process is killed.
    package init(_ goals: [DownloadGoal], traits: CandleVenueTraits, requestsPerStore: Int = 50) {
        self.traits = traits
        self.requestsPerStore = max(requestsPerStore, 1)
        waiting = goals.reversed()
        total = goals.reduce(0) { $0 + $1.count }
    }

    /// What to do next. Asking again while a request is out repeats that request.
    package mutating func next() -> Directive {
        while true {
            if current == nil {
                guard let goal = waiting.popLast() else { return .finished }
                current = DownloadState(goal, traits: traits)
            }
            if let directive = step() { return directive }
            finishGoal()
        }
    }

    /// What to do for the current goal; nil when it is done.
    private mutating func step() -> Directive? {
        guard var state = current else { return nil }
        if sinceStore >= requestsPerStore || state.isDone {
            sinceStore = 0
            let candles = state.takeUnsaved()
            current = state
            if !candles.isEmpty { return .store(state.goal.key, candles) }
        }
        guard let request = state.request else { return nil }
        outstanding = true
        return .request(request)
    }

    private mutating func finishGoal() {
        guard let state = current else { return }
        settled += state.total
        outcomes.append(state.outcome)
        current = nil
        sinceStore = 0
    }

    /// Takes the answer to the request that is out; `now` is the time at which it came, by the venue's clock.
    package mutating func received(_ candles: [Candle], now: Timestamp) {
        guard outstanding, var state = current else { return }
        outstanding = false
        sinceStore += 1
        state.received(candles, now: now)
        current = state
    }

    /// The request that is out failed for good: its goal is given up, what it brought is stored, and the others go on.
    package mutating func failed(_ reason: String) {
        guard outstanding, var state = current else { return }
        outstanding = false
        state.giveUp(reason)
        current = state
    }

    /// How far the download is.
    package struct Progress: Hashable, Sendable {
        /// Candles that are got or known not to exist.
        package var done: Int
        /// Candles that were missing at the start.
        package var total: Int
        /// How long the rest takes at the pace so far; nil as long as nothing tells.
        package var remaining: Duration?

        /// Progress after `elapsed`, at whose pace the rest is thought to go on.
        package init(done: Int, total: Int, elapsed: Duration) {
            self.done = min(done, total)
            self.total = total
            let isKnown = done > 0 && elapsed > .zero
            remaining = isKnown ? elapsed / Double(self.done) * Double(total - self.done) : nil
        }
    }

    /// How far the download is after `elapsed`.
    package func progress(elapsed: Duration) -> Progress {
        Progress(done: settled + (current?.done ?? 0), total: total, elapsed: elapsed)
    }
}
