package import Coordination
package import Halt

extension MemberRun {
    /// The run whose jobs go under this session: both are the number that the process was started with.
    package init(_ session: SessionID) {
        self.init(high: UInt64(truncatingIfNeeded: session.rawValue >> 64), low: UInt64(truncatingIfNeeded: session.rawValue))
    }
}

extension SessionID {
    /// The session of that run's jobs.
    package init(_ run: MemberRun) { self.init(UInt128(run.high) << 64 | UInt128(run.low)) }
}

extension OperatorMessage {
    /// The request that the answer will name.
    var request: HaltRequestID {
        switch self {
        case .stop(let request): request.request
        case .rearm(let request): request.request
        case .status(let request): request.request
        case .progress(let request): request
        case .memberDied(let death): death.request
        }
    }
}

extension OperatorReply {
    /// The request that is answered.
    var request: HaltRequestID {
        switch self {
        case .progress(let progress): progress.request
        case .refused(let refusal): refusal.request
        case .status(let status): status.request
        case .done(let request): request
        }
    }
}
