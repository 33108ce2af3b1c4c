/// Upper limits of everything that is decoded. Encoders cut texts to them; of everything else their callers send no more.
package enum ProtocolLimits {
    /// Bytes of a message between coordinator, workers and clients.
    package static let frameBytes = 64 << 20
    /// Bytes of a message between monitors, members and operators: a signed grant and little more.
    package static let guardFrameBytes = 1 << 20
    /// Bytes of a published health record.
    package static let telemetryFrameBytes = 256 << 10
    /// Fields directly in one message, repeated ones counted one by one: bounds the memory that small bytes can ask for.
    package static let fieldsPerMessage = 100_000
    /// UTF-8 bytes of a name: worker, group, operator, supervisor, strategy.
    package static let nameBytes = 256
    /// UTF-8 bytes of a text for people.
    package static let textBytes = 8_192
    /// Bytes of a job's payload.
    package static let payloadBytes = 4 << 20
    /// Bytes of a unit's result.
    package static let resultBytes = 32 << 20
    /// Jobs of one submission, lines of one list, states and kinds of a filter.
    package static let jobs = 50_000
    /// Grants, assignments and tokens of one message.
    package static let grants = 16_384
    /// Workers of a status, members of a monitor's answer.
    package static let members = 20_000
    /// Lines of a job's log, attempts of a job.
    package static let lines = 50_000
    /// Results of one answer.
    package static let results = 50_000
    /// Orders or positions that remain after a stop.
    package static let remainders = 5_000
    /// Entries that a re-arm names.
    package static let entries = 5_000
    /// Metrics of a health record, jobs of it.
    package static let metrics = 2_000
    /// Units of one worker: `WorkerHello.capacity`.
    package static let capacity = 1_024
    /// Combinations of a job: 2^62, so that no sum of two of them overflows.
    package static let combinations: UInt64 = 1 << 62
    /// A duration on the wire: about 31 years in nanoseconds.
    package static let nanoseconds: UInt64 = 1_000_000_000_000_000_000
    /// Data files of a job.
    package static let dataFiles = 20_000
    /// UTF-8 bytes of a path.
    package static let pathBytes = 1_024
}
