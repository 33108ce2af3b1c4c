internal import COperatingSystem
internal import Coordination
internal import Glibc
internal import Synchronization

/// The thread on which a worker's units run, apart from its sockets.
final class ExecutorThread: Sendable {
    /// One unit to run.
    struct Work: Sendable {
        var assignment: Assignment
        var payload: [UInt8]
        var control: UnitControl
    }

    /// A unit that ended, with its result.
    typealias Completion = @Sendable (FencingToken, UnitOutcome, [UInt8]) -> Void

    private struct State {
        var waiting: [Work] = []
        var isEnding = false
    }

    private let state = Mutex(State())
    private let wake: Int32
    private let runner: any UnitRunner
    private let onEnd: Completion

    /// Starts the thread. `onEnd` is called on it.
    init(runner: any UnitRunner, onEnd: @escaping Completion) throws(FleetError) {
        self.runner = runner
        self.onEnd = onEnd
        wake = csystem_eventfd()
        guard wake >= 0 else { throw Files.failure("cannot make", "an eventfd") }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        // Strategies are users' code: glibc gives a thread the stack of a main thread (8 MiB) unless told otherwise.
        let status = pthread_create(
            &thread, nil,
            { argument in
                csystem_begin_thread("executor")
                if let argument { Unmanaged<ExecutorThread>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw FleetError(.system, "no thread could be started: \(String(cString: strerror(status)))")
        }
        pthread_detach(thread)
    }

    deinit { close(wake) }

    /// Adds a unit.
    func start(_ work: Work) {
        state.withLock { $0.waiting.append(work) }
        signal()
    }

    /// Ends the thread after what it is at.
    func end() {
        state.withLock { $0.isEnding = true }
        signal()
    }

    private func signal() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    private func run() {
        while true {
            let (work, isEnding) = state.withLock { state -> (Work?, Bool) in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isEnding)
            }
            if let work {
                let (outcome, result) = runner.run(work.assignment, payload: work.payload, control: work.control)
                onEnd(work.assignment.grant.token, outcome, result)
            } else if isEnding {
                return
            } else {
                var waits = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
                _ = poll(&waits, 1, -1)
                var count: UInt64 = 0
                _ = read(wake, &count, 8)
            }
        }
    }
}
