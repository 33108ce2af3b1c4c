extension HaltMember {
    /// A message of a monitor, its signatures verified with that monitor's key.
    package mutating func receive(
        _ message: MonitorMessage, from monitor: MonitorID, at now: BootInstant
    ) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        if let index = links.firstIndex(where: { $0.monitor == monitor }) {
            switch message {
            case .state(let signed):
                take(signed, at: index, answering: nil, now, &directives)
                links[index].ackWanted = true
            case .grant(let signed):
                take(signed.grant, at: index, now, &directives)
            case .showState:
                links[index].helloDue = true
                askSoon(index, now)
            case .sessionReplaced(let newest):
                if newest > identity.session {
                    localStop = true
                    directives.append(.sessionReplaced(newest: newest))
                }
            }
        }
        settle(now, &directives)
        return directives
    }

    /// A beacon, its signature verified.
    package mutating func receive(_ beacon: HaltBeacon, at now: BootInstant) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        if let index = links.firstIndex(where: { $0.monitor == beacon.state.state.monitor }) {
            take(beacon.state, at: index, answering: nil, now, &directives)
        }
        settle(now, &directives)
        return directives
    }

    /// What the shell sees of the `HALT` file in the home; nil: it is not there. Its absence opens nothing.
    package mutating func haltFile(_ file: HaltFile?, at now: BootInstant) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        haltFilePresent = file != nil
        if let file, haltFile?.file.identity != file.identity {
            let action = max(file.action, haltFile?.file.action ?? file.action)
            haltFile = HaltFileLatch(file: HaltFile(action: action, identity: file.identity))
            for index in links.indices {
                links[index].rearmedAfterFile = false
                askSoon(index, now)
            }
            latch.touch()
            directives.append(.haltChanged)
        }
        settle(now, &directives)
        return directives
    }

    private mutating func take(
        _ signed: SignedHaltState, at index: Int, answering asked: HaltEpoch?, _ now: BootInstant,
        _ directives: inout [HaltMemberDirective]
    ) {
        guard signed.state.monitor == links[index].monitor else { return }
        let before = (links[index].entries, links[index].conflict, links[index].answered)
        if links[index].take(signed, answering: asked) {
            latch.touch()
            links[index].changedIn = latch.version
            if links[index].needsFresh(haltFile: haltFile) { askSoon(index, now) }
        }
        if links[index].entries != before.0 || links[index].answered != before.2 { directives.append(.haltChanged) }
        if links[index].conflict, !before.1 { directives.append(.conflict(links[index].monitor, signed.state.epoch)) }
    }

    /// A grant counts only as the answer to an open question of this session, asked not too long ago.
    private mutating func take(
        _ grant: Grant, at index: Int, _ now: BootInstant, _ directives: inout [HaltMemberDirective]
    ) {
        guard grant.monitor == links[index].monitor, grant.member == identity.name, grant.session == identity.session,
            let position = links[index].questions.firstIndex(where: { $0.nonce == grant.nonce })
        else {
            // Not an answer to us now, but a true state all the same.
            take(grant.state, at: index, answering: nil, now, &directives)
            return
        }
        let question = links[index].questions.remove(at: position)
        let inTime = now < question.sentAt + settings.grantTimeout
        let current = grant.state.state.epoch >= links[index].seen
        take(grant.state, at: index, answering: inTime ? question.asked : nil, now, &directives)
        if inTime, current { links[index].freshUntil = max(links[index].freshUntil, question.sentAt + settings.grantTimeout) }
        if inTime, identity.memberClass.needsLease {
            let lease = min(.milliseconds(Int64(grant.leaseMilliseconds)), settings.longestLease)
            links[index].leaseEnd = max(links[index].leaseEnd, lease > .zero ? question.sentAt + lease : .never)
        }
        if inTime, current, links[index].exact, !links[index].conflict {
            followHaltFile(grant.state.state, question, index, &directives)
        }
    }

    /// Looks for the re-arm that lifts what a `HALT` file stopped: one that is later than a state which the monitor had after the file was seen.
    private mutating func followHaltFile(
        _ state: MonitorHaltState, _ question: HaltLink.Question, _ index: Int, _ directives: inout [HaltMemberDirective]
    ) {
        guard var file = haltFile, question.haltFile == file.file.identity, links[index].configured else { return }
        if let baseline = file.baselines[state.monitor] {
            if state.rearmed > baseline { links[index].rearmedAfterFile = true }
        } else {
            file.baselines[state.monitor] = state.epoch
            haltFile = file
            latch.touch()
        }
    }

    /// Brings the next question to a monitor forward.
    mutating func askSoon(_ index: Int, _ now: BootInstant) {
        let earliest = links[index].lastRequest.map { $0 + settings.minimumInterval } ?? now
        links[index].requestDue = min(links[index].requestDue, max(now, earliest))
    }
}
