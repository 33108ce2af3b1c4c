/// The states of all monitors. In effect is their union: what one monitor stopped, no other opens.
package struct HaltState: Hashable, Sendable {
    package var monitors: [MonitorID: MonitorHaltState]

    package init(monitors: [MonitorID: MonitorHaltState] = [:]) { self.monitors = monitors }

    /// The strongest action that any entry of any monitor has for the subject; nil: nothing stops it.
    package func effectiveAction(for subject: HaltSubject) -> HaltAction? {
        monitors.values.compactMap { $0.entries.effectiveAction(for: subject) }.max()
    }
}

extension [HaltEntry] {
    /// The strongest action that an entry has for the subject; nil: nothing stops it.
    package func effectiveAction(for subject: HaltSubject) -> HaltAction? {
        var strongest: HaltAction?
        for entry in self where entry.scope.covers(subject) {
            strongest = Swift.max(strongest ?? entry.action, entry.action)
        }
        return strongest
    }

    /// Whether these entries stop at least all that `other` stops.
    package func implies(_ other: [HaltEntry]) -> Bool {
        other.allSatisfy { wanted in contains { $0.implies(wanted) } }
    }
}
