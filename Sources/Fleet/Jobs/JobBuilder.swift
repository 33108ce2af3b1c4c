package import Configuration
package import Coordination
internal import FleetProtocol
internal import Market
internal import MarketData
internal import Research
internal import Strategies

/// A job ready to be submitted: what the coordinator decides on, and the payload that it passes on unread.
package struct BuiltJob: Sendable {
    package var job: NewJob
    package var payload: [UInt8]
}

/// Makes jobs from checked configurations: finds the candle files, takes their digests, and addresses the whole.
package struct JobBuilder {
    private let dataFolder: String
    private let exchange: String
    private let executable: [UInt8]

    /// A backtest may be tried often, since a second try can do no harm: the limit is there for a unit that kills every worker that
    /// it is given to, not for workers that are killed from outside.
    private static let attempts = 10

    /// A dry-run is not given up because workers were lost under it: its records are in the store, and the next worker goes on from them.
    /// It runs for weeks, and each lost worker counts an attempt; so it gets as many as a coordinator allows.
    private static let dryRunAttempts = 100

    /// Each begins with a reconciliation, and only after the death of the last holder is proved.
    private static let liveAttempts = 100

    /// - Parameter dataFolder: the folder of the candles, absolute.
    package init(dataFolder: String, exchange: String) throws(FleetError) {
        self.dataFolder = dataFolder
        self.exchange = exchange
        executable = try OwnExecutable.hash()
    }

    /// A single backtest.
    package func backtest(_ configuration: EffectiveConfiguration, fresh: Bool) throws(FleetError) -> BuiltJob {
        let keys = configuration.exchange.pairs.map { CandleKey($0, configuration.rules.timeframe) }
        return try build(
            configuration: configuration.canonicalBytes, sweep: [], keys: keys, group: "single", combinations: 1, slice: 1,
            fresh: fresh)
    }

    /// A sweep.
    package func sweep(_ farm: FarmConfiguration, name: String, priority: Int, fresh: Bool) throws(FleetError) -> BuiltJob {
        var timeframes: Set<Timeframe> = []
        for strategy in farm.sweep.strategies {
            let type = farm.strategy(named: strategy.name)
            timeframes.insert(farm.base.ruleOverrides.applied(to: type.rules).timeframe)
        }
        let pairs = Set(farm.sweep.pairSets.flatMap { $0 })
        let keys = pairs.flatMap { pair in timeframes.map { CandleKey(pair, $0) } }
        var built = try build(
            configuration: farm.base.canonicalBytes, sweep: farm.canonicalBytes, keys: keys, group: name,
            combinations: farm.sweep.combinationCount, slice: farm.sliceSize, fresh: fresh)
        built.job.priority = priority
        return built
    }

    private func build(
        configuration: [UInt8], sweep: [UInt8], keys: [CandleKey], group: String, combinations: UInt64, slice: UInt64, fresh: Bool
    ) throws(FleetError) -> BuiltJob {
        let specification = JobSpecification(
            kind: ExecutionMode.backtest.rawValue, configuration: configuration, sweep: sweep, dataFolder: dataFolder,
            dataFiles: try manifest(keys), executable: executable)
        guard let address = JobAddress(bytes: SHA256Digest.of(SpecificationWire.addressBytes(specification))) else {
            throw FleetError(.system, "the job's address could not be made")
        }
        let job = NewJob(
            address: address, kind: .backtest, group: group, combinationCount: combinations, sliceSize: slice,
            maxAttempts: Self.attempts, fresh: fresh)
        return BuiltJob(job: job, payload: SpecificationWire.bytes(specification))
    }

    /// A fleet's self-test of so many tasks.
    ///
    /// - Parameter submission: 16 bytes that no other probe has, so that it always runs anew.
    package static func probe(
        _ configuration: ProbeConfiguration, tasks: UInt64, submission: [UInt8]
    ) throws(FleetError) -> BuiltJob {
        let specification = JobSpecification(
            kind: JobSpecification.probe, configuration: configuration.encoded, dataFolder: "", dataFiles: [],
            executable: try OwnExecutable.hash(), submission: submission)
        guard let address = JobAddress(bytes: SHA256Digest.of(SpecificationWire.addressBytes(specification))) else {
            throw FleetError(.system, "the job's address could not be made")
        }
        let job = NewJob(
            address: address, kind: .backtest, group: JobSpecification.probe, combinationCount: tasks, maxAttempts: attempts,
            fresh: true)
        return BuiltJob(job: job, payload: SpecificationWire.bytes(specification))
    }

    /// A dry-run: one long-running unit, which finds venue and candles by itself.
    ///
    /// - Parameters:
    ///   - submission: 16 bytes that no other job has, so that the same configuration may run twice.
    ///   - name: what lists call it; nil: the strategy.
    package static func dryRun(
        _ configuration: EffectiveConfiguration, submission: [UInt8], name: String? = nil, priority: Int = 0
    ) throws(FleetError) -> BuiltJob {
        guard configuration.mode == .dryRun else {
            throw FleetError(.input, "the configuration is for mode \(configuration.mode.rawValue), not for a dry-run")
        }
        guard submission.count == 16 else {
            throw FleetError(.system, "the submission's number has \(submission.count) bytes, 16 are needed")
        }
        let specification = JobSpecification(
            kind: ExecutionMode.dryRun.rawValue, configuration: configuration.canonicalBytes, dataFolder: "", dataFiles: [],
            executable: try OwnExecutable.hash(), submission: submission)
        guard let address = JobAddress(bytes: SHA256Digest.of(SpecificationWire.addressBytes(specification))) else {
            throw FleetError(.system, "the job's address could not be made")
        }
        // Not fresh: the address is new anyway, and a submission that is sent twice is one job.
        let job = NewJob(
            address: address, kind: .dryRun, group: name ?? configuration.strategy, priority: priority,
            maxAttempts: dryRunAttempts)
        return BuiltJob(job: job, payload: SpecificationWire.bytes(specification))
    }

    /// A live job: one long-running unit of one account.
    ///
    /// - Parameters:
    ///   - confirmation: what the coordinator gave for it; it is the job's submission number.
    ///   - request: what it was tried with, and who answers for it.
    package static func live(
        _ configuration: EffectiveConfiguration, confirmation: SubmissionID, request: LiveRequest, name: String? = nil,
        priority: Int = 0
    ) throws(FleetError) -> BuiltJob {
        guard configuration.mode == .live else {
            throw FleetError(.input, "the configuration is for mode \(configuration.mode.rawValue), not for live")
        }
        let specification = JobSpecification(
            kind: ExecutionMode.live.rawValue, configuration: configuration.canonicalBytes, dataFolder: "", dataFiles: [],
            executable: try OwnExecutable.hash(), submission: confirmation.bytes, live: request.encoded)
        guard let address = JobAddress(bytes: SHA256Digest.of(SpecificationWire.addressBytes(specification))) else {
            throw FleetError(.system, "the job's address could not be made")
        }
        let job = NewJob(
            address: address, kind: .live, group: name ?? configuration.strategy, priority: priority, maxAttempts: liveAttempts)
        return BuiltJob(job: job, payload: SpecificationWire.bytes(specification))
    }

    /// The files that decide the outcome, each with its digest.
    private func manifest(_ keys: [CandleKey]) throws(FleetError) -> [JobSpecification.DataFile] {
        do throws(MarketDataError) {
            let store = try CandleStore(folder: dataFolder, exchange: exchange)
            var files: [JobSpecification.DataFile] = []
            for key in Set(keys).sorted() {
                // Asks for the candles' times only where the file is missing, for a message that names what there is.
                guard Files.exists(store.path(key)) else {
                    _ = try store.candles(key)
                    continue
                }
                files.append(.init(path: key.relativePath, sha256: try store.contentHash(key, using: hashText)))
            }
            let instruments = try store.instruments()
            for pair in Set(keys.map(\.pair)).sorted() { _ = try instruments.instrument(pair) }
            let digest = try? SHA256Digest.ofFile(store.instrumentsPath)
            files.append(.init(path: InstrumentFile.name, sha256: Hex.text(digest ?? [])))
            return files
        } catch { throw FleetError(.input, "\(error)") }
    }
}

/// SHA-256 as lowercase hexadecimal digits, the form of a job's manifest.
let hashText: CandleStore.Hash = { Hex.text(SHA256Digest.of($0)) }
