@testable import Halt

extension Simulation {
    /// Plants a mistake of the member's after a state has come.
    func plantAfter(_ signed: SignedHaltState, _ member: SimulatedMember) {
        guard let index = link(of: signed.state.monitor, member) else { return }
        if bug == .highestIsEnough { member.instance?.links[index].doubts = [] }
        guard bug == .anyStateLoosens else { return }
        member.instance?.links[index].entries = signed.state.entries
        settle(member)
    }

    /// Plants a mistake of the member's after a grant has come.
    func plantAfter(_ grant: Grant, _ member: SimulatedMember) {
        guard let index = link(of: grant.monitor, member) else { return }
        if bug == .highestIsEnough { member.instance?.links[index].doubts = [] }
        if bug == .oldAnswersRelease { member.instance?.links[index].freshUntil = .distantFuture }
        guard member.identity.memberClass == .live else { return }
        switch bug {
        case .leaseFromReceipt:
            member.instance?.links[index].leaseEnd = local(member) + .milliseconds(Int64(grant.leaseMilliseconds))
        case .oneMonitorIsEnough:
            let end = member.instance?.links[index].leaseEnd ?? .never
            for other in monitors.indices { member.instance?.links[other].leaseEnd = end }
        default: return
        }
        settle(member)
    }

    private func link(of monitor: MonitorID, _ member: SimulatedMember) -> Int? {
        member.instance?.links.firstIndex { $0.monitor == monitor }
    }

    private func settle(_ member: SimulatedMember) {
        input(member) { instance, now, _ in
            var directives: [HaltMemberDirective] = []
            instance.settle(now, &directives)
            return directives
        }
    }
}
