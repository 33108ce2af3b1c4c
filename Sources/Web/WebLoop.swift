import NIOCore
import NIOPosix

/// One thread of the network, for clients and tasks that belong together: what comes in is decided on and answered without a change of threads,
/// each of which costs tens of microseconds, and hundreds where a processor has to be woken.
///
/// Tasks with `executor` run on it and hold its connections up while they compute; what has nothing to do with them belongs on another one.
package struct WebLoop: Sendable {
    let loop: any EventLoop
    private let loopExecutor: LoopExecutor

    /// One of the threads of the process, in turn.
    package init() { self.init(MultiThreadedEventLoopGroup.singleton.next()) }

    init(_ loop: any EventLoop) {
        self.loop = loop
        loopExecutor = LoopExecutor(loop)
    }

    /// For `withTaskExecutorPreference` and its like.
    package var executor: any TaskExecutor { loopExecutor }
}

/// Runs tasks on an event loop, so that an answer needs no change of threads.
final class LoopExecutor: TaskExecutor {
    let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
