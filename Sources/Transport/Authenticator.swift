import Synchronization

/// Who may connect: a table of public keys with their names and roles, which can be exchanged while everything runs.
///
/// CURVE alone encrypts but admits any key, because the server's key is public; this table is what admits. A key that is
/// removed loses its rights at once: messages on its open connections are dropped and counted as revoked.
/// One authenticator may serve several transports.
package final class Authenticator: Sendable {
    /// A key's owner.
    package struct Entry: Hashable, Sendable {
        package var publicKey: PublicKey
        package var name: String
        package var role: String
        /// The domains (of server endpoints) that it may connect to.
        package var domains: Set<String>

        package init(publicKey: PublicKey, name: String, role: String, domains: Set<String>) {
            self.publicKey = publicKey
            self.name = name
            self.role = role
            self.domains = domains
        }
    }

    /// How handshakes ended.
    package struct Counters: Hashable, Sendable {
        package var accepted: UInt64 = 0
        /// The key is in no table.
        package var unknownKey: UInt64 = 0
        /// The key is known, but not for this domain.
        package var wrongDomain: UInt64 = 0
        /// Not CURVE, or no well-formed request.
        package var malformed: UInt64 = 0

        package var refused: UInt64 { unknownKey + wrongDomain + malformed }

        package init() {}
    }

    /// A key that was refused lately.
    package struct Refusal: Hashable, Sendable {
        package var publicKey: PublicKey
        package var domain: String
        /// The peer's network address; empty for ipc.
        package var address: String
        /// How often this key was refused in this domain since it entered the list.
        package var count: UInt64
    }

    /// Why a handshake was refused.
    package enum Cause: Hashable, Sendable {
        /// The key is in no table.
        case unknownKey(PublicKey, address: String)
        /// The key is known, but not for this domain.
        case wrongDomain(PublicKey, name: String, domain: String)
        /// Not CURVE, or no well-formed request.
        case malformed
    }

    fileprivate struct State {
        var onRefusal: (@Sendable (Cause) -> Void)?
        var entries: [String: [Entry]] = [:]
        var counters = Counters()
        var refusals: [Refusal] = []
    }

    private let state = Locked(State())
    private let changes = Atomic<Int>(0)
    private static let keptRefusals = 32

    package init(_ entries: [Entry] = []) {
        replace(entries)
    }

    /// Has every refusal told, on the thread that decides over handshakes: `action` must not wait.
    package func reportRefusals(to action: @escaping @Sendable (Cause) -> Void) { state.withLock { $0.onRefusal = action } }

    /// Exchanges the whole table.
    package func replace(_ entries: [Entry]) {
        let byKey = Dictionary(grouping: entries, by: \.publicKey.text)
        state.withLock { $0.entries = byKey }
        changes.add(1, ordering: .releasing)
    }

    /// Grows with every change of the table: whoever kept an identity looks it up anew.
    var generation: Int { changes.load(ordering: .acquiring) }

    package var counters: Counters { state.withLock { $0.counters } }

    /// The keys that were refused lately, at most 32, the newest last: what to enter in the table if they are right.
    package var recentRefusals: [Refusal] { state.withLock { $0.refusals } }

    /// The owner of a key in a domain, or nil.
    package func identity(publicKey: String, domain: String) -> Identity? {
        state.withLock { state in
            state.entries[publicKey]?.first { $0.domains.contains(domain) }.map {
                Identity(name: $0.name, role: $0.role, publicKey: $0.publicKey)
            }
        }
    }

    /// Decides over a handshake and counts it.
    func admit(publicKey: PublicKey, domain: String, address: String) -> Identity? {
        let (identity, cause, report) = decide(publicKey, domain, address)
        if let cause { report?(cause) }
        return identity
    }

    private func decide(
        _ publicKey: PublicKey, _ domain: String, _ address: String
    ) -> (Identity?, Cause?, (@Sendable (Cause) -> Void)?) {
        state.withLock { state in
            let entries = state.entries[publicKey.text] ?? []
            if let entry = entries.first(where: { $0.domains.contains(domain) }) {
                state.counters.accepted += 1
                return (Identity(name: entry.name, role: entry.role, publicKey: publicKey), nil, nil)
            }
            if entries.isEmpty { state.counters.unknownKey += 1 } else { state.counters.wrongDomain += 1 }
            state.note(Refusal(publicKey: publicKey, domain: domain, address: address, count: 1), keeping: Self.keptRefusals)
            let known = entries.first.map { Cause.wrongDomain(publicKey, name: $0.name, domain: domain) }
            return (nil, known ?? .unknownKey(publicKey, address: address), state.onRefusal)
        }
    }

    /// Counts a handshake that could not be read.
    func refuseMalformed() {
        let report = state.withLock { state in
            state.counters.malformed += 1
            return state.onRefusal
        }
        report?(.malformed)
    }
}

extension Authenticator.State {
    fileprivate mutating func note(_ refusal: Authenticator.Refusal, keeping limit: Int) {
        var refusal = refusal
        if let known = refusals.firstIndex(where: { $0.publicKey == refusal.publicKey && $0.domain == refusal.domain }) {
            refusal.count += refusals.remove(at: known).count
        }
        refusals.append(refusal)
        if refusals.count > limit { refusals.removeFirst() }
    }
}
