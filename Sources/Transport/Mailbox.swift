/// Events for a loop from other threads: bounded, with a policy for when it is full. Make it first, give it to whoever posts
/// (the handler's own helper threads included) and to the loop.
package final class Mailbox<Event: Sendable>: Sendable {
    private struct State {
        var queue: BoundedQueue<Event>
        var waker: Waker?
        /// The loop was woken and has not looked since.
        var isSignaled = false
    }

    private let state: Locked<State>

    package init(capacity: Int = 10_000, whenFull policy: FullPolicy = .refuse) {
        state = Locked(State(queue: BoundedQueue(capacity: capacity, policy: policy)))
    }

    /// Adds an event and wakes the loop if it has not been woken yet. Never waits. Events of one thread stay in order.
    @discardableResult
    package func post(_ event: Event) -> PushResult {
        let (result, waker) = state.withLock { state -> (PushResult, Waker?) in
            let result = state.queue.push(event)
            if state.isSignaled { return (result, nil) }
            state.isSignaled = true
            return (result, state.waker)
        }
        waker?.wake()
        return result
    }

    /// Events that were lost or refused so far.
    package var losses: (dropped: UInt64, refused: UInt64) {
        state.withLock { ($0.queue.dropped, $0.queue.refused) }
    }

    /// Names the loop that reads it; wakes that loop if something is there already.
    func attach(_ waker: Waker) {
        let isWaiting = state.withLock { state in
            state.waker = waker
            state.isSignaled = !state.queue.isEmpty
            return state.isSignaled
        }
        if isWaiting { waker.wake() }
    }

    /// Moves all events to the end of an array.
    func drain(into events: inout [Event]) {
        state.withLock { state in
            state.isSignaled = false
            state.queue.drain(into: &events)
        }
    }
}
