/// What a stop does, from weak to strong; a stronger one includes the weaker.
package enum HaltAction: UInt8, Hashable, Comparable, Sendable, CaseIterable {
    /// Nothing that adds risk: the order gate goes to `reducing`, other work is held.
    case halt = 1
    /// The order gate goes to `halted` and every working order is canceled.
    case cancel = 2
    /// As `cancel`, then positions are closed.
    case flatten = 3

    package static func < (a: HaltAction, b: HaltAction) -> Bool { a.rawValue < b.rawValue }
}

/// One stop that stands.
package struct HaltEntry: Hashable, Sendable {
    /// Unique among the entries of its monitor.
    package var id: UInt64
    package var scope: HaltScope
    package var action: HaltAction
    package var reason: String
    /// Who asked: a person, a rule, or the monitor itself.
    package var `operator`: String
    /// Wall time when it was asked, milliseconds since the Unix epoch; for people only.
    package var wallMilliseconds: Int64

    package init(
        id: UInt64, scope: HaltScope, action: HaltAction, reason: String, operator: String, wallMilliseconds: Int64
    ) {
        self.id = id
        self.scope = scope
        self.action = action
        self.reason = reason
        self.operator = `operator`
        self.wallMilliseconds = wallMilliseconds
    }

    /// Whether this entry stops at least what `other` stops, at least as strongly.
    package func implies(_ other: HaltEntry) -> Bool { action >= other.action && scope.contains(other.scope) }
}
