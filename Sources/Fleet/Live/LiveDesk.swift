internal import Configuration
internal import Coordination
internal import FleetProtocol
internal import JobStore
internal import LiveGates

/// Where live jobs come in at the coordinator: gives confirmations, checks each submission against the list, and knows which account belongs to
/// which job.
struct LiveDesk {
    /// How long a confirmation counts, nanoseconds by the boot clock.
    static let confirmationTime: Int64 = 60_000_000_000
    /// Confirmations that are kept at most: more are never asked for within a minute.
    private static let confirmationLimit = 10_000

    private struct Confirmation {
        var given: Int64
        /// The submission that it was used for.
        var usedBy: SubmissionID?
    }

    var isEnabled: Bool
    let rules: PromotionRules
    private var confirmations: [SubmissionID: Confirmation] = [:]
    /// The jobs that hold accounts, by the accounts' names.
    private(set) var owners: [String: JobID] = [:]
    /// Jobs whose stakes are in another currency than the limits of all accounts together: they have no part of them.
    private(set) var strangers: Set<JobID> = []
    var portfolio: LivePortfolio?

    init(isEnabled: Bool, rules: PromotionRules = PromotionRules(), portfolio: LivePortfolio? = nil) {
        self.isEnabled = isEnabled
        self.rules = rules
        self.portfolio = portfolio
    }

    // MARK: - Confirmations

    /// A new confirmation. They are kept in memory only: what was given before a restart counts no more.
    mutating func confirm(now: Int64, token: SubmissionID) throws(Refusal) -> LiveConfirmation {
        guard isEnabled else { throw Self.disabled }
        confirmations = confirmations.filter { now - $0.value.given < Self.confirmationTime }
        guard confirmations.count < Self.confirmationLimit else {
            throw Refusal(.tooManyJobs, "too many confirmations were asked for within a minute: wait a minute")
        }
        confirmations[token] = Confirmation(given: now)
        return LiveConfirmation(token: token, validMilliseconds: UInt64(Self.confirmationTime / 1_000_000))
    }

    /// Whether the confirmation is one that counts; using it up is another step.
    private func check(_ token: SubmissionID?, _ submission: SubmissionID, now: Int64) throws(Refusal) {
        guard let token, let known = confirmations[token] else {
            throw Self.unconfirmed("this coordinator gave no such confirmation, or gave it before it was started anew")
        }
        if let used = known.usedBy, used != submission {
            throw Self.unconfirmed("the confirmation was used already, and counts once")
        }
        guard now - known.given < Self.confirmationTime else {
            throw Self.unconfirmed("the confirmation is older than \(Self.confirmationTime / 1_000_000_000) s")
        }
    }

    private static func unconfirmed(_ why: String) -> Refusal {
        Refusal(
            .invalidRequest,
            "\(LiveGate.confirmOnCommandLine.rawValue): \(why); nothing was started: run pragma live --confirm-live again")
    }

    // MARK: - Accounts

    mutating func own(_ account: String, _ job: JobID) { owners[account] = job }
    mutating func release(_ job: JobID) {
        owners = owners.filter { $0.value != job }
        strangers.remove(job)
    }

    /// Takes in the live jobs of a store.
    mutating func restore(from store: any JobStore) throws(JobStoreError) {
        let states = JobState.allCases.filter { !$0.isTerminal }
        for summary in try store.jobs(matching: JobFilter(states: states, kinds: [.live], limit: 10_000)) {
            guard let payload = try store.payload(of: summary.record.id), let value = Self.configuration(of: payload),
                let account = value["account", "name"]?.string
            else { continue }
            own(account, summary.record.id)
            if let portfolio, value["stake_currency"]?.string != portfolio.currency { strangers.insert(summary.record.id) }
        }
    }

    private static func configuration(of payload: [UInt8]) -> ConfigValue? {
        guard let specification = try? JobSpecification(decoding: payload) else { return nil }
        return try? JSONReader.read(specification.configuration, origin: .none, options: .strict).value
    }

    // MARK: - Submissions

