internal import Market

/// Which candles of each pair were taken, so that none is taken twice and none is left out.
struct CandleBook: Sendable {
    /// What to do with candles of a pair.
    enum Step: Equatable {
        /// Nothing in it is new.
        case known
        /// The one that follows: take it.
        case next(Candle)
        /// Some before it were never seen: ask for the history of the pair.
        case incomplete
        /// The whole history, oldest first, of which the last `fresh` ones are new.
        case history([Candle], fresh: Int)
    }

    let timeframe: Timeframe
    /// How long after its end a candle may be missing, and how old one of a history must be to count as closed, in milliseconds.
    let grace: Int64
    let settling: Int64
    /// The opening of the newest candle taken of each pair; nil: its history is known, and empty.
    private var last: [Pair: Timestamp?] = [:]
    /// When the history of a pair was asked for, and where the answer is still to come.
    private var asked: [Pair: Timestamp] = [:]
    private var open: Set<Pair> = []

    init(timeframe: Timeframe, grace: Int64, settling: Int64) {
        self.timeframe = timeframe
        self.grace = grace
        self.settling = settling
    }

    /// Whether the history of a pair was heard.
    func isKnown(_ pair: Pair) -> Bool { last[pair] != nil }

    /// A candle that is over, from a stream.
    mutating func closed(_ pair: Pair, _ candle: Candle) -> Step {
        // Without a history nobody knows what comes before it.
        guard let known = last[pair] else { return .known }
        guard let newest = known else {
            last[pair] = candle.time
            return .next(candle)
        }
        guard candle.time > newest else { return .known }
        guard candle.time.milliseconds - newest.milliseconds == timeframe.milliseconds else { return .incomplete }
        last[pair] = candle.time
        return .next(candle)
    }

    /// An answer over REST.
    mutating func answered(_ pair: Pair, _ candles: [Candle], now: Timestamp) -> Step {
        open.remove(pair)
        var closed: [Candle] = []
        for candle in candles where closed.last.map({ $0.time < candle.time }) ?? true {
            guard now.milliseconds - candle.time.milliseconds >= timeframe.milliseconds + settling else { break }
            closed.append(candle)
        }
        let before: Timestamp? = last[pair] ?? nil
        let fresh = before.map { newest in closed.count { $0.time > newest } } ?? closed.count
        if last[pair] == nil { last[pair] = .some(nil) } else if fresh == 0 { return .known }
        guard let newest = closed.last else { return .known }
        last[pair] = newest.time
        let follows = before.map { newest.time.milliseconds - $0.milliseconds == timeframe.milliseconds } ?? false
        return follows && fresh == 1 ? .next(newest) : .history(closed, fresh: fresh)
    }

    /// The pairs, of these, whose history is to be asked for now: never heard, or a candle has not come in time.
    mutating func due(_ pairs: [Pair], now: Timestamp) -> [Pair] {
        pairs.filter { pair in
            if case .some(.some(let newest)) = last[pair] {
                guard now.milliseconds - newest.milliseconds >= 2 * timeframe.milliseconds + grace else { return false }
            }
            // A quiet market may have no candle; a venue that is asked again and again has no time for others.
            if let time = asked[pair], now.milliseconds - time.milliseconds < 6 * grace { return false }
            return ask(pair, now: now)
        }
    }

    /// Whether to ask: not while an answer is to come.
    mutating func ask(_ pair: Pair, now: Timestamp) -> Bool {
        guard open.insert(pair).inserted else { return false }
        asked[pair] = now
        return true
    }
}
