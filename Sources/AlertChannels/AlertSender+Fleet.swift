package import Alerts
package import Coordination

// What happens in a fleet as alerts.

extension FailureClass {
    /// What a unit's failure is: what is done about it follows from the recovery table.
    package init(_ code: FailureCode) {
        self =
            switch code {
            case .badConfiguration, .unknownStrategy: .configuration
            // What runs would not be what was submitted.
            case .addressMismatch: .safety
            case .outOfMemory, .dataMissing, .workerDied, .workerLost, .internalError: .execution
            case .strategyError: .unknown
            }
    }
}

extension AlertSender {
    /// A unit of a trading job failed. Whoever tells it has carried out, or leaves to the coordinator, what the table says.
    ///
    /// - Parameter earlier: failures of the same class right before it.
    package func failed(_ failure: UnitFailure, job: JobID, table: RecoveryTable, earlier: Int) {
        let step = table.step(FailureClass(failure.code), earlier: earlier)
        send(step.severity, step.kind, job: "\(job)", failure.message, action: step.text)
    }

    /// What a coordinator publishes; most of it is no news for an alert.
    package func take(_ event: JobEvent) {
        switch event.body {
        case .job(let job, .failed, let reason):
            send(
                .error, .jobFailed, job: "\(job)", "it failed: \(reason.message.isEmpty ? reason.code.rawValue : reason.message)",
                action: "nothing more of it is run; see 'pragma jobs show \(job)'")
        case .worker(let worker, let change) where change == .lost || change == .died:
            send(
                .error, .workerLost, "worker \(worker) \(change == .lost ? "is not heard of any more" : "has died")",
                action: "its work goes to other workers of its class")
        case .worker(let worker, .executableMismatch):
            send(
                .warning, .workerLost, "worker \(worker) is another build of pragma than the coordinator",
                action: "it gets no work: restart it with the coordinator's build")
        case .hold(let isHeld, let reason):
            guard noteHold(isHeld) else { return }
            send(
                .warning, .dispatchHeld, "no work is handed out: \(reason)", action: "what runs goes on as the order gate lets it"
            )
        case .job, .progress, .unitProgress, .worker: break
        }
    }
}
