import Configuration
import Market
import MarketData
import Research
import Strategies
import SyntheticMarket
import Testing

@testable import Execution

@Suite("Slices of a sweep")
struct SweepRunnerTests {
    private let market: SmallMarket
    private let farm: FarmConfiguration

    init() throws {
        market = try SmallMarket()
        farm = try market.farm(
            """
            config: config.json
            strategies:
              - name: EmaCross
                parameters: {fast: [5, 9, 13], slow: [25, 40]}
              - name: RsiReversion
            pairs: each
            timeranges: [20240103-20240107, 20240107-20240111, 20300101-20300102]
            rank: profit_total
            """)
    }

    private func rows(_ range: Range<UInt64>) throws -> [SweepRow] {
        try SweepRunner(farm: farm, runner: market.runner).rows(range, shouldStop: { false }, onProgress: { _ in })
    }

    @Test func `each row is what a run of its own gives`() throws {
        let all = 0..<farm.sweep.combinationCount
        let rows = try rows(all)
        #expect(rows.map { $0.index } == Array(all))
        var completed = 0
        for row in rows where row.outcome == .completed {
            let configuration = farm.configuration(of: farm.sweep.combination(at: row.index))
            let result = try market.runner.run(configuration)
            #expect(row == SweepRow(index: row.index, result))
            completed += row.totalTrades > 0 ? 1 : 0
        }
        print("sweep: \(rows.count) combinations, \(completed) with trades compared with runs of their own")
        #expect(completed > 10)
    }

    @Test func `a time range without candles costs only its own rows`() throws {
        let rows = try rows(0..<farm.sweep.combinationCount)
        let late = rows.filter { $0.outcome == .noCandles }
        #expect(late.count * 3 == rows.count)
        for row in late { #expect(farm.sweep.combination(at: row.index).timerange.start?.isoDate == "2030-01-01") }
        #expect(!rows.contains { $0.outcome == .failed })
    }

    @Test func `a combination whose trailing stop freqtrade refuses costs only its own row`() throws {
        // 2001 combinations: the farm's reader looks at every second one, and the second is at fault.
        let market = try SmallMarket(strategies: [TrailingProbe.self])
        let farm = try market.farm(
            "config: config.json\nstrategies:\n  - name: TrailingProbe\n    parameters: {offset: {from: 4, to: 2004}}\n")
        let rows = try SweepRunner(farm: farm, runner: market.runner).rows(0..<4, shouldStop: { false }, onProgress: { _ in })
        #expect(rows.map(\.outcome) == [.completed, .failed, .completed, .completed])
    }

    @Test func `however the sweep is cut, the rows are the same`() throws {
        let count = farm.sweep.combinationCount
        let whole = SweepRows.encode(try rows(0..<count))
        for size: UInt64 in [1, 5, 7] {
            var parts: [SweepRow] = []
            for number in 0..<farm.sweep.sliceCount(size: size) {
                parts += try rows(farm.sweep.slice(number, size: size))
            }
            #expect(SweepRows.encode(parts) == whole, "slices of \(size)")
        }
    }

    @Test func `the order in which slices run changes nothing`() throws {
        let count = farm.sweep.combinationCount
        let runner = SweepRunner(farm: farm, runner: market.runner)
        var backwards: [SweepRow] = []
        for index in (0..<count).reversed() {
            backwards += try runner.rows(index..<index + 1, shouldStop: { false }, onProgress: { _ in })
        }
        #expect(SweepRows.encode(backwards.reversed()) == SweepRows.encode(try rows(0..<count)))
    }

    @Test func `progress is told after each row, and a stop ends between rows`() throws {
        let runner = SweepRunner(farm: farm, runner: market.runner)
        var told: [UInt64] = []
        _ = try runner.rows(3..<7, shouldStop: { false }, onProgress: { told.append($0) })
        #expect(told == [1, 2, 3, 4])
        told = []
        #expect(throws: ExecutionError.stopped) {
            _ = try runner.rows(0..<9, shouldStop: { told.count == 2 }, onProgress: { told.append($0) })
        }
        #expect(told == [1, 2])
    }

    @Test func `damaged candles cost a row each and are not taken for missing ones`() throws {
        let bad = BacktestRunner(source: market.source, instruments: market.instruments, registry: market.registry) {
            key throws(ExecutionError) in
            do {
                var builder = CandleBuilder()
                let good = try market.source.candles(key)
                for row in 0..<good.count {
                    var candle = good.candle(at: row)
                    if row == good.count / 2 { candle.close = -candle.close }
                    builder.append(candle)
                }
                return builder.candles
            } catch { throw .data("\(error)") }
        }
        let rows = try SweepRunner(farm: farm, runner: bad).rows(0..<3, shouldStop: { false }, onProgress: { _ in })
        #expect(rows.map(\.index) == [0, 1, 2])
        #expect(rows.contains { $0.outcome == .failed })
    }

    @Test func `instruments of another exchange are refused, those of its paper venue are not`() throws {
        let configuration = try market.configuration()
        func runner(_ exchange: String) -> BacktestRunner {
            let instruments = InstrumentFile(exchange: exchange, instruments: market.market.instruments)
            return BacktestRunner(source: market.source, instruments: instruments, registry: market.registry)
        }
        let error = #expect(throws: ExecutionError.self) { try runner("kraken").run(configuration) }
        #expect(error?.description.contains("instruments of kraken") == true)
        let expected = try market.runner.run(configuration)
        for name in ["binance", "Binance", "paper-binance", ""] { #expect(try runner(name).run(configuration) == expected) }
    }
}

/// A strategy whose trailing stop freqtrade refuses with an `offset` of 5.
private struct TrailingProbe: Strategy {
    static let name = "TrailingProbe"
    static let parameters: [Parameter] = [.integer("offset", default: 30, in: 0...5000)]
    static let rules = StrategyRules(timeframe: "5m")
    let rules: StrategyRules
    init(values: ParameterValues) {
        var rules = Self.rules
        rules.trailingStop = true
        rules.trailingStopPositive = 0.02
        rules.trailingStopPositiveOffset = values.integer("offset") == 5 ? 0.01 : 0.03
        self.rules = rules
    }
    func signals(on frame: Frame) -> Signals { Signals(count: frame.count) }
}
