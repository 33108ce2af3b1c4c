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

/// What a worker asks of a long-running unit while it runs.
package enum UnitSignal: Hashable, Sendable {
    /// It shall end as soon as it can.
    case stop
    /// Answer with `UnitControl.records`: those of its journal from this number on, none where there are none.
    case sendRecords(from: UInt64)
    /// The coordinator's store has its records up to this one. More than the journal has: the journal is not the newest one.
    case recordsKept(upTo: UInt64)
    /// A named person forgives what opened the circuit breaker of its account.
    case resetBreaker(by: String, reason: String)
}

/// What a running unit and its worker tell each other.
package final class UnitControl: Sendable {
    private enum Listener {
        case missing([UnitSignal])
        case set(@Sendable (UnitSignal) -> Void)
    }

    private let listener = Mutex(Listener.missing([]))
    private let reportRecords: @Sendable (UInt64, [[UInt8]]) -> Void
    private let reportWritten: @Sendable (UInt64) -> Void
    let reportWanted: @Sendable (UInt64) -> Void
    /// The question for stored records that waits for its answer.
    let question = Mutex<RecordQuestion?>(nil)
    private let changed = Mutex<(@Sendable () -> Void)?>(nil)
    private let stopRequested = Atomic<Bool>(false)
    /// An eventfd while the unit waits; most units never do, so that none is made for them.
    private let wake = Mutex<Int32?>(nil)
    private let report: @Sendable (UnitProgress) -> Void

    package init(
        report: @escaping @Sendable (UnitProgress) -> Void,
        records: @escaping @Sendable (UInt64, [[UInt8]]) -> Void = { _, _ in },
        written: @escaping @Sendable (UInt64) -> Void = { _ in }, wanted: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) {
        self.report = report
        reportRecords = records
        reportWritten = written
        reportWanted = wanted
    }

    /// Until when the coordinator lets this process hold the unit, nanoseconds of the boot clock. Only live jobs have such an end.
    private let holdingEnd = Atomic<Int64>(.max)
    private let replaced = Atomic<Bool>(false)

    /// The end of the lease of a live job; it moves on while the coordinator is heard.
    package var leaseEnd: Int64 { holdingEnd.load(ordering: .acquiring) }
    /// Somebody else has the unit, or it was taken back.
    package var isReplaced: Bool { replaced.load(ordering: .acquiring) }

    private let limits = Mutex(UnitBudget.none)

    /// What a live job may use of the limits of all accounts together; told anew while the coordinator is heard.
    package var budget: UnitBudget { limits.withLock { $0 } }

    func setBudget(_ budget: UnitBudget) {
        limits.withLock { $0 = budget }
        tellChange()
    }

    /// Called, on the worker's thread, when the budget changes or the end is asked for; nil: nobody waits for that any more.
    package func onChange(_ body: (@Sendable () -> Void)?) { changed.withLock { $0 = body } }

    private func tellChange() { changed.withLock { $0 }?() }

    func extendLease(until nanoseconds: Int64) { holdingEnd.store(nanoseconds, ordering: .releasing) }
    func noteReplaced() { replaced.store(true, ordering: .releasing) }

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
        tell(.stop)
        tellChange()
        endQuestion()
    }

    // MARK: - Long-running units

    /// Hands everything that the worker asks for to `listener`, beginning with what it asked for before; called on the worker's thread, so
    /// that it must not wait.
    package func listen(_ listener: @escaping @Sendable (UnitSignal) -> Void) {
        let early: [UnitSignal] = self.listener.withLock { state in
            defer { state = .set(listener) }
            if case .missing(let signals) = state { return signals } else { return [] }
        }
        for signal in early { listener(signal) }
    }

    func sendRecords(from first: UInt64) { tell(.sendRecords(from: first)) }
    func recordsKept(upTo count: UInt64) { tell(.recordsKept(upTo: count)) }
    func resetBreaker(by person: String, reason: String) { tell(.resetBreaker(by: person, reason: reason)) }

    private func tell(_ signal: UnitSignal) {
        let listener: (@Sendable (UnitSignal) -> Void)? = listener.withLock { state in
            switch state {
            case .set(let listener): return listener
            case .missing(let signals):
                // Backtests never listen: of them nothing but the end is asked.
                state = .missing(signals.suffix(15) + [signal])
                return nil
            }
        }
        listener?(signal)
    }

    /// The unit's journal has so many records now. To be called once it is open, and after each commit.
    package func recordsWritten(upTo count: UInt64) { reportWritten(count) }

    /// What `UnitSignal.sendRecords` asked for.
    package func records(from first: UInt64, _ records: [[UInt8]]) { reportRecords(first, records) }

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
