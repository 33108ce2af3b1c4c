import COperatingSystem
import Glibc
import Synchronization

/// An operating-system thread with a name, for work that blocks: never one of the cooperative pool's. Signals for the process go to
/// others.
final class NamedThread: Sendable {
    private let handle: pthread_t
    private let isJoined = Atomic<Bool>(false)

    /// What a new thread runs, handed over through the C interface.
    private final class Start {
        let name: String
        let body: () -> Void

        init(name: String, body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread. Throws `system` where the system allows no more.
    init(name: String, body: sending @escaping () -> Void) throws(TransportError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                let start = Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue()
                csystem_begin_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard error == 0 else {
            start.release()
            throw TransportError(.system, "no thread could be started: " + String(cString: strerror(error)))
        }
        handle = thread
    }

    deinit {
        if !isJoined.load(ordering: .relaxed) { pthread_detach(handle) }
    }

    /// Waits until it has ended; only the first call does. Not from the thread itself.
    func join() {
        if isJoined.exchange(true, ordering: .relaxed) { return }
        pthread_join(handle, nil)
    }
}
