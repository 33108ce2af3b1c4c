/// What the command line (or a dashboard) sends to a monitor.
package enum OperatorMessage: Hashable, Sendable {
    case stop(StopRequest)
    case rearm(RearmRequest)
    case status(HaltStatusRequest)
    /// How far a stop or re-arm that was asked for has come.
    case progress(HaltRequestID)
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
