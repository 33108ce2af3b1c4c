// What clients ask for.

extension CoordinatorInstance {
    /// A request of a client came in. The reply goes out with the batch's commit.
    package mutating func receive(
        _ request: ClientRequest, id: RequestID, from peer: PeerID, lookup: some AddressLookup, at moment: Moment,
        into directives: inout [CoordinatorDirective]
    ) {
        begin(moment, &directives)
        defer { end(&directives) }
        let reply: Reply
        do throws(Refusal) {
            reply =
                switch request {
                case .submit(let submission, let jobs): try submit(jobs, as: submission, lookup)
                case .cancel(let job): try cancel(job, lookup)
                case .retry(let job): try retry(job, lookup)
                case .declareDead(let job, let person, let reason): try declareDead(job, by: person, reason)
                case .resetBreaker(let job, let person, let reason): try resetBreaker(job, by: person, reason)
                case .workerDied(let session, let proof): accept(proof, of: session)
                case .confirmLive: throw Refusal(.invalidRequest, "this coordinator gives no confirmations of live jobs")
                case .drain(let worker): try drain(worker)
                }
        } catch {
            reply = .refused(error)
        }
        output.append(.reply(peer, id, reply))
    }

    // MARK: - Submission

    /// Whether the submission was accepted before: it gets the same answer again, and nothing is started.
    package func knows(_ submission: SubmissionID, lookup: some AddressLookup) -> Bool {
        (uncommitted.acceptedJobs(of: submission) ?? lookup.acceptedJobs(of: submission)) != nil
    }

    private mutating func submit(
        _ new: [NewJob], as submission: SubmissionID, _ lookup: some AddressLookup
    ) throws(Refusal) -> Reply {
        if let known = uncommitted.acceptedJobs(of: submission) ?? lookup.acceptedJobs(of: submission) {
            return .accepted(known)
        }
        guard !isDraining else { throw Refusal(.draining, "the coordinator is shutting down: submit again when it is back") }
        guard !new.isEmpty else { throw Refusal(.invalidRequest, "the submission holds no job") }
        guard new.count <= settings.maxJobsPerSubmission else {
            throw Refusal(
                .invalidRequest,
                "the submission holds \(new.count) jobs; split it into parts of at most \(settings.maxJobsPerSubmission)")
        }
        for (index, job) in new.enumerated() { try check(job, index: index) }
        guard jobs.count + new.count <= settings.maxQueuedJobs else {
            throw Refusal(
                .tooManyJobs,
                "\(jobs.count) jobs wait already and at most \(settings.maxQueuedJobs) may: wait, or submit a sweep instead")
        }
        var accepted: [AcceptedJob] = []
        accepted.reserveCapacity(new.count)
        for (index, job) in new.enumerated() {
            accepted.append(existing(job, lookup) ?? add(job, submission: submission, index: index))
        }
        persist(.submissionRecorded(submission, accepted, wallMilliseconds: now.wallMilliseconds))
        uncommitted.noteSubmission(submission, accepted)
        return .accepted(accepted)
    }

    private func check(_ job: NewJob, index: Int) throws(Refusal) {
        func demand(_ condition: Bool, _ message: @autoclosure () -> String) throws(Refusal) {
            if !condition { throw Refusal(.invalidRequest, "job \(index) of the submission: \(message())") }
        }
        try demand(job.combinationCount >= 1, "it covers no combination")
        try demand(job.sliceSize >= 1, "its slice size is 0; set at least 1")
        try demand((1...100).contains(job.maxAttempts), "maxAttempts is \(job.maxAttempts); set 1 to 100")
        try demand((-100...100).contains(job.priority), "priority is \(job.priority); set -100 to 100")
        try demand(job.group.utf8.count <= 256, "its group's name has \(job.group.utf8.count) bytes; 256 are allowed")
        try demand((job.memoryEstimate ?? 0) <= 1 << 48, "its memory estimate is above 256 TiB")
        try demand(
            job.kind == .backtest || job.combinationCount == 1,
            "a \(job.kind.rawValue) job covers \(job.combinationCount) combinations; only a backtest may be a sweep")
    }

    /// The job that answers a submitted one without new work: only for backtests, and not when a fresh run is asked for.
    private func existing(_ job: NewJob, _ lookup: some AddressLookup) -> AcceptedJob? {
        guard job.kind == .backtest, !job.fresh else { return nil }
        if let active = addresses[job.address], let slot = jobs.slot(of: active), jobs[slot].state != .canceling {
            return AcceptedJob(id: active, isExisting: true)
        }
        let done = uncommitted.succeededJob(at: job.address) ?? lookup.succeededJob(at: job.address)
        return done.map { AcceptedJob(id: $0, isExisting: true) }
    }

    private mutating func add(_ job: NewJob, submission: SubmissionID, index: Int) -> AcceptedJob {
        let id = JobID(nextJobID)
        nextJobID += 1
        persist(
            .jobInserted(
                JobRecord(
                    id: id, submission: submission, submissionIndex: index, job: job, state: .queued,
                    submittedAtMilliseconds: now.wallMilliseconds)))
        insert(JobEntry(id: id, job: job, state: .queued))
        publish(.job(id, .queued, StateReason(.accepted)))
        return AcceptedJob(id: id, isExisting: false)
    }

    // MARK: - Cancel and retry

