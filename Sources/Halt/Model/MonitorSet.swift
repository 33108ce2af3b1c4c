/// The monitors that a fleet has. A live worker needs a lease of each; taking a dead one out is a signed act of its own.
package struct MonitorSet: Hashable, Sendable {
    /// Grows with each change.
    package var version: UInt64
    /// In order of name, without repeats.
    package var monitors: [MonitorID]

    package init(version: UInt64, monitors: [MonitorID]) {
        self.version = version
        self.monitors = Set(monitors).sorted()
    }
}

/// A change of the monitor set: names the version it replaces, so that an old one cannot be replayed.
package struct MonitorSetChange: Hashable, Sendable {
    package var replaces: UInt64
    package var set: MonitorSet
    package var reason: String
    package var `operator`: String
    package var wallMilliseconds: Int64

    package init(replaces: UInt64, set: MonitorSet, reason: String, operator: String, wallMilliseconds: Int64) {
        self.replaces = replaces
        self.set = set
        self.reason = reason
        self.operator = `operator`
        self.wallMilliseconds = wallMilliseconds
    }
}
