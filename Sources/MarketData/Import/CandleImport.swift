package import Market

/// Brings candles of other formats into a store.
package struct CandleImport: Sendable {
    /// What became of one pair and timeframe.
    package enum Outcome: Hashable, Sendable {
        /// The file was written, or would be in a dry run.
        case written
        /// All rows were there already.
        case unchanged
        /// Nothing was written; why.
        case refused(String)
    }

    /// A file that was read.
    package struct Input: Hashable, Sendable {
        package var path: String
        package var format: ImportFormat
        /// How it writes its times; nil for Feather.
        package var notation: TimeNotation?
        package var rows: Int
        /// Whether a checksum file beside it agreed.
        package var isVerified: Bool
        /// Files of an archive that were left aside.
        package var ignored: [String]
    }

    /// The result for one pair and timeframe.
    package struct Entry: Hashable, Sendable {
        package var key: CandleKey
        /// The file of the store.
        package var path: String
        package var outcome = Outcome.unchanged
        package var inputs: [Input] = []
        /// Rows of the file afterwards.
        package var rows = 0
        /// Rows that were not there before.
        package var added = 0
        /// Rows that new ones replaced.
        package var replaced = 0
        /// Times for which two rows differ.
        package var conflicts = 0
        /// The earliest of them.
        package var firstConflict: Timestamp?
        package var first: Timestamp?
        package var last: Timestamp?
        /// What `CandleCheck` says of the inputs (order, duplicates) and of the result.
        package var findings: [CandleCheck.Finding] = []

        /// Whether nothing was written although something should be.
        package var isRefused: Bool { if case .refused = outcome { true } else { false } }
    }

    /// What happens to rows that differ from those of the same time.
    package var onConflict = ConflictPolicy.fail
    /// Whether candles with impossible prices or volumes are taken nevertheless.
    package var acceptsErrors = false
    /// Whether everything is done except writing.
    package var isDryRun = false
    /// What is accepted of files.
    package var limits = ImportLimits()
    /// SHA-256 in hex, for checksum files.
    package var hash: CandleStore.Hash

    /// An import that fails on conflicts and errors.
    package init(hash: @escaping CandleStore.Hash) { self.hash = hash }

    /// Imports every group of `sources` into `store`, one after the other, each as a whole or not at all.
    ///
    /// A file that cannot be used refuses its group and the others go on; an error of the system ends the import, with the files of
    /// the store as they were or complete. Throws `.inUse` where another import or download writes into the store.
    package func run(
        _ sources: ImportSources, into store: CandleStore, onGroup: (ImportSources.Group) -> Void = { _ in }
    ) throws(MarketDataError) -> [Entry] {
        let lock = isDryRun ? nil : try store.lock(for: "an import")
        defer { withExtendedLifetime(lock) {} }
        var entries: [Entry] = []
        for group in sources.groups {
            onGroup(group)
            entries.append(try entry(group, store))
        }
        return entries
    }

    private func entry(_ group: ImportSources.Group, _ store: CandleStore) throws(MarketDataError) -> Entry {
        var entry = Entry(key: group.key, path: store.path(group.key))
        do throws(MarketDataError) {
            let parts = try read(group, &entry)
            guard !entry.isRefused else { return entry }
            let stored = try store.storedCandles(group.key)
            let merge = CandleMerge(stored: stored ?? .empty, parts: parts, policy: onConflict)
            try conclude(merge, isNew: stored == nil, &entry, store)
        } catch {
            guard error.kind != .inputOutput else { throw error }
            entry.outcome = .refused(error.description)
        }
        return entry
    }

    private func read(_ group: ImportSources.Group, _ entry: inout Entry) throws(MarketDataError) -> [Candles] {
        var parts: [Candles] = []
        for path in group.paths {
            let file = try ImportedFile.read(path, as: group.key, limits: limits, hash: hash)
            entry.inputs.append(
                Input(
                    path: path, format: file.format, notation: file.notation, rows: file.candles.count,
                    isVerified: file.isVerified, ignored: file.ignored))
            guard file.candles.count > 0 else { continue }
            if let problem = CandleSpacing.problem(file.candles.times, group.key.timeframe) {
                throw MarketDataError(.content, file: path, problem, remedy: "Name the right --timeframe, or rename the file")
            }
            check(file.candles, path, &entry)
            parts.append(file.candles)
        }
        if parts.isEmpty { entry.outcome = .refused("there are no candles in \(group.paths.joined(separator: ", "))") }
        return parts
    }

    private func check(_ candles: Candles, _ path: String, _ entry: inout Entry) {
        let findings = CandleCheck.findings(in: candles, timeframe: entry.key.timeframe, file: path, kind: entry.key.kind)
        entry.findings += findings.filter { [.duplicate, .outOfOrder].contains($0.problem) }
        guard !acceptsErrors, let worst = findings.first, worst.severity == .error else { return }
        entry.findings += findings.filter { $0.severity == .error }
        entry.outcome = .refused("\(worst); --accept-errors takes it as it is")
    }

    private func conclude(
        _ merge: CandleMerge, isNew: Bool, _ entry: inout Entry, _ store: CandleStore
    ) throws(MarketDataError) {
        (entry.rows, entry.added, entry.replaced) = (merge.candles.count, merge.added, merge.replaced)
        (entry.conflicts, entry.firstConflict) = (merge.conflicts, merge.firstConflict)
        entry.first = merge.candles.times.first.map(Timestamp.init(milliseconds:))
        entry.last = merge.candles.times.last.map(Timestamp.init(milliseconds:))
        entry.findings += CandleCheck.findings(
            in: merge.candles, timeframe: entry.key.timeframe, file: entry.key.relativePath, kind: entry.key.kind)
        if merge.conflicts > 0 && onConflict == .fail {
            let time = merge.firstConflict.map { ", the first at \($0)" } ?? ""
            entry.outcome = .refused(
                "\(merge.conflicts) rows differ from others of the same time\(time); choose --on-conflict keep or replace")
            return
        }
        guard isNew || !merge.isUnchanged else { return }
        if !isDryRun { try store.write(merge.candles, as: entry.key) }
        entry.outcome = .written
    }
}

/// Whether rows are as far apart as candles of a timeframe are.
enum CandleSpacing {
    /// What speaks against `timeframe`; nil where nothing does, or there are too few rows to tell.
    static func problem(_ times: Column<Int64>, _ timeframe: Timeframe) -> String? {
        var divisor: Int64 = 0
        var (distances, near) = (0, 0)
        for row in 1..<max(times.count, 1) {
            let (distance, overflow) = times[row].subtractingReportingOverflow(times[row - 1])
            guard !overflow, distance > 0 else { continue }
            distances += 1
            if distance < timeframe.milliseconds { near += 1 }
            divisor = greatestCommonDivisor(divisor, distance)
        }
        if distances >= 3, near * 2 > distances {
            return "its rows are \(length(divisor)) apart: these are no candles of \(timeframe)"
        }
        // Quiet markets have gaps everywhere, but not all of the same length.
        if distances >= 20, divisor > timeframe.milliseconds, divisor % timeframe.milliseconds == 0 {
            return "its rows are all multiples of \(length(divisor)) apart: these are no candles of \(timeframe)"
        }
        return nil
    }

    private static func length(_ milliseconds: Int64) -> String {
        milliseconds % 60_000 == 0 ? "\(milliseconds / 60_000) minutes" : "\(milliseconds) ms"
    }

    private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
