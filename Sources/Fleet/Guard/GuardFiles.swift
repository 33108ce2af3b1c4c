internal import Glibc
internal import Halt
internal import Logging
internal import Synchronization

/// The disk work of a guard loop, on threads of its own: the guard thread itself never waits for a disk. Latch and `HALT` file have a
/// thread each, so that a disk which hangs in the middle of a write keeps nobody from seeing the file.
final class GuardFiles: Sendable {
    /// What can be asked for.
    enum Request: Sendable {
        /// Only the newest of several that wait is written: each holds the whole state.
        case writeLatch(sequence: UInt64, payload: [UInt8])
        /// Look whether there is a `HALT` file.
        case probe
        case removeHaltFile(identity: UInt64)
    }

    /// What comes back, on one of the threads.
    enum Answer: Sendable {
        case latchWritten(sequence: UInt64, failure: String?)
        case haltFile(HaltFile?)
        case haltFileRemoved(identity: UInt64, failure: String?)
    }

    private enum HomeRequest: Sendable {
        case probe
        case remove(UInt64)
    }

    private let latchThread: GuardThread<(sequence: UInt64, payload: [UInt8])>
    private let homeThread: GuardThread<HomeRequest>

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - probeInterval: how often the `HALT` file is looked for without being asked, nanoseconds: for file systems on which the folder's
    ///     changes are not reported.
    ///   - answer: false: the loop has no room at the moment. What must not be lost is told again.
    init(
        latch: LatchFiles, kind: LatchSlot.Kind, haltPath: String, probeInterval: Int64 = 1_000_000_000,
        answer: @escaping @Sendable (Answer) -> Bool
    ) throws(FleetError) {
        let placement = Mutex(latch.placement(kind))
        latchThread = try GuardThread(name: "guard-latch", capacity: 64) { writes, _, _ in
            guard let (sequence, payload) = writes.last else { return }
            // Only this thread takes the lock.
            let failure = placement.withLock { placement -> String? in
                do throws(FleetError) {
                    try latch.write(kind: kind, sequence: sequence, payload: payload, placement: &placement)
                    return nil
                } catch { return error.message }
            }
            Self.insist(.latchWritten(sequence: sequence, failure: failure), answer)
        }
        homeThread = try GuardThread(name: "guard-home", capacity: 1024, interval: probeInterval) { requests, _, _ in
            for case .remove(let identity) in requests { Self.remove(haltPath, identity, answer) }
            _ = answer(.haltFile(HaltFileProbe(haltPath).look()))
        }
    }

    /// Adds a request.
    func post(_ request: Request) {
        switch request {
        case .writeLatch(let sequence, let payload): latchThread.post((sequence, payload), always: true)
        case .probe: homeThread.post(.probe)
        case .removeHaltFile(let identity): homeThread.post(.remove(identity), always: true)
        }
    }

    /// Lets the threads end after what was asked for, and waits for that no longer than `limit`.
    func end(within limit: Duration) {
        latchThread.end(within: limit)
        homeThread.end(within: .milliseconds(100))
    }

    private static func remove(_ path: String, _ identity: UInt64, _ answer: (Answer) -> Bool) {
        var failure: String?
        do throws(FleetError) { try HaltFileProbe.remove(path, identity: identity) } catch { failure = error.message }
        insist(.haltFileRemoved(identity: identity, failure: failure), answer)
    }

    /// Tells until it is taken; a loop that takes nothing for ten seconds has ended or is lost.
    private static func insist(_ message: Answer, _ answer: (Answer) -> Bool) {
        for _ in 0..<1000 {
            if answer(message) { return }
            usleep(10_000)
        }
    }
}

/// Reports changes of a folder's entries through a descriptor (inotify).
enum FolderWatch {
    /// A descriptor that becomes readable when a file of the folder is created, removed or renamed; -1 where that is not to be had.
    static func open(_ folder: String, log: Logger) -> Int32 {
        let descriptor = open(folder)
        if descriptor < 0 {
            log.warning(
                "changes of the home are not reported, so the HALT file is looked for ten times a second",
                metadata: ["home": "\(folder)", "cause": "\(String(cString: strerror(errno)))"])
        }
        return descriptor
    }

    /// How often the `HALT` file is looked for without being asked, nanoseconds.
    static func probeInterval(_ descriptor: Int32) -> Int64 { descriptor >= 0 ? 1_000_000_000 : 100_000_000 }

    private static func open(_ folder: String) -> Int32 {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return -1 }
        let events = UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_ATTRIB)
        guard inotify_add_watch(descriptor, folder, events) >= 0 else {
            let cause = errno
            close(descriptor)
            errno = cause
            return -1
        }
        return descriptor
    }

    /// Forgets the events that have come.
    static func drain(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while read(descriptor, &buffer, buffer.count) > 0 {}
    }
}
