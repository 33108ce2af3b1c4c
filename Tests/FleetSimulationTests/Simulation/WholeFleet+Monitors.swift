import Coordination
import Halt
import SimulationSupport

// The monitors' processes.

extension WholeFleet {
    func start(_ monitor: MonitorProcess) {
        monitor.disk.open(.monitor)
        var latch = MonitorLatch.load(monitor.disk.slots, monitor: monitor.id)
        if latch.sequence < monitor.disk.confirmed { fail("the latch of \(monitor.name) lost a confirmed write") }
        if bug == .monitorForgets, case .valid(_, let sequence, _) = latch {
            latch = .valid(.initial(monitor: monitor.id), sequence: sequence, whole: true)
        }
        var settings = MonitorInstance.Settings()
        settings.liveBeaconInterval = .milliseconds(400)
        let moment = moment(monitor)
        monitor.instance = MonitorInstance(
            monitor: monitor.id, latch: latch, seed: random.next(), settings: settings, signer: monitor.signer,
            at: boot(monitor), wallMilliseconds: moment.wallMilliseconds)
        (monitor.peers, monitor.noted) = ([:], nil)
        noteStart(of: monitor)
        let file = hosts[monitor.host].haltFile?.file
        turn(monitor) { $0.start(haltFile: file, at: $1, wallMilliseconds: moment.wallMilliseconds) }
        schedule(.look(again: true), for: monitor, after: .milliseconds(1000))
    }

    func happen(_ event: ProcessEvent, to monitor: MonitorProcess) {
        let wall = moment(monitor).wallMilliseconds
        switch event {
        case .message(.toMonitor(let message), let from):
            monitor.peers[MonitorProcess.Member(name: message.member, session: message.session)] = from
            turn(monitor) { $0.receive(message, at: $1, wallMilliseconds: wall) }
        case .message(.ask(let message), _): ask(message, monitor, wall)
        case .guardTick:
            guard woken(monitor) else { break }
            turn(monitor) { _, _ in [] }
        case .disk(let sequence):
            guard let failure = writeStep(monitor, sequence), bug != .confirmsLatchEarly else { break }
            turn(monitor) { $0.latchWritten(sequence: sequence, failure: failure.text, at: $1) }
        case .look(let again):
            let file = hosts[monitor.host].haltFile?.file
            turn(monitor) { $0.haltFile(file, at: $1, wallMilliseconds: wall) }
            if again { schedule(.look(again: true), for: monitor, after: .milliseconds(1000)) }
        default: break
        }
    }

    private func ask(_ message: OperatorMessage, _ monitor: MonitorProcess, _ wall: Int64) {
        var message = message
        if bug == .rearmNeedsNoEpoch, case .rearm(var request) = message, let state = monitor.instance?.state {
            request.epoch = state.epoch
            message = .rearm(request)
        }
        turn(monitor) { $0.receive(message, at: $1, wallMilliseconds: wall) }
    }

    private func turn(_ monitor: MonitorProcess, _ input: (inout MonitorInstance, BootInstant) -> [MonitorDirective]) {
        guard var instance = monitor.instance else { return }
        monitor.instance = nil
        let now = boot(monitor)
        let before = instance.state
        var directives = input(&instance, now)
        directives += instance.tick(at: now)
        let (next, durable) = (instance.nextTick, instance.isDurable)
        monitor.instance = instance
        if next <= now { fail("\(monitor.name) spins: it asks to be called again at once") }
        for case .record(let event) in directives { note(event, of: monitor, before: before) }
        noteEntries(of: monitor)
        if durable { noteDurable(monitor) }
        for directive in directives { carryOut(directive, of: monitor) }
        wake(monitor, at: next)
    }

    private func carryOut(_ directive: MonitorDirective, of monitor: MonitorProcess) {
        switch directive {
        case .send(let name, let session, let message):
            guard let peer = monitor.peers[MonitorProcess.Member(name: name, session: session)] else { return }
            send(.toMember(monitor.id, message), from: monitor, to: peer.node, life: peer.life)
        case .publish(let beacon):
            for member in members() { send(.beacon(beacon), from: monitor, to: member.node) }
        case .persistLatch(let sequence, let payload):
            if monitor.disk.writing != nil, bug == nil { fail("\(monitor.name) writes its latch twice at once") }
            monitor.disk.begin(LatchSlot.encode(kind: .monitor, sequence: sequence, payload: payload))
            schedule(.disk(sequence: sequence), for: monitor, after: diskDelay())
            if bug == .confirmsLatchEarly {
                turn(monitor) { $0.latchWritten(sequence: sequence, failure: nil, at: $1) }
            }
        case .reply(let reply): send(.told(monitor.index, reply), from: monitor, to: operatorNode)
        case .removeHaltFile(let identity):
            if hosts[monitor.host].haltFile?.file.identity == identity { setFile(nil, on: monitor.host) }
        case .record: break
        }
    }

    /// Makes or removes the `HALT` file of a machine's home. Who watches the folder looks soon, unless the notice is lost.
    func setFile(_ file: HaltFile?, on host: Int) {
        hosts[host].haltFile = file.map { ($0, time.now) }
        for process in processes where process.host == host && process.isAlive && random.chance(0.9) {
            schedule(.look(again: false), for: process, after: random.milliseconds(0.1...20))
        }
    }
}
