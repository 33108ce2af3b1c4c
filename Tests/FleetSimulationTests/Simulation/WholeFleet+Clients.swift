import Coordination
import SimulationSupport

/// A client, which repeats each request until it is answered.
struct SimulatedClient {
    var nextRequest: UInt64 = 1
    var open: [RequestID: ClientRequest] = [:]
    var submissions: [(id: SubmissionID, jobs: [NewJob])] = []
    var answers: [SubmissionID: [AcceptedJob]] = [:]
    var submissionsLeft = 0
}

// Clients; the last of them is the supervisor and the person who declares holders dead.

extension WholeFleet {
    func request(_ request: ClientRequest, of client: Int) {
        let id = RequestID(clients[client].nextRequest)
        clients[client].nextRequest += 1
        clients[client].open[id] = request
        resend(id, of: client)
    }

    func resend(_ id: RequestID, of client: Int) {
        guard let request = clients[client].open[id] else { return }
        send(.request(id, request), from: Sender(node: self.client(client), life: 0), to: coordinator.node)
        time.schedule(.resend(client, id), after: .milliseconds(700))
    }

    func take(_ reply: Reply, to id: RequestID, of client: Int) {
        guard let request = clients[client].open.removeValue(forKey: id) else { return }
        switch (request, reply) {
        case (.submit(let submission, let jobs), .accepted(let accepted)):
            if let earlier = clients[client].answers[submission], earlier != accepted {
                fail("a submission is answered in two ways")
            }
            if accepted.count != jobs.count { fail("\(accepted.count) answers for \(jobs.count) jobs") }
            clients[client].answers[submission] = accepted
            acknowledged.formUnion(accepted.map(\.id))
        case (.cancel(let job), .job): canceled.insert(job)
        case (.retry, .job(_, .queued)), (.retry, .refused), (.cancel, .refused), (.declareDead, _), (.workerDied, .done):
            break
        default: fail("request \(request) is answered with \(reply)")
        }
    }

    func takeTurn(_ client: Int) {
        if client == supervisor { return declareDead() }
        submit(client)
        if random.chance(0.3), let (id, jobs) = clients[client].submissions.randomElement(using: &random) {
            request(.submit(id, jobs), of: client)
        }
        if random.chance(0.2), let id = anyJob(where: { !$0.isTerminal }) { request(.cancel(id), of: client) }
        // What was canceled stays canceled here, so that the end can be checked.
        if random.chance(0.3), let id = anyJob(where: { $0 == .failed }), !canceled.contains(id) {
            retried.insert(id)
            request(.retry(id), of: client)
        }
        if phase == .faults { time.schedule(.clientTurn(client), after: random.milliseconds(300...4000)) }
    }

    func submit(_ client: Int) {
        guard clients[client].submissionsLeft > 0 else { return }
        clients[client].submissionsLeft -= 1
        let submission = SubmissionID(UInt128(random.next()) << 64 | UInt128(random.next()))
        let jobs = (0..<Int.random(in: 1...3, using: &random)).map { _ in makeJob() }
        clients[client].submissions.append((submission, jobs))
        request(.submit(submission, jobs), of: client)
    }

    private func makeJob() -> NewJob {
        var kind = JobKind.backtest
        if random.chance(bug == .lengthensLeases ? 0.7 : 0.25) { kind = .live }
        if scenario.workerClasses.contains(.dryRun), random.chance(0.15) { kind = .dryRun }
        // Some addresses come again, so that jobs attach to others and are answered from the store.
        let isNew = addressCount == 0 || kind != .backtest || random.chance(0.8)
        if isNew { addressCount += 1 }
        let address = isNew ? addressCount : UInt64.random(in: 1...addressCount, using: &random)
        let place = UInt64(JobKind.allCases.firstIndex(of: kind) ?? 0)
        var job = NewJob(
            address: JobAddress(Digest256(words: (seed, address, place, 0))), kind: kind, group: "group \(random.next() % 3)",
            priority: Int.random(in: -1...1, using: &random), maxAttempts: Int.random(in: 1...4, using: &random),
            fresh: random.chance(0.1))
        if kind == .backtest, address % 2 == 0 {
            job.combinationCount = address % 13 + 1
            job.sliceSize = address % 3 + 1
        }
        return job
    }

    private func anyJob(where isMeant: (JobState) -> Bool) -> JobID? {
        acknowledged.sorted().filter { id in store.jobs[id].map { isMeant($0.record.state) } ?? false }
            .randomElement(using: &random)
    }

    /// The person declares holders of lost jobs dead, sometimes wrongly: also then there are never two holders.
    private func declareDead() {
        for id in store.jobs.keys.sorted() {
            guard let job = store.jobs[id], job.record.job.kind == .live, !job.record.state.isTerminal else { continue }
            let isDead = job.out.values.allSatisfy { endedSessions.contains($0.session) }
            guard job.record.state == .lost || (job.record.state == .canceling && isDead) else { continue }
            if isDead ? phase != .faults || random.chance(0.3) : random.chance(bug == .lengthensLeases ? 0.5 : 0.05) {
                request(.declareDead(id, by: "test", reason: "lost"), of: supervisor)
            }
        }
        time.schedule(.clientTurn(supervisor), after: .milliseconds(1500))
    }
}
