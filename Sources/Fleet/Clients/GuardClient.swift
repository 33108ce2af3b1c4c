internal import FleetProtocol
package import Halt
internal import Transport

/// A connection of the command line to every monitor. Needs neither coordinator nor workers.
package final class GuardClient {
    private let transport: ZeroMQTransport
    private let links: [(monitor: String, endpoint: EndpointID)]
    private let node: ClientNode

    /// Connects to all monitors.
    package init(_ node: ClientNode) throws(FleetError) {
        self.node = node
        transport = try ClientNode.transport()
        var links: [(monitor: String, endpoint: EndpointID)] = []
        for one in node.guards {
            links.append(
                (
                    one.monitor,
                    try Node.open(
                        .client(try Node.address(one.address), security: try node.security(to: one.monitor)), on: transport)
                ))
        }
        self.links = links
    }

    /// The monitors' names.
    package var monitors: [String] { links.map(\.monitor) }

    /// A new random id of a request.
    package static func newRequest() -> HaltRequestID {
        HaltRequestID(high: UInt64.random(in: .min ... .max), low: UInt64.random(in: .min ... .max))
    }

    /// What every monitor knows; nil for one that did not answer in time.
    package func status(timeout: Duration) throws(FleetError) -> [(monitor: String, status: HaltStatus?)] {
        let request = HaltStatusRequest(request: Self.newRequest())
        var found: [String: HaltStatus] = [:]
        try converse({ _ in .status(request) }, timeout: timeout) { monitor, reply in
            if case .status(let status) = reply { found[monitor] = status }
            return found.count == links.count
        }
        return links.map { ($0.monitor, found[$0.monitor]) }
    }

    /// Asks every monitor to stop, and calls `onProgress` with each report until all are complete or time is up. Returns the last
    /// report of each monitor; nil for one that never answered.
    package func stop(
        _ request: StopRequest, timeout: Duration, onProgress: (String, HaltProgress) -> Void
    ) throws(FleetError) -> [(monitor: String, progress: HaltProgress?)] {
        var last: [String: HaltProgress] = [:]
        var refused: String?
        try converse({ _ in .stop(request) }, timeout: timeout) { monitor, reply in
            switch reply {
            case .progress(let progress):
                last[monitor] = progress
                onProgress(monitor, progress)
            case .refused(let refusal):
                refused = refusal.message
                return true
            case .status: break
            }
            return last.count == links.count && last.values.allSatisfy(\.complete)
        }
        if let refused { throw FleetError(.refused, refused) }
        return links.map { ($0.monitor, last[$0.monitor]) }
    }

    /// Asks every monitor to re-arm, each with the epoch that `requests` names.
    package func rearm(
        _ requests: [String: RearmRequest], timeout: Duration
    ) throws(FleetError) -> [(monitor: String, outcome: Result<HaltProgress, FleetError>?)] {
        var outcomes: [String: Result<HaltProgress, FleetError>] = [:]
        try converse({ requests[$0].map(OperatorMessage.rearm) }, timeout: timeout) { monitor, reply in
            switch reply {
            case .progress(let progress): if progress.durable { outcomes[monitor] = .success(progress) }
            case .refused(let refusal): outcomes[monitor] = .failure(FleetError(.refused, refusal.message))
            case .status: break
            }
            return outcomes.count == requests.count
        }
        return links.map { ($0.monitor, outcomes[$0.monitor]) }
    }

    /// Sends to every monitor, again each half second and after a reconnection, until `take` says that it is enough or time is up.
    private func converse(
        _ message: (String) -> OperatorMessage?, timeout: Duration, take: (String, OperatorReply) -> Bool
    ) throws(FleetError) {
        let (seconds, attoseconds) = timeout.components
        let deadline = MonotonicClock.now() + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        var sendAt = [EndpointID: Int64]()
        while MonotonicClock.now() < deadline {
            let now = MonotonicClock.now()
            for link in links where now >= sendAt[link.endpoint, default: 0] {
                guard let content = message(link.monitor) else { continue }
                let sent = transport.send(Frames(GuardWire.bytes(content)), on: link.endpoint, to: .only).isTaken
                sendAt[link.endpoint] = now + (sent ? 500_000_000 : 10_000_000)
            }
            if try receive(until: min(deadline, sendAt.values.min() ?? deadline), &sendAt, take) { return }
        }
    }

    private func receive(
        until deadline: Int64, _ sendAt: inout [EndpointID: Int64], _ take: (String, OperatorReply) -> Bool
    ) throws(FleetError) -> Bool {
        var batch = Batch()
        do throws(TransportError) {
            try transport.wait(until: deadline)
            _ = try transport.receive(into: &batch, limit: 1000)
        } catch { throw FleetError(.system, error.description) }
        for change in batch.changes {
            switch change.kind {
            case .connected: sendAt[change.endpoint] = 0
            case .refused:
                throw FleetError(
                    .refused,
                    "a monitor does not accept the key '\(node.keyName)': its public half must be in the fleet's keys/peers folder"
                )
            default: break
            }
        }
        var isEnough = false
        for message in batch.messages {
            guard let link = links.first(where: { $0.endpoint == message.endpoint }),
                let reply = try? GuardWire.operatorReply(message.frames.first)
            else { continue }
            if take(link.monitor, reply) { isEnough = true }
        }
        return isEnough
    }
}
