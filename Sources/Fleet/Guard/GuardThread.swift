internal import COperatingSystem
internal import Coordination
internal import Glibc
internal import Synchronization
internal import Transport

/// A thread for what may take long beside a guard loop: disk, log. Posting never waits. What waits is handed over together, in order;
/// what comes while the queue is full is lost and counted.
final class GuardThread<Item: Sendable>: Sendable {
    private struct State {
        var waiting: [Item] = []
        var lost: UInt64 = 0
        var isEnding = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let interval: Int64?
    private let name: String
    /// Readable while something waits.
    private let wake: Int32
    /// Readable from the end of the thread on.
    private let ended: Int32
    private let body: Body

    /// What waits; whether `interval` has passed since that was last so; how many items were lost since the last time.
    typealias Body = @Sendable ([Item], _ isDue: Bool, _ lost: UInt64) -> Void

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - interval: nanoseconds; nil: the body runs only when something waits.
    ///   - body: runs on the thread.
    init(name: String, capacity: Int, interval: Int64? = nil, body: @escaping Body) throws(FleetError) {
        self.name = name
        self.capacity = capacity
        self.interval = interval
        self.body = body
        wake = csystem_eventfd()
        ended = csystem_eventfd()
        guard wake >= 0, ended >= 0 else { throw Files.failure("cannot make", "an eventfd") }
        var thread = pthread_t()
        let start = Unmanaged.passRetained(AnyGuardThread { [self] in run() })
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<AnyGuardThread>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw FleetError(.system, "no thread could be started: \(String(cString: strerror(status)))")
        }
        pthread_detach(thread)
    }

    deinit {
        close(wake)
        close(ended)
    }

    /// Adds an item. False: the queue is full, or the thread is to end.
    ///
    /// - Parameter always: also where the queue is full; only for what is few by its nature.
    @discardableResult
    func post(_ item: Item, always: Bool = false) -> Bool {
        let taken = state.withLock { state in
            guard !state.isEnding, always || state.waiting.count < capacity else {
                state.lost += 1
                return false
            }
            state.waiting.append(item)
            return true
        }
        if taken { Self.raise(wake) }
        return taken
    }

    /// Takes no more items, lets the thread end after what waits, and waits for that.
    ///
    /// - Returns: false where it has not ended within `limit`: a disk or a reader of the log hangs.
    @discardableResult
    func end(within limit: Duration) -> Bool {
        state.withLock { $0.isEnding = true }
        Self.raise(wake)
        let deadline = MonotonicClock.now() + limit.wholeNanoseconds
        while true {
            var waits = [pollfd(fd: ended, events: Int16(POLLIN), revents: 0)]
            let rest = max(0, deadline - MonotonicClock.now())
            if poll(&waits, 1, Self.milliseconds(rest)) > 0 { return true }
            if rest == 0 { return false }
        }
    }

    private func run() {
        csystem_begin_thread(name)
        var due = interval.map { MonotonicClock.now() + $0 }
        while true {
            var waits = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
            let rest = due.map { max(0, $0 - MonotonicClock.now()) }
            if poll(&waits, 1, rest.map(Self.milliseconds) ?? -1) > 0 {
                var count: UInt64 = 0
                _ = read(wake, &count, 8)
            }
            let taken = state.withLock { state in
                defer { (state.waiting, state.lost) = ([], 0) }
                return state
            }
            // By the clock and not by an idle poll: a busy queue must not keep off what is to happen regularly.
            let now = MonotonicClock.now()
            let isDue = due.map { now >= $0 } ?? false
            if isDue, let interval { due = now + interval }
            if !taken.waiting.isEmpty || isDue { body(taken.waiting, isDue, taken.lost) }
            if taken.isEnding { break }
        }
        Self.raise(ended)
    }

    private static func raise(_ descriptor: Int32) {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Int32 { Int32(clamping: (nanoseconds + 999_999) / 1_000_000) }
}

/// What a new thread runs, handed over through the C interface, which knows no generic types.
private final class AnyGuardThread: Sendable {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
}
