package import Halt

/// What one monitor has answered to a stop or a re-arm.
package struct MonitorAnswer: Sendable {
    package var monitor: String
    /// Its last report; nil: it never answered.
    package var progress: HaltProgress?
    /// Why it did not do it; nil: it did not refuse.
    package var failure: FleetError?
    /// What needs no progress was done.
    package var isDone = false

    package init(monitor: String, progress: HaltProgress? = nil, failure: FleetError? = nil) {
        self.monitor = monitor
        self.progress = progress
        self.failure = failure
    }
}

/// The answers of all monitors to one request, each kept for itself.
struct MonitorAnswers {
    private var answers: [String: MonitorAnswer] = [:]
    private var enough: Set<String> = []
    private let monitors: [String]

    /// - Parameter unreachable: monitors that cannot even be asked, and why.
    init(_ monitors: [String], unreachable: [String: FleetError] = [:]) {
        self.monitors = monitors
        for monitor in monitors { answers[monitor] = MonitorAnswer(monitor: monitor, failure: unreachable[monitor]) }
    }

    /// In the order in which the monitors were named.
    var list: [MonitorAnswer] { monitors.compactMap { answers[$0] } }

    /// More is wanted of this monitor.
    func isOpen(_ monitor: String) -> Bool { !enough.contains(monitor) && answers[monitor]?.failure == nil }

    /// Every monitor has done it or refused.
    var isSettled: Bool { !monitors.contains(where: isOpen) }

    /// Its door is closed to this key, or it said no.
    mutating func refuse(_ monitor: String, _ failure: FleetError) { answers[monitor]?.failure = failure }

    /// - Parameter isEnough: nothing more is wanted of this monitor.
    mutating func take(_ reply: OperatorReply, of monitor: String, isEnough: Bool) {
        switch reply {
        case .progress(let progress):
            answers[monitor]?.progress = progress
            answers[monitor]?.failure = nil
        case .refused(let refusal): refuse(monitor, FleetError(.refused, refusal.message))
        case .status: answers[monitor]?.failure = nil
        case .done:
            answers[monitor]?.failure = nil
            answers[monitor]?.isDone = true
        }
        if isEnough { enough.insert(monitor) } else { enough.remove(monitor) }
    }
}
