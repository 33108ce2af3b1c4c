internal import FleetProtocol
package import Halt
internal import Transport

/// A connection of the command line to every monitor. Needs neither coordinator nor workers. What one monitor refuses, or that it cannot be
/// reached, keeps nothing from the others.
package final class GuardClient {
    private let transport: ZeroMQTransport
    private let links: [(monitor: String, endpoint: EndpointID)]
    /// Monitors to which no connection can be tried at all: a key is missing, or the address is none.
    private let unreachable: [String: FleetError]
    private let node: ClientNode

    /// Connects to all monitors.
    package init(_ node: ClientNode) throws(FleetError) {
        self.node = node
        transport = try ClientNode.transport()
        var links: [(monitor: String, endpoint: EndpointID)] = []
        var unreachable: [String: FleetError] = [:]
        for one in node.guards {
            do throws(FleetError) {
                let options = EndpointOptions.client(
                    try node.address(one.address), security: try node.security(to: one.monitor))
                links.append((one.monitor, try Node.open(options, on: transport)))
            } catch { unreachable[one.monitor] = error }
        }
        self.links = links
        self.unreachable = unreachable
    }

    /// The monitors' names.
    package var monitors: [String] { node.guards.map(\.monitor) }

    /// A new random id of a request.
    package static func newRequest() -> HaltRequestID {
        HaltRequestID(high: UInt64.random(in: .min ... .max), low: UInt64.random(in: .min ... .max))
    }

    /// What every monitor knows; nil for one that did not answer in time. Throws where none answered and one refused.
    package func status(timeout: Duration) throws(FleetError) -> [(monitor: String, status: HaltStatus?)] {
        let request = HaltStatusRequest(request: Self.newRequest())
        var found: [String: HaltStatus] = [:]
        let answers = try converse({ _ in .status(request) }, timeout: timeout) { monitor, reply in
            if case .status(let status) = reply { found[monitor] = status }
            return found[monitor] != nil
        }
        if found.isEmpty, let refusal = answers.compactMap(\.failure).first { throw refusal }
        return monitors.map { ($0, found[$0]) }
    }

    /// Asks every monitor to stop, and calls `onProgress` with each report until all are complete or have refused, or time is up.
    package func stop(
        _ request: StopRequest, timeout: Duration, onProgress: (String, HaltProgress) -> Void
    ) throws(FleetError) -> [MonitorAnswer] {
        try converse({ _ in .stop(request) }, timeout: timeout) { monitor, reply in
            guard case .progress(let progress) = reply else { return false }
            onProgress(monitor, progress)
            return progress.complete
        }
    }

    /// Asks every monitor to re-arm, each with the epoch that `requests` names.
    package func rearm(_ requests: [String: RearmRequest], timeout: Duration) throws(FleetError) -> [MonitorAnswer] {
        try converse({ requests[$0].map(OperatorMessage.rearm) }, timeout: timeout) { _, reply in
            if case .progress(let progress) = reply { progress.durable } else { false }
        }
    }

    /// Tells every monitor that a process is dead.
    package func declareDead(_ death: MemberDeath, timeout: Duration) throws(FleetError) -> [MonitorAnswer] {
        try converse({ _ in .memberDied(death) }, timeout: timeout) { _, reply in
            if case .done(death.request) = reply { true } else { false }
        }
    }

    /// Sends to every monitor, again each half second and after a reconnection, until `take` has said of each that it is enough, or time is
    /// up. A monitor that refuses is asked no more.
    private func converse(
        _ message: (String) -> OperatorMessage?, timeout: Duration, take: (String, OperatorReply) -> Bool
    ) throws(FleetError) -> [MonitorAnswer] {
        var answers = MonitorAnswers(monitors, unreachable: unreachable)
        let deadline = Deadline.after(timeout)
        var sendAt = [EndpointID: Int64]()
        while !answers.isSettled, MonotonicClock.now() < deadline {
            let now = MonotonicClock.now()
            for link in links where answers.isOpen(link.monitor) && now >= sendAt[link.endpoint, default: 0] {
                guard let content = message(link.monitor) else { continue }
                let sent = transport.send(Frames(GuardWire.bytes(content)), on: link.endpoint, to: .only).isTaken
                sendAt[link.endpoint] = now + (sent ? 500_000_000 : 10_000_000)
            }
            let next = links.filter { answers.isOpen($0.monitor) }.compactMap { sendAt[$0.endpoint] }.min()
            try receive(until: min(deadline, next ?? deadline), &sendAt, &answers, take)
        }
        return answers.list
    }

    private func receive(
        until deadline: Int64, _ sendAt: inout [EndpointID: Int64], _ answers: inout MonitorAnswers,
        _ take: (String, OperatorReply) -> Bool
    ) throws(FleetError) {
        var batch = Batch()
        do throws(TransportError) {
            try transport.wait(until: deadline)
            _ = try transport.receive(into: &batch, limit: 1000)
        } catch { throw FleetError(.system, error.description) }
        for change in batch.changes {
            guard let link = links.first(where: { $0.endpoint == change.endpoint }) else { continue }
            switch change.kind {
            case .connected: sendAt[change.endpoint] = 0
            case .refused: answers.refuse(link.monitor, FleetError(.refused, keyRefused(by: link.monitor)))
            default: break
            }
        }
        for message in batch.messages {
            guard let link = links.first(where: { $0.endpoint == message.endpoint }),
                let reply = try? GuardWire.operatorReply(message.frames.first)
            else { continue }
            answers.take(reply, of: link.monitor, isEnough: take(link.monitor, reply))
        }
    }

    private func keyRefused(by monitor: String) -> String {
        "monitor \(monitor) does not accept the key '\(node.keyName)': its public half must be in the fleet's keys/peers folder"
    }
}
