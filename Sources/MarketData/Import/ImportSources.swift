package import Market

/// The files of an import, sorted by what is in them.
package struct ImportSources: Hashable, Sendable {
    /// A file that is not imported, and why.
    package struct Skipped: Hashable, Sendable {
        package var path: String
        package var reason: String
    }

    /// The files of one pair, timeframe and kind, in the order in which they are merged.
    package struct Group: Hashable, Sendable {
        package var key: CandleKey
        package var paths: [String]
    }

    /// Sorted by key.
    package private(set) var groups: [Group] = []
    /// Files of folders whose content cannot be told.
    package private(set) var skipped: [Skipped] = []

    private static let maximumDepth = 12

    /// Finds the files of `inputs`: files, or folders with all in and below them. A file that is named itself must tell what it is, by
    /// its name or the options; those found in folders are skipped where they do not.
    package init(
        _ inputs: [String], pair: Pair? = nil, timeframe: Timeframe? = nil, limits: ImportLimits = ImportLimits()
    ) throws(MarketDataError) {
        var table: [CandleKey: [String]] = [:]
        var total = 0
        for input in inputs {
            let root = input.count > 1 && input.hasSuffix("/") ? String(input.dropLast()) : input
            let isFolder = Directory.isFolder(root)
            for path in isFolder ? try Self.files(below: root, limits: limits) : [root] {
                total += 1
                guard total <= limits.files else {
                    throw MarketDataError(.tooLarge, file: input, "has more than \(limits.files) files")
                }
                do throws(CandleFileName.Unclear) {
                    let key = try Self.key(path, pair: pair, timeframe: timeframe)
                    if table[key]?.contains(path) != true { table[key, default: []].append(path) }
                } catch {
                    guard isFolder else { throw MarketDataError(.content, file: path, error.reason) }
                    skipped.append(Skipped(path: path, reason: error.reason))
                }
            }
        }
        groups = table.map { Group(key: $0.key, paths: $0.value) }.sorted { $0.key < $1.key }
    }

    private static func key(_ path: String, pair: Pair?, timeframe: Timeframe?) throws(CandleFileName.Unclear) -> CandleKey {
        for suffix in ["-trades", "-trades-futures"] where CandleFileName.endings.contains(where: { path.hasSuffix(suffix + $0) })
        {
            throw CandleFileName.Unclear(reason: "it holds trades, not candles")
        }
        return try CandleFileName(path: path).key(pair: pair, timeframe: timeframe)
    }

    /// All files below `folder` whose ending is known, sorted; folders behind symbolic links are not entered.
    private static func files(below folder: String, depth: Int = 0, limits: ImportLimits) throws(MarketDataError) -> [String] {
        guard depth < maximumDepth else { return [] }
        var result: [String] = []
        for name in try Directory.names(folder) {
            let path = folder == "/" ? "/" + name : folder + "/" + name
            if Directory.isRealFolder(path) {
                result += try files(below: path, depth: depth + 1, limits: limits)
            } else if CandleFileName.isCandidate(name) && !Directory.isFolder(path) {
                result.append(path)
            }
            guard result.count <= limits.files else { break }
        }
        return result
    }
}
