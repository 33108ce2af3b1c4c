package import Exchange

/// Hands out the nonces of one key. The mark is stored before a nonce above the old one is used.
package actor NonceKeeper {
    package typealias Store = @Sendable (UInt64) async throws -> Void

    private var source: NonceSource
    private let store: Store
    private var isBroken = false

    /// `stored` is the mark of the last run; `store` writes it where a crash does not lose it.
    package init(stored: UInt64, store: @escaping Store) {
        source = NonceSource(stored: stored)
        self.store = store
    }

    package func next(wallMicroseconds: UInt64) async throws(VenueError) -> UInt64 {
        guard !isBroken, let (nonce, mark) = source.next(wallMicroseconds: wallMicroseconds) else { throw Self.spent }
        guard let mark else { return nonce }
        do {
            try await store(mark)
        } catch {
            // Without the mark the next run might use these numbers again.
            isBroken = true
            throw VenueError(
                .invalidNonce, .fatal, code: "nonce-store",
                message: "the mark of used nonces could not be stored, so nothing was sent: \(error)")
        }
        return nonce
    }

    /// The codes of errors that are ours; no venue has seen the request then.
    static let codes: Set<String> = ["nonce", "nonce-store"]

    private static let spent = VenueError(
        .invalidNonce, .fatal, code: "nonce",
        message: "this key has no nonces left, or their mark could not be stored: use a new key")
}

/// One at a time, in the order of asking.
actor Turnstile {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() { if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() } }
}
