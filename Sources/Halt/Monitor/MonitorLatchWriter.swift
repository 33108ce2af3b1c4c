/// The writes of a monitor's latch: one at a time, the newest content next.
struct MonitorLatchWriter: Sendable {
    /// What a write holds.
    struct Write: Sendable {
        var sequence: UInt64
        var epoch: HaltEpoch
        /// The write holds the staged re-arm and not the state in force.
        var staged: Bool
    }

    /// Something in force is not in the latch, nor in the write under way.
    var dirty = false
    private(set) var writing: Write?
    /// The epoch on disk; nil: not known, because no write was good yet or the last one failed.
    private(set) var durable: HaltEpoch?
    /// The incarnation of the last good write.
    private(set) var incarnation: UInt64?
    /// Why the last write failed; nil: it did not.
    private(set) var failure: String?
    private(set) var retryAt = BootInstant.never
    private var sequence: UInt64

    init(sequence: UInt64) { self.sequence = sequence }

    /// Starts a write unless one is under way.
    mutating func begin(epoch: HaltEpoch, staged: Bool) -> UInt64 {
        sequence += 1
        writing = Write(sequence: sequence, epoch: epoch, staged: staged)
        if !staged { dirty = false }
        return sequence
    }

    /// Ends the write under way; nil for any other.
    mutating func finish(_ finished: UInt64, failure: String?, retryAt: BootInstant) -> Write? {
        guard let write = writing, write.sequence == finished else { return nil }
        writing = nil
        self.failure = failure
        self.retryAt = retryAt
        if failure == nil {
            durable = write.epoch
            incarnation = write.epoch.incarnation
        } else {
            durable = nil
            // What a failed write left on disk is not known: the state in force has to go over it.
            dirty = true
        }
        return write
    }

    func mayBegin(_ now: BootInstant) -> Bool { writing == nil && (failure == nil || now >= retryAt) }
}

/// A re-arm that was accepted and is not on disk yet. Nobody is told of its state before it is.
struct StagedRearm: Sendable {
    var request: RearmRequest
    var state: MonitorHaltState
}

extension MonitorInstance {
    /// The write that `persistLatch` asked for has ended.
    ///
    /// - Parameter failure: nil where both slots are on disk; else what went wrong, for the operator.
    package mutating func latchWritten(sequence: UInt64, failure: String?, at now: BootInstant) -> [MonitorDirective] {
        var directives: [MonitorDirective] = []
        guard let write = latch.finish(sequence, failure: failure, retryAt: now + settings.latchRetry) else { return directives }
        if let failure {
            directives.append(.record(.latchFailed(failure)))
            if write.staged { withdraw(.notDurable, now, &directives) }
        } else {
            if !published, write.epoch.incarnation == state.epoch.incarnation { publish(now, &directives) }
            if write.staged, let staged, staged.state.epoch == write.epoch { carryOut(staged, now, &directives) }
        }
        settle(now, &directives)
        return directives
    }

    /// The state in force is in the latch.
    package var isDurable: Bool { latch.durable == state.epoch && !latch.dirty }

    /// What the latch has to hold for a state.
    func latchContent(_ state: MonitorHaltState) -> MonitorLatch { MonitorLatch(state: state, ancestors: ancestors) }

    /// Starts the next write if there is one. What tightens goes first; a re-arm only over a latch that is otherwise up to date.
    mutating func settleLatch(_ now: BootInstant, _ directives: inout [MonitorDirective]) {
        guard latch.mayBegin(now) else { return }
        if latch.dirty {
            let sequence = latch.begin(epoch: state.epoch, staged: false)
            directives.append(.persistLatch(sequence: sequence, payload: latchContent(state).encoded()))
        } else if let staged {
            let sequence = latch.begin(epoch: staged.state.epoch, staged: true)
            directives.append(.persistLatch(sequence: sequence, payload: latchContent(staged.state).encoded()))
        }
    }

    /// The re-arm is on disk: it takes effect.
    private mutating func carryOut(_ staged: StagedRearm, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        self.staged = nil
        signed = SignedHaltState(staged.state, signer: signer)
        directives.append(.record(.rearmDone(staged.request.request, staged.state.epoch)))
        overtakeStops(by: staged.request)
        if staged.request.selection == .all, let file = haltFile {
            haltFile = nil
            removing = (file, now + settings.removalTime)
            directives.append(.removeHaltFile(identity: file.identity))
        }
        publish(now, &directives)
    }

    /// A staged re-arm is given up. It may be on disk in part, so it is refused only when the state in force is on disk over it.
    mutating func withdraw(_ code: HaltRefusal.Code, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        guard let staged else { return }
        self.staged = nil
        latch.dirty = true
        if let index = requests.firstIndex(where: { $0.request == staged.request.request }) {
            requests[index].refusalDue = code
        }
    }
}
