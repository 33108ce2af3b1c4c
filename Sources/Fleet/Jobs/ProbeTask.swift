internal import Coordination
internal import Glibc

/// Runs a probe's tasks in a worker: each waits, and leaves a line at its start and at its end below the worker's home.
struct ProbeTask {
    /// A probe's file may not become larger: whoever may submit jobs shall not be able to fill the disk by this way.
    private static let fileLimit = 16 << 20

    /// The folder of the lines.
    let folder: String
    /// The worker's name.
    let worker: String
    let wallClock: @Sendable () -> Int64

    /// Waits and returns the result; nil: it was asked to stop before.
    func run(
        _ assignment: Assignment, _ configuration: ProbeConfiguration, submission: [UInt8], control: UnitControl
    ) throws(FleetError) -> ProbeResult? {
        try Files.makeFolder(folder)
        let path = ProbeConfiguration.file(of: assignment.grant.unit.job.rawValue, submission: submission, in: folder)
        let start = wallClock()
        try note(.start, start, assignment, path)
        let isOver = try control.wait(for: configuration.duration)
        let end = wallClock()
        try note(isOver ? .end : .stop, end, assignment, path)
        guard isOver else { return nil }
        return ProbeResult(
            unit: assignment.grant.unit.index, attempt: assignment.attempt, token: assignment.grant.token.description,
            worker: worker, processID: getpid(), startedAtMilliseconds: start, endedAtMilliseconds: end)
    }

    private func note(
        _ event: ProbeLine.Event, _ time: Int64, _ assignment: Assignment, _ path: String
    ) throws(FleetError) {
        let line = ProbeLine(
            event, unit: assignment.grant.unit.index, attempt: assignment.attempt, token: assignment.grant.token.description,
            worker: worker, processID: getpid(), milliseconds: time)
        try Files.append(line.encoded, to: path, limit: Self.fileLimit)
    }
}
