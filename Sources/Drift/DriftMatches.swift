import Market

/// Which trade of the job is which of the backtest.
///
/// Of one pair neither side has two at a time. Those that began in the same candle belong together; of the rest those that were held at
/// the same time, in the order of time.
struct DriftMatches {
    private(set) var both: [(DriftTrade, DriftTrade)] = []
    private(set) var onlyInJob: [DriftTrade] = []
    private(set) var onlyInBacktest: [DriftTrade] = []

    init(job: [DriftTrade], backtest: [DriftTrade], timeframe: Timeframe) {
        let theirs = Dictionary(grouping: backtest, by: \.pair)
        let ours = Dictionary(grouping: job, by: \.pair)
        for pair in Set(theirs.keys).union(ours.keys).sorted() {
            match(Self.sorted(ours[pair]), Self.sorted(theirs[pair]), timeframe)
        }
    }

    private static func sorted(_ trades: [DriftTrade]?) -> [DriftTrade] {
        (trades ?? []).sorted { ($0.openTime, $0.number) < ($1.openTime, $1.number) }
    }

    private mutating func match(_ ours: [DriftTrade], _ theirs: [DriftTrade], _ timeframe: Timeframe) {
        var partners: [Int?] = Array(repeating: nil, count: ours.count)
        var taken: Set<Int> = []
        func pair(_ index: Int, where belongs: (DriftTrade) -> Bool) {
            guard partners[index] == nil,
                let other = theirs.indices.first(where: { !taken.contains($0) && belongs(theirs[$0]) })
            else { return }
            partners[index] = other
            taken.insert(other)
        }
        for index in ours.indices {
            let candle = timeframe.floor(ours[index].openTime)
            pair(index) { timeframe.floor($0.openTime) == candle }
        }
        for index in ours.indices { pair(index) { ours[index].overlaps($0) } }
        for index in ours.indices {
            if let other = partners[index] { both.append((ours[index], theirs[other])) } else { onlyInJob.append(ours[index]) }
        }
        onlyInBacktest += theirs.indices.filter { !taken.contains($0) }.map { theirs[$0] }
    }
}
