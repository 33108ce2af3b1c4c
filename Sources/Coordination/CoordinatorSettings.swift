/// What a coordinator is set to.
package struct CoordinatorSettings: Hashable, Sendable {
    package var heartbeatInterval: Duration = .seconds(1)
    /// A worker that was silent for longer is lost: its backtests and dry-runs go to others.
    package var workerLease: Duration = .seconds(10)
    /// The holder of a live job that was silent for longer has lost the right to trade.
    package var liveLease: Duration = .seconds(60)
    /// How much longer than the lease, in percent, a live job waits before another may have it: for clocks that differ in pace.
    package var regrantMarginPercent = 10
    /// The wait before the second attempt; it doubles with every further one.
    package var backOff: Duration = .seconds(1)
    package var maxBackOff: Duration = .seconds(60)
    /// An assignment that a worker does not mention in its heartbeats for so long is sent again.
    package var resendInterval: Duration = .seconds(3)
    /// For so long after its back-off a unit whose candles were missing on one worker waits for another.
    package var reservationTime: Duration = .seconds(5)
    /// A job with so many failed units is given up.
    package var maxFailedUnits: UInt64 = 100
    package var maxQueuedJobs = 1_000_000
    package var maxJobsPerSubmission = 100_000
    package var maxWorkers = 10_000
    /// Whether live jobs are dispatched, and their holders' leases renewed.
    package var liveEnabled = true
    /// The executable that workers must be; nil: any.
    package var executable: ExecutableHash?

    package init() {}

    /// From the last sign of life of a live job's holder until another may have the job.
    var regrantDelay: Duration { liveLease + liveLease * regrantMarginPercent / 100 }

    /// The wait after so many counted attempts.
    func backOff(afterAttempts attempts: Int) -> Duration {
        var wait = backOff
        for _ in 1..<max(1, attempts) {
            if wait >= maxBackOff { break }
            wait *= 2
        }
        return min(wait, maxBackOff)
    }
}

/// What the shell must now do. It commits all changes of a batch in one transaction, and only then sends, replies and
/// publishes what the batch asked for; when the commit fails, it does none of that and ends the process.
package enum CoordinatorDirective: Hashable, Sendable {
    case persist(StoreChange)
    case send(PeerID, CoordinatorToWorker)
    /// Send what the store has of this grant's job from this number on as `storedRecords`: at most `RecordBatch.recordLimit` records, and none more once
    /// they have `RecordBatch.batchBytes`.
    case sendRecords(PeerID, Grant, from: UInt64)
    case reply(PeerID, RequestID, Reply)
    case publish(JobEvent)
}

/// The state of a coordinator, for display.
package struct CoordinatorSnapshot: Hashable, Sendable {
    package struct Worker: Hashable, Sendable {
        package var id: WorkerID
        package var session: SessionID
        package var workerClass: WorkerClass
        package var capacity: Int
        package var unitsHeld: Int
        package var isConnected: Bool
        package var isHalted: Bool
        package var isDraining: Bool
        /// It has been silent for longer than its lease.
        package var isSilent: Bool
        package var executableMatches: Bool
        package var sinceLastHeard: Duration
        package var health: WorkerHealth
    }
    package var incarnation: UInt64
    /// Of the last event that was published.
    package var eventSequence: UInt64
    /// Why nothing is dispatched; nil: no hold.
    package var holdReason: String?
    package var isDraining: Bool
    /// Jobs that are not finished, by state.
    package var jobCounts: [JobState: Int]
    package var unitsOut: Int
    package var workers: [Worker]
}

/// How far a job is.
package struct JobProgress: Hashable, Sendable {
    package var state: JobState
    package var unitCount: UInt64
    package var completedUnits: UInt64
    package var failedUnits: UInt64
    package var unitsOut: Int
}
