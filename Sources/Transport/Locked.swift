import Glibc

/// A value behind a lock of the POSIX kind. Not `Synchronization.Mutex`: the thread sanitizer does not know that one on Linux and
/// reports every value behind it as a race.
final class Locked<Value: Sendable>: @unchecked Sendable {
    // Proof: `value` is read and written in `withLock` only, between lock and unlock of a mutex that lives as long as it.
    private var value: Value
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` alone. Short work only, and no second lock inside.
    func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
