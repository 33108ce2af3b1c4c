import Coordination
import Halt
import SimulationSupport

/// A stop that a monitor has taken, as an outsider remembers it.
struct Stop {
    let monitor: Int
    let entry: HaltEntry
    /// The monitor's first epoch with it.
    let epoch: HaltEpoch
    let acceptedAt: Instant
    /// When the monitor had it on disk; nil: not yet.
    var durableAt: Instant?
    /// A re-arm that covers it was accepted.
    var liftedBy: HaltRequestID?
    /// That re-arm is done: the same entry again would be a new stop.
    var isOver = false

    var stands: Bool { liftedBy == nil && !isOver }
}

extension WholeFleet {
    // MARK: - What an outsider remembers of the monitors

    /// Every entry in force is a stop from the moment the monitor has it, and stays one until it is lifted.
    func noteEntries(of monitor: MonitorProcess) {
        guard let state = monitor.instance?.state, monitor.noted != state.epoch else { return }
        monitor.noted = state.epoch
        for entry in state.entries {
            let known = stops.contains { !$0.isOver && $0.monitor == monitor.index && $0.entry == entry }
            if known { continue }
            stops.append(Stop(monitor: monitor.index, entry: entry, epoch: state.epoch, acceptedAt: time.now))
        }
        for stop in stops where stop.monitor == monitor.index && stop.stands {
            if !state.entries.implies([stop.entry]) { fail("\(monitor.name) dropped the stop \(stop.entry) without a re-arm") }
        }
    }

    func noteDurable(_ monitor: MonitorProcess) {
        guard let state = monitor.instance?.state else { return }
        for index in stops.indices where stops[index].monitor == monitor.index && !stops[index].isOver {
            if stops[index].durableAt == nil, state.entries.contains(stops[index].entry) { stops[index].durableAt = time.now }
        }
    }

    /// A start knows every stop that was on disk and not lifted.
    func noteStart(of monitor: MonitorProcess) {
        guard let state = monitor.instance?.state else { return }
        for index in stops.indices where stops[index].monitor == monitor.index && !stops[index].isOver {
            let stop = stops[index]
            if state.entries.contains(stop.entry) {
                // A re-arm that was accepted and did not get to the disk: the stop stands as if it were new.
                if !stop.stands { stops[index].isOver = true }
                continue
            }
            if stop.stands, stop.durableAt != nil { fail("the restart of \(monitor.name) forgot the stop \(stop.entry)") }
            stops[index].isOver = true
        }
    }

    func note(_ event: MonitorEvent, of monitor: MonitorProcess, before: MonitorHaltState) {
        switch event {
        case .stopAccepted: statistics.stops += 1
        case .rearmAccepted(let request):
            statistics.rearms += 1
            if let original = rearms[request.request], original.epoch != before.epoch || original.monitor != monitor.id {
                fail("\(monitor.name) at \(before.epoch) accepted a re-arm that names \(original.monitor) at \(original.epoch)")
            }
            fullRearms[monitor.index, default: []].append(time.now)
            for index in stops.indices where stops[index].monitor == monitor.index && !stops[index].isOver {
                stops[index].liftedBy = request.request
            }
        case .refused(let refusal) where refusal.code == .overtaken || refusal.code == .notDurable:
            for index in stops.indices where stops[index].liftedBy == refusal.request && !stops[index].isOver {
                stops[index].liftedBy = nil
            }
        case .rearmDone(let request, _):
            for index in stops.indices where stops[index].liftedBy == request { stops[index].isOver = true }
        // A stop that was told and not yet on disk when the monitor was killed.
        case .foreignState: statistics.takeOvers += 1
        default: break
        }
    }

    // MARK: - What has come to a member, and what it has acknowledged

    func noteReach(_ state: MonitorHaltState, _ process: MemberProcess) {
        if let last = process.noted[state.monitor], last == (state.epoch, stops.count) { return }
        process.noted[state.monitor] = (state.epoch, stops.count)
        for (index, stop) in stops.enumerated() where stop.stands && monitors[stop.monitor].id == state.monitor {
            if state.entries.contains(stop.entry) { process.reached.insert(index) }
        }
    }