    /// Whether live has anything to do with a submission, by what it says it is or by what it holds.
    static func concerns(_ jobs: [NewJob], _ payloads: [[UInt8]]) -> Bool {
        jobs.contains { $0.kind == .live }
            || payloads.contains { (try? JobSpecification(decoding: $0))?.kind == JobKind.liveText }
    }

    /// Checks the submission of a live job; the payload to be stored, with the coordinator's word in it, and the account.
    ///
    /// - Parameters:
    ///   - now: nanoseconds of the boot clock.
    ///   - wall: milliseconds since 1970.
    mutating func admit(
        _ submission: SubmissionID, _ jobs: [NewJob], _ payloads: [[UInt8]], evidence: LiveEvidence, now: Int64, wall: Int64
    ) throws(Refusal) -> (payload: [UInt8], account: String, admission: LiveAdmission) {
        var specification = try Self.specification(jobs, payloads)
        guard let request = LiveRequest(decoding: specification.live),
            let value = try? JSONReader.read(specification.configuration, origin: .none, options: .strict).value,
            let subject = LiveSubject.of(value, executable: specification.executable)
        else { throw Refusal(.invalidRequest, "the live job cannot be read: submit it with pragma live") }
        if let problem = SmuggledSettings.problem(in: value) { throw Refusal(.invalidRequest, problem) }
        let token = SubmissionID(bytes: specification.submission)
        var facts = LiveFacts()
        facts.read(value)
        facts.confirmOnCommandLine = token != nil
        facts.coordinatorEnabled = isEnabled
        facts.ownership = ownership(of: facts.account ?? "")
        let record = evidence.promotion(of: subject, request, rules: rules, at: wall)
        facts.promotion = record.fact
        facts.budget = budgetFact(facts.account ?? "", currency: value["stake_currency"]?.string)
        let refusal = LiveCheck.firstMissing(facts, at: .coordinator)
        // What is wrong with a confirmation has its place in the list, too.
        if token != nil, refusal?.gate != .confirmInFile { try check(token, submission, now: now) }
        if let refusal { throw Refusal(.invalidRequest, refusal.description) }
        guard let token, let promotion = record.record, let account = facts.account else {
            throw Self.unconfirmed("the submission bears none")
        }
        confirmations[token]?.usedBy = submission
        let admission = LiveAdmission(promotion: promotion, rules: rules, by: request.by, at: wall)
        specification.admission = admission.encoded
        return (specification.encoded(), account, admission)
    }

    /// The one live job of a submission, which is what it says it is.
    private static func specification(_ jobs: [NewJob], _ payloads: [[UInt8]]) throws(Refusal) -> JobSpecification {
        guard jobs.count == 1, payloads.count == 1, let job = jobs.first, let payload = payloads.first else {
            throw Refusal(.invalidRequest, "a live job is submitted alone")
        }
        guard let specification = try? JobSpecification(decoding: payload) else {
            throw Refusal(.invalidRequest, "the live job cannot be read: submit it with pragma live")
        }
        guard job.kind == .live, specification.kind == JobKind.liveText, specification.engine == "native" else {
            throw Refusal(
                .invalidRequest,
                "the job is queued as \(job.kind.rawValue) and was made as \(specification.kind)/\(specification.engine): it is refused"
            )
        }
        guard JobAddress(bytes: SHA256Digest.of(SpecificationWire.addressBytes(specification))) == job.address else {
            throw Refusal(.invalidRequest, "the live job's address is not the digest of what was submitted")
        }
        return specification
    }

    private func ownership(of account: String) -> LiveFacts.Ownership {
        owners[account].map { .refused(.lockedBy("live job \($0)")) } ?? .own
    }

    private static var disabled: Refusal {
        var facts = LiveFacts()
        facts.coordinatorEnabled = false
        let refusal = LiveCheck.missing(.coordinatorEnabled, in: facts, at: .coordinator)
        return Refusal(.invalidRequest, refusal?.description ?? LiveGate.coordinatorEnabled.rawValue)
    }
}

extension JobKind {
    /// A live job's kind in its specification.
    static let liveText = ExecutionMode.live.rawValue
}
