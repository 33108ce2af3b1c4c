package import Backtesting
package import Configuration
package import Research

/// Runs slices of a sweep: one row of figures per combination, in the order of their numbers.
package struct SweepRunner {
    private let farm: FarmConfiguration
    private let runner: BacktestRunner

    package init(farm: FarmConfiguration, runner: BacktestRunner) {
        self.farm = farm
        self.runner = runner
    }

    /// The rows of the combinations in `range`. A combination that cannot be computed gets a row that says so: one bad
    /// combination does not cost the others. Throws only `stopped`, and `data` where candles are missing on this machine.
    package func rows(
        _ range: Range<UInt64>, shouldStop: () -> Bool, onProgress: (UInt64) -> Void
    ) throws(ExecutionError) -> [SweepRow] {
        var rows: [SweepRow] = []
        rows.reserveCapacity(range.count)
        for index in range {
            if shouldStop() { throw .stopped }
            let configuration = farm.configuration(of: farm.sweep.combination(at: index))
            if TrailingFault.all(in: configuration.rules).isEmpty {
                rows.append(try row(index, configuration, shouldStop))
            } else {
                // Of a large sweep the reader looks at a part of the combinations only.
                var failed = SweepRow(index: index)
                failed.outcome = .failed
                rows.append(failed)
            }
            onProgress(index - range.lowerBound + 1)
        }
        return rows
    }

    private func row(
        _ index: UInt64, _ configuration: EffectiveConfiguration, _ shouldStop: () -> Bool
    ) throws(ExecutionError) -> SweepRow {
        do throws(ExecutionError) {
            return SweepRow(index: index, try runner.run(configuration, tracksEquity: false, shouldStop: { _ in shouldStop() }))
        } catch {
            var row = SweepRow(index: index)
            switch error {
            case .stopped, .data: throw error
            case .noCandles: row.outcome = .noCandles
            default: row.outcome = .failed
            }
            return row
        }
    }
}

extension SweepRow {
    /// The figures of a backtest.
    package init(index: UInt64, _ result: BacktestResult) {
        self.init(index: index)
        let statistics = BacktestStatistics(result)
        let total = statistics.total
        totalTrades = UInt32(clamping: total.trades)
        wins = UInt32(clamping: total.wins)
        draws = UInt32(clamping: total.draws)
        losses = UInt32(clamping: total.losses)
        rejectedSignals = UInt32(clamping: result.counters.rejectedSignals)
        profitTotal = total.profitTotal
        profitTotalAbs = total.profitTotalAbs
        finalBalance = result.finalBalance
        sharpe = total.sharpe
        sortino = total.sortino
        calmar = total.calmar
        sqn = total.sqn
        cagr = statistics.cagr
        maxDrawdownAccount = statistics.drawdown?.account ?? 0
        maxDrawdownAbs = statistics.drawdown?.absolute ?? 0
        winrate = total.winrate
        profitFactor = total.profitFactor
        expectancy = total.expectancy
        holdingAverage = Double(statistics.holding.average) * 60
        marketChange = result.marketChange
    }
}
