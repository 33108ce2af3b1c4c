extension MonitorInstance {
    /// A request of the command line, whose right to ask it the shell has checked.
    package mutating func receive(
        _ message: OperatorMessage, at now: BootInstant, wallMilliseconds: Int64
    ) -> [MonitorDirective] {
        var directives: [MonitorDirective] = []
        switch message {
        case .stop(let request): stop(request, now, wallMilliseconds, &directives)
        case .rearm(let request): rearm(request, now, &directives)
        case .status(let request): directives.append(.reply(.status(status(for: request.request, at: now))))
        case .memberDied(let death):
            memberDied(death, now, &directives)
            directives.append(.reply(.done(death.request)))
        case .progress(let id):
            if let index = requests.firstIndex(where: { $0.request == id }) {
                requests[index].repeatReply()
            } else {
                refuse(id, .unknownRequest, "no request of this id is known here: send the request itself again", &directives)
            }
        }
        settle(now, &directives)
        return directives
    }

    /// What the shell sees of the `HALT` file in the monitor's home. One that is there stops the whole fleet.
    package mutating func haltFile(
        _ file: HaltFile?, at now: BootInstant, wallMilliseconds: Int64
    ) -> [MonitorDirective] {
        var directives: [MonitorDirective] = []
        // Looked at before it was removed, told after: the re-arm that removes it has lifted it.
        if let file, let removing, file == removing.file, now < removing.until { return directives }
        removing = nil
        if let file, haltFile != file {
            tighten(.haltFile(file, "a HALT file is in the home", wallMilliseconds), now, &directives)
        }
        haltFile = file
        settle(now, &directives)
        return directives
    }

    /// What `removeHaltFile` asked for has ended.
    ///
    /// - Parameter failure: nil where that file is not in the home any more; else why it is, for the operator. It stops the fleet again.
    package mutating func haltFileRemoved(
        identity: UInt64, failure: String?, at now: BootInstant, wallMilliseconds: Int64
    ) -> [MonitorDirective] {
        var directives: [MonitorDirective] = []
        guard let file = removing?.file, file.identity == identity else { return directives }
        removing = nil
        if let failure {
            directives.append(.record(.haltFileStays(failure)))
            let reason = "the HALT file in the home could not be removed after a re-arm: \(failure)"
            tighten(.haltFile(file, reason.prefix(utf8: HaltLimits.reasonBytes), wallMilliseconds), now, &directives)
            haltFile = file
        }
        settle(now, &directives)
        return directives
    }

    private mutating func stop(
        _ request: StopRequest, _ now: BootInstant, _ wall: Int64, _ directives: inout [MonitorDirective]
    ) {
        if let index = requests.firstIndex(where: { $0.request == request.request }) {
            requests[index].repeatReply()
            return
        }
        guard request.scope.isWellFormed else {
            let message =
                "the scope's name is empty or longer than \(HaltLimits.scopeBytes) bytes: name what `pragma status` shows"
            refuse(request.request, .malformed, message, &directives)
            return
        }
        // A stop is never refused for want of a form: what is missing is filled in.
        let entry = HaltEntry(
            id: 0, scope: request.scope, action: request.action,
            reason: request.reason.isEmpty ? "(no reason given)" : request.reason.prefix(utf8: HaltLimits.reasonBytes),
            operator: request.operator.isEmpty ? "(unknown)" : request.operator.prefix(utf8: HaltLimits.nameBytes),
            wallMilliseconds: wall)
        tighten(entry, now, &directives)
        track(TrackedRequest(request: request.request, kind: .stop, epoch: state.epoch, entry: entry, at: now))
    }

    private mutating func rearm(_ request: RearmRequest, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        if let index = requests.firstIndex(where: { $0.request == request.request }) {
            requests[index].repeatReply()
            return
        }
        if let (code, message) = objection(to: request) {
            refuse(request.request, code, message, &directives)
            return
        }
        // The same entries under a new epoch: who asks from now on gets an epoch that this re-arm does not come after.
        var accepted = state
        advance(&accepted)
        put(accepted, now, &directives)
        var next = accepted
        advance(&next)
        usedCounter = next.epoch.counter
        switch request.selection {
        case .all:
            next.entries = []
            next.rearmed = accepted.epoch
        case .entries(let ids): next.entries.removeAll { ids.contains($0.id) }
        }
        staged = StagedRearm(request: request, state: next)
        directives.append(.record(.rearmAccepted(request)))
        track(TrackedRequest(request: request.request, kind: .rearm, epoch: next.epoch, entry: nil, at: now))
    }

    private func objection(to request: RearmRequest) -> (HaltRefusal.Code, String)? {
        if request.monitor != monitor { return (.wrongMonitor, "this is monitor \(monitor), not \(request.monitor)") }
        if request.epoch != state.epoch {
            return (
                .wrongEpoch,
                "the current epoch is \(state.epoch), not \(request.epoch): look at what is stopped now and name that epoch"
            )
        }
        if request.reason.isEmpty || request.operator.isEmpty {
            return (.reasonMissing, "a re-arm needs a reason and the name of who asks for it")
        }
        if staged != nil || usedCounter > .max - 2 { return (.busy, "another re-arm is being written: ask again") }
        if case .entries(let ids) = request.selection {
            let unknown = ids.filter { id in !state.entries.contains { $0.id == id } }
            if !unknown.isEmpty || ids.isEmpty {
                return (.unknownEntries, "there are no entries with the ids \(unknown): `pragma status` lists them")
            }
        }
        return nil
    }

    /// Adds an entry, in force at once, under a new epoch. One that is already there is not added twice, but takes a new epoch too: a re-arm
    /// that names the epoch from before this stop, or is being written, must not lift it.
    private mutating func tighten(_ new: HaltEntry, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        var next = state
        var entry = new
        if let known = next.entries.first(where: { $0.isSame(as: new) }) {
            entry.id = known.id
        } else {
            entry.id = (next.entries.map(\.id).max() ?? 0) &+ 1
            next.entries.append(entry)
        }
        directives.append(.record(.stopAccepted(entry, state.epoch)))
        let room = HaltLimits.stateBytes - HaltLimits.nameBytes - 64
        next.entries = next.entries.widened(toFit: room)
        advance(&next)
        put(next, now, &directives)
    }

    /// The next epoch of this incarnation, or of a new one where the counter ends.
    func advance(_ next: inout MonitorHaltState) {
        next.epoch.counter = max(usedCounter, next.epoch.counter)
        if next.epoch.counter < .max { next.epoch.counter += 1 }
    }

    /// Puts a state in force that is no looser than the one before.
    mutating func put(_ next: MonitorHaltState, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        usedCounter = max(next.epoch.counter, 1)
        signed = SignedHaltState(next, signer: signer)
        withdraw(.overtaken, now, &directives)
        latch.dirty = true
        publish(now, &directives)
    }

    mutating func refuse(
        _ id: HaltRequestID, _ code: HaltRefusal.Code, _ message: String, _ directives: inout [MonitorDirective]
    ) {
        let refusal = HaltRefusal(request: id, code: code, monitor: monitor, current: state.epoch, message: message)
        directives.append(.record(.refused(refusal)))
        directives.append(.reply(.refused(refusal)))
    }
}

extension HaltScope {
    /// The name can be written and is not empty.
    package var isWellFormed: Bool {
        switch self {
        case .fleet: true
        case .exchange(let name), .account(let name), .strategy(let name), .job(let name):
            !name.isEmpty && name.utf8.count <= HaltLimits.scopeBytes
        }
    }
}

extension HaltEntry {
    /// The entry that a `HALT` file in the monitor's home stands for.
    static func haltFile(_ file: HaltFile, _ reason: String, _ wallMilliseconds: Int64) -> HaltEntry {
        HaltEntry(
            id: 0, scope: .fleet, action: file.action, reason: reason, operator: "HALT", wallMilliseconds: wallMilliseconds)
    }

    /// The same stop by the same operator for the same reason: said twice.
    func isSame(as other: HaltEntry) -> Bool {
        scope == other.scope && action == other.action && reason == other.reason && self.operator == other.operator
    }
}
