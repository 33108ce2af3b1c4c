import Coordination
import Fleet
import FleetProtocol
import Foundation
import Market
import Research
import Strategies
import Testing

@testable import PragmaCLI

@Suite("Leaderboard and CSV of a sweep")
struct SweepReportTests {
    private func row(_ index: UInt64, profit: Double, trades: UInt32 = 10) -> SweepRow {
        var row = SweepRow(index: index)
        row.profitTotal = profit
        row.profitTotalAbs = profit * 1000
        row.totalTrades = trades
        row.winrate = 0.5
        row.sharpe = 1.25
        return row
    }

    private func sweep(pairSets: [[String]] = [["BTC/USDT"], ["ETH/USDT"]]) throws -> SweepDefinition {
        let strategy = EmaCross.parameters
        let fast = try #require(SweepAxis(name: "fast", list: [.integer(5), .integer(9)]))
        let pairs = try pairSets.map { try $0.map { try #require(Pair($0)) } }
        return try SweepDefinition(
            strategies: [
                SweepStrategy(name: "EmaCross", parameters: strategy, fixed: ParameterValues(defaultsOf: strategy), axes: [fast])
            ], sample: nil, pairSets: pairs, timeranges: [.all])
    }

    @Test func `the leaderboard shows place, combination and the ranked figure first`() throws {
        let sweep = try sweep()
        var board = Leaderboard(metric: .sharpe, capacity: 10)
        board.insert(contentsOf: [row(0, profit: 0.1), row(3, profit: -0.05)])
        let text = LeaderboardTable.text(board, stakeCurrency: "USDT") { sweep.combination(at: $0) }
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("#  strategy  parameters      pairs     sharpe  profit %  profit USDT  trades"))
        #expect(lines[2].hasPrefix("1  EmaCross  fast="))
        #expect(lines[2].contains("1.25") && lines[2].contains("10.00") && lines[2].contains("100.000"))
        #expect(lines[3].hasPrefix("2  EmaCross") && lines[3].contains("-5.00"))
        #expect(!text.contains("timerange"))
    }

    @Test func `a metric without a column of its own gets one`() throws {
        let sweep = try sweep()
        var board = Leaderboard(metric: .sqn, capacity: 10)
        var best = row(1, profit: 0.1)
        best.sqn = 2.75
        board.insert(best)
        let text = LeaderboardTable.text(board, stakeCurrency: "USDT") { sweep.combination(at: $0) }
        #expect(text.contains("sqn") && text.contains("2.7500"))
    }

    @Test func `what did not complete says so`() throws {
        let sweep = try sweep()
        var empty = SweepRow(index: 2)
        empty.outcome = .noCandles
        let text = LeaderboardTable.text(
            rows: [row(0, profit: 0.1), empty], describe: { SweepRowLabel(sweep.combination(at: $0)) }, metric: .profitTotal,
            stakeCurrency: "USDT")
        #expect(text.split(separator: "\n").last?.contains("no candles") == true)
    }

    @Test func `a CSV has a header and one line per row, with full precision`() throws {
        let sweep = try sweep(pairSets: [["BTC/USDT", "ETH/USDT"]])
        var failed = SweepRow(index: 1)
        failed.outcome = .failed
        var first = row(0, profit: 0.1 + 0.2)
        first.sortino = .infinity
        first.calmar = .nan
        let text =
            SweepCSV.header
            + [first, failed].map { SweepCSV.line($0, SweepRowLabel(sweep.combination(at: $0.index))) }.joined()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.count == 4 && lines[3].isEmpty)
        let header = lines[0].split(separator: ",").map(String.init)
        let cells = lines[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        #expect(header.count == cells.count)
        let byName = Dictionary(uniqueKeysWithValues: zip(header, cells))
        #expect(byName["index"] == "0" && byName["outcome"] == "completed" && byName["strategy"] == "EmaCross")
        #expect(byName["parameters"] == "fast=5 slow=36")
        #expect(byName["pairs"] == "BTC/USDT ETH/USDT" && byName["timerange"] == "")
        #expect(byName["profit_total"] == "0.30000000000000004" && byName["total_trades"] == "10")
        #expect(byName["sortino"] == "inf" && byName["calmar"] == "")
        #expect(lines[2].hasPrefix("1,failed,EmaCross,fast=9 slow=36,BTC/USDT ETH/USDT,,,,"))
    }

    /// Rows of 400 units in pages of 8 units. Whoever asks for a page must have handed on all rows of the pages before.
    @Test func `rows go page by page into the leaderboard and the file, and no more than a page is held`() throws {
        let sweep = try sweep()
        let path = FileManager.default.temporaryDirectory.path + "/pragma-sweep-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var tally = SweepTally(metric: .profitTotal, capacity: 5)
        var file = SweepCSVFile(path: path, describe: { sweep.combination(at: $0 % 4) })
        let (units, rowsPerUnit) = (UInt64(400), UInt64(50))
        var (handedOut, delivered, largest) = (0, 0, 0)
        try ResultPages.rows(
            of: JobID(1),
            { unit throws(FleetError) in
                largest = max(largest, handedOut - delivered)
                let page = (unit..<min(unit + 8, units)).map { number in
                    let rows = (0..<rowsPerUnit).reversed().map { place in
                        var row = row(number * rowsPerUnit + place, profit: Double((number * 7919 + place * 104_729) % 100_003))
                        if number == 3, place < 2 { row.outcome = .failed }
                        if number == 4, place == 0 { row.outcome = .noCandles }
                        return row
                    }
                    return ResultsPage.Result(unit: number, bytes: SweepRows.encode(rows))
                }
                handedOut += page.count * Int(rowsPerUnit)
                return ResultsPage(job: JobID(1), results: page, next: unit + 8 < units ? unit + 8 : nil)
            },
            { rows in
                delivered += rows.count
                tally.take(rows)
                file.append(rows)
            })
        #expect(file.finish() == nil)
        #expect(largest == 0 && delivered == 20_000)
        #expect(tally.rowCount == 20_000 && tally.failedCount == 2 && tally.emptyCount == 1 && tally.firstFailed?.index == 150)
        #expect(tally.board.rows.count == 5)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.dropFirst().map { $0.prefix { $0 != "," } } == (0..<20_000).map { "\($0)" }[...].map { $0[...] })
        let best = lines.dropFirst().compactMap { line -> Double? in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            return cells[1] == "completed" ? Double(cells[11]) : nil
        }.max()
        #expect(tally.board.rows.first?.profitTotal == best)
    }

    @Test func `a file that cannot be written is told at the end and leaves nothing`() throws {
        let sweep = try sweep()
        var file = SweepCSVFile(path: "/nowhere/at/all.csv", describe: { sweep.combination(at: $0) })
        file.append([row(0, profit: 1)])
        let error = file.finish()
        #expect(error?.message.contains("/nowhere/at/all.csv") == true)
    }

    @Test func `a file appears only when it is complete`() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/pragma-csv-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder) }
        do {
            let file = try StreamedFile(folder + "/rows.csv")
            try file.append([1, 2])
            #expect(try names().count == 1 && !names().contains("rows.csv"))
        }
        #expect(try names().isEmpty)
        let file = try StreamedFile(folder + "/rows.csv")
        try file.append([1])
        try file.append([2])
        try file.finish()
        #expect(try names() == ["rows.csv"])
        #expect(try Files.read(folder + "/rows.csv") == [1, 2])
    }

    @Test func `JSON calls a sweep a sweep and says null for a figure that is none`() throws {
        let sweep = try sweep()
        let address = try #require(JobAddress(bytes: Array(repeating: 7, count: 32)))
        let line = JobLine(
            id: JobID(7), address: address, kind: .backtest, group: "farm", priority: 0, state: .succeeded, combinationCount: 4,
            unitCount: 1, completedUnits: 1, failedUnits: 0, unitsOut: 0, submittedAtMilliseconds: 0, changedAtMilliseconds: 0)
        var infinite = row(0, profit: 0.1)
        infinite.sortino = .infinity
        infinite.calmar = .nan
        let json = SweepJSON(job: line, metric: "sharpe", seconds: 1, rows: [infinite], describe: { sweep.combination(at: $0) })
        let data = try JSONEncoder().encode(json)
        let value = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect((value["job"] as? [String: Any])?["kind"] as? String == "sweep")
        let first = try #require((value["rows"] as? [[String: Any]])?.first)
        #expect(first["sortino"] is NSNull && first["calmar"] is NSNull)
        #expect(first["sharpe"] as? Double == 1.25)
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("a\rb", "\"a\rb\""), (" lead", "\" lead\""), ("trail ", "\"trail \""), ("in side", "in side"), ("\"", "\"\"\"\""),
    ])
    func `a cell is quoted where it must be`(cell: String, quoted: String) {
        #expect(SweepCSV.quoted(cell) == quoted)
    }
}
