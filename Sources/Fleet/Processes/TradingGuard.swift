package import Halt
internal import Synchronization
internal import Transport

/// What a trading job and the guard of its worker tell each other, on whichever threads they are.
package final class TradingGuard: Sendable {
    /// What a job is told; called on the guard's thread, so that it must not wait.
    package enum Order: Hashable, Sendable {
        /// The gate was set anew: read it.
        case gate
        /// Cancel every working order, then call `exchangeRead`.
        case cancelOrders(HaltAction)
    }

    private struct State {
        var gate = OrderGate.halted
        var subject = HaltSubject.idle
        /// What was ordered to be canceled and not yet answered.
        var action: HaltAction?
        var job: (@Sendable (Order) -> Void)?
        var report: (@Sendable (Report) -> Void)?
    }

    /// What the guard loop is told.
    enum Report: Hashable, Sendable {
        case subject(HaltSubject)
        case exchangeRead(AckStage)
    }

    private let state = Mutex(State())

    package init() {}

    // MARK: - The job's side

    /// What the gate lets through now, by the boot clock: to be read before every order.
    package var mode: MemberRestriction.Mode { gate.mode(at: now) }

    /// The order gate with its ends: of a live worker that of the shortest trading lease.
    package var gate: OrderGate { state.withLock { $0.gate } }

    /// The boot clock, by which gates are read.
    package var now: BootInstant { BootInstant(nanoseconds: MonotonicClock.now()) }

    /// A job begins. What stands against it from now on, beside what stops everything, is told by the gate.
    package func begin(_ subject: HaltSubject, _ listener: @escaping @Sendable (Order) -> Void) {
        let (report, action) = state.withLock { state in
            state.subject = subject
            state.job = listener
            return (state.report, state.action)
        }
        report?(.subject(subject))
        if let action { listener(.cancelOrders(action)) }
    }

    /// The job is over.
    package func end() {
        let report = state.withLock { state in
            state.subject = .idle
            state.job = nil
            return state.report
        }
        report?(.subject(.idle))
    }

    /// What is left after `cancelOrders`.
    package func exchangeRead(_ stage: AckStage) {
        let report = state.withLock { state in
            state.action = nil
            return state.report
        }
        report?(.exchangeRead(stage))
    }

    // MARK: - The guard's side

    func set(_ gate: OrderGate) {
        let job = state.withLock { state in
            state.gate = gate
            return state.job
        }
        job?(.gate)
    }

    /// Without a job there is nothing to cancel and nothing to close.
    func cancelOrders(_ action: HaltAction) {
        let (job, report) = state.withLock { state in
            if state.job != nil { state.action = action }
            return (state.job, state.report)
        }
        if let job { job(.cancelOrders(action)) } else { report?(.exchangeRead(.flat(remaining: []))) }
    }

    func connect(_ report: @escaping @Sendable (Report) -> Void) {
        let subject = state.withLock { state in
            state.report = report
            return state.subject
        }
        if subject != .idle { report(.subject(subject)) }
    }
}
