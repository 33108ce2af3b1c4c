import SimulationSupport

@testable import Halt

/// How bad things are in one run.
struct SimulationFaults {
    var drop: Int
    var duplicate: Int
    var longDelay: Int
    var replay: Int
    var diskFails: Bool
    var slowDisk: Bool
    var latchFaults: Int
    var crashes: Int
    var partitions: Int
    /// Until when nothing passes between a monitor and a member.
    var cut: [[Int64]] = Array(repeating: Array(repeating: 0, count: 16), count: 4)

    init(_ random: inout SimulationRandom) {
        drop = random.pick([0, 2, 10, 30])
        duplicate = random.pick([0, 5, 20])
        longDelay = random.pick([0, 5, 20])
        replay = random.pick([0, 0, 3, 10])
        diskFails = random.chance(25)
        slowDisk = random.chance(25)
        latchFaults = random.pick([0, 0, 20, 50])
        crashes = random.pick([0, 10, 30])
        partitions = random.pick([0, 10, 25])
    }
}

extension Simulation {
    /// Sends over the network between a monitor and a member: lost, late, twice, in another order, and recorded by the attacker.
    func transmit(_ event: Event, _ monitor: Int, _ member: Int) {
        if !healed {
            if random.chance(5) { tape.append(event) }
            if tape.count > 200 { tape.remove(at: random.below(tape.count)) }
            if faults.cut[monitor][member] > now || random.chance(faults.drop) { return }
            if random.chance(faults.duplicate) { queue.push(event, at: now + random.milliseconds(0...300)) }
            if random.chance(faults.longDelay) {
                queue.push(event, at: now + random.milliseconds(5...2_500))
                return
            }
        }
        queue.push(event, at: now + random.milliseconds(0...4))
    }

    /// Something happens to somebody.
    func chaos() {
        guard !healed else { return }
        queue.push(.chaos, at: now + random.milliseconds(20...250))
        if random.chance(faults.crashes) { crashSomebody() }
        if random.chance(faults.partitions) { cutSomething() }
        if random.chance(10) { pauseSomebody() }
        if random.chance(faults.replay * 5) { replaySomething() }
        if random.chance(10) { copyLatches() }
        if random.chance(22) { stopSomething() }
        if random.chance(25) { rearmSomething() }
        if random.chance(4) { makeFile(random.below(hosts.count)) }
        if random.chance(6) { hosts[random.below(hosts.count)].haltFile = nil }
    }

    private func crashSomebody() {
        let fault: SimulatedDisk.Fault =
            random.chance(faults.latchFaults) ? random.pick([.missing, .stale, .rotten]) : .none
        let back = now + random.milliseconds(1...1_500)
        if random.chance(35) {
            let monitor = random.pick(monitors)
            crash(monitor, fault: fault)
            queue.push(.monitorStart(monitor.index), at: back)
        } else {
            let member = random.pick(members)
            crash(member, fault: fault)
            queue.push(.memberStart(member.index), at: back)
        }
    }

    static func name(_ member: Int, run: Int) -> MemberRun { MemberRun(high: UInt64(member), low: UInt64(run)) }

    /// The supervisor has seen it; the report comes at once or much later, more than once, after a successor's hello too. Of some
    /// nobody hears.
    func reportDeath(of member: SimulatedMember) {
        guard random.chance(70) else { return }
        for monitor in monitors where random.chance(90) {
            let death = MemberDeath(
                request: requestID(), run: Self.name(member.index, run: member.run), witnessed: true, reason: "crash",
                operator: "simulation")
            statistics.deaths += 1
            for _ in 0..<(1 + random.below(3)) {
                let event = Event.operatorRequest(monitor.index, .memberDied(death))
                queue.push(event, at: now + random.milliseconds(0...(random.chance(50) ? 20 : 3_000)))
            }
        }
    }

    private func cutSomething() {
        let until = now + random.milliseconds(100...3_000)
        let monitor = random.below(monitors.count)
        let member = random.chance(40) ? nil : random.below(members.count)
        for index in members.indices where member == nil || member == index { faults.cut[monitor][index] = until }
    }

    private func pauseSomebody() {
        let until = now + random.milliseconds(50...2_500)
        if random.chance(40) { random.pick(monitors).pausedUntil = until } else { random.pick(members).pausedUntil = until }
    }

