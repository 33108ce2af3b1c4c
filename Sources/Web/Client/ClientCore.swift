import Exchange
import NIOCore
import Synchronization

/// All that an `HTTPWebClient` has on its event loop: one `ClientSite` for each host and port.
final class ClientCore {
    private let loop: any EventLoop
    private let configuration: HTTPWebClient.Configuration
    private var sites: [Endpoint: ClientSite] = [:]
    private var isShutDown = false

    init(loop: any EventLoop, _ configuration: HTTPWebClient.Configuration) {
        self.loop = loop
        self.configuration = configuration
    }

    func begin(_ order: RequestOrder, _ waiter: ClientRequest.Waiter) {
        if let reason = refusal(order) { return waiter.resume(returning: .failure(order.notSent(reason))) }
        site(order).begin(order, waiter)
    }

    private func refusal(_ order: RequestOrder) -> String? {
        if isShutDown { return NetworkText.shutDown }
        if order.isCanceled.load(ordering: .relaxed) { return NetworkText.canceled }
        return order.deadline <= .now() ? NetworkText.noAnswer : nil
    }

    func cancel(_ order: RequestOrder) { sites[order.endpoint]?.cancel(order.id) }

    /// Done when all connections are closed.
    func shutdown() -> EventLoopFuture<Void> {
        isShutDown = true
        return EventLoopFuture.andAllComplete(sites.values.flatMap { $0.shutdown() }, on: loop)
    }

    private func site(_ order: RequestOrder) -> ClientSite {
        let endpoint = order.endpoint
        if let site = sites[endpoint] { return site }
        let site = ClientSite(loop: loop, endpoint, order.context, configuration)
        sites[endpoint] = site
        return site
    }
}
