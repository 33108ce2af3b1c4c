internal import ArgumentParser
internal import Configuration
internal import Crypto
internal import Fleet
internal import Market
internal import MarketData

/// `pragma data import INPUT... --to DIR`.
struct DataImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Takes candles of other programs into a folder: freqtrade's json and jsongz, CSV, zips of exchanges.",
        discussion: """
            Read are freqtrade's files (json, json.gz, feather), CSV with a line of column names or in the layout of Binance or Kraken, \
            plain or as .gz, and Binance's public-data zips, whose .CHECKSUM files are verified where they lie beside them. \
            Folders are searched. Names like BTC_USDT-5m.json, BTCUSDT-1m-2024-01.zip and XBTUSD_60.csv tell pair and timeframe; \
            else --pair and --timeframe do. Times in s, ms, us, ns and ISO 8601 are recognised.

            New rows join those that are there. Where two rows of one time differ nothing is written, unless --on-conflict says which \
            of them stays. Each file is replaced as a whole, or not at all.

            Example: pragma data import downloads --to candles --exchange binance
            Example: pragma data import prices.csv --pair BTC/USDT --timeframe 5m --to candles --dry-run

            JSON keys: folder, dry_run, ok, candles (pair, timeframe, kind, path, outcome, problem, rows, added, replaced, conflicts, \
            firstConflict, first, last, inputs (path, format, times, rows, verified, ignored), findings as 'data check' has them), \
            skipped (path, reason). Exit code 1 where something was refused, 2 where nothing can be imported at all.
            """)

    @Argument(help: "Files, or folders that are searched.")
    var inputs: [String]

    @Option(name: .long, help: ArgumentHelp("The folder to write to; it is made where it is missing.", valueName: "dir"))
    var to: String

    @Option(name: .long, help: "The pair, where names do not tell: BTC/USDT, or BTC/USDT:USDT for a contract.")
    var pair: String?

    @Option(name: .long, help: "The timeframe, where names do not tell: 1m, 5m, 1h.")
    var timeframe: String?

    @Option(name: .long, help: "The exchange: the folder of that name below the one to write to.")
    var exchange: String?

    @Option(
        name: .long, help: ArgumentHelp("Which of two different rows of one time stays: keep, replace, fail.", valueName: "rule"))
    var onConflict = ConflictRule.fail

    @Flag(name: .long, help: "Take candles with impossible prices and volumes, too.")
    var acceptErrors = false

    @Flag(name: .long, help: "Do everything except writing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let report = try FleetError.mapping { try imported() }
        if output.json { Terminal.json(report.value) } else { Terminal.line(report.text) }
        if report.hasRefusals { throw ExitCode(FleetError.Code.negative.rawValue) }
    }

    /// Carries the import out, or everything but its writing.
    func imported() throws -> ImportReport {
        let pair = try pair.map { text throws(FleetError) in
            guard let pair = Pair(text) else { throw FleetError(.input, "--pair: '\(text)' is no pair; write BTC/USDT") }
            return pair
        }
        let timeframe = try timeframe.map { text throws(FleetError) in
            guard let timeframe = Timeframe(text) else {
                throw FleetError(.input, "--timeframe: '\(text)' is not a timeframe; write 1m, 5m, 1h, 1d")
            }
            return timeframe
        }
        let sources = try ImportSources(inputs, pair: pair, timeframe: timeframe)
        guard !sources.groups.isEmpty else { throw FleetError(.input, Self.nothing(inputs, sources.skipped)) }
        let store = try CandleStore.target(folder: to, exchange: exchange)
        var job = CandleImport { bytes in SHA256.hash(data: bytes).map { Self.hex($0) }.joined() }
        (job.onConflict, job.acceptsErrors, job.isDryRun) = (onConflict.policy, acceptErrors, dryRun)
        let showsProgress = Terminal.isInteractive && !output.json
        let entries = try job.run(sources, into: store) { group in
            if showsProgress { Terminal.redraw("importing \(group.key) from \(Format.count(group.paths.count, "file"))") }
        }
        if showsProgress { Terminal.redraw("") }
        return ImportReport(folder: store.folder, isDryRun: dryRun, entries: entries, skipped: sources.skipped)
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private static func nothing(_ inputs: [String], _ skipped: [ImportSources.Skipped]) -> String {
        let reasons = skipped.prefix(5).map { "\n\($0.path): \($0.reason)" }.joined()
        return "there are no candle files in \(inputs.joined(separator: ", "))" + reasons + (skipped.count > 5 ? "\n..." : "")
    }
}

