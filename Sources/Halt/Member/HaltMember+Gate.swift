extension HaltMember {
    /// What may be done for a subject at an instant, and why not more. For workers with leases this counts them in.
    package func restriction(for subject: HaltSubject, at now: BootInstant) -> MemberRestriction {
        var result = standing(for: subject)
        if awaitsAnswers, subject == self.subject {
            result.causes.insert(.unknownState)
            result.mode = max(result.mode, usesGate ? gate.mode(at: now) : .halted)
        }
        if identity.memberClass.needsLease, now >= leaseEnd {
            result.causes.insert(.noLease)
            result.mode = max(result.mode, now < silentUntil ? .reducing : .halted)
        }
        return result
    }

    /// The same for what this member works on.
    package func restriction(at now: BootInstant) -> MemberRestriction { restriction(for: subject, at: now) }

    /// The strongest action that stands for a subject, of monitors' entries and a `HALT` file; nil: none.
    package func effectiveAction(for subject: HaltSubject) -> HaltAction? {
        var strongest = haltFile?.file.action
        for link in links {
            guard let action = link.entries.effectiveAction(for: subject) else { continue }
            strongest = max(strongest ?? action, action)
        }
        return strongest
    }

    /// The instant before which every configured monitor's lease still runs; `.never` where one is missing.
    var leaseEnd: BootInstant {
        let configured = links.filter(\.configured)
        return configured.isEmpty ? .never : configured.map(\.leaseEnd).min() ?? .never
    }

    /// When silence turns `reducing` into `halted`.
    private var silentUntil: BootInstant { leaseEnd == .never ? .never : leaseEnd + settings.haltAfter }

    /// The restriction by everything but leases: it does not change with time alone.
    private func standing(for subject: HaltSubject) -> MemberRestriction {
        var result = MemberRestriction(mode: .active, causes: [])
        func restrict(_ cause: MemberRestriction.Causes, _ mode: MemberRestriction.Mode) {
            result.causes.insert(cause)
            result.mode = max(result.mode, mode)
        }
        for link in links {
            if let action = link.entries.effectiveAction(for: subject) { restrict(.entry, action.mode) }
            if link.configured, !link.answered { restrict(.unknownState, .halted) }
            if link.conflict { restrict(.conflict, .halted) }
        }
        if let haltFile { restrict(haltFilePresent ? .haltFile : .haltFileSeen, haltFile.file.action.mode) }
        if localStop { restrict(.localStop, .reducing) }
        // Without a monitor there is nobody who could ever stop a live worker, so it does not start.
        if !links.contains(where: \.configured) { restrict(.unknownState, .halted) }
        return result
    }

    /// Draws the conclusions of an input: first what closes, then the cancels, the latch, and last the acknowledgements.
    mutating func settle(_ now: BootInstant, _ directives: inout [HaltMemberDirective]) {
        forgetHaltFile(&directives)
        var standing = standing(for: subject)
        waitForAnswers(&standing, now)
        if usesGate { settleGate(standing, &directives) } else { settleHold(standing, &directives) }
        settleLatch(now, &directives)
        settleAcks(&directives)
    }

    /// What has no lease opens only on young answers of every monitor: one lifts its stop while another, not heard for a while, may have made one.
    private mutating func waitForAnswers(_ standing: inout MemberRestriction, _ now: BootInstant) {
        awaitsAnswers = false
        let open = usesGate ? gate.activeUntil != .never : !holding
        guard !identity.memberClass.needsLease, !open, standing.mode == .active else { return }
        for index in links.indices where links[index].configured && now >= links[index].freshUntil {
            awaitsAnswers = true
            askSoon(index, now)
        }
        if awaitsAnswers {
            standing = MemberRestriction(mode: usesGate ? gate.mode(at: now) : .halted, causes: .unknownState)
        }
    }

    /// The file is gone and every monitor was re-armed after it.
    private mutating func forgetHaltFile(_ directives: inout [HaltMemberDirective]) {
        let configured = links.filter(\.configured)
        guard haltFile != nil, !haltFilePresent, !configured.isEmpty, configured.allSatisfy(\.rearmedAfterFile) else { return }
        haltFile = nil
        latch.touch()
        directives.append(.haltChanged)
    }

    private mutating func settleGate(_ standing: MemberRestriction, _ directives: inout [HaltMemberDirective]) {
        let new = gate(for: standing.mode)
        if new != gate {
            gate = new
            directives.append(.setGate(new))
        }
        let action = effectiveAction(for: subject)
        if action != orderedAction {
            // What was read while more was ordered stays true when less is: nothing could be opened in between.
            let isLess = action.map { $0 >= .cancel && $0 < orderedAction ?? .halt } ?? false
            if !isLess { exchangeStage = nil }
            if let action, action >= .cancel, action > orderedAction ?? .halt { directives.append(.cancelOrders(action)) }
            orderedAction = action
        }
    }

    private func gate(for mode: MemberRestriction.Mode) -> OrderGate {
        let open = identity.memberClass.needsLease ? leaseEnd : .distantFuture
        let reducing = identity.memberClass.needsLease ? silentUntil : .distantFuture
        return switch mode {
        case .active: OrderGate(activeUntil: open, reducingUntil: reducing)
        case .reducing: OrderGate(activeUntil: .never, reducingUntil: reducing)
        case .halted: .halted
        }
    }

    private mutating func settleHold(_ standing: MemberRestriction, _ directives: inout [HaltMemberDirective]) {
        let hold = standing.mode != .active
        if hold != holding {
            holding = hold
            workStopped = false
            directives.append(.setHold(hold))
        }
    }
}

extension HaltAction {
    /// What the action does to an order gate.
    package var mode: MemberRestriction.Mode { self == .halt ? .reducing : .halted }
}
