package import Coordination

/// One line of a job list.
package struct JobSummary: Hashable, Sendable {
    package var record: JobRecord
    /// Wall time of the last change of its state.
    package var changedAtMilliseconds: Int64
    /// Units with a recorded result.
    package var completedUnits: UInt64
    /// Units that failed for good.
    package var failedUnits: UInt64
    package init(record: JobRecord, changedAtMilliseconds: Int64, completedUnits: UInt64, failedUnits: UInt64) {
        self.record = record
        self.changedAtMilliseconds = changedAtMilliseconds
        self.completedUnits = completedUnits
        self.failedUnits = failedUnits
    }
}

/// Everything about a job except its payload and results.
package struct JobDetail: Hashable, Sendable {
    package var summary: JobSummary
    /// Units that are out with workers.
    package var dispatchedUnits: UInt64
    /// Units that wait again after a failed or returned attempt.
    package var pendingUnits: UInt64
    /// Oldest first.
    package var log: [StateLogEntry]
    /// In the order of their tokens; where there are more than asked for, the newest.
    package var attempts: [AttemptRecord]
    package init(
        summary: JobSummary, dispatchedUnits: UInt64, pendingUnits: UInt64, log: [StateLogEntry], attempts: [AttemptRecord]
    ) {
        self.summary = summary
        self.dispatchedUnits = dispatchedUnits
        self.pendingUnits = pendingUnits
        self.log = log
        self.attempts = attempts
    }
}

/// A state that a job was in from that time on.
package struct StateLogEntry: Hashable, Sendable {
    package var state: JobState
    package var reason: StateReason
    package var wallMilliseconds: Int64
    package init(state: JobState, reason: StateReason, wallMilliseconds: Int64) {
        self.state = state
        self.reason = reason
        self.wallMilliseconds = wallMilliseconds
    }
}

/// One grant of a unit and what became of it.
package struct AttemptRecord: Hashable, Sendable {
    package enum Ending: Hashable, Sendable {
        /// It is still out.
        case out
        case finished(UnitOutcome)
        /// Closed without a result; the unit waited again.
        case requeued(StateReason)
    }
    package var dispatch: UnitDispatch
    package var ending: Ending
    /// nil: it is still out.
    package var endedAtMilliseconds: Int64?
    package init(dispatch: UnitDispatch, ending: Ending, endedAtMilliseconds: Int64? = nil) {
        self.dispatch = dispatch
        self.ending = ending
        self.endedAtMilliseconds = endedAtMilliseconds
    }
}

/// A result as it was recorded.
package struct UnitResult: Hashable, Sendable {
    package var unit: UInt64
    package var bytes: [UInt8]
    package init(unit: UInt64, bytes: [UInt8]) {
        self.unit = unit
        self.bytes = bytes
    }
}

/// A refused report and when it came.
package struct StoredLateReport: Hashable, Sendable {
    package var report: LateReport
    package var wallMilliseconds: Int64
    package init(report: LateReport, wallMilliseconds: Int64) {
        self.report = report
        self.wallMilliseconds = wallMilliseconds
    }
}
