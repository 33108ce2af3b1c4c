internal import Orders
internal import Synchronization

/// The orders of one turn that have yet to reach the connection. The session lets them go first: records, log and whatever else it has to tell
/// wake other threads and processes, which an order would have to share the processors with.
final class Handover: Sendable {
    /// An order takes about twenty steps to its write, one with each yield; one that waits for a budget is not waited for.
    private static let patience = 64

    private let open = Mutex<Set<OrderTicket>>([])

    func expect(_ ticket: OrderTicket) { open.withLock { _ = $0.insert(ticket) } }

    /// It is written, or will not be.
    func leaves(_ ticket: OrderTicket) { open.withLock { _ = $0.remove(ticket) } }

    func wait() async {
        for _ in 0..<Self.patience {
            guard open.withLock({ !$0.isEmpty }) else { return }
            await Task.yield()
        }
    }
}
