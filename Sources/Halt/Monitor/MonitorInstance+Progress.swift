extension MonitorInstance {
    /// Follows a request; the oldest finished one makes room, else the oldest.
    mutating func track(_ request: TrackedRequest) {
        if requests.count >= settings.requestLimit {
            let victim = requests.firstIndex(where: \.isFinished) ?? requests.startIndex
            requests.remove(at: victim)
        }
        requests.append(request)
    }

    /// Reports whatever has come further.
    mutating func settleRequests(_ now: BootInstant, _ directives: inout [MonitorDirective]) {
        for index in requests.indices {
            if let code = requests[index].refusalDue {
                if isDurable { requests[index].refused = refusal(of: requests[index], code) }
                requests[index].refusalDue = isDurable ? nil : code
                if let refused = requests[index].refused {
                    directives.append(.record(.refused(refused)))
                    directives.append(.reply(.refused(refused)))
                    requests[index].reportDue = .distantFuture
                }
            } else if let refused = requests[index].refused {
                if requests[index].reportDue == .never {
                    directives.append(.reply(.refused(refused)))
                    requests[index].reportDue = .distantFuture
                }
            } else {
                report(index, now, &directives)
            }
        }
    }

    private func refusal(of request: TrackedRequest, _ code: HaltRefusal.Code) -> HaltRefusal {
        let message =
            code == .overtaken
            ? "a stop came while the re-arm was being written, so nothing was lifted: look at what is stopped now"
            : "the latch could not be written, so nothing was lifted: \(latch.failure ?? "it can be written again now")"
        return HaltRefusal(
            request: request.request, code: code, monitor: monitor, current: state.epoch, message: message)
    }

    private mutating func report(_ index: Int, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        let request = requests[index]
        guard now >= request.reportDue, request.lastProgress?.complete != true else { return }
        if request.lastProgress != nil, now >= request.acceptedAt + settings.followFor {
            requests[index].reportDue = .distantFuture
            return
        }
        let progress = progress(of: request, at: now)
        requests[index].reportDue = now + settings.progressInterval
        if progress.isSame(as: request.lastProgress) { return }
        requests[index].lastProgress = progress
        directives.append(.reply(.progress(progress)))
    }

    private func progress(of request: TrackedRequest, at now: BootInstant) -> HaltProgress {
        let durable = latch.durable.map { $0 >= request.epoch } ?? false
        let members = memberOrder.compactMap { self.members[$0] }.filter { !$0.isGone || isAwaited($0, by: request, now) }
        let lines = members.map { member in
            MemberProgress(
                member: member.name, session: member.session, memberClass: member.memberClass,
                stage: request.stages[member.name], lost: member.isLost(now, after: settings.lostAfter),
                leaseMilliseconds: member.leaseMilliseconds(now))
        }
        let former = formerLeasesUntil > now ? (formerLeasesUntil - now).milliseconds + 1 : 0
        let waiting = members.contains { isAwaited($0, by: request, now) }
        let early = request.kind == .stop && (former > 0 || now < completeFrom)
        return HaltProgress(
            request: request.request, kind: request.kind, monitor: monitor, epoch: request.epoch, durable: durable,
            latchFailure: durable ? "" : latch.failure ?? "", complete: durable && !waiting && !early,
            formerLeasesMilliseconds: UInt32(clamping: former), members: lines)
    }

    /// Whether a request is not complete for want of this member. Silence proves nothing of a stop: who is silent may be frozen or cut off, and
    /// go on. Its death does, its last word, and the end of its trading lease; of a live member these prove no more than `halt`: that nothing new
    /// is begun.
    private func isAwaited(_ member: MonitoredMember, by request: TrackedRequest, _ now: BootInstant) -> Bool {
        let reached = request.stages[member.name]?.rank ?? 0 >= request.required(of: member.memberClass)
        guard request.kind == .stop else { return !reached && !member.isLost(now, after: settings.lostAfter) }
        if now < member.formerLeaseEnd { return true }
        if reached { return false }
        guard member.memberClass.needsLease else { return !member.isGone }
        return request.entry?.action != .halt || now < member.leaseEnd
    }

    /// A re-arm has taken effect: what stops it has lifted is proved by no acknowledgement any more.
    mutating func overtakeStops(by rearm: RearmRequest) {
        for index in requests.indices where requests[index].kind == .stop && requests[index].refused == nil {
            guard let entry = requests[index].entry, !state.entries.implies([entry]) else { continue }
            requests[index].refused = HaltRefusal(
                request: requests[index].request, code: .overtaken, monitor: monitor, current: state.epoch,
                message: "a re-arm by \(rearm.operator) has lifted this stop: the fleet is not stopped by it any more")
            // Who was told that it is complete asks no more; whoever asks again is told.
            requests[index].reportDue = requests[index].lastProgress?.complete == true ? .distantFuture : .never
        }
    }

    /// What the monitor knows, for `pragma status`.
    package func status(for request: HaltRequestID, at now: BootInstant) -> HaltStatus {
        let known = memberOrder.compactMap { members[$0] }
        let lines = known.prefix(settings.statusLimit).map { member in
            MemberStatus(
                member: member.name, session: member.session, role: member.role, memberClass: member.memberClass,
                processID: member.processID,
                silentMilliseconds: UInt64(clamping: max(0, (now - member.lastHeard).milliseconds)),
                lost: member.isLost(now, after: settings.lostAfter), leaseMilliseconds: member.leaseMilliseconds(now),
                seen: member.seen, health: member.health, run: member.run)
        }
        return HaltStatus(
            request: request, state: state, durable: isDurable, latchFailure: isDurable ? "" : latch.failure ?? "",
            members: Array(lines), leftOut: UInt32(clamping: known.count - lines.count))
    }
}

extension HaltProgress {
    /// Nothing but remaining times differs from an earlier report.
    func isSame(as other: HaltProgress?) -> Bool {
        guard let other else { return false }
        return durable == other.durable && complete == other.complete && latchFailure == other.latchFailure
            && members.count == other.members.count
            && zip(members, other.members).allSatisfy {
                $0.member == $1.member && $0.session == $1.session && $0.stage == $1.stage && $0.lost == $1.lost
                    && ($0.leaseMilliseconds > 0) == ($1.leaseMilliseconds > 0)
            }
    }
}
