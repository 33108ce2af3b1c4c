/// What a job is, as it travels and is stored beside it: everything that decides its outcome. The digest of its encoding is the
/// job's address, so that the object which was validated is the object that runs.
package struct JobSpecification: Hashable, Sendable {
    /// A candle or instrument file of the job and the SHA-256 of its content.
    package struct DataFile: Hashable, Sendable {
        /// The path below the data folder, `BTC_USDT-5m.feather`.
        package var path: String
        /// 64 lowercase hexadecimal digits.
        package var sha256: String
        package init(path: String, sha256: String) {
            self.path = path
            self.sha256 = sha256
        }
    }

    /// The version of this structure's meaning.
    package static let currentFormat: UInt32 = 1

    /// The kind of a fleet's self-test: units that wait and say when and where they did.
    package static let probe = "probe"

    package var format: UInt32
    /// `backtest`, `dry-run`, `live` or `probe`.
    package var kind: String
    /// `native`: the engine of this program.
    package var engine: String
    /// The effective configuration as canonical JSON, without secrets.
    package var configuration: [UInt8]
    /// A sweep's definition as canonical JSON; empty: a single run.
    package var sweep: [UInt8]
    /// The folder that the candles were found in on the submitting machine: a hint, not part of the address.
    package var dataFolder: String
    /// Sorted by path.
    package var dataFiles: [DataFile]
    package var seed: UInt64
    /// The SHA-256 of the executable that is to run it, 32 bytes.
    package var executable: [UInt8]
    /// 16 bytes for dry-run and live jobs and probes, so that each submission is a job of its own; empty for backtests.
    /// Of a live job the confirmation that the coordinator gave for it, which counts once.
    package var submission: [UInt8]
    /// What a live job's submission says of itself (`LiveRequest`); empty for other kinds.
    package var live: [UInt8]
    /// What the coordinator found when it accepted a live job (`LiveAdmission`): it alone writes this, and it is no part of the address.
    package var admission: [UInt8]

    package init(
        format: UInt32 = currentFormat, kind: String, engine: String = "native", configuration: [UInt8], sweep: [UInt8] = [],
        dataFolder: String, dataFiles: [DataFile], seed: UInt64 = 0, executable: [UInt8], submission: [UInt8] = [],
        live: [UInt8] = [], admission: [UInt8] = []
    ) {
        self.format = format
        self.kind = kind
        self.engine = engine
        self.configuration = configuration
        self.sweep = sweep
        self.dataFolder = dataFolder
        self.dataFiles = dataFiles.sorted { $0.path < $1.path }
        self.seed = seed
        self.executable = executable
        self.submission = submission
        self.live = live
        self.admission = admission
    }
}
