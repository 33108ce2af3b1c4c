/// The runs of members' processes that ended lately, and until when what comes of them is late.
struct RecentDeaths: Sendable {
    private var until: [MemberRun: BootInstant] = [:]
    private var order: [MemberRun] = []
    private static let limit = 4096

    mutating func note(_ run: MemberRun, until end: BootInstant) {
        if until.updateValue(end, forKey: run) == nil { order.append(run) }
        guard order.count > Self.limit else { return }
        until[order.removeFirst()] = nil
    }

    func isLate(_ run: MemberRun, _ now: BootInstant) -> Bool { until[run].map { now < $0 } ?? false }
}

extension MonitorInstance {
    /// The process of one run has ended, or somebody says so. Only a member whose current session is exactly this run is concerned: an earlier
    /// one was replaced, and of a later one nothing is said.
    ///
    /// What a supervisor saw is certain, so its lease has ended too. A person may be wrong: the lease is awaited, and whatever is heard of the
    /// member makes it count again.
    mutating func memberDied(_ death: MemberDeath, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        if death.witnessed { deaths.note(death.run, until: now + settings.lateMessages) }
        guard let name = memberOrder.first(where: { members[$0]?.run == death.run }), let member = members[name] else { return }
        if death.witnessed { members[name]?.leaseEnd = .never }
        guard !member.dead else { return }
        members[name]?.dead = true
        directives.append(
            .record(
                .memberDied(
                    name, member.session, by: death.operator, reason: death.reason, witnessed: death.witnessed)))
    }

    /// The message was on its way when its sender died.
    func isLate(_ message: MemberMessage, _ now: BootInstant) -> Bool {
        if case .hello(let hello) = message { return hello.run.map { deaths.isLate($0, now) } ?? false }
        guard let member = members[message.member], member.session == message.session, let run = member.run else { return false }
        return deaths.isLate(run, now)
    }
}
