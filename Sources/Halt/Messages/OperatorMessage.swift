/// What the command line (or a dashboard) sends to a monitor.
package enum OperatorMessage: Hashable, Sendable {
    case stop(StopRequest)
    case rearm(RearmRequest)
    case status(HaltStatusRequest)
    /// How far a stop or re-arm that was asked for has come.
    case progress(HaltRequestID)
    /// The process of a member is no more.
    case memberDied(MemberDeath)
}

/// Tells that one run of a member's process has ended, so that no stop waits for it. Nothing is said of any other run of the name.
package struct MemberDeath: Hashable, Sendable {
    package var request: HaltRequestID
    package var run: MemberRun
    /// Whoever spawned the process has waited for it (`waitpid`); else a person states it.
    package var witnessed: Bool
    /// How it is known.
    package var reason: String
    /// Who says so.
    package var `operator`: String

    package init(request: HaltRequestID, run: MemberRun, witnessed: Bool, reason: String, operator: String) {
        self.request = request
        self.run = run
        self.witnessed = witnessed
        self.reason = reason
        self.operator = `operator`
    }
}

/// Asks for a stop. Always granted to whoever has the right to stop.
package struct StopRequest: Hashable, Sendable {
    package var request: HaltRequestID
    package var scope: HaltScope
    package var action: HaltAction
    package var reason: String
    package var `operator`: String

    package init(request: HaltRequestID, scope: HaltScope, action: HaltAction, reason: String, operator: String) {
        self.request = request
        self.scope = scope
        self.action = action
        self.reason = reason
        self.operator = `operator`
    }
}

/// Asks to lift stops. Refused unless it names this monitor and its epoch exactly.
package struct RearmRequest: Hashable, Sendable {
    /// What is lifted.
    package enum Selection: Hashable, Sendable {
        /// Every entry; also lifts what members hold because of a `HALT` file.
        case all
        /// These entries only.
        case entries([UInt64])
    }

    package var request: HaltRequestID
    package var monitor: MonitorID
    package var epoch: HaltEpoch
    package var selection: Selection
    package var reason: String
    package var `operator`: String

    package init(
        request: HaltRequestID, monitor: MonitorID, epoch: HaltEpoch, selection: Selection, reason: String, operator: String
    ) {
        self.request = request
        self.monitor = monitor
        self.epoch = epoch
        self.selection = selection
        self.reason = reason
        self.operator = `operator`
    }
}

/// Asks what the monitor knows.
package struct HaltStatusRequest: Hashable, Sendable {
    package var request: HaltRequestID
    package init(request: HaltRequestID) { self.request = request }
}
