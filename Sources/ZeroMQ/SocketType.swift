import CZeroMQ

/// The messaging pattern of a socket.
package enum SocketType: Sendable {
    /// One to one, exclusive: between threads, over inproc.
    case pair
    case publisher, subscriber
    /// A publisher that receives the subscriptions of its peers as messages.
    case extendedPublisher
    case extendedSubscriber
    case request, reply
    /// Talks to many peers that it does not tell apart; fair queue in, round robin out.
    case dealer
    /// Talks to many peers, each addressed by the routing id in the first frame.
    case router
    case push, pull

    var number: Int32 {
        switch self {
        case .pair: ZMQ_PAIR
        case .publisher: ZMQ_PUB
        case .subscriber: ZMQ_SUB
        case .extendedPublisher: ZMQ_XPUB
        case .extendedSubscriber: ZMQ_XSUB
        case .request: ZMQ_REQ
        case .reply: ZMQ_REP
        case .dealer: ZMQ_DEALER
        case .router: ZMQ_ROUTER
        case .push: ZMQ_PUSH
        case .pull: ZMQ_PULL
        }
    }
}
