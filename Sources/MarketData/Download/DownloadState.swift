internal import Market

/// The download of one goal: page after page of its missing spans.
///
/// A page with holes is asked for once more, and what is missing in both answers is a gap of the venue. Where the venue answers with nothing, the
/// next candles are searched for in growing steps, then by halving: before a listing there may be years of nothing. (In the midst of a
/// history the first steps are single pages, so that only after a long silence a short revival could be stepped over.)
struct DownloadState: Sendable {
    /// A search for the first candle after a stretch of nothing.
    private struct Search: Sendable {
        /// Everything before is known to be empty.
        var empty: Int64
        /// At this page something was found; nil as long as nothing was.
        var found: Int64?
        /// How many pages the next step is long.
        var pages: Int64 = 1
        /// Empty pages so far.
        var steps = 0
    }

    let goal: DownloadGoal
    private(set) var outcome: CandleDownload.Outcome
    /// Candles that are not handed out yet, ascending.
    private(set) var unsaved: [Candle] = []
    private var open: [CandleSpan]
    private let traits: CandleVenueTraits
    private let step: Int64
    /// Whether something of this pair is known: then what is missing before is a gap, else history has not begun.
    private var hasBegun: Bool
    /// The first answer of a page with holes.
    private var firstAnswer: [Candle]?
    private var search: Search?
    /// Repeated pages that brought nothing new; after some, holes are believed at once.
    private var vainRepeats = 0
    private let requestBudget: Int

    private static let trustedVainRepeats = 5
    /// How many empty pages within a history are looked at one after the other.
    private static let singleSteps = 16

    init(_ goal: DownloadGoal, traits: CandleVenueTraits) {
        self.goal = goal
        self.traits = traits
        step = goal.key.timeframe.milliseconds
        outcome = CandleDownload.Outcome(key: goal.key)
        open = goal.missing.reversed()
        hasBegun = (goal.missing.first?.start ?? goal.start) > goal.start
        let length = goal.key.timeframe.milliseconds
        let pages = goal.missing.reduce(0) { $0 + $1.count(step: length) / traits.candleLimit + 1 }
        requestBudget = 2 * pages + 200
    }

    var isDone: Bool { open.isEmpty }

    /// Candles that were missing at the start.
    var total: Int { goal.missing.reduce(0) { $0 + $1.count(step: step) } }

    /// Candles that are settled by now.
    var done: Int { total - open.reduce(0) { $0 + $1.count(step: step) } }

    mutating func takeUnsaved() -> [Candle] {
        defer { unsaved = [] }
        return unsaved
    }

    /// The next request; nil when all is done.
    var request: CandleDownload.Request? {
        guard let span = open.last else { return nil }
        guard traits.reachesBack else {
            return CandleDownload.Request(key: goal.key, from: nil, limit: traits.candleLimit)
        }
        let page = page(span)
        return CandleDownload.Request(
            key: goal.key, from: Timestamp(milliseconds: page.start), limit: page.count(step: step))
    }

    private var pageLength: Int64 { Int64(traits.candleLimit) * step }

    /// The part of the axis that the next request is about.
    private func page(_ span: CandleSpan) -> CandleSpan {
        guard let search else { return CandleSpan(span.start, min(span.end, span.start + pageLength)) }
        let at: Int64
        if let found = search.found {
            // The middle page between what is empty and what is not.
            at = search.empty + (found - search.empty) / 2 / pageLength * pageLength
        } else {
            let last = span.end - pageLength
            at = min(search.empty + (search.pages - 1) * pageLength, max(last, search.empty))
        }
        return CandleSpan(at, min(span.end, at + pageLength))
    }

    mutating func giveUp(_ reason: String) {
        outcome.failure = reason
        open = []
    }

    mutating func received(_ candles: [Candle], now: Timestamp) {
        outcome.requests += 1
        guard let span = open.last else { return }
        guard outcome.requests <= requestBudget else {
            return giveUp("the venue's answers lead nowhere after \(requestBudget) requests")
        }
        let usable = usable(candles, now: now)
        if !traits.reachesBack { return takeNewest(usable) }
        let page = page(span)
        let inside = usable.filter { $0.time.milliseconds >= page.start && $0.time.milliseconds < span.end }
        // The venue skipped ahead to what is stored already, or beyond what is wanted: there is nothing in between.
        let skipsSpan = inside.isEmpty && usable.contains { $0.time.milliseconds >= span.end }
        if skipsSpan && firstAnswer == nil && (search != nil || !hasBegun) {
            settle(emptyUntil: span.end)
        } else if search != nil {
            continueSearch(inside, page, span)
        } else if inside.isEmpty && firstAnswer == nil {
            // Nothing at the first look: what is a hole is asked for once more, and a search finds its end.
            search = Search(empty: page.start)
        } else {
            takePage(inside, span)
        }
    }