/// The conflict policies as the command line spells them.
enum ConflictRule: String, ExpressibleByArgument, CaseIterable {
    case keep, replace, fail

    var policy: ConflictPolicy {
        switch self {
        case .keep: .keep
        case .replace: .replace
        case .fail: .fail
        }
    }
}

/// What `pragma data import` did, or would do.
struct ImportReport {
    let folder: String
    let isDryRun: Bool
    let entries: [CandleImport.Entry]
    let skipped: [ImportSources.Skipped]

    var hasRefusals: Bool { entries.contains { $0.isRefused } }

    var text: String {
        var table = TextTable([
            .left("pair"), .left("timeframe"), .left("kind"), .right("files"), .left("times"), .right("candles"), .right("new"),
            .left("first"), .left("last"), .left("outcome"),
        ])
        for entry in entries {
            table.add([
                entry.key.pair.description, entry.key.timeframe.description, entry.key.kind.label, String(entry.inputs.count),
                Self.times(entry), String(entry.rows), String(entry.added), entry.first.map(Format.time) ?? "-",
                entry.last.map(Format.time) ?? "-", label(entry),
            ])
        }
        let refusals = entries.compactMap { entry -> String? in
            if case .refused(let reason) = entry.outcome { "\n\n\(entry.key) refused: \(reason)" } else { nil }
        }
        let findings = entries.flatMap { $0.findings }.filter { $0.severity != .error || !hasRefusals }
        return table.text + "\n\n\(folder): " + summary + refusals.joined()
            + (findings.isEmpty ? "" : "\n\n" + findings.map { "\($0.severity.label): \($0)" }.joined(separator: "\n"))
            + (skipped.isEmpty ? "" : "\n\n" + skipped.map { "skipped \($0.path): \($0.reason)" }.joined(separator: "\n"))
    }

    private var summary: String {
        let written = entries.count { $0.outcome == .written }
        let added = entries.filter { !$0.isRefused }.reduce(0) { $0 + $1.added }
        return Format.count(written, "file") + (isDryRun ? " would be" : "") + " written with "
            + Format.count(added, "new candle") + ", "
            + "\(entries.count { $0.outcome == .unchanged }) unchanged, \(entries.count { $0.isRefused }) refused"
    }

    private func label(_ entry: CandleImport.Entry) -> String {
        switch entry.outcome {
        case .written: isDryRun ? "would be written" : "written"
        case .unchanged: "unchanged"
        case .refused: "refused"
        }
    }

    private static func times(_ entry: CandleImport.Entry) -> String {
        var found: [String] = []
        for notation in entry.inputs.compactMap({ $0.notation?.rawValue }) where !found.contains(notation) {
            found.append(notation)
        }
        return found.isEmpty ? "-" : found.joined(separator: ", ")
    }

    var value: ConfigValue {
        JSON.object([
            "folder": JSON.text(folder), "dry_run": JSON.flag(isDryRun), "ok": JSON.flag(!hasRefusals),
            "candles": JSON.list(entries.map { Self.value($0) }),
            "skipped": JSON.list(
                skipped.map { JSON.object(["path": JSON.text($0.path), "reason": JSON.text($0.reason)]) }),
        ])
    }

    private static func value(_ entry: CandleImport.Entry) -> ConfigValue {
        var (outcome, problem) = ("unchanged", String?.none)
        switch entry.outcome {
        case .written: outcome = "written"
        case .unchanged: break
        case .refused(let reason): (outcome, problem) = ("refused", reason)
        }
        let inputs = entry.inputs.map { input in
            JSON.object([
                "path": JSON.text(input.path), "format": JSON.text(input.format.rawValue),
                "times": JSON.text(input.notation?.rawValue), "rows": JSON.integer(input.rows),
                "verified": JSON.flag(input.isVerified), "ignored": JSON.list(input.ignored),
            ])
        }
        return JSON.object([
            "pair": JSON.text(entry.key.pair.description), "timeframe": JSON.text(entry.key.timeframe.description),
            "kind": JSON.text(entry.key.kind.label), "path": JSON.text(entry.path), "outcome": JSON.text(outcome),
            "problem": JSON.text(problem), "rows": JSON.integer(entry.rows), "added": JSON.integer(entry.added),
            "replaced": JSON.integer(entry.replaced), "conflicts": JSON.integer(entry.conflicts),
            "firstConflict": JSON.text(entry.firstConflict?.iso8601), "first": JSON.text(entry.first?.iso8601),
            "last": JSON.text(entry.last?.iso8601), "inputs": JSON.list(inputs),
            "findings": JSON.list(entry.findings.map { DataReport.Finding($0).value }),
        ])
    }
}
