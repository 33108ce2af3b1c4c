/// The monitor's part of the emergency stop: the state that it signs, its latch, who has to obey and who has acknowledged.
///
/// Pure: every input returns what the shell has to do. The rules:
/// - what tightens is in force and sent at once, and made durable beside it; "done" is said only when it is on disk;
/// - what loosens is on disk before anybody is told;
/// - no start loosens: without a valid latch it is halted, and a state that it does not know, shown with its own signature, halts it again;
/// - a re-arm names this monitor and its epoch exactly.
package struct MonitorInstance: Sendable {
    package struct Settings: Hashable, Sendable {
        /// The trading lease of a live worker.
        package var lease = BootDuration.milliseconds(1_000)
        /// How often a state is sent again until it is acknowledged as received.
        package var pushInterval = BootDuration.milliseconds(25)
        /// How often it is sent to a member that does not answer, at the slowest; and until it is acknowledged as durable.
        package var slowPushInterval = BootDuration.milliseconds(1_000)
        /// Beacons while there are live workers, and else.
        package var liveBeaconInterval = BootDuration.milliseconds(100)
        package var idleBeaconInterval = BootDuration.milliseconds(1_000)
        /// A member that was not heard for so long is lost.
        package var lostAfter = BootDuration.milliseconds(3_000)
        /// A lost or dead member is forgotten after so long.
        package var forgetAfter = BootDuration.milliseconds(3_600_000)
        /// For how long after a witnessed death messages of that run are taken for late ones. Later ones speak against it.
        package var lateMessages = BootDuration.milliseconds(3_000)
        /// When a latch that could not be written is tried again.
        package var latchRetry = BootDuration.milliseconds(500)
        /// The shortest time between two progress reports of one request.
        package var progressInterval = BootDuration.milliseconds(50)
        /// For how long progress is reported without being asked for.
        package var followFor = BootDuration.milliseconds(600_000)
        /// For how long a `HALT` file that is being removed may still be seen without stopping the fleet again.
        package var removalTime = BootDuration.milliseconds(1_000)
        /// How often it is looked who is silent.
        package var sweepInterval = BootDuration.milliseconds(250)
        /// Members that are remembered at most.
        package var memberLimit = 10_000
        /// Requests that are remembered at most.
        package var requestLimit = 64
        /// Members in one status answer at most.
        package var statusLimit = 1_000

        package init() {}
    }

    package let monitor: MonitorID
    package let settings: Settings
    let signer: HaltSigner

    /// The state that is in force, with its signature.
    package internal(set) var signed: SignedHaltState
    var ancestors: [HaltEpoch]
    /// The highest counter of this incarnation that was ever given to a state, published or not.
    var usedCounter: UInt64
    /// Mixed anew for each incarnation, so that no two lines of one latch ever take the same.
    var incarnationSeed: UInt64
    /// The state may be told: its incarnation is on disk, or it is tighter than what was.
    var published: Bool
    var staged: StagedRearm?
    var latch: MonitorLatchWriter
    var haltFile: HaltFile?
    /// The file that a re-arm has lifted and the shell has not yet said to have removed.
    var removing: (file: HaltFile, until: BootInstant)?
    var members: [MemberName: MonitoredMember] = [:]
    /// Runs that their supervisor saw end, lately: what still comes of them was on its way.
    var deaths = RecentDeaths()
    /// Order of arrival, so that what is done does not depend on hashing.
    var memberOrder: [MemberName] = []
    var requests: [TrackedRequest] = []
    var beaconSequence: UInt64 = 0
    var beaconDue = BootInstant.never
    /// No push is due earlier.
    var nextPush = BootInstant.never
    var sweepDue = BootInstant.never
    /// Until when a lease of an earlier run may still be held by somebody.
    var formerLeasesUntil: BootInstant
    /// Until when members of an earlier run may not have said hello yet: no stop is proved before.
    let completeFrom: BootInstant
    let startEvents: [MonitorEvent]

    /// The state in force.
    package var state: MonitorHaltState { signed.state }

    /// - Parameters:
    ///   - latch: as `MonitorLatch.load` found it. Without a valid one the monitor is halted.
    ///   - seed: random; must differ between any two starts.
    package init(
        monitor: MonitorID, latch loaded: LoadedLatch<MonitorLatch>, seed: UInt64, settings: Settings = Settings(),
        signer: @escaping HaltSigner, at now: BootInstant, wallMilliseconds: Int64
    ) {
        self.monitor = monitor
        self.settings = settings
        self.signer = signer
        incarnationSeed = seed
        latch = MonitorLatchWriter(sequence: loaded.sequence)
        usedCounter = 1
        var state = MonitorHaltState(monitor: monitor, epoch: .zero, rearmed: .zero, entries: [])
        formerLeasesUntil = now + settings.lease
        completeFrom = now + settings.lostAfter
        let description: String
        switch loaded {
        case .valid(let content, _, _):
            state = content.state
            ancestors = content.ancestors
            if state.epoch > .zero { ancestors.append(state.epoch) } else { formerLeasesUntil = .never }
            published = false
            description = "valid"
        case .missing, .invalid:
            ancestors = []
            published = true
            if case .invalid(let why) = loaded { description = "invalid: \(why)" } else { description = "missing" }
            state.entries = [.lostLatch(description, wallMilliseconds)]
        }
        state.epoch = Self.epoch(above: state.epoch.incarnation, &incarnationSeed)
        signed = SignedHaltState(state, signer: signer)
        startEvents = [.started(state.epoch, latch: description)]
    }

    /// The first input: writes the latch of this start; nothing that opens is sent before that is done.
    ///
    /// - Parameter file: the `HALT` file as the shell finds it, read before anything else is done.
    package mutating func start(
        haltFile file: HaltFile?, at now: BootInstant, wallMilliseconds: Int64
    ) -> [MonitorDirective] {
        var directives = startEvents.map(MonitorDirective.record)
        latch.dirty = true
        directives += haltFile(file, at: now, wallMilliseconds: wallMilliseconds)
        return directives
    }

    /// The first epoch of an incarnation that is above `incarnation` and, but for one chance in 2^32, no other start's.
    static func epoch(above incarnation: UInt64, _ seed: inout UInt64) -> HaltEpoch {
        // SplitMix64's step: a new value each time from one seed.
        seed &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (seed ^ (seed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        let (sum, overflow) = incarnation.addingReportingOverflow(1 + mixed >> 32)
        return HaltEpoch(incarnation: overflow ? .max : sum, counter: 1)
    }

    /// Whether an epoch is this state or in its past.
    func knows(_ epoch: HaltEpoch) -> Bool {
        if epoch == .zero { return true }
        if epoch.incarnation == state.epoch.incarnation { return epoch.counter <= state.epoch.counter }
        return ancestors.contains { $0.incarnation == epoch.incarnation && epoch.counter <= $0.counter }
    }

    /// Adds to the past; the oldest is forgotten first, and what is forgotten is unknown, which halts.
    mutating func addAncestor(_ epoch: HaltEpoch) {
        if let index = ancestors.firstIndex(where: { $0.incarnation == epoch.incarnation }) {
            ancestors[index].counter = max(ancestors[index].counter, epoch.counter)
        } else {
            ancestors.append(epoch)
        }
        if ancestors.count > HaltLimits.ancestors { ancestors.removeFirst(ancestors.count - HaltLimits.ancestors) }
    }
}

extension HaltEntry {
    /// The entry of a monitor that found no latch it could believe.
    static func lostLatch(_ why: String, _ wallMilliseconds: Int64) -> HaltEntry {
        HaltEntry(
            id: 1, scope: .fleet, action: .halt,
            reason: "the monitor's latch is \(why)".prefix(utf8: HaltLimits.reasonBytes), operator: "monitor",
            wallMilliseconds: wallMilliseconds)
    }
}
