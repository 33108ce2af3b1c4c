internal import CSystem
internal import Glibc
internal import Halt
internal import Synchronization

/// The disk work of a guard loop, on a thread of its own: the guard thread itself never waits for a disk.
///
/// Requests are carried out in order. Only the newest of several latches that wait is written: each holds the whole state.
final class GuardFiles: Sendable {
    /// What can be asked for.
    enum Request: Sendable {
        case writeLatch(sequence: UInt64, payload: [UInt8])
        /// Look whether there is a `HALT` file.
        case probe
        case removeHaltFile(identity: UInt64)
        case stop
    }

    /// What comes back, on the file thread.
    enum Answer: Sendable {
        case latchWritten(sequence: UInt64, failure: String?)
        case haltFile(HaltFile?)
    }

    private struct State {
        var waiting: [Request] = []
    }

    private let state = Mutex(State())
    private let wake: Int32
    private let latch: LatchFiles
    private let kind: LatchSlot.Kind
    private let haltPath: String
    private let answer: @Sendable (Answer) -> Void

    /// Starts the thread.
    init(
        latch: LatchFiles, kind: LatchSlot.Kind, haltPath: String, answer: @escaping @Sendable (Answer) -> Void
    ) throws(FleetError) {
        self.latch = latch
        self.kind = kind
        self.haltPath = haltPath
        self.answer = answer
        wake = csystem_eventfd()
        guard wake >= 0 else { throw Files.failure("cannot make", "an eventfd") }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { argument in
                csystem_name_thread("guard-files")
                if let argument { Unmanaged<GuardFiles>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw FleetError(.system, "no thread could be started: \(String(cString: strerror(status)))")
        }
        pthread_detach(thread)
    }

    deinit { close(wake) }

    /// Adds a request.
    func post(_ request: Request) {
        state.withLock { $0.waiting.append(request) }
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    private func run() {
        while true {
            var waits = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
            // The probe once a second is for file systems on which the folder's changes are not reported.
            let ready = poll(&waits, 1, 1000)
            if ready > 0 {
                var count: UInt64 = 0
                _ = read(wake, &count, 8)
            }
            let requests = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            if ready == 0 { probe() }
            guard carryOut(requests) else { return }
        }
    }

    /// False: the thread shall end.
    private func carryOut(_ requests: [Request]) -> Bool {
        let newest = requests.last { if case .writeLatch = $0 { true } else { false } }
        if case .writeLatch(let sequence, let payload)? = newest { writeLatch(sequence, payload) }
        for request in requests {
            switch request {
            case .writeLatch: break
            case .probe: probe()
            case .removeHaltFile(let identity):
                try? HaltFileProbe.remove(haltPath, identity: identity)
                probe()
            case .stop: return false
            }
        }
        return true
    }

    private func writeLatch(_ sequence: UInt64, _ payload: [UInt8]) {
        do throws(FleetError) {
            try latch.write(kind: kind, sequence: sequence, payload: payload)
            answer(.latchWritten(sequence: sequence, failure: nil))
        } catch {
            answer(.latchWritten(sequence: sequence, failure: error.message))
        }
    }

    private func probe() { answer(.haltFile(HaltFileProbe(haltPath).look())) }
}

/// Reports changes of a folder's entries through a descriptor (inotify).
enum FolderWatch {
    /// A descriptor that becomes readable when a file of the folder is created, removed or renamed; -1 where that is not to be had.
    static func open(_ folder: String) -> Int32 {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return -1 }
        let events = UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_ATTRIB)
        guard inotify_add_watch(descriptor, folder, events) >= 0 else {
            close(descriptor)
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
