/// An endpoint of a transport, valid until it is closed.
package struct EndpointID: Hashable, Sendable {
    package let index: Int

    package init(index: Int) { self.index = index }
}

/// One connection of a peer to a server endpoint, as that server sees it. A peer that reconnects comes back under another id;
/// who it is, `Message.user` says. After a message from a peer of another user under the same id the former one is gone.
package struct PeerID: Hashable, Sendable {
    package let raw: UInt64

    package init(raw: UInt64) { self.raw = raw }

    /// The other end of an endpoint that has no peers to tell apart (client, publisher, subscriber).
    package static let only = PeerID(raw: .max)
}

/// Who a peer has proved to be by its key, from the authenticator's table at the time the message was received.
package struct Identity: Hashable, Sendable {
    package var name: String
    package var role: String
    package var publicKey: PublicKey

    package init(name: String, role: String, publicKey: PublicKey) {
        self.name = name
        self.role = role
        self.publicKey = publicKey
    }
}

/// The frames of a message: at least one. A message of one frame costs one allocation.
package struct Frames: Hashable, Sendable {
    package var first: [UInt8]
    package var rest: [[UInt8]]

    package init(_ first: [UInt8], rest: [[UInt8]] = []) {
        self.first = first
        self.rest = rest
    }

    /// The number of frames.
    package var count: Int { 1 + rest.count }

    /// All bytes, without framing.
    package var byteCount: Int { rest.reduce(first.count) { $0 + $1.count } }

    package subscript(index: Int) -> [UInt8] { index == 0 ? first : rest[index - 1] }
}

/// A message that came in.
package struct Message: Hashable, Sendable {
    /// The endpoint that received it.
    package var endpoint: EndpointID
    /// Whom to answer, at a server endpoint; `.only` elsewhere.
    package var peer: PeerID
    /// Who sent it; nil where the endpoint has no keys.
    package var user: Identity?
    package var frames: Frames

    package init(endpoint: EndpointID, peer: PeerID = .only, user: Identity? = nil, frames: Frames) {
        self.endpoint = endpoint
        self.peer = peer
        self.user = user
        self.frames = frames
    }
}

/// Something that happened to an endpoint's connections. It travels apart from the messages: a first message may be
/// delivered before the `connected` that belongs to it, a last one after the `disconnected`.
package struct LinkChange: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// A connecting endpoint reached its server, for the first time or again: say hello and ask for the current state.
        /// A message that was taken before the connection was lost is either gone or arrives now, ahead of the hello: a server
        /// ignores what comes from a `PeerID` that has not said hello yet.
        case connected
        /// The connection was lost; it is tried again until the endpoint is closed.
        case disconnected
        /// The server does not accept this endpoint's key (a ZAP status such as 400). It is tried again all the same;
        /// repetitions are not reported.
        case refused(status: Int)
        /// The other end speaks another security mechanism, has another server key or is no such endpoint. Tried again.
        case handshakeFailed
        /// A subscriber of a publisher endpoint now hears messages that begin with these bytes. Once per subscriber.
        case subscribed([UInt8])
        case unsubscribed([UInt8])
        /// A watched descriptor can be read, or its other end was closed. Reported in every turn until it is read or unwatched.
        case readable
    }

    package var endpoint: EndpointID
    package var kind: Kind

    package init(endpoint: EndpointID, kind: Kind) {
        self.endpoint = endpoint
        self.kind = kind
    }
}

/// What came in during one turn: messages in the order of arrival per endpoint, endpoints in the order they were opened.
package struct Batch: Sendable {
    package var messages: [Message] = []
    package var changes: [LinkChange] = []

    package init() {}

    package var isEmpty: Bool { messages.isEmpty && changes.isEmpty }

    /// Empties it, keeping the room.
    package mutating func removeAll() {
        messages.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
    }
}
