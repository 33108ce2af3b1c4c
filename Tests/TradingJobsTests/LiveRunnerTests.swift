import AlertChannels
import Configuration
import Coordination
import Exchange
import FleetProtocol
import Foundation
import Halt
import LiveGates
import Money
import Orders
import Synchronization
import Testing
import Venues

@testable import Fleet
@testable import TradingJobs

/// A live worker with everything that live needs, and a job that may start on it.
struct LiveRunnerRig {
    let folder: TemporaryFolder
    let home: Home
    var configuration: ConfigValue
    var environment = ["PRAGMA_ALLOW_LIVE": "yes", "PRAGMA_LIVE_CONFIRMATION": "I UNDERSTAND THE RISKS"]
    var isLiveEnabled = true
    var credentials: String? = "key: paper-live-account-1\nsecret: 4hJk92mPqz7LxWvB\n"
    var credentialMode = 0o600
    var hasSubmission = true
    var hasAdmission = true
    var promotionOf: LiveDigest?
    var gate = OrderGate(activeUntil: .distantFuture, reducingUntil: .distantFuture)
    var budget = UnitBudget.none
    /// Somebody else has the account's lock.
    var isLocked = false
    /// Milliseconds since 1970.
    var wall: Int64 = 1_000
    /// When the promotion was issued, the same.
    var issuedAt: Int64 = 1_000
    var kind = JobKind.live
    /// Where alerts are told, beside the log.
    var alerts: RecordingLog?

    init(exchange: String = "paper-nowhere", strategy: String = "Idler") throws {
        folder = try TemporaryFolder()
        try Home.makeFolders(at: folder.path)
        home = try Home.describe(at: folder.path, fleet: "test", created: "now")
        let text = """
            {"strategy": "\(strategy)", "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 1, "dry_run": false,
             "exchange": {"name": "\(exchange)", "pair_whitelist": ["BTC/USDT"]}, "account": {"name": "main"},
             "execution": {"mode": "live", "confirm_live": true, "safety_phrase": "I_UNDERSTAND_THE_RISKS"},
             "risk": {"max_drawdown": 0.1, "max_daily_loss": 0.05, "max_position_risk": 0.02, "max_total_exposure": 0.8, "max_leverage": 1,
              "max_consecutive_losses": 5, "max_volatility_ratio": 3, "kelly_fraction": 0.25, "max_kelly_position": 0.2}}
            """
        let effective = try EffectiveConfiguration.load(
            files: ["live.json"], registry: try Sample.registry(), purpose: .live, source: .memory(["live.json": text]))
        configuration = effective.canonical
    }

    /// The job as the coordinator sends it.
    func job() throws -> (Assignment, [UInt8]) {
        let executable = try OwnExecutable.hash()
        var specification = JobSpecification(
            kind: "live", configuration: configuration.canonicalBytes, dataFolder: "", dataFiles: [], executable: executable,
            submission: hasSubmission ? SubmissionID(5).bytes : [], live: LiveRequest(by: "ann").encoded)
        if hasAdmission, var subject = LiveSubject.of(configuration, executable: executable) {
            if let promotionOf { subject.parameters = promotionOf }
            let evidence = PromotionEvidence(job: subject.executable, subject: subject, milliseconds: .max)
            let record = try PromotionRecord.issue(
                for: subject, backtest: evidence, dryRun: evidence, by: "ann", rules: PromotionRules(), at: issuedAt)
            specification.admission = LiveAdmission(promotion: record, rules: PromotionRules(), by: "ann", at: 1_000).encoded
        }
        let address = try #require(JobAddress(bytes: SHA256Digest.of(specification.addressedBytes())))
        let grant = Grant(unit: UnitID(job: JobID(5), index: 0), token: FencingToken(incarnation: 2, counter: 3))
        let assignment = Assignment(
            grant: grant, attempt: 1, kind: kind, address: address, combinations: 0..<1, lease: .seconds(60))
        return (assignment, specification.encoded())
    }

