internal import Backtesting
internal import Configuration
package import Coordination
internal import Execution
internal import FleetProtocol
package import Logging
internal import MarketData
internal import Research
package import Strategies

/// Runs backtests, slices of sweeps and probes in a worker: checks that the job is the one that was submitted, that the candles are
/// the ones it names, and keeps the market of the last jobs for the next slices.
package final class JobRunner: UnitRunner {
    /// One job's market and definition, opened for its first unit and kept for the others.
    private struct Opened {
        enum Work {
            case backtest(EffectiveConfiguration, BacktestRunner)
            case sweep(SweepRunner)
            case probe(ProbeConfiguration, submission: [UInt8])
        }
        let address: JobAddress
        let work: Work
    }

    private let registry: StrategyRegistry
    private let dataFolder: String?
    private let probe: ProbeTask
    private let log: Logger
    private let wallClock: @Sendable () -> Int64
    private let executable: [UInt8]
    // Safe: `run` is called on the executor's one thread only, and nothing else reads it.
    nonisolated(unsafe) private var opened: [Opened] = []

    private static let keptJobs = 2

    /// - Parameters:
    ///   - worker: the worker's name.
    ///   - home: below it are the lines of probes.
    ///   - dataFolder: where this worker finds candles; nil: where the job says.
    package init(
        worker: String, home: Home, registry: StrategyRegistry, dataFolder: String?, log: Logger,
        wallClock: @escaping @Sendable () -> Int64
    ) throws(FleetError) {
        self.registry = registry
        self.dataFolder = dataFolder
        probe = ProbeTask(folder: home.probeFolder, worker: worker, wallClock: wallClock)
        self.log = log
        self.wallClock = wallClock
        executable = try OwnExecutable.hash()
    }

    package func run(_ assignment: Assignment, payload: [UInt8], control: UnitControl) -> (UnitOutcome, [UInt8]) {
        do throws(UnitProblem) {
            let job = try open(assignment, payload)
            return (.succeeded, try result(of: assignment, job, control))
        } catch {
            switch error {
            case .stopped: return (.canceled, [])
            case .failed(let failure): return (.failed(failure), [])
            }
        }
    }

    private enum UnitProblem: Error {
        case stopped
        case failed(UnitFailure)

        static func because(_ code: FailureCode, _ message: String) -> UnitProblem {
            .failed(UnitFailure(code: code, message: message))
        }
    }

    // MARK: - Opening

    private func open(_ assignment: Assignment, _ payload: [UInt8]) throws(UnitProblem) -> Opened {
        if let known = opened.first(where: { $0.address == assignment.address }) { return known }
        let specification = try checked(payload, address: assignment.address)
        let made = Opened(address: assignment.address, work: try work(of: specification))
        opened.insert(made, at: 0)
        if opened.count > Self.keptJobs { opened.removeLast() }
        return made
    }

    private func work(of specification: JobSpecification) throws(UnitProblem) -> Opened.Work {
        if specification.kind == JobSpecification.probe {
            guard let configuration = ProbeConfiguration(decoding: specification.configuration) else {
                throw .because(.badConfiguration, "the probe's configuration is none; submit it with 'pragma probe'")
            }
            return .probe(configuration, submission: specification.submission)
        }
        let runner = try makeRunner(specification)
        do throws(ConfigurationError) {
            if specification.sweep.isEmpty {
                return .backtest(
                    try EffectiveConfiguration.decode(canonical: specification.configuration, registry: registry), runner)
            }
            return .sweep(
                SweepRunner(
                    farm: try FarmConfiguration.decode(canonical: specification.sweep, registry: registry), runner: runner))
        } catch { throw .because(.badConfiguration, error.description) }
    }

    private func checked(_ payload: [UInt8], address: JobAddress) throws(UnitProblem) -> JobSpecification {
        do throws(JobFault) {
            return try JobSpecification.checked(
                payload, address: address, kinds: [ExecutionMode.backtest.rawValue, JobSpecification.probe],
                runs: "backtests of the native engine and probes", executable: executable)
        } catch { throw .failed(error.failure) }
    }

    private func makeRunner(_ specification: JobSpecification) throws(UnitProblem) -> BacktestRunner {
        let expected = Dictionary(specification.dataFiles.map { ($0.path, $0.sha256) }, uniquingKeysWith: { first, _ in first })
        do throws(MarketDataError) {
            let store = try store(of: specification, instruments: expected[InstrumentFile.name] ?? "")
            let instruments = try store.instruments()
            return BacktestRunner(source: store, instruments: instruments, registry: registry) { key throws(ExecutionError) in
                guard let sha256 = expected[key.relativePath] else {
                    throw .data("the job names no candles of \(key): submit it again")
                }
                do throws(MarketDataError) { return try store.candles(key, expecting: sha256, hash: hashText) } catch {
                    throw ExecutionError(error)
                }
            }
        } catch { throw .because(.dataMissing, "\(error)") }
    }

    /// The folder with the job's files: this worker's own, or the one that the job was submitted from where that is on this machine.
    /// Whatever the folder, every file must have the digest that the job names.
    private func store(of specification: JobSpecification, instruments: String) throws(MarketDataError) -> CandleStore {
        let exchange = exchangeName(specification)
        var first: MarketDataError?
        for folder in [dataFolder, specification.dataFolder].compactMap({ $0 }) {
            do throws(MarketDataError) {
                let store = try CandleStore(folder: folder, exchange: exchange)
                if Hex.text((try? SHA256Digest.ofFile(store.instrumentsPath)) ?? []) == instruments { return store }
                throw MarketDataError(
                    .changed, file: store.instrumentsPath, "is not the file that the job was submitted with",
                    remedy: "Submit the job again, or copy the file from the machine that submitted it")
            } catch { first = first ?? error }
        }
        throw first
            ?? MarketDataError(
                .missing, file: specification.dataFolder, "there is no data folder", remedy: "Name one with --datadir")
    }

    private func exchangeName(_ specification: JobSpecification) -> String? {
        let bytes = specification.configuration
        return
            (try? EffectiveConfiguration.decode(canonical: bytes, registry: registry, isSweepBase: !specification.sweep.isEmpty))?
            .exchange.name
    }

    // MARK: - Running

    private func result(of assignment: Assignment, _ job: Opened, _ control: UnitControl) throws(UnitProblem) -> [UInt8] {
        switch job.work {
        case .backtest(let configuration, let runner):
            try translated { () throws(ExecutionError) in try report(of: configuration, runner, control) }
        case .sweep(let sweep):
            try translated { () throws(ExecutionError) in try rows(of: assignment.combinations, sweep, control) }
        case .probe(let configuration, let submission): try waited(assignment, configuration, submission, control)
        }
    }

    private func translated(_ body: () throws(ExecutionError) -> [UInt8]) throws(UnitProblem) -> [UInt8] {
        do throws(ExecutionError) { return try body() } catch {
            switch error {
            case .stopped: throw .stopped
            case .data: throw .because(.dataMissing, error.description)
            case .unknownStrategy: throw .because(.unknownStrategy, error.description)
            case .wrongMode, .notDryRun, .missing, .noCandles: throw .because(.badConfiguration, error.description)
            case .engine: throw .because(.strategyError, error.description)
            }
        }
    }

    private func rows(
        of combinations: Range<UInt64>, _ sweep: SweepRunner, _ control: UnitControl
    ) throws(ExecutionError) -> [UInt8] {
        let total = UInt64(combinations.count)
        var lastReport: UInt64 = 0
        let rows = try sweep.rows(
            combinations, shouldStop: { control.shouldStop },
            onProgress: { done in
                // Twenty reports a slice are enough for a progress bar.
                guard done == total || done - lastReport >= max(1, total / 20) else { return }
                lastReport = done
                if done < total { control.progress(done: done, total: total) }
            })
        return SweepRows.encode(rows)
    }

    private func report(
        of configuration: EffectiveConfiguration, _ runner: BacktestRunner, _ control: UnitControl
    ) throws(ExecutionError) -> [UInt8] {
        var executor = try SimulatedExecutor(configuration, log: log, wallClock: wallClock)
        let result = try executor.execute(on: runner) { progress in
            control.progress(done: UInt64(progress.done), total: UInt64(progress.total))
            return control.shouldStop
        }
        return ResultJSON.report(result, of: configuration).canonicalBytes
    }

    private func waited(
        _ assignment: Assignment, _ configuration: ProbeConfiguration, _ submission: [UInt8], _ control: UnitControl
    ) throws(UnitProblem) -> [UInt8] {
        let result: ProbeResult?
        do throws(FleetError) {
            result = try probe.run(assignment, configuration, submission: submission, control: control)
        } catch { throw .because(.internalError, error.message) }
        guard let result else { throw .stopped }
        return result.encoded
    }
}
