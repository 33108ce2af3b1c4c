/// The whole halt state of one monitor: what it signs and sends.
package struct MonitorHaltState: Hashable, Sendable {
    package var monitor: MonitorID
    package var epoch: HaltEpoch
    /// The epoch at which the latest re-arm of the whole state was accepted; `.zero` before the first. A stop that this monitor never heard of
    /// (a `HALT` file) is lifted only by a re-arm that came after it, and this is how a member sees one.
    package var rearmed: HaltEpoch
    package var entries: [HaltEntry]

    package init(monitor: MonitorID, epoch: HaltEpoch, rearmed: HaltEpoch, entries: [HaltEntry]) {
        self.monitor = monitor
        self.epoch = epoch
        self.rearmed = rearmed
        self.entries = entries
    }

    /// The incarnation of the epoch.
    package var incarnation: UInt64 { epoch.incarnation }
    /// The counter of the epoch.
    package var counter: UInt64 { epoch.counter }
}