    func runner(_ trading: TradingGuard, _ log: RecordingLog, _ make: @escaping LiveJobRunner.MakeSession) throws -> LiveJobRunner
    {
        let file = folder.path + "/credentials/main.yaml"
        try? FileManager.default.removeItem(atPath: file)
        try FileManager.default.createDirectory(atPath: folder.path + "/credentials", withIntermediateDirectories: true)
        if let credentials {
            try credentials.write(toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: credentialMode], ofItemAtPath: file)
        }
        trading.set(gate)
        var worker = LiveJobRunner.Worker(
            name: "live-worker-1", home: home, registry: try Sample.registry(),
            venues: VenueFolders(flag: nil, environment: [:], home: folder.path), environment: environment,
            isLiveEnabled: isLiveEnabled, version: "test", trading: trading, wallClock: { [wall] in wall })
        worker.gatePatience = .zero
        worker.alerts = alerts.map {
            AlertSender(AlertConfiguration(), source: "live-worker-1", client: nil, log: $0.logger, wallClock: { 0 })
        }
        worker.budgetPatience = .zero
        return try LiveJobRunner(worker, log: log.logger, makeSession: make)
    }

    /// Runs the job with a session that must never be made; the refusal.
    func refusal() async throws -> (code: FailureCode, text: String)? {
        let log = RecordingLog()
        let made = Mutex(0)
        let runner = try runner(TradingGuard(), log) { _ throws(JobFault) in
            made.withLock { $0 += 1 }
            throw JobFault(.internalError, "a session was made")
        }
        var lock: AccountLock?
        if isLocked, case .taken(let taken) = AccountLock.take(key: "paper-live-account-1", home: home, holder: "another worker")
        {
            lock = taken
        }
        defer { withExtendedLifetime(lock) {} }
        let (assignment, payload) = try job()
        let control = UnitControl(report: { _ in })
        control.setBudget(budget)
        // On a thread of its own, as in a worker: it waits for a task.
        let outcome = await withCheckedContinuation { continuation in
            Thread {
                continuation.resume(returning: runner.run(assignment, payload: payload, control: control))
            }
            .start()
        }
        #expect(made.withLock { $0 } == 0)
        for secret in ["4hJk92mPqz7LxWvB", "paper-live-account-1"] { #expect(!log.all.contains { $0.contains(secret) }) }
        guard case .failed(let failure) = outcome.0 else { return nil }
        return (failure.code, failure.message)
    }

    mutating func set(_ kind: ConfigValue.Kind, _ path: String...) { configuration.set(ConfigValue(kind), at: path) }
}

/// Ways in which what a worker has to know can be missing.
private let waysToMiss: [(gate: LiveGate, name: String, change: @Sendable (inout LiveRunnerRig) -> Void)] = [
    (.confirmInFile, "no confirm_live", { $0.configuration.remove(at: ["execution", "confirm_live"]) }),
    (.confirmOnCommandLine, "no confirmation", { $0.hasSubmission = false }),
    (.allowedByEnvironment, "not allowed", { $0.environment["PRAGMA_ALLOW_LIVE"] = nil }),
    (.allowedByEnvironment, "allowed by halves", { $0.environment["PRAGMA_ALLOW_LIVE"] = " true" }),
    (.confirmedByEnvironment, "no phrase in the environment", { $0.environment["PRAGMA_LIVE_CONFIRMATION"] = nil }),
    (.confirmedByEnvironment, "another phrase there", { $0.environment["PRAGMA_LIVE_CONFIRMATION"] = "I UNDERSTAND" }),
    (.safetyPhrase, "no phrase", { $0.configuration.remove(at: ["execution", "safety_phrase"]) }),
    (.coordinatorEnabled, "no word of the coordinator", { $0.hasAdmission = false }),
    (.workerEnabled, "not enabled", { $0.isLiveEnabled = false }),
    (.dryRunOff, "dry_run true", { $0.set(.boolean(true), "dry_run") }),
    (.safetyChecks, "no safety checks", { $0.set(.boolean(false), "execution", "safety_checks") }),
    (.paperVenue, "a real venue", { $0.set(.string("binance"), "exchange", "name") }),
    (.accountNamed, "no account", { $0.configuration.remove(at: ["account"]) }),
    (.credentials, "no credentials", { $0.credentials = nil }),
    (.credentials, "credentials that others can read", { $0.credentialMode = 0o644 }),
    (.requiredKeys, "no pairs", { $0.set(.array([]), "exchange", "pair_whitelist") }),
    (.realCredentials, "placeholder", { $0.credentials = "key: paper-live-account-1\nsecret: YOUR_SECRET\n" }),
    (.keyOfVenue, "a key of another venue", { $0.credentials = "key: A8sd7f6g5h4j3k2l1mQ\nsecret: 4hJk92mPqz7LxWvB\n" }),
    (.riskLimits, "no daily loss", { $0.configuration.remove(at: ["risk", "max_daily_loss"]) }),
    (.accountOwned, "another holder", { $0.isLocked = true }),
    (.orderGate, "halted", { $0.gate = .halted }),
    (
        .orderGate, "a lease that is over",
        { $0.gate = OrderGate(activeUntil: BootInstant(nanoseconds: 1), reducingUntil: .distantFuture) }
    ),
    (.promotion, "of other parameters", { $0.promotionOf = LiveDigest([UInt8](repeating: 1, count: 32)) }),
    (.promotion, "expired", { $0.wall = 31 * 86_400_000 }),
    (.budget, "no part of the fleet's limits", { $0.budget = .allotted(nil) }),
    (.budget, "a part that has run out", { $0.budget = .allotted(aShare(until: 1)) }),
]

