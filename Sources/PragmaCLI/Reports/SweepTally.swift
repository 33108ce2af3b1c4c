internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import Research

/// What is kept of a sweep's rows while they come by: the best ones and some counts, whatever the size of the sweep.
struct SweepTally {
    private(set) var board: Leaderboard
    /// Rows so far.
    private(set) var rowCount: UInt64 = 0
    /// Rows whose time range has no candles.
    private(set) var emptyCount: UInt64 = 0
    /// Rows that could not be computed.
    private(set) var failedCount: UInt64 = 0
    /// The first of those.
    private(set) var firstFailed: SweepRow?

    init(metric: SweepMetric, capacity: Int) { board = Leaderboard(metric: metric, capacity: capacity) }

    /// Takes the rows of one unit.
    mutating func take(_ rows: [SweepRow]) {
        rowCount += UInt64(rows.count)
        for row in rows {
            switch row.outcome {
            case .completed: board.insert(row)
            case .noCandles: emptyCount += 1
            case .failed:
                failedCount += 1
                if firstFailed == nil { firstFailed = row }
            }
        }
    }
}

/// The results of a job, page by page: no more than one page is held.
enum ResultPages {
    /// Gives every result of a job to `body`, in the order of the units.
    ///
    /// - Parameter page: the page that begins with a unit; nil where the job has none.
    static func each(
        _ page: (UInt64) throws(FleetError) -> ResultsPage?, _ body: ([UInt8]) throws(FleetError) -> Void
    ) throws(FleetError) {
        var unit: UInt64? = 0
        while let from = unit {
            guard let page = try page(from) else { return }
            for result in page.results { try body(result.bytes) }
            unit = page.next
        }
    }

    /// Gives the rows of every unit of sweep `job` to `body`. Units are in the order of their combinations, and so are their rows.
    static func rows(
        of job: JobID, _ page: (UInt64) throws(FleetError) -> ResultsPage?, _ body: ([SweepRow]) -> Void
    ) throws(FleetError) {
        try each(page) { bytes throws(FleetError) in
            do { body(try SweepRows.decode(bytes).sorted { $0.index < $1.index }) } catch {
                throw FleetError(.system, "a result of job \(job) cannot be read: \(error)")
            }
        }
    }
}
