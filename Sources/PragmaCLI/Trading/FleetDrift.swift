internal import Backtesting
internal import Configuration
internal import Coordination
internal import Drift
internal import Execution
internal import Fleet
internal import FleetProtocol
internal import Money
internal import Strategies
internal import TradingJournal

/// Compares a job with a backtest over the candles that it saw: fetches what was submitted and the records, and leaves the rest to `Drift`.
struct FleetDrift {
    let ask: FleetBooks.Ask
    let registry: StrategyRegistry
    /// Of this executable.
    let executable: [UInt8]

    func answer(_ id: JobID) throws(FleetError) -> DriftAnswer {
        guard case .job(let answer) = try ask(.show(id)) else {
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        let job: TradingJob
        do throws(TradingJob.Problem) { job = try TradingJob(answer) } catch {
            throw FleetError(.input, "job \(id): \(error.description)")
        }
        var notices = notices(job, answer)
        let configuration = try configuration(answer, job)
        let books = try books(of: job)
        var settings = BacktestSettings(configuration)
        if job.kind == .live { notices.append(Self.takeBalance(of: books, &settings)) }
        let report = try compare(job, configuration, settings, books)
        notices += report.notices
        return DriftAnswer(report, of: job, notices: notices)
    }

    private func notices(_ job: TradingJob, _ answer: JobAnswer) -> [String] {
        var notices: [String] = []
        if let specification = try? JobSpecification(decoding: answer.payload), specification.executable != executable {
            notices.append(
                "another build of pragma submitted the job: where its strategies are not those of this one, signals differ for that reason"
            )
        }
        if !job.state.isTerminal {
            notices.append("the job is \(job.state.rawValue): it is compared up to its last recorded candle")
        }
        return notices
    }

    /// The job's own, as it was submitted.
    private func configuration(_ answer: JobAnswer, _ job: TradingJob) throws(FleetError) -> EffectiveConfiguration {
        guard registry.names.contains(job.strategy) else {
            throw FleetError(
                .input,
                "job \(job.id) runs the strategy \(job.strategy), which this build of pragma does not have: use the build that submitted it"
            )
        }
        do {
            let specification = try JobSpecification(decoding: answer.payload)
            return try EffectiveConfiguration.decode(canonical: specification.configuration, registry: registry)
        } catch {
            throw FleetError(.input, "the configuration of job \(job.id) cannot be read by this build of pragma: \(error)")
        }
    }

    private func books(of job: TradingJob) throws(FleetError) -> TradingBooks {
        switch try FleetBooks.books(of: job.id, keepsCandles: true, ask) {
        case .success(let books): return books
        case .failure(let error): throw FleetError(.negative, "the records of job \(job.id) cannot be read: \(error)")
        }
    }

    /// The backtest of a live job begins with what the account had; what that is as a notice.
    private static func takeBalance(of books: TradingBooks, _ settings: inout BacktestSettings) -> String {
        let currency = settings.stakeCurrency
        let instead =
            "the backtest begins with dry_run_wallet (\(settings.dryRunWallet) \(currency)), and stakes that depend on it differ"
        guard let balance = books.startBalance(of: currency) else {
            return "the records do not say what the account had when the job began (another build of pragma began it): " + instead
        }
        guard balance > .zero else { return "the account had no \(currency) when the job began: " + instead }
        settings.dryRunWallet = balance.approximation
        return "the backtest begins with \(balance) \(currency), which is what the account had when the job began"
    }

    private func compare(
        _ job: TradingJob, _ configuration: EffectiveConfiguration, _ settings: BacktestSettings, _ books: TradingBooks
    ) throws(FleetError) -> DriftReport {
        let strategy: any Strategy
        do throws(StrategyRegistryError) {
            strategy = try registry.strategy(named: configuration.strategy).init(values: configuration.parameters)
        } catch { throw FleetError(error) }
        do throws(DriftError) {
            let shadow = try ShadowBacktest(
                books, settings: settings, strategy: strategy, pairs: configuration.exchange.pairs)
            return DriftComparison.report(books, shadow)
        } catch { throw FleetError(.negative, "job \(job.id): \(error)") }
    }
}
