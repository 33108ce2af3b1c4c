package import Fleet
internal import LiveGates

/// An account of a home that is one process's alone: a lock named by the hash of the key, so that two names of one key meet.
package final class AccountLock: Sendable {
    private let lock: FileLock
    /// What to find the lock by; shows nothing of the key.
    package let id: String

    private init(_ lock: FileLock, _ id: String) {
        self.lock = lock
        self.id = id
    }

    /// How an attempt ended.
    package enum Outcome: Sendable {
        case taken(AccountLock)
        case heldBy(String)
        case unknown(String)
    }

    /// Takes the lock of a key.
    package static func take(key: String, home: Home, holder: String) -> Outcome {
        guard let digest = LiveDigest(SHA256Digest.of(key.utf8)) else { return .unknown("the key has no hash") }
        let id = AccountLockID(keyDigest: digest).description
        let folder = home.path + "/accounts"
        let path = folder + "/\(id).lock"
        do throws(FleetError) {
            try Files.makeFolder(folder)
            return .taken(AccountLock(try FileLock(path, holder: holder), id))
        } catch {
            guard FileLock.isHeld(path) else { return .unknown(error.message) }
            let other = (try? Files.read(path, limit: 4096)).map { String(decoding: $0, as: UTF8.self) } ?? "another process"
            return .heldBy(other)
        }
    }
}
