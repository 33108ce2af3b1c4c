/// Where a job is in its life. The coordinator's log alone decides it.
package enum JobState: String, CaseIterable, Hashable, Sendable {
    /// Received, not yet accepted into the queue.
    case submitted
    /// Waiting for a worker: new, between two attempts, or held by a halt.
    case queued
    /// At least one unit was granted to a worker, none of those has been reported as started.
    case dispatched
    /// At least one unit is being worked on.
    case running
    /// A cancel was accepted, but a worker may still be at work on it.
    case canceling
    /// The lease of a live job ran out and its holder's death is not proved: nobody else may have it.
    case lost
    case succeeded
    case failed
    case canceled
    /// It was still queued at the end of its time.
    case expired

    /// No worker will touch the job again, unless somebody asks for a retry.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .canceled, .expired: true
        case .submitted, .queued, .dispatched, .running, .canceling, .lost: false
        }
    }
}

extension JobState {
    /// Its place among all cases: for tables by state.
    var index: Int {
        switch self {
        case .submitted: 0
        case .queued: 1
        case .dispatched: 2
        case .running: 3
        case .canceling: 4
        case .lost: 5
        case .succeeded: 6
        case .failed: 7
        case .canceled: 8
        case .expired: 9
        }
    }

    /// What happens to a job.
    package enum Event: String, CaseIterable, Hashable, Sendable {
        /// The coordinator took the job into its queue.
        case accepted
        /// A unit was granted to a worker.
        case dispatched
        /// A worker reported that it began a unit.
        case started
        /// The last unit that was out came back unfinished: returned, refused, failed with another attempt to come, or
        /// its worker was lost or proved dead.
        case returned
        /// Every unit has a recorded result.
        case succeeded
        /// It cannot succeed any more: a unit failed for good, or its attempts are used up.
        case failed
        /// Somebody asked for it to be canceled.
        case cancelRequested
        /// No worker has a unit of a canceled job any more: confirmed, or the lease ended, or death was proved.
        case cancelConfirmed
        /// The lease of a live job's holder ran out without proof of its death.
        case leaseExpired
        /// The holder of a lost job came back with the token that is still the current one.
        case holderReturned
        /// Its time to wait in the queue is over.
        case expired
        /// Somebody asked for it to be run again.
        case retried
    }

    /// An event that makes no sense in a state.
    package struct TransitionError: Error, Hashable, Sendable, CustomStringConvertible {
        package var state: JobState
        package var event: Event
        package var description: String { "a job that is \(state.rawValue) cannot take the event '\(event.rawValue)'" }
    }

    /// The state after an event. This function is total and the only place that says what may follow what; an event that
    /// changes nothing (a second unit that starts) gives the same state.
    package func transition(on event: Event) -> Result<JobState, TransitionError> {
        switch (self, event) {
        case (.submitted, .accepted): .success(.queued)
        case (.submitted, .cancelRequested), (.queued, .cancelRequested): .success(.canceled)
        case (.queued, .dispatched), (.dispatched, .dispatched): .success(.dispatched)
        case (.running, .dispatched), (.running, .started), (.dispatched, .started): .success(.running)
        case (.dispatched, .returned), (.running, .returned), (.lost, .returned): .success(.queued)
        case (.dispatched, .succeeded), (.running, .succeeded), (.lost, .succeeded): .success(.succeeded)
        case (.queued, .failed), (.dispatched, .failed), (.running, .failed), (.lost, .failed): .success(.failed)
        case (.dispatched, .cancelRequested), (.running, .cancelRequested), (.lost, .cancelRequested): .success(.canceling)
        case (.canceling, .cancelRequested), (.canceling, .leaseExpired), (.canceling, .holderReturned): .success(.canceling)
        case (.canceling, .started): .success(.canceling)
        case (.canceling, .cancelConfirmed): .success(.canceled)
        case (.dispatched, .leaseExpired), (.running, .leaseExpired), (.lost, .leaseExpired): .success(.lost)
        case (.lost, .holderReturned): .success(.running)
        case (.queued, .expired): .success(.expired)
        case (.failed, .retried), (.canceled, .retried), (.expired, .retried): .success(.queued)
        default: .failure(TransitionError(state: self, event: event))
        }
    }

    /// The whole transition function as a Markdown table: a row per state, a column per event, a dash where the event is
    /// refused. `docs/protocol.md` holds this text and a test compares the two.
    package static func transitionTable() -> String {
        let head = "| state | " + Event.allCases.map(\.rawValue).joined(separator: " | ") + " |"
        let rule = "|" + String(repeating: "---|", count: Event.allCases.count + 1)
        let rows = allCases.map { state in
            let cells = Event.allCases.map { event in
                switch state.transition(on: event) {
                case .success(let next): next.rawValue
                case .failure: "-"
                }
            }
            return "| **\(state.rawValue)** | " + cells.joined(separator: " | ") + " |"
        }
        return ([head, rule] + rows).joined(separator: "\n") + "\n"
    }
}
