internal import COperatingSystem
package import Coordination
internal import Glibc
internal import Synchronization
internal import Transport

/// Does the work of one unit. Called on the executor's thread, one unit at a time; never on a socket loop.
package protocol UnitRunner: Sendable {
    /// Runs the unit to its end, or until `control` says stop, and returns its outcome with the result's bytes (empty unless
    /// it succeeded). Does not throw: whatever goes wrong is a `UnitFailure` with a code and a sentence.
    func run(_ assignment: Assignment, payload: [UInt8], control: UnitControl) -> (UnitOutcome, [UInt8])
}

/// What a running unit and its worker tell each other.
package final class UnitControl: Sendable {
    private let stopRequested = Atomic<Bool>(false)
    /// An eventfd while the unit waits; most units never do, so that none is made for them.
    private let wake = Mutex<Int32?>(nil)
    private let report: @Sendable (UnitProgress) -> Void

    package init(report: @escaping @Sendable (UnitProgress) -> Void) { self.report = report }

    /// Whether the unit shall end as soon as it can.
    package var shouldStop: Bool { stopRequested.load(ordering: .relaxed) }

    /// Asks for the end.
    package func stop() {
        stopRequested.store(true, ordering: .relaxed)
        wake.withLock { descriptor in
            guard let descriptor else { return }
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
    }

    /// Waits for `duration` by the boot clock, or until the end is asked for, whichever comes first. True: the time is over, which
    /// counts also where the process was stopped meanwhile and was asked to end after that. Called by the unit's own thread.
    package func wait(for duration: Duration) throws(FleetError) -> Bool {
        let deadline = MonotonicClock.now() + duration.wholeNanoseconds
        let descriptor = csystem_eventfd()
        guard descriptor >= 0 else { throw Files.failure("cannot make", "an eventfd") }
        wake.withLock { $0 = descriptor }
        defer {
            wake.withLock { $0 = nil }
            close(descriptor)
        }
        while true {
            let rest = deadline - MonotonicClock.now()
            if rest <= 0 { return true }
            if shouldStop { return false }
            var waits = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            _ = poll(&waits, 1, Int32(clamping: (rest + 999_999) / 1_000_000))
        }
    }

    /// Tells how far the unit is; call it a few times a second at most.
    package func progress(done: UInt64, total: UInt64) { report(UnitProgress(done: done, total: total)) }
}
