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
        let text = SweepCSV.text([first, failed]) { sweep.combination(at: $0) }
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

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("a\rb", "\"a\rb\""), (" lead", "\" lead\""), ("trail ", "\"trail \""), ("in side", "in side"), ("\"", "\"\"\"\""),
    ])
    func `a cell is quoted where it must be`(cell: String, quoted: String) {
        #expect(SweepCSV.quoted(cell) == quoted)
    }
}
