package import Coordination
internal import Synchronization

/// Does the work of one unit. Called on the executor's thread, one unit at a time; never on a socket loop.
package protocol UnitRunner: Sendable {
    /// Runs the unit to its end, or until `control` says stop, and returns its outcome with the result's bytes (empty unless
    /// it succeeded). Does not throw: whatever goes wrong is a `UnitFailure` with a code and a sentence.
    func run(_ assignment: Assignment, payload: [UInt8], control: UnitControl) -> (UnitOutcome, [UInt8])
}

/// What a running unit and its worker tell each other.
package final class UnitControl: Sendable {
    private let stopRequested = Atomic<Bool>(false)
    private let report: @Sendable (UnitProgress) -> Void

    package init(report: @escaping @Sendable (UnitProgress) -> Void) { self.report = report }

    /// Whether the unit shall end as soon as it can.
    package var shouldStop: Bool { stopRequested.load(ordering: .relaxed) }

    /// Asks for the end.
    package func stop() { stopRequested.store(true, ordering: .relaxed) }

    /// Tells how far the unit is; call it a few times a second at most.
    package func progress(done: UInt64, total: UInt64) { report(UnitProgress(done: done, total: total)) }
}
