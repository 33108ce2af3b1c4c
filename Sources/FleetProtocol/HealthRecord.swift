package import Coordination

/// What a process publishes about itself, once a second or so; lossy, its sequence shows gaps.
package struct HealthRecord: Hashable, Sendable {
    package enum Role: String, CaseIterable, Hashable, Sendable {
        case coordinator, worker, monitor
    }
    package struct Metric: Hashable, Sendable {
        package var name: String
        package var value: Double
        package init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }
    package var role: Role
    package var name: String
    package var session: SessionID
    package var processID: Int32
    /// Counts the records of a session from 1.
    package var sequence: UInt64
    package var wallMilliseconds: Int64
    package var uptimeMilliseconds: UInt64
    package var cpuNanoseconds: UInt64
    package var residentBytes: UInt64
    /// The jobs that it works on.
    package var jobs: [JobID]
    package var metrics: [Metric]

    package init(
        role: Role, name: String, session: SessionID, processID: Int32, sequence: UInt64, wallMilliseconds: Int64,
        uptimeMilliseconds: UInt64, cpuNanoseconds: UInt64, residentBytes: UInt64, jobs: [JobID] = [], metrics: [Metric] = []
    ) {
        self.role = role
        self.name = name
        self.session = session
        self.processID = processID
        self.sequence = sequence
        self.wallMilliseconds = wallMilliseconds
        self.uptimeMilliseconds = uptimeMilliseconds
        self.cpuNanoseconds = cpuNanoseconds
        self.residentBytes = residentBytes
        self.jobs = jobs
        self.metrics = metrics
    }
}
