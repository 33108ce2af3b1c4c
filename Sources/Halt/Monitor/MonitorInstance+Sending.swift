extension MonitorInstance {
    /// Sends what is due, and notices who is silent.
    package mutating func tick(at now: BootInstant) -> [MonitorDirective] {
        var directives: [MonitorDirective] = []
        if now >= sweepDue { sweep(now, &directives) }
        settle(now, &directives)
        return directives
    }

    private mutating func sweep(_ now: BootInstant, _ directives: inout [MonitorDirective]) {
        sweepDue = now + settings.sweepInterval
        for name in memberOrder {
            guard let member = members[name] else { continue }
            let lost = member.isLost(now, after: settings.lostAfter)
            if lost, !member.reportedLost {
                members[name]?.reportedLost = true
                if !member.dead { directives.append(.record(.memberLost(name, member.session))) }
            }
            if lost, now >= member.lastHeard + settings.forgetAfter, now >= member.lastLeaseEnd { forget(name) }
        }
    }

    /// When `tick` has something to do at the latest.
    package var nextTick: BootInstant {
        var next = published ? beaconDue : .distantFuture
        if latch.writing == nil, latch.dirty || staged != nil { next = min(next, latch.retryAt) }
        if published { next = min(next, nextPush) }
        if !members.isEmpty { next = min(next, sweepDue) }
        // A refusal that waits for the latch is said when the latch is written, not by the clock.
        for request in requests where !request.isFinished && request.refusalDue == nil { next = min(next, request.reportDue) }
        return next
    }

    /// The state in force is new: everybody is told at once.
    mutating func publish(_ now: BootInstant, _ directives: inout [MonitorDirective]) {
        published = true
        beaconDue = .never
        nextPush = .never
        for name in memberOrder {
            members[name]?.pushDelay = settings.pushInterval
            members[name]?.pushDue = .never
        }
    }

    /// Draws the conclusions of an input: sends what tightens before anything is written or answered.
    mutating func settle(_ now: BootInstant, _ directives: inout [MonitorDirective]) {
        if published {
            if now >= nextPush {
                nextPush = .distantFuture
                for name in memberOrder { push(name, now, &directives) }
            }
            if now >= beaconDue { beacon(now, &directives) }
        }
        settleLatch(now, &directives)
        settleRequests(now, &directives)
    }

    /// Brings the next push to a member forward.
    mutating func pushSoon(_ name: MemberName, at time: BootInstant) {
        guard let due = members[name]?.pushDue else { return }
        members[name]?.pushDue = min(due, time)
        nextPush = min(nextPush, time)
    }

    private mutating func push(_ name: MemberName, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        guard let member = members[name], !member.dead, member.settled != state.epoch else { return }
        guard now >= member.pushDue else {
            nextPush = min(nextPush, member.pushDue)
            return
        }
        directives.append(.send(name, member.session, .state(signed)))
        let due = now + member.pushDelay
        members[name]?.pushDue = due
        nextPush = min(nextPush, due)
        // Quick attempts for a while, then ever slower until it is heard again.
        let silent = now >= member.lastHeard + BootDuration(nanoseconds: 8 * settings.pushInterval.nanoseconds)
        if silent || member.received == state.epoch {
            let doubled = BootDuration(nanoseconds: member.pushDelay.nanoseconds * 2)
            members[name]?.pushDelay = min(doubled, settings.slowPushInterval)
        }
    }

    private mutating func beacon(_ now: BootInstant, _ directives: inout [MonitorDirective]) {
        beaconSequence += 1
        directives.append(.publish(HaltBeacon(sequence: beaconSequence, state: signed)))
        let live = members.values.contains { $0.memberClass.needsLease && !$0.isLost(now, after: settings.lostAfter) }
        beaconDue = now + (live ? settings.liveBeaconInterval : settings.idleBeaconInterval)
    }
}