    /// Finished candles of this timeframe, ascending, one per time.
    private mutating func usable(_ candles: [Candle], now: Timestamp) -> [Candle] {
        var result: [Candle] = []
        let timeframe = goal.key.timeframe
        for candle in candles.sorted(by: { $0.time < $1.time }) {
            guard CandleCheck.plausible.contains(candle.time.milliseconds), timeframe.floor(candle.time) == candle.time,
                result.last?.time != candle.time
            else {
                outcome.strange += 1
                continue
            }
            if candle.time.milliseconds + step <= now.milliseconds { result.append(candle) }
        }
        return result
    }

    // MARK: - Venues that only give the newest

    private mutating func takeNewest(_ candles: [Candle]) {
        guard let first = candles.first else { return giveUp("the venue sent no finished candle") }
        let reach = first.time.milliseconds
        for span in open.reversed() {
            let lost = CandleSpan(span.start, min(span.end, reach))
            if !lost.isEmpty { outcome.before = CandleSpan(outcome.before?.start ?? lost.start, lost.end) }
            let rest = CandleSpan(max(span.start, reach), span.end)
            if !rest.isEmpty {
                keep(candles.filter { rest.start <= $0.time.milliseconds && $0.time.milliseconds < rest.end }, in: rest)
            }
        }
        open = []
    }

    // MARK: - Pages

    private mutating func takePage(_ inside: [Candle], _ span: CandleSpan) {
        let answer = merged(firstAnswer ?? [], inside)
        let end = answer.last.map { $0.time.milliseconds + step } ?? span.start
        let isWhole = answer.count == CandleSpan(span.start, end).count(step: step)
        if let before = firstAnswer {
            vainRepeats = answer.count == before.count ? vainRepeats + 1 : 0
        } else if !isWhole, hasBegun || !isListing(answer, span), vainRepeats < Self.trustedVainRepeats {
            firstAnswer = inside
            return
        }
        firstAnswer = nil
        // What is before the very first candle of all is no gap: history has not begun.
        if !hasBegun, let first = answer.first, first.time.milliseconds > span.start {
            outcome.before = CandleSpan(outcome.before?.start ?? span.start, first.time.milliseconds)
            keep(answer, in: CandleSpan(first.time.milliseconds, end))
        } else {
            keep(answer, in: CandleSpan(span.start, end))
        }
        advance(to: end)
    }

    /// Whether the only hole is before the first candle, as where a pair was listed.
    private func isListing(_ answer: [Candle], _ span: CandleSpan) -> Bool {
        guard let first = answer.first, let last = answer.last else { return false }
        return answer.count == CandleSpan(first.time.milliseconds, last.time.milliseconds + step).count(step: step)
    }

    private mutating func advance(to end: Int64) {
        guard let span = open.popLast() else { return }
        search = nil
        let rest = CandleSpan(end, span.end)
        if rest.isEmpty {
            // Between two missing spans there are stored candles.
            hasBegun = true
        } else {
            open.append(rest)
        }
    }

    /// Keeps candles and notes the holes between them in `span`.
    private mutating func keep(_ candles: [Candle], in span: CandleSpan) {
        var next = span.start
        for candle in candles {
            let time = candle.time.milliseconds
            if time > next { addGap(CandleSpan(next, time)) }
            next = time + step
        }
        if next < span.end { addGap(CandleSpan(next, span.end)) }
        if !candles.isEmpty { hasBegun = true }
        outcome.received += candles.count
        unsaved += candles
    }

    private mutating func addGap(_ gap: CandleSpan) {
        if let last = outcome.venueGaps.last, last.end == gap.start {
            outcome.venueGaps[outcome.venueGaps.count - 1].end = gap.end
        } else {
            outcome.venueGaps.append(gap)
        }
    }

    private func merged(_ a: [Candle], _ b: [Candle]) -> [Candle] {
        let known = Set(a.map { $0.time })
        return (a + b.filter { !known.contains($0.time) }).sorted { $0.time < $1.time }
    }

    // MARK: - Stretches of nothing

    private mutating func continueSearch(_ inside: [Candle], _ page: CandleSpan, _ span: CandleSpan) {
        guard var search else { return }
        defer { if self.search != nil { self.search = search } }
        if let first = inside.first {
            // Everything before this page is known to be empty, or earlier ones may lie in pages that were stepped over.
            if page.start <= search.empty { return settle(emptyUntil: first.time.milliseconds) }
            search.found = page.start
        } else {
            if page.end >= span.end && search.found == nil { return settle(emptyUntil: span.end) }
            search.empty = page.end
            search.steps += 1
            if !hasBegun || search.steps > Self.singleSteps { search.pages *= 2 }
        }
        if let found = search.found, found <= search.empty { settle(emptyUntil: found) }
    }

    /// Ends a search: nothing is there before `time`.
    private mutating func settle(emptyUntil time: Int64) {
        guard let span = open.last else { return }
        let gap = CandleSpan(span.start, min(time, span.end))
        if hasBegun {
            if !gap.isEmpty { addGap(gap) }
        } else if !gap.isEmpty {
            outcome.before = CandleSpan(outcome.before?.start ?? gap.start, gap.end)
        }
        advance(to: gap.end)
    }
}