    func note(_ ack: HaltAck, of process: MemberProcess, to monitor: MonitorProcess) {
        guard ack.stage.rank >= AckStage.blocked.rank else { return }
        let isDurable = ack.stage.rank >= AckStage.durable.rank
        for (index, stop) in stops.enumerated() where stop.monitor == monitor.index && stop.stands && stop.epoch <= ack.epoch {
            process.acknowledged.insert(index)
            if isDurable { process.acknowledgedOnDisk.insert(index) }
        }
        if let worker = process as? WorkerProcess { checkRunning(worker) }
    }

    // MARK: - Invariants

    private func covering(_ process: MemberProcess, _ places: Set<Int>) -> Stop? {
        for place in places where stops[place].stands && stops[place].entry.scope.covers(process.subject) {
            return stops[place]
        }
        return nil
    }

    /// Nothing is done under a stop that this process has acknowledged.
    func checkStops(_ process: MemberProcess, _ what: String) {
        guard let stop = covering(process, process.acknowledged) else { return }
        fail("\(process.name) \(what) under a stop that it has acknowledged: \(stop.entry) of m\(stop.monitor)")
    }

    /// Backtests do not run; what has an order gate may, behind it.
    func checkRunning(_ process: WorkerProcess) {
        if process.workerClass == .backtest, !process.active.isEmpty { checkStops(process, "runs work") }
    }

    /// An order that opens goes out.
    func checkOrder(_ process: WorkerProcess) {
        checkStops(process, "sends orders")
        guard process.workerClass == .live else { return }
        for stop in stops where stop.stands && stop.entry.scope.covers(process.subject) {
            guard let durableAt = stop.durableAt else { continue }
            // A lease, by clocks that differ in pace.
            let end = max(durableAt, stop.acceptedAt.advanced(by: .milliseconds(1_060)))
            if time.now > end { fail("\(process.name) orders longer than a lease after \(stop.entry)") }
        }
    }

    /// After every turn of a guard: nothing that a stop closed is open.
    func check(_ process: MemberProcess) {
        let mode = process.usesGate ? process.gate.mode(at: boot(process)) : process.holds ? .halted : .active
        let isOpen = mode == .active
        let opened = isOpen && !process.isOpen
        process.isOpen = isOpen
        if opened { statistics.openings += 1 }
        if let saw = process.sawFile { checkFile(saw, process, mode) }
        for (index, stop) in stops.enumerated() where stop.stands && stop.entry.scope.covers(process.subject) {
            let needed = process.usesGate ? stop.entry.action.mode : .halted
            if process.reached.contains(index), mode < needed {
                fail("\(process.name) is \(mode) although \(stop.entry) has come to it")
            }
            guard opened, let durableAt = stop.durableAt else { continue }
            // Answers count for a second, by clocks that differ in pace.
            if time.now > max(durableAt, stop.acceptedAt.advanced(by: .milliseconds(1_060))) {
                fail("\(process.name) opens although \(stop.entry) is on the disk of m\(stop.monitor)")
            }
        }
    }

    private func checkFile(
        _ saw: (file: HaltFile, made: Instant), _ process: MemberProcess, _ mode: MemberRestriction.Mode
    ) {
        let rearmed = monitors.allSatisfy { monitor in fullRearms[monitor.index]?.last.map { $0 > saw.made } ?? false }
        let gone = hosts[process.host].haltFile?.file.identity != saw.file.identity
        if rearmed, gone { return }
        let needed = process.usesGate ? saw.file.action.mode : .halted
        if mode < needed { fail("\(process.name) is \(mode) after it saw a HALT file that no re-arm followed") }
    }
}

extension MemberMessage {
    /// Who sent it.
    var member: MemberName {
        switch self {
        case .hello(let hello): hello.member
        case .grantRequest(let request): request.member
        case .ack(let ack): ack.member
        case .health(let health): health.member
        }
    }

    var session: MemberSession {
        switch self {
        case .hello(let hello): hello.session
        case .grantRequest(let request): request.session
        case .ack(let ack): ack.session
        case .health(let health): health.session
        }
    }
}