private func aShare(until deadline: Int64) -> UnitBudget.Share {
    UnitBudget.Share(exposure: .zero, openOrders: 1, dailyLoss: .zero, deadline: deadline)
}

/// Both cannot be missing at once by different ways: the one file, the one key, the one word of the coordinator.
private func shareFact(_ a: LiveGate, _ b: LiveGate) -> Bool {
    let groups: [Set<LiveGate>] = [
        [.credentials, .realCredentials, .keyOfVenue], [.paperVenue, .keyOfVenue], [.coordinatorEnabled, .promotion],
        // Without an account, or with another file, there is no key to lock.
        [.accountNamed, .credentials], [.accountNamed, .realCredentials], [.accountNamed, .keyOfVenue],
    ]
    return a == b || groups.contains { $0.contains(a) && $0.contains(b) }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct LiveRunnerTests {
    @Test func `each gate alone missing is refused by its own name before a session is made, and so is the first of any two`()
        async throws
    {
        var cases = 0
        for first in waysToMiss {
            var rig = try LiveRunnerRig()
            first.change(&rig)
            let found = try await rig.refusal()
            #expect(found?.text.hasPrefix(first.gate.rawValue + ": ") == true, "\(first.name): \(String(describing: found))")
            // A gate that opens again is waited for; for all else somebody has to do something.
            #expect(found?.code == ([.orderGate, .budget].contains(first.gate) ? .internalError : .badConfiguration))
            cases += 1
            for second in waysToMiss where !shareFact(first.gate, second.gate) {
                var both = try LiveRunnerRig()
                first.change(&both)
                second.change(&both)
                let expected = first.gate.isBefore(second.gate) ? first.gate : second.gate
                let found = try await both.refusal()
                #expect(
                    found?.text.hasPrefix(expected.rawValue + ": ") == true,
                    "\(first.name), \(second.name): \(String(describing: found))")
                cases += 1
            }
        }
        print("worker: \(cases) jobs with one or two gates missing")
        #expect(cases > 350)
    }

    @Test func `a job that does not start is an alert`() async throws {
        var rig = try LiveRunnerRig()
        let alerts = RecordingLog()
        rig.alerts = alerts
        rig.isLiveEnabled = false
        _ = try await rig.refusal()
        #expect(alerts.all.count == 1, "\(alerts.all)")
        #expect(alerts.all[0].hasPrefix("error alert: live.workerEnabled") && alerts.all[0].contains("job=5"))
        #expect(alerts.all[0].contains("kind=job_failed"))
    }

    @Test func `with everything there the venue is looked for, in the worker's own files`() async throws {
        let found = try await LiveRunnerRig().refusal()
        #expect(found?.text.contains("paper-nowhere.yaml") == true, "\(String(describing: found))")
    }

    @Test(arguments: [
        ("exchange.key", "paper-key-of-somebody"), ("exchange.urls.api", "elsewhere"), ("exchange.rest", "http://127.0.0.1:1"),
        ("bot_name", "wss://evil.example"),
    ])
    func `an endpoint or a key that a job brings along is refused, and not shown`(path: String, value: String) async throws {
        var rig = try LiveRunnerRig()
        rig.configuration.set(ConfigValue(.string(value)), at: path.split(separator: ".").map(String.init))
        let text = try #require(try await rig.refusal()?.text)
        #expect(text.contains("brings") && !text.contains(value), "\(text)")
    }

    @Test func `a job that was begun before goes on where only what can change is missing, and not where the rest is`()
        async throws
    {
        for way in waysToMiss where way.gate != .accountOwned {
            var rig = try LiveRunnerRig()
            try FileManager.default.createDirectory(atPath: rig.folder.path + "/trading", withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: rig.folder.path + "/trading/5.sqlite"))
            way.change(&rig)
            let text = try #require(try await rig.refusal()?.text)
            let mayGoOn = [.orderGate, .promotion, .budget].contains(way.gate)
            #expect(text.contains("paper-nowhere.yaml") == mayGoOn, "\(way.name): \(text)")
        }
    }

    @Test func `the holding tells every instant what may go`() async throws {
        let rig = try LiveRunnerRig()
        let subject = try #require(LiveSubject.of(rig.configuration, executable: try OwnExecutable.hash()))
        let (_, payload) = try rig.job()
        let admission = try #require(LiveAdmission(decoding: try JobSpecification(decoding: payload).admission))
        var facts = LiveFacts()
        (facts.coordinatorEnabled, facts.workerEnabled, facts.missingLimits) = (true, true, [])
        (facts.ownership, facts.budget) = (.own, .allotted)
        let (trading, control) = (TradingGuard(), UnitControl(report: { _ in }))
        let wall = Mutex<Int64>(1_000)
        let holding = LiveHolding(
            facts: facts, subject: subject, admission: admission, trading: trading, control: control,
            wallClock: { wall.withLock { $0 } })
        #expect(holding.permit.mode == .halted && holding.permit.missing?.gate == .orderGate)
        trading.set(OrderGate(activeUntil: .distantFuture, reducingUntil: .distantFuture))
        #expect(holding.permit.mode == .active && holding.permit.missing == nil && holding.permit.holder == .current)
        trading.set(OrderGate(activeUntil: .never, reducingUntil: .distantFuture))
        #expect(holding.permit.mode == .reducing && holding.permit.leaseEnd == .never)
        trading.set(OrderGate(activeUntil: .distantFuture, reducingUntil: .distantFuture))
        control.extendLease(until: 1)
        #expect(holding.permit.mode == .reducing && holding.permit.holder == .leaseOver)
        control.extendLease(until: .max)
        #expect(holding.permit.mode == .active)
        control.setBudget(.allotted(nil))
        #expect(holding.permit.mode == .reducing && holding.permit.missing?.gate == .budget)
        control.setBudget(.allotted(aShare(until: .max)))
        #expect(holding.permit.mode == .active && holding.permit.missing == nil)
        control.setBudget(.allotted(aShare(until: 1)))
        #expect(holding.permit.missing?.message.contains("has run out") == true)
        control.setBudget(.none)
        wall.withLock { $0 = 31 * 86_400_000 }
        #expect(holding.permit.mode == .reducing && holding.permit.missing?.gate == .promotion)
        wall.withLock { $0 = 1_000 }
        control.noteReplaced()
        #expect(holding.permit.holder == .superseded)
    }

    @Test func `two names of one key meet at one lock, which ends with its holder`() async throws {
        let rig = try LiveRunnerRig()
        var first: AccountLock?
        if case .taken(let lock) = AccountLock.take(key: "paper-k", home: rig.home, holder: "worker a, job 1") { first = lock }
        #expect(first != nil)
        if case .heldBy(let holder) = AccountLock.take(key: "paper-k", home: rig.home, holder: "worker b, job 2") {
            #expect(holder.contains("worker a, job 1"))
        } else {
            Issue.record("a second holder got the account")
        }
        if case .taken = AccountLock.take(key: "paper-other", home: rig.home, holder: "b") {} else { Issue.record("another key") }
        first = nil
        if case .taken = AccountLock.take(key: "paper-k", home: rig.home, holder: "b") {} else { Issue.record("the lock stayed") }
    }
}
