/// What a job does, which is also the class of worker that may run it.
package enum JobKind: String, CaseIterable, Hashable, Sendable {
    case backtest
    case dryRun
    case live
}

/// A worker runs jobs of its own class only. The same three words as for jobs.
package typealias WorkerClass = JobKind

/// A job as a client submits it. Its payload (strategy, configuration, data manifest) travels beside it and is never
/// seen by an instance.
package struct NewJob: Hashable, Sendable {
    package var address: JobAddress
    package var kind: JobKind
    /// The fair-share key: groups of equal priority get workers in turn.
    package var group: String
    /// -100...100; higher goes first.
    package var priority: Int
    /// How many parameter combinations the job covers: 1 for a single run.
    package var combinationCount: UInt64
    /// How many combinations one unit covers (the last one fewer); at least 1.
    package var sliceSize: UInt64
    /// How often one unit may be attempted: 1...100.
    package var maxAttempts: Int
    /// Run it although the store has a result for this address.
    package var fresh: Bool
    /// How many bytes of memory one unit is expected to need; nil: not known.
    package var memoryEstimate: UInt64?
    /// Wall time in milliseconds after which the job is not worth starting; nil: it waits for as long as it takes.
    package var expiresAtMilliseconds: Int64?

    package init(
        address: JobAddress, kind: JobKind, group: String, priority: Int = 0, combinationCount: UInt64 = 1,
        sliceSize: UInt64 = 1, maxAttempts: Int = 3, fresh: Bool = false, memoryEstimate: UInt64? = nil,
        expiresAtMilliseconds: Int64? = nil
    ) {
        self.address = address
        self.kind = kind
        self.group = group
        self.priority = priority
        self.combinationCount = combinationCount
        self.sliceSize = sliceSize
        self.maxAttempts = maxAttempts
        self.fresh = fresh
        self.memoryEstimate = memoryEstimate
        self.expiresAtMilliseconds = expiresAtMilliseconds
    }

    /// How many units the job has: combinations divided by the slice size, rounded up. 0 only for an invalid job.
    package var unitCount: UInt64 {
        guard sliceSize > 0 else { return 0 }
        return combinationCount / sliceSize + (combinationCount % sliceSize == 0 ? 0 : 1)
    }

    /// The combinations of one unit. The index must be below `unitCount`.
    package func combinations(ofUnit index: UInt64) -> Range<UInt64> {
        precondition(index < unitCount, "unit \(index) of a job with \(unitCount) units")
        let start = index * sliceSize
        return start..<start + min(sliceSize, combinationCount - start)
    }
}

/// Why a unit failed.
package enum FailureCode: String, CaseIterable, Hashable, Sendable {
    /// The job's configuration is wrong.
    case badConfiguration
    /// The executable has no strategy of that name.
    case unknownStrategy
    /// The payload does not have the job's address.
    case addressMismatch
    /// The strategy reported an error; the same input gives the same error again.
    case strategyError
    /// The process was killed for its memory, or would have been.
    case outOfMemory
    /// Candles or instruments that the job names are not on this worker.
    case dataMissing
    /// The worker process or its executor died at work.
    case workerDied
    /// The worker has not been heard of for longer than its lease.
    case workerLost
    /// The worker's own fault: disk full, a file that cannot be read, an unexpected error.
    case internalError

    /// How a failure goes on.
    package enum Remedy: Hashable, Sendable {
        /// Another attempt may succeed, within the job's limit.
        case tryAgain
        /// This unit fails for good; other units of the job go on.
        case giveUpUnit
        /// No unit of the job can succeed: the whole job fails.
        case giveUpJob
    }

    package var remedy: Remedy {
        switch self {
        case .badConfiguration, .unknownStrategy, .addressMismatch: .giveUpJob
        case .strategyError, .outOfMemory: .giveUpUnit
        case .dataMissing, .workerDied, .workerLost, .internalError: .tryAgain
        }
    }
}

/// A failure with its explanation for people.
package struct UnitFailure: Hashable, Sendable {
    package var code: FailureCode
    package var message: String
    package init(code: FailureCode, message: String) {
        self.code = code
        self.message = message
    }
}

/// How a unit ended at a worker. A result's bytes travel beside it.
package enum UnitOutcome: Hashable, Sendable {
    case succeeded
    case failed(UnitFailure)
    /// The worker stopped it because it was told to cancel.
    case canceled
}

/// Why a job's state changed, for people and for the log.
package struct StateReason: Hashable, Sendable {
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case accepted, dispatched, started, completed, retried, canceledByClient, cancelConfirmed, held, drained, refused
        case attemptFailed, attemptsUsedUp, unitFailed, tooManyFailedUnits, workerLost, workerDied, leaseExpired
        case holderReturned, declaredDead, expired
    }
    package var code: Code
    /// Empty where the code says everything.
    package var message: String
    package init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }
}
