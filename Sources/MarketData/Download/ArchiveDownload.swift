package import Market

/// Brings what it can of one goal out of Binance's files. Pure: a shell fetches, stores, and asks REST for the rest afterwards.
///
/// ```
/// while true {
///     switch download.next() {
///     case .fetch(let archive): the file, then `received(_:)`, `missing()`, `refused(_:)` or `unreachable(_:)`
///     case .store(let candles): merge them into the store atomically, then call `next()` again
///     case .finished: make a goal of what is missing now, and give it to `CandleDownload`
///     }
/// }
/// ```
package struct ArchiveDownload: Sendable {
    /// What the shell is to do.
    package enum Directive: Sendable {
        case fetch(BinanceArchive)
        /// Add these candles to what is stored. They are then no longer held here.
        case store(Candles)
        case finished
    }

    /// So many files in a row that are not there end the search for more.
    private static let missLimit = 3
    /// Candles are handed out when there are as many: half a year of minutes, so that a large file is not written anew for each.
    private static let rowsPerStore = 250_000

    private let goal: DownloadGoal
    private let pageSize: Int
    /// The next one is the last.
    private var queue: [BinanceArchive]
    private var misses = 0
    private var unsaved = CandleBuilder(capacity: 0)
    private var unsavedRows = 0
    /// Files whose candles were taken.
    package private(set) var files = 0
    /// Candles that were got.
    package private(set) var received = 0
    /// Candles that are off the timeframe's grid, and were left out.
    package private(set) var strange = 0
    /// Why the goal is to be given up; nil where it is not.
    package private(set) var failure: String?
    /// What the user should know.
    package private(set) var notes: [String] = []
    /// False where no file of any goal can be had.
    package private(set) var isReachable = true

    /// Takes from `plan` what saves requests: a file costs two (its checksum is one), and REST brings `pageSize` candles in one.
    package init(_ plan: BinanceArchivePlan, _ goal: DownloadGoal, pageSize: Int) {
        self.goal = goal
        self.pageSize = max(pageSize, 1)
        queue = []
        queue = plan.archives.reversed().filter { isWorthwhile($0) }
    }

    /// Whether nothing is to be fetched at all.
    package var isEmpty: Bool { queue.isEmpty }

    private func isWorthwhile(_ archive: BinanceArchive) -> Bool {
        let (start, end) = (archive.start.milliseconds, archive.end.milliseconds)
        let count = goal.missing.reduce(0) {
            $0 + CandleSpan(max($1.start, start), min($1.end, end)).count(step: goal.key.timeframe.milliseconds)
        }
        return count > pageSize
    }

    /// What to do next. Asking again while a file is out repeats that request.
    package mutating func next() -> Directive {
        if unsavedRows >= Self.rowsPerStore || (queue.isEmpty && unsavedRows > 0) {
            let candles = unsaved.candles
            (unsaved, unsavedRows) = (CandleBuilder(capacity: 0), 0)
            return .store(candles)
        }
        return queue.last.map { .fetch($0) } ?? .finished
    }

    /// The file that is out came and fits its checksum.
    package mutating func received(_ file: ImportedFile) {
        guard let archive = queue.popLast() else { return }
        let findings = CandleCheck.findings(
            in: file.candles, timeframe: goal.key.timeframe, file: archive.name, kind: goal.key.kind)
        if let worst = findings.first, worst.severity == .error { return giveUp("\(worst)") }
        misses = 0
        files += 1
        for row in 0..<file.candles.count { keep(file.candles.candle(at: row)) }
    }

    private mutating func keep(_ candle: Candle) {
        let time = candle.time.milliseconds
        guard goal.missing.contains(where: { $0.start <= time && time < $0.end }) else { return }
        guard goal.key.timeframe.floor(candle.time) == candle.time else { return strange += 1 }
        unsaved.append(candle)
        unsavedRows += 1
        received += 1
    }

    /// The venue does not have the file that is out, or no checksum of it.
    package mutating func missing() {
        guard let archive = queue.popLast() else { return }
        misses += 1
        notes.append("\(archive.name) is not there, or without a checksum: its candles come over REST")
        guard misses < Self.missLimit else {
            if !queue.isEmpty { notes.append("\(misses) files in a row are not there: the rest comes over REST") }
            return queue.removeAll()
        }
        queue += archive.fallback.reversed().filter { isWorthwhile($0) }
    }

    /// The file that is out came and cannot be used: the goal is given up, what came before is stored.
    package mutating func refused(_ reason: String) { giveUp(reason) }

    private mutating func giveUp(_ reason: String) {
        failure = reason
        queue.removeAll()
    }

    /// Where the files lie cannot be reached: all that is missing is left to REST.
    package mutating func unreachable(_ reason: String) {
        notes.append("the venue's files cannot be had (\(reason)): the rest comes over REST")
        isReachable = false
        queue.removeAll()
    }
}

extension CandleDownload.Outcome {
    /// What became of a goal whose files were asked for, before REST is.
    package init(_ archives: ArchiveDownload, of key: CandleKey) {
        self.init(key: key)
        add(archives)
    }

    /// Adds what the venue's files brought.
    package mutating func add(_ archived: ArchiveDownload) {
        archives = archived.files
        received += archived.received
        strange += archived.strange
        notes = archived.notes + notes
        failure = archived.failure ?? failure
    }
}
