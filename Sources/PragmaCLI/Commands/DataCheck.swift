internal import ArgumentParser
internal import Configuration
internal import Fleet
internal import Market
internal import MarketData

/// `pragma data check DIR`.
struct DataCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Looks for what is wrong with the candles in a folder. Nothing is changed.",
        discussion: """
            Finds gaps, repeated and unordered rows, times off the timeframe, wrong units, impossible prices and volumes, \
            files that cannot be read, and pairs without an instrument.

            Example: pragma data check candles

            JSON keys: folder, files, ok, findings (file, severity, problem, count, places (row, time, detail)). Exit code 1 \
            where something is found that makes candles unusable; notes and warnings alone are 0.
            """)

    @Argument(help: "The folder with the candle files.")
    var folder: String

    @Option(name: .long, help: "The exchange, where the folder has one folder for each.")
    var exchange: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let report = try FleetError.mapping { try DataReport(folder: folder, exchange: exchange) }
        if output.json { Terminal.json(report.value) } else { Terminal.line(report.text) }
        if report.hasErrors { throw ExitCode(FleetError.Code.negative.rawValue) }
    }
}

/// What is wrong in a data folder.
struct DataReport {
    /// One kind of problem in one file.
    struct Finding {
        var file: String
        var severity: CandleCheck.Severity
        var problem: String
        var count: Int
        var places: [CandleCheck.Place] = []
    }

    let folder: String
    let files: Int
    let findings: [Finding]

    var hasErrors: Bool { findings.contains { $0.severity == .error } }

    /// Checks every candle file and the instruments of `folder`. Throws only where the folder itself cannot be used.
    init(folder: String, exchange: String?) throws(MarketDataError) {
        let store = try CandleStore(folder: folder, exchange: exchange)
        let keys = try store.keys()
        var findings: [Finding] = []
        for key in keys {
            do throws(MarketDataError) {
                findings += try store.check([key]).map(Finding.init)
            } catch {
                findings.append(Finding(file: key.relativePath, severity: .error, problem: error.unnamed, count: 1))
            }
        }
        findings += Self.instrumentFindings(store, keys)
        self.folder = store.folder
        files = keys.count
        self.findings = findings.enumerated().sorted { a, b in
            a.element.severity != b.element.severity ? a.element.severity > b.element.severity : a.offset < b.offset
        }.map { $0.element }
    }

    private static func instrumentFindings(_ store: CandleStore, _ keys: [CandleKey]) -> [Finding] {
        let remedy = "make it with '\(InstrumentFile.command) --datadir \(store.folder)'"
        guard Files.exists(store.instrumentsPath) else {
            return [Finding(file: InstrumentFile.name, severity: .warning, problem: "missing; \(remedy)", count: 1)]
        }
        do throws(MarketDataError) {
            let instruments = try store.instruments()
            let missing = Set(keys.map { $0.pair }).filter { instruments.instruments[$0] == nil }.sorted()
            guard !missing.isEmpty else { return [] }
            let names = missing.prefix(5).map { $0.description }.joined(separator: ", ") + (missing.count > 5 ? ", ..." : "")
            return [
                Finding(
                    file: InstrumentFile.name, severity: .note, problem: "no instrument for \(names)", count: missing.count)
            ]
        } catch {
            return [Finding(file: InstrumentFile.name, severity: .error, problem: error.unnamed, count: 1)]
        }
    }

    var text: String {
        guard !findings.isEmpty else { return "\(folder): \(files) candle files, nothing wrong" }
        var table = TextTable([.left("severity"), .left("file"), .left("problem"), .right("count"), .left("first")])
        for finding in findings {
            let first = finding.places.first.map { "\(Format.time($0.time)) row \($0.row): \($0.detail)" } ?? ""
            table.add([finding.severity.label, finding.file, finding.problem, String(finding.count), first])
        }
        let counts = [CandleCheck.Severity.error, .warning, .note].map { severity in
            Format.count(findings.count { $0.severity == severity }, severity.label)
        }
        return table.text + "\n\n\(folder): \(files) candle files, " + counts.joined(separator: ", ")
    }

    var value: ConfigValue {
        let list = findings.map { $0.value }
        return JSON.object([
            "folder": JSON.text(folder), "files": JSON.integer(files), "ok": JSON.flag(!hasErrors), "findings": JSON.list(list),
        ])
    }
}

extension DataReport.Finding {
    /// The finding in JSON.
    var value: ConfigValue {
        JSON.object([
            "file": JSON.text(file), "severity": JSON.text(severity.label), "problem": JSON.text(problem),
            "count": JSON.integer(count),
            "places": JSON.list(
                places.map { place in
                    JSON.object([
                        "row": JSON.integer(place.row), "time": JSON.text(place.time.iso8601), "detail": JSON.text(place.detail),
                    ])
                }),
        ])
    }

    init(_ finding: CandleCheck.Finding) {
        self.init(
            file: finding.file, severity: finding.severity, problem: finding.problem.rawValue, count: finding.count,
            places: finding.places)
    }
}

extension CandleCheck.Severity {
    /// The severity as tables and JSON name it.
    var label: String {
        switch self {
        case .note: "note"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

extension MarketDataError {
    /// The problem and its remedy without the file, which stands beside it.
    var unnamed: String { problem + (remedy.map { "; " + $0 } ?? "") }
}
