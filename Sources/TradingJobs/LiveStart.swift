internal import Configuration
internal import Coordination
internal import Exchange
internal import Execution
internal import Fleet
internal import FleetProtocol
internal import Halt
internal import LiveGates
internal import Logging
internal import Venues

/// The start of one live job at its worker: facts, gates, clients, session. Nothing is sent before every gate was passed but questions that change
/// nothing at the venue.
struct LiveStart: Sendable {
    let worker: LiveJobRunner.Worker
    let specification: JobSpecification
    let assignment: Assignment
    let control: UnitControl
    let log: Logger

    /// What the list is asked with, and what goes with it.
    struct Ready {
        var configuration: EffectiveConfiguration
        var admission: LiveAdmission
        var subject: PromotionSubject
        var account: AccountName
        var credentials: Credentials
        var facts: LiveFacts
    }

    /// Where the start ends without a session.
    enum Ending: Error {
        case failed(JobFault)
        case canceled
    }

    init(
        _ worker: LiveJobRunner.Worker, _ specification: JobSpecification, _ assignment: Assignment, _ control: UnitControl,
        _ log: Logger
    ) {
        self.worker = worker
        self.specification = specification
        self.assignment = assignment
        self.control = control
        self.log = log
    }

    func run(_ makePermit: LiveJobRunner.MakePermit, _ makeSession: LiveJobRunner.MakeSession) async -> LiveJobEnd {
        do throws(Ending) {
            var ready = try readied()
            let lock = try lock(ready)
            try useToken(on: lock)
            defer { withExtendedLifetime(lock) {} }
            return try await run(&ready, makePermit, makeSession)
        } catch {
            switch error {
            case .failed(let fault): return .failed(fault)
            case .canceled: return .canceled
            }
        }
    }

    static func failed(_ code: FailureCode, _ message: String) -> Ending { .failed(JobFault(code, message)) }
    static func refused(_ refusal: LiveRefusal) -> Ending { failed(.badConfiguration, refusal.description) }

    /// Whether a session of this job was here before, or anywhere: then it goes on, and may have positions.
    var goesOn: Bool { assignment.recordCount > 0 || Files.exists(journalPath) }
    var journalFolder: String { worker.home.path + "/trading" }
    var journalPath: String { journalFolder + "/\(assignment.grant.unit.job).sqlite" }

    // MARK: - Facts

    /// Everything up to the account's lock.
    private func readied() throws(Ending) -> Ready {
        guard let value = try? JSONReader.read(specification.configuration, origin: .none, options: .strict).value else {
            throw Self.failed(.badConfiguration, "the job's configuration cannot be read: submit it again with pragma live")
        }
        if let problem = SmuggledSettings.problem(in: value) { throw Self.failed(.badConfiguration, problem) }
        let admission = LiveAdmission(decoding: specification.admission)
        let subject = LiveSubject.of(value, executable: specification.executable)
        var facts = facts(value, admission, subject)
        let account = facts.account.flatMap(AccountName.init)
        var note = ""
        var found: Credentials?
        if let account { found = credentials(account, &facts, &note) }
        // The rest of the list is asked for later: what is before it decides now.
        var supposed = facts
        supposed.ownership = .own
        supposed.orderGate = .active
        let missing = goesOn ? LiveCheck.firstMissingToGoOn(supposed) : LiveCheck.firstMissing(supposed, at: .worker)
        if var missing, goesOn || missing.gate.isBefore(.accountOwned) {
            if missing.gate == .credentials || missing.gate == .realCredentials, !note.isEmpty { missing.message += " (\(note))" }
            throw Self.refused(missing)
        }
        guard let admission, let subject, let account, let credentials = found else {
            throw missing.map(Self.refused)
                ?? Self.failed(.badConfiguration, "the coordinator's word for this job cannot be read")
        }
        return Ready(
            configuration: try configuration(), admission: admission, subject: subject, account: account,
            credentials: credentials,
            facts: facts)
    }

    private func facts(_ value: ConfigValue, _ admission: LiveAdmission?, _ subject: PromotionSubject?) -> LiveFacts {
        var facts = LiveFacts()
        facts.read(value)
        LiveEnvironment.read(worker.environment, into: &facts)
        facts.confirmOnCommandLine = !specification.submission.isEmpty
        facts.coordinatorEnabled = admission != nil
        facts.workerEnabled = worker.isLiveEnabled
        facts.promotion = .absent
        if let admission, let subject {
            facts.promotion = .present(
                admission.promotion.refusal(for: subject, rules: admission.rules, at: worker.wallClock()))
        }
        facts.budget = admission == nil ? .absent : LiveFacts.Budget(control.budget, at: worker.trading.now)
        return facts
    }

    /// `note` says which file or variable is at fault, and never a value.
    private func credentials(_ account: AccountName, _ facts: inout LiveFacts, _ note: inout String) -> Credentials? {
        do throws(VenueSetupError) {
            let found = try CredentialSource(environment: worker.environment, home: worker.home.path).credentials(of: account)
            facts.credentials = .present(CredentialCheck.problem(key: found.key, secret: found.secret, venue: facts.venue ?? ""))
            return found
        } catch {
            note = error.description
            facts.credentials =
                error.isPlaceholder
                ? .present(CredentialProblem(field: error.isOfSecret ? .secret : .key, kind: .placeholder)) : .absent
            return nil
        }
    }

    private func configuration() throws(Ending) -> EffectiveConfiguration {
        do throws(ConfigurationError) {
            return try EffectiveConfiguration.decode(canonical: specification.configuration, registry: worker.registry)
        } catch { throw Self.failed(.badConfiguration, error.description) }
    }

    private func lock(_ ready: Ready) throws(Ending) -> AccountLock {
        let holder = "worker \(worker.name), job \(assignment.grant.unit.job)"
        var facts = ready.facts
        switch AccountLock.take(key: ready.credentials.key, home: worker.home, holder: holder) {
        case .taken(let lock): return lock
        case .heldBy(let other): facts.ownership = .refused(.lockedBy(other))
        case .unknown(let why):
            log.error("the account's lock cannot be taken", metadata: ["cause": "\(why)"])
            facts.ownership = .refused(.lockUnknown)
        }
        throw Self.refused(ownership: facts)
    }

    /// Each grant of a job has a token above all before it, or something gave one out twice.
    private func useToken(on lock: AccountLock) throws(Ending) {
        let token = assignment.grant.token
        let isNew: Bool
        do throws(FleetError) { isNew = try HighestTokens(home: worker.home).use(token, account: lock.id) } catch {
            throw Self.failed(.internalError, error.message)
        }
        guard isNew else {
            throw Self.failed(
                .internalError,
                "the fencing token \(token) or a later one was used on this account before, so that the coordinator's store is an old one: start "
                    + "the live worker anew, which shows it the tokens that are spent")
        }
    }

    static func refused(ownership facts: LiveFacts) -> Ending {
        LiveCheck.missing(.accountOwned, in: facts, at: .worker).map(refused)
            ?? failed(.internalError, "the account is not known to be this job's alone")
    }
}
