/// The kinds of failures that are told apart when it comes to what is done about them.
package enum FailureClass: String, Hashable, Sendable, CaseIterable {
    /// A configuration or a file that it names cannot be used.
    case configuration
    /// Something happened that no rule allows.
    case safety
    /// The machine, the network, the venue: it may work another time.
    case execution
    /// Nobody foresaw it.
    case unknown
}

/// What is done about a failure.
package enum RecoveryAction: Hashable, Sendable {
    /// After so many milliseconds: read what was at fault again, and build everything anew from it.
    case reloadAndRebuild(after: Int64)
    /// Give up at once; nothing of it goes on before a person has looked.
    case stop
    /// Begin again after so many milliseconds.
    case restart(after: Int64)
    /// Close the gate, cancel what works at the venue, give up.
    case emergencyStop
}

/// What to do about one failure, and how loud to be.
package struct RecoveryStep: Hashable, Sendable {
    package var action: RecoveryAction
    package var severity: AlertSeverity
    package var kind: Alert.Kind
    /// The action as people read it.
    package var text: String
}

/// The recovery table: for each class of failures what is done, as a value.
///
/// | failure | action | alert |
/// |---|---|---|
/// | configuration | reload and rebuild; after `reloads` times stop | warning, then error |
/// | safety violation | stop | critical |
/// | execution failure | restart with growing pauses; after `restarts` times stop | error |
/// | unknown | emergency stop | critical |
package struct RecoveryTable: Hashable, Sendable {
    /// How often what was at fault is read again, and how often something is begun again, before it is given up.
    package var reloads = 3
    package var restarts = 100
    /// Milliseconds before the first repetition; they double up to the most.
    package var firstPause: Int64 = 1000
    package var longestPause: Int64 = 60_000

    package init() {}

    /// What to do about a failure.
    ///
    /// - Parameter earlier: how many failures of the same class came right before it.
    package func step(_ failure: FailureClass, earlier: Int) -> RecoveryStep {
        switch failure {
        case .configuration where earlier < reloads:
            let wait = pause(earlier)
            return RecoveryStep(
                action: .reloadAndRebuild(after: wait), severity: .warning, kind: .configuration,
                text: "it is read again in \(Self.text(wait))")
        case .configuration:
            return RecoveryStep(
                action: .stop, severity: .error, kind: .jobFailed, text: "the job is given up: correct it and submit again")
        case .safety:
            return RecoveryStep(
                action: .stop, severity: .critical, kind: .safetyViolation,
                text: "it is stopped and not tried again: find out how this could happen")
        case .execution where earlier < restarts:
            let wait = pause(earlier)
            return RecoveryStep(
                action: .restart(after: wait), severity: .error, kind: .jobFailed, text: "it is begun again with growing pauses")
        case .execution:
            return RecoveryStep(
                action: .stop, severity: .critical, kind: .jobFailed, text: "it is given up after \(restarts) restarts")
        case .unknown:
            return RecoveryStep(
                action: .emergencyStop, severity: .critical, kind: .emergencyStop,
                text: "everything of it is stopped; tell the developers")
        }
    }

    /// Before repetition `earlier + 1`.
    package func pause(_ earlier: Int) -> Int64 {
        let first = max(firstPause, 0)
        guard earlier > 0 else { return min(first, longestPause) }
        let (doubled, overflow) = first.multipliedReportingOverflow(by: 1 << Int64(min(earlier, 40)))
        return overflow ? longestPause : min(doubled, longestPause)
    }

    private static func text(_ milliseconds: Int64) -> String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }
}
