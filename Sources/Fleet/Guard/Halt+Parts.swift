internal import Halt

extension MemberMessage {
    /// Who says that he sent it.
    var member: MemberName {
        switch self {
        case .hello(let hello): hello.member
        case .grantRequest(let request): request.member
        case .ack(let ack): ack.member
        case .health(let health): health.member
        }
    }

    /// The session that sent it.
    var session: MemberSession {
        switch self {
        case .hello(let hello): hello.session
        case .grantRequest(let request): request.session
        case .ack(let ack): ack.session
        case .health(let health): health.session
        }
    }
}

extension OperatorMessage {
    /// The request that the answer will name.
    var request: HaltRequestID {
        switch self {
        case .stop(let request): request.request
        case .rearm(let request): request.request
        case .status(let request): request.request
        case .progress(let request): request
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
        }
    }
}
