import Foundation
import Indicators
import Market
import Testing

/// The python that has TA-Lib and pandas: `PRAGMA_PYTHON`, or the repository's own virtual environment.
private enum Oracle {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let python: String? = {
        if let path = ProcessInfo.processInfo.environment["PRAGMA_PYTHON"], !path.isEmpty { return path }
        let own = root.appending(path: ".venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: own) ? own : nil
    }()

    /// Runs `make_fixtures.py compute` over several series; the reference columns by name for each of them.
    static func compute(_ python: String, _ series: [TestCandles]) throws -> [[(String, Column<Double>)]] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pragma-indicators-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = series.indices.map { folder.appending(path: "\($0)") }
        for (candles, file) in zip(series, files) { try bytes(of: candles).write(to: file) }
        try run(python, ["compute"] + files.map(\.path))
        return try zip(series, files).map { candles, file in
            try parse(Data(contentsOf: file.appendingPathExtension("out")), rows: candles.close.count)
        }
    }

    /// Runs `make_fixtures.py write`; the two fixtures as it makes them now.
    static func write(_ python: String) throws -> [String: String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pragma-fixtures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try run(python, ["write", folder.path])
        let names = ["walk", "ticks"]
        return try Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, try String(contentsOf: folder.appending(path: $0 + ".csv"), encoding: .utf8))
            })
    }

    private static func run(_ python: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [root.appending(path: "Tests/IndicatorsTests/Fixtures/make_fixtures.py").path] + arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "make_fixtures.py failed")
    }

    private static func bytes(of candles: TestCandles) -> Data {
        var rows: [Double] = []
        for row in candles.close.indices {
            rows += [candles.open[row], candles.high[row], candles.low[row], candles.close[row]]
        }
        return rows.withUnsafeBytes { Data($0) }
    }

    private static func parse(_ data: Data, rows: Int) throws -> [(String, Column<Double>)] {
        var result: [(String, Column<Double>)] = []
        var rest = data[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let name = String(decoding: rest[..<end], as: UTF8.self)
            let bytes = rest[(end + 1)...].prefix(rows * 8)
            try #require(bytes.count == rows * 8, "a short column \(name)")
            let column = [Double](unsafeUninitializedCapacity: rows) { buffer, count in
                _ = bytes.copyBytes(to: buffer)
                count = rows
            }
            result.append((name, Column(column)))
            rest = rest[bytes.endIndex...]
        }
        return result
    }
}

/// A random walk with all that candles can have: flat stretches, jumps, tiny and huge prices, and NaN where asked for.
private func walk(seed: UInt64, rows: Int, price: Double, step: Double, holes: Set<Int> = []) -> TestCandles {
    var random = SplitMix64(seed: seed)
    var (open, high, low, close) = ([Double](), [Double](), [Double](), [Double]())
    var last = price
    var flat = 0
    for row in 0..<rows {
        if flat == 0, random.next() % 300 == 0 { flat = Int(random.next() % 60) }
        flat = max(0, flat - 1)
        let jump = random.next() % 500 == 0 ? 30.0 : 1.0
        let move = flat > 0 ? 0 : (random.uniform() - 0.5) * step * jump
        let next = last * (1 + min(max(move, -0.9), 9))
        let above = flat > 0 ? 0 : random.uniform() * step / 3
        let below = flat > 0 ? 0 : random.uniform() * step / 3
        let hole = holes.contains(row)
        open.append(last)
        high.append(hole ? .nan : max(last, next) * (1 + above))
        low.append(hole ? .nan : min(last, next) * (1 - below))
        close.append(hole ? .nan : next)
        last = next
    }
    return TestCandles(open: Column(open), high: Column(high), low: Column(low), close: Column(close))
}

@Suite struct OracleTests {
    @Test func `long series equal TA-Lib and pandas in every bit`() throws {
        let prices = [1e-9, 3e-6, 0.07, 1, 42.5, 900, 65_000, 1e8]
        let series = prices.enumerated().map { index, price in
            // Some series begin with NaN, as the output of an indicator does.
            walk(
                seed: UInt64(index) + 1, rows: 20_000, price: price, step: index % 2 == 0 ? 0.0004 : 0.01,
                holes: index > 3 ? Set(0..<index) : [])
        }
        try compare(series, "long")
    }

    @Test func `short series equal TA-Lib and pandas`() throws {
        let rows = [1, 2, 3, 11, 12, 13, 14, 15, 27, 28, 33, 34, 35]
        try compare(rows.map { walk(seed: 99, rows: $0, price: 10, step: 0.02) }, "short")
    }

    @Test func `a hole in a series has the consequences that it has in TA-Lib and pandas`() throws {
        let series = walk(seed: 7, rows: 400, price: 10, step: 0.02, holes: [0, 1, 150])
        // TA-Lib's extremes near a hole depend on where its blocks of rows begin.
        try compare([series], "a hole") { !$0.hasPrefix("minimum") && !$0.hasPrefix("maximum") }
    }

    @Test func `the committed fixtures are what their script makes`() throws {
        guard let python = Oracle.python else { return }
        for (name, made) in try Oracle.write(python) {
            let path = Oracle.root.appending(path: "Tests/IndicatorsTests/Fixtures/\(name).csv")
            let committed = try String(contentsOf: path, encoding: .utf8)
            guard made.split(separator: "\n").first == committed.split(separator: "\n").first else {
                print("skipped: \(name).csv was made with other versions of TA-Lib or pandas")
                continue
            }
            #expect(made == committed, "\(name).csv")
        }
    }

    private func compare(
        _ series: [TestCandles], _ what: String, where isCompared: (String) -> Bool = { _ in true }
    ) throws {
        guard let python = Oracle.python else {
            print("skipped: no python with TA-Lib (set PRAGMA_PYTHON)")
            return
        }
        var columns = 0
        for (index, (candles, references)) in zip(series, try Oracle.compute(python, series)).enumerated() {
            #expect(references.count == 66)
            for (name, reference) in references where isCompared(name) {
                let ours = try #require(candles.compute(name), "no indicator for \(name)")
                let (count, first) = differences(ours, reference)
                #expect(count == 0, "\(what) \(index), \(name): \(count) rows differ, \(first)")
                columns += 1
            }
        }
        print("compared \(columns) columns with TA-Lib and pandas (\(what))")
    }
}