    private mutating func cancel(_ id: JobID, _ lookup: some AddressLookup) throws(Refusal) -> Reply {
        guard let slot = jobs.slot(of: id) else {
            let state = try finishedJob(id, lookup).state
            guard state == .canceled else {
                throw Refusal(.wrongState, "job \(id) is \(state.rawValue) already")
            }
            return .job(id, state)
        }
        endReturning(slot)
        let isOut = !jobs[slot].out.isEmpty
        if jobs[slot].state != .canceling {
            advance(slot, .cancelRequested, StateReason(.canceledByClient))
        }
        guard isOut else { return .job(id, .canceled) }
        queues[jobs[slot].kind.index].dequeue(slot, in: &jobs)
        for token in jobs[slot].out.sorted() {
            guard let dispatch = dispatches[token] else { continue }
            send(.cancel(dispatch.grant), to: dispatch.worker)
        }
        return .job(id, .canceling)
    }

    private mutating func retry(_ id: JobID, _ lookup: some AddressLookup) throws(Refusal) -> Reply {
        if let slot = jobs.slot(of: id) {
            throw Refusal(.wrongState, "job \(id) is \(jobs[slot].state.rawValue): it needs no retry")
        }
        guard !isDraining else { throw Refusal(.draining, "the coordinator is shutting down: retry when it is back") }
        var entry = try finishedJob(id, lookup)
        guard entry.kind != .live else {
            throw Refusal(.liveNotRetried, "job \(id) is live: start it anew, with a new confirmation")
        }
        guard case .success(let state) = entry.state.transition(on: .retried) else {
            throw Refusal(.wrongState, "job \(id) is \(entry.state.rawValue): only failed, canceled or expired jobs are retried")
        }
        if let expiry = entry.expiresAtMilliseconds, expiry <= now.wallMilliseconds {
            throw Refusal(.wrongState, "the time of job \(id) is over: submit it anew with a later end")
        }
        if let active = addresses[entry.address], entry.kind == .backtest {
            throw Refusal(.wrongState, "job \(active) is the same backtest and is not finished: wait for it")
        }
        entry.reset()
        entry.state = state
        uncommitted.forgetFinished(id)
        persist(.jobRetried(id, wallMilliseconds: now.wallMilliseconds))
        insert(entry)
        publish(.job(id, state, StateReason(.retried)))
        return .job(id, state)
    }

    /// A job that is not in memory, from the batches that are not committed or from the store.
    private func finishedJob(_ id: JobID, _ lookup: some AddressLookup) throws(Refusal) -> JobEntry {
        if let entry = uncommitted.finishedJob(id) { return entry }
        guard let stored = lookup.storedJob(id) else { throw Refusal(.unknownJob, "there is no job \(id)") }
        return JobEntry(stored)
    }

    // MARK: - Dead and draining workers

    private mutating func declareDead(_ id: JobID, by person: String, _ reason: String) throws(Refusal) -> Reply {
        guard let slot = jobs.slot(of: id) else { throw Refusal(.unknownJob, "there is no unfinished job \(id)") }
        let lost = jobs[slot].out.sorted().filter { dispatches[$0]?.isLost == true }
        guard jobs[slot].kind == .live, !lost.isEmpty else {
            throw Refusal(
                .wrongState, "job \(id) is not a live job whose lease ran out: there is nobody to be declared dead")
        }
        guard !person.isEmpty, !reason.isEmpty else {
            throw Refusal(.invalidRequest, "declaring the holder of job \(id) dead needs a name and a reason")
        }
        for token in lost {
            guard let dispatch = close(token) else { continue }
            failLost(dispatch, UnitFailure(code: .workerDied, message: "declared dead by \(person): \(reason)"))
        }
        let state = jobs.slot(of: id).map { jobs[$0].state } ?? uncommitted.finishedJob(id)?.state
        return .job(id, state ?? .failed)
    }

    /// The holder alone knows the breaker. Nothing waits for one that is not there: it is asked for again once there is a holder.
    private mutating func resetBreaker(_ id: JobID, by person: String, _ reason: String) throws(Refusal) -> Reply {
        guard let slot = jobs.slot(of: id) else { throw Refusal(.unknownJob, "there is no unfinished job \(id)") }
        guard jobs[slot].kind == .live else {
            throw Refusal(.wrongState, "job \(id) is not live, and only live jobs have a circuit breaker")
        }
        guard !person.isEmpty, !reason.isEmpty else {
            throw Refusal(.invalidRequest, "resetting the circuit breaker of job \(id) needs a name and a reason")
        }
        let holders = jobs[slot].out.sorted().compactMap { dispatches[$0] }.filter {
            !$0.isLost && workers[$0.worker].peer != nil
        }
        guard let dispatch = holders.last else {
            throw Refusal(
                .wrongState, "job \(id) is \(jobs[slot].state.rawValue), and no worker that runs it is connected: ask again later"
            )
        }
        send(.resetBreaker(dispatch.grant, by: person, reason: reason), to: dispatch.worker)
        return .job(id, jobs[slot].state)
    }

    private mutating func accept(_ proof: DeathProof, of session: SessionID) -> Reply {
        bury(session, proof)
        return .done
    }

    private mutating func drain(_ name: WorkerID?) throws(Refusal) -> Reply {
        guard let name else {
            isDraining = true
            for worker in workers.slots { send(.drain, to: worker) }
            return .done
        }
        guard let session = workers.newestSession(of: name), let worker = workers.slot(of: session) else {
            throw Refusal(.unknownWorker, "there is no worker \(name)")
        }
        workers[worker].isDraining = true
        send(.drain, to: worker)
        return .done
    }
}
