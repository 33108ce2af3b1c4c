package import Coordination
import SwiftProtobuf

/// Messages between clients and the coordinator, on the `control` socket, and the events that it publishes.
package enum ControlWire {
    /// The first frame of every published event.
    package static let eventTopic: [UInt8] = Array("job".utf8)

    /// What a client asks.
    package struct Inbound: Hashable, Sendable {
        package enum Content: Hashable, Sendable {
            /// A request; with `submit` the payload of each job, in their order.
            case request(ClientRequest, [[UInt8]])
            case query(ClientQuery)
        }
        package var request: RequestID
        package var content: Content
        package init(request: RequestID, content: Content) {
            self.request = request
            self.content = content
        }
    }

    /// What the coordinator answers.
    package struct Outbound: Hashable, Sendable {
        package enum Content: Hashable, Sendable {
            case reply(Reply)
            case answer(QueryAnswer)
            /// A message could not be read; which one is not known.
            case error(String)
        }
        package var request: RequestID
        package var content: Content
        package init(request: RequestID, content: Content) {
            self.request = request
            self.content = content
        }
    }

    /// The bytes of a request. `payloads` holds one for each job of a submission.
    package static func bytes(_ content: ClientRequest, payloads: [[UInt8]] = [], request: RequestID) -> [UInt8] {
        guard case .submit(let id, let jobs) = content else {
            return Opening.bytes(ClientCodec.body(content, payloads), request: request.rawValue)
        }
        let body = DirectSubmission(id: id, jobs: jobs, payloads: payloads)
        return DirectEnvelope(request: request.rawValue, field: 48, body: body).bytes
    }

    /// The bytes of a question.
    package static func bytes(_ query: ClientQuery, request: RequestID) -> [UInt8] {
        Opening.bytes(ClientCodec.body(query), request: request.rawValue)
    }

    /// The bytes of the answer to a request.
    package static func bytes(_ reply: Reply, to request: RequestID) -> [UInt8] {
        guard case .accepted(let jobs) = reply else {
            return Opening.bytes(AnswerCodec.body(reply), request: request.rawValue)
        }
        return DirectEnvelope(request: request.rawValue, field: 64, body: DirectAccepted(jobs: jobs)).bytes
    }

    /// The bytes of the answer to a question.
    package static func bytes(_ answer: QueryAnswer, to request: RequestID) -> [UInt8] {
        Opening.bytes(AnswerCodec.body(answer), request: request.rawValue)
    }

    /// The answer to a message that could not be read: the reason, and the version that is spoken here. It may be sent on
    /// any socket; a reader gets it as `ProtocolError.refusedByPeer`, a client as `Outbound.Content.error`.
    package static func errorBytes(_ text: String) -> [UInt8] {
        Opening.bytes(
            .fault(
                .with {
                    $0.message = Values.cut(text)
                    $0.major = ProtocolVersion.current.major
                    $0.minor = ProtocolVersion.current.minor
                }))
    }

    /// The bytes of an event; `eventTopic` goes before them in a frame of its own.
    package static func bytes(_ event: JobEvent) -> [UInt8] {
        guard case .job(let job, let state, let reason) = event.body else {
            return Opening.bytes(.event(WireJobEvent(event)))
        }
        let body = DirectStateEvent(event: event, job: job, state: state, reason: reason)
        return DirectEnvelope(field: 80, body: body).bytes
    }

    /// Reads a client's message from hostile bytes.
    package static func inbound(_ bytes: [UInt8]?) throws(ProtocolError) -> Inbound {
        if let frequent = DirectReader.inbound(bytes) { return frequent }
        let envelope = try Opening.open(bytes, limit: ProtocolLimits.frameBytes)
        return Inbound(request: RequestID(envelope.request), content: try ClientCodec.read(envelope))
    }

    /// Reads a coordinator's answer from hostile bytes.
    package static func outbound(_ bytes: [UInt8]?) throws(ProtocolError) -> Outbound {
        if let frequent = DirectReader.outbound(bytes) { return frequent }
        let envelope = try Opening.open(bytes, limit: ProtocolLimits.frameBytes)
        return Outbound(request: RequestID(envelope.request), content: try AnswerCodec.read(envelope))
    }

    /// Reads an event from hostile bytes.
    package static func event(_ bytes: [UInt8]?) throws(ProtocolError) -> JobEvent {
        if let frequent = DirectReader.event(bytes) { return frequent }
        let envelope = try Opening.open(bytes, limit: ProtocolLimits.frameBytes)
        guard case .event(let wire) = envelope.body else { throw envelope.unexpected("among the events") }
        return try wire.read()
    }
}