    /// An old message again: to whom it was sent, or, of what everybody is sent, to another.
    private func replaySomething() {
        guard !tape.isEmpty else { return }
        for _ in 0..<(1 + random.below(10)) {
            statistics.replays += 1
            var event = random.pick(tape)
            if case .toMember(let index, _, let message) = event {
                let other = random.chance(50) && message.isSigned
                event = .toMember(other ? random.below(members.count) : index, run: nil, message)
            }
            queue.push(event, at: now + random.milliseconds(0...50))
        }
    }

    private func copyLatches() {
        for monitor in monitors { monitor.disk.backup = monitor.disk.slots }
        for member in members { member.disk.backup = member.disk.slots }
    }

    // MARK: - The operator

    func requestID() -> HaltRequestID {
        requestCount += 1
        return HaltRequestID(high: seed, low: requestCount)
    }

    private func stopSomething() {
        statistics.stops += 1
        let scope = random.pick(
            [
                .fleet, .fleet, .exchange("binance"), .exchange("kraken"), .account("main0"), .strategy("Ema"), .job("l0"),
                .job("b0"),
            ] as [HaltScope])
        let action = random.pick([.halt, .halt, .cancel, .flatten] as [HaltAction])
        var wanted = (scope, action, "test \(requestCount)")
        // The same again, as a watchdog or an impatient operator says it.
        if random.chance(30), let last = lastStop { wanted = last }
        lastStop = wanted
        if random.chance(30) { makeFile(random.below(hosts.count)) }
        for monitor in monitors where random.chance(70) {
            let request = StopRequest(
                request: requestID(), scope: wanted.0, action: wanted.1, reason: wanted.2, operator: "simulation")
            stops[request.request] = (monitor.index, wanted.0, wanted.1, .max)
            ask(monitor, .stop(request))
        }
    }

    private func makeFile(_ host: Int) {
        statistics.files += 1
        fileCount += 1
        fileMade[fileCount] = now
        hosts[host].haltFile = HaltFile(action: random.pick([.halt, .cancel]), identity: fileCount)
    }

    /// Mostly with the right epoch, sometimes with an old one or for another monitor.
    private func rearmSomething() {
        let monitor = random.pick(monitors)
        guard let state = monitor.instance?.state else { return }
        var epoch = state.epoch
        if random.chance(15) { epoch.counter = epoch.counter &- UInt64(random.below(3)) }
        let ids = state.entries.prefix(1 + random.below(2)).map(\.id)
        let part = random.chance(30) && !ids.isEmpty
        if part { partlyRearmed.insert(monitor.index) }
        let request = RearmRequest(
            request: requestID(), monitor: random.chance(5) ? MonitorID("m9") : monitor.id, epoch: epoch,
            selection: part ? .entries(ids) : .all, reason: "test", operator: "simulation")
        rearms[request.request] = request
        ask(monitor, .rearm(request))
    }

    private func ask(_ monitor: SimulatedMonitor, _ message: OperatorMessage) {
        let event = Event.operatorRequest(monitor.index, message)
        if random.chance(30) { tape.append(event) }
        queue.push(event, at: now + random.milliseconds(0...200))
        if random.chance(20) { queue.push(event, at: now + random.milliseconds(0...800)) }
    }

    /// The command line takes the file of its own host away when every monitor has said that it is re-armed.
    func finishRearm(_ rearm: RearmRequest) {
        for host in hosts.indices where !monitors.contains(where: { $0.host == host }) {
            guard let file = hosts[host].haltFile, let made = fileMade[file.identity] else { continue }
            if monitors.allSatisfy({ (fullRearms[$0.index]?.last ?? -1) > made }) { hosts[host].haltFile = nil }
        }
    }

    func rearmNow(_ monitor: SimulatedMonitor) {
        guard let epoch = monitor.instance?.state.epoch else { return }
        let request = RearmRequest(
            request: requestID(), monitor: monitor.id, epoch: epoch, selection: .all, reason: "test", operator: "simulation")
        rearms[request.request] = request
        deliver(.rearm(request), to: monitor)
    }

    /// The network is whole, everybody is up, nobody is paused.
    func heal() {
        healed = true
        for monitor in monitors {
            monitor.pausedUntil = 0
            queue.push(.monitorStart(monitor.index), at: now + 1)
        }
        for member in members {
            member.pausedUntil = 0
            queue.push(.memberStart(member.index), at: now + 2)
        }
    }
}
