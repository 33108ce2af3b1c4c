import Coordination
import Halt
import SimulationSupport

/// Whoever sits at the command line: asks every monitor for the same until it has said that it is done.
struct Operator {
    /// What is wanted of one monitor.
    struct Wish {
        var request: OperatorMessage
        /// The monitor has it on disk; for a stop: and every member has acknowledged it.
        var isDurable = false
        var isComplete = false
        /// How far each member has come, as the monitor said last.
        var members = ""
    }

    var wishes: [Wish?] = []
    /// The last epoch that each monitor named.
    var epochs: [HaltEpoch] = []
    var isRearming = false

    init(count: Int = 0) {
        wishes = Array(repeating: nil, count: count)
        epochs = Array(repeating: .zero, count: count)
    }

    var isDone: Bool { wishes.allSatisfy { $0?.isDurable ?? true } }
    var isComplete: Bool { wishes.allSatisfy { $0?.isComplete ?? false } }
}

extension WholeFleet {
    private func makeRequest() -> HaltRequestID {
        requestCount += 1
        return HaltRequestID(high: seed, low: requestCount)
    }

    func stopEverything() {
        operators.isRearming = false
        let actions: [HaltAction] = [.halt, .halt, .cancel, .flatten]
        let action = actions[Int(random.next() % 4)]
        let scope: HaltScope = phase == .faults && random.chance(0.2) ? .account("main\(random.next() % 4)") : .fleet
        for monitor in monitors {
            // Some stops reach only some monitors.
            if phase == .faults, random.chance(0.3) { continue }
            let request = makeRequest()
            operators.wishes[monitor.index] = Operator.Wish(
                request: .stop(
                    StopRequest(
                        request: request, scope: scope, action: action, reason: "test \(request.low)", operator: "simulation")))
        }
        ask()
    }

    func rearmEverything() {
        operators.isRearming = true
        for monitor in monitors { wishRearm(monitor.index) }
        ask()
    }

    private func wishRearm(_ monitor: Int) {
        let request = RearmRequest(
            request: makeRequest(), monitor: monitors[monitor].id, epoch: operators.epochs[monitor], selection: .all,
            reason: "test", operator: "simulation")
        rearms[request.request] = request
        operators.wishes[monitor] = Operator.Wish(request: .rearm(request))
    }

    private func ask() {
        for (index, wish) in operators.wishes.enumerated() {
            guard let wish, !wish.isDurable || (phase == .halting && !wish.isComplete) else { continue }
            send(.ask(wish.request), from: Sender(node: operatorNode, life: 0), to: monitors[index].node)
        }
    }

    func operatorTurn() {
        ask()
        if operators.isRearming, operators.isDone { removeFiles() }
        if phase == .reopening, operators.isDone, members().contains(where: { !$0.isAlive || !$0.isOpen }) {
            // Something still stands, a `HALT` file that was seen late perhaps: once more.
            if random.chance(0.15) { rearmEverything() }
        }
        time.schedule(.operatorTurn, after: .milliseconds(300))
    }

    /// The files that were made before the last re-arm of every monitor have been dealt with.
    private func removeFiles() {
        for host in hosts.indices {
            guard let found = hosts[host].haltFile else { continue }
            let rearmed = monitors.allSatisfy { monitor in fullRearms[monitor.index]?.last.map { $0 > found.made } ?? false }
            if rearmed { setFile(nil, on: host) }
        }
    }

    func makeFile() {
        statistics.files += 1
        fileCount += 1
        setFile(HaltFile(action: random.chance(0.7) ? .halt : .cancel, identity: fileCount), on: Int(random.next() % 2))
    }

    func hear(_ reply: OperatorReply, from monitor: Int) {
        guard let wish = operators.wishes[monitor], wish.request.id == reply.request else { return }
        switch reply {
        case .progress(let progress):
            operators.epochs[monitor] = progress.epoch
            let lines = progress.members.map { "\($0.member) \($0.stage?.rank ?? 0)" }
            operators.wishes[monitor]?.members = lines.joined(separator: " ")
            if progress.durable { operators.wishes[monitor]?.isDurable = true }
            if progress.complete { operators.wishes[monitor]?.isComplete = true }
        case .refused(let refusal):
            operators.epochs[monitor] = refusal.current
            if case .rearm = wish.request, operators.isRearming { wishRearm(monitor) }
        case .status, .done: break
        }
    }
}

extension OperatorMessage {
    var id: HaltRequestID {
        switch self {
        case .stop(let request): request.request
        case .rearm(let request): request.request
        case .status(let request): request.request
        case .progress(let request): request
        case .memberDied(let death): death.request
        }
    }
}

extension OperatorReply {
    var request: HaltRequestID {
        switch self {
        case .progress(let progress): progress.request
        case .refused(let refusal): refusal.request
        case .status(let status): status.request
        case .done(let request): request
        }
    }
}
