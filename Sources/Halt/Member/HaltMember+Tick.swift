extension HaltMember {
    /// Sends what is due: greetings, questions, a latch that failed before. The gate needs no tick to close.
    ///
    /// - Parameter random: where nonces come from; must never repeat over restarts.
    package mutating func tick(
        at now: BootInstant, random: inout some RandomNumberGenerator
    ) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        settle(now, &directives)
        for index in links.indices where links[index].configured {
            if links[index].helloDue { sendHello(index, now, &directives) }
            if now >= links[index].requestDue {
                links[index].questions.removeAll { now >= $0.sentAt + settings.grantTimeout }
                for epoch in links[index].questionable {
                    let nonce = HaltNonce(high: random.next(), low: random.next())
                    ask(index, about: epoch, nonce, now, &directives)
                }
                links[index].lastRequest = now
                links[index].requestDue = now + interval(of: links[index])
            }
        }
        return directives
    }

    /// When `tick` has something to do at the latest.
    package var nextTick: BootInstant {
        var next = latch.nextTry ?? .distantFuture
        for link in links where link.configured { next = min(next, link.helloDue ? .never : link.requestDue) }
        return next
    }

    /// The message for `pragma status`, for one monitor.
    package func health(
        for monitor: MonitorID, at now: BootInstant, jobsRunning: UInt32, residentBytes: UInt64, processorMilliseconds: UInt64
    ) -> MemberMessage {
        .health(
            MemberHealth(
                member: identity.name, session: identity.session, restriction: restriction(at: now), seen: seen(of: monitor),
                jobsRunning: jobsRunning, residentBytes: residentBytes, processorMilliseconds: processorMilliseconds))
    }

    private mutating func sendHello(_ index: Int, _ now: BootInstant, _ directives: inout [HaltMemberDirective]) {
        links[index].helloDue = false
        let shown: [SignedHaltState?] = [links[index].newest] + links[index].doubts
        for held in shown {
            let hello = MemberHello(
                member: identity.name, session: identity.session, role: identity.role, memberClass: identity.memberClass,
                processID: identity.processID, held: held, run: identity.run)
            directives.append(.send(links[index].monitor, .hello(hello)))
        }
    }

    private mutating func ask(
        _ index: Int, about epoch: HaltEpoch, _ nonce: HaltNonce, _ now: BootInstant, _ directives: inout [HaltMemberDirective]
    ) {
        links[index].questions.append(
            HaltLink.Question(nonce: nonce, sentAt: now, asked: epoch, haltFile: haltFile?.file.identity))
        let request = GrantRequest(member: identity.name, session: identity.session, nonce: nonce, seen: epoch)
        directives.append(.send(links[index].monitor, .grantRequest(request)))
    }

    private func interval(of link: HaltLink) -> BootDuration {
        if identity.memberClass.needsLease { return settings.renewInterval }
        return awaitsAnswers || link.needsFresh(haltFile: haltFile) ? settings.retryInterval : settings.refreshInterval
    }
}
