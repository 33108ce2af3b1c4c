import Configuration
import Coordination
import FleetProtocol
import JobStore
import LiveGates
import Testing

@testable import Fleet

/// A coordinator's desk for live jobs with a store that holds a backtest and a dry-run of the strategy that is submitted.
struct LiveDeskRig {
    static let executable = [UInt8](repeating: 7, count: 32)
    static let day: Int64 = 86_400_000
    static let token = SubmissionID(99)

    var configuration: ConfigValue
    var request = LiveRequest(backtest: JobID(1), dryRun: JobID(2), by: "ann")
    var isEnabled = true
    /// The submission's number; nil: it bears none.
    var confirmation: SubmissionID? = LiveDeskRig.token
    /// When it is submitted, nanoseconds after the confirmation was given.
    var delay: Int64 = 1
    /// Milliseconds since 1970; the dry-run began at 0.
    var wall = 8 * LiveDeskRig.day
    var owners: [String: JobID] = [:]
    var portfolio: LivePortfolio?
    let store = InMemoryJobStore()

    init() throws {
        configuration = try Self.read(
            """
            {"strategy": "EmaCross", "strategy_parameters": {"fast": 5}, "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 1,
             "dry_run": false, "exchange": {"name": "paper-binance", "pair_whitelist": ["BTC/USDT"]}, "account": {"name": "main"},
             "execution": {"mode": "live", "confirm_live": true, "safety_phrase": "I_UNDERSTAND_THE_RISKS", "safety_checks": true},
             "risk": {"max_drawdown": 0.1, "max_daily_loss": 0.05, "max_position_risk": 0.02, "max_total_exposure": 0.8, "max_leverage": 1,
              "max_consecutive_losses": 5, "max_volatility_ratio": 3, "kelly_fraction": 0.25, "max_kelly_position": 0.2}}
            """)
        _ = try store.open()
        try keep("backtest", .backtest, id: 1)
        try keep("dry-run", .dryRun, id: 2)
        let grant = Grant(unit: UnitID(job: JobID(2), index: 0), token: FencingToken(incarnation: 1, counter: 1))
        try store.commit(
            [
                .jobStateChanged(JobID(1), .succeeded, StateReason(.completed), wallMilliseconds: 0),
                .unitDispatched(
                    UnitDispatch(
                        grant: grant, attempt: 1, worker: WorkerID("dry-worker-1"), session: SessionID(1),
                        dispatchedAtMilliseconds: 0)),
            ], bytes: CollectedJobBytes())
    }

    static func read(_ text: String) throws -> ConfigValue {
        try JSONReader.read(Array(text.utf8), origin: .none, options: .strict).value
    }

    /// A job of the store that ran the same.
    private func keep(_ kind: String, _ jobKind: JobKind, id: Int64) throws {
        let specification = JobSpecification(
            kind: kind, configuration: configuration.canonicalBytes, dataFolder: "", dataFiles: [], executable: Self.executable,
            submission: kind == "backtest" ? [] : SubmissionID(UInt128(id)).bytes)
        let address = try #require(JobAddress(bytes: SHA256Digest.of(specification.addressedBytes())))
        let submission = SubmissionID(UInt128(id))
        var bytes = CollectedJobBytes()
        bytes.payloads[submission] = [specification.encoded()]
        let record = JobRecord(
            id: JobID(id), submission: submission, submissionIndex: 0, job: NewJob(address: address, kind: jobKind, group: "g"),
            state: .queued, submittedAtMilliseconds: 0)
        try store.commit([.jobInserted(record)], bytes: bytes)
    }

    func built(kind: JobKind = .live, specified: String = "live") throws -> (NewJob, [UInt8]) {
        let specification = JobSpecification(
            kind: specified, configuration: configuration.canonicalBytes, dataFolder: "", dataFiles: [],
            executable: Self.executable,
            submission: confirmation?.bytes ?? [], live: specified == "live" ? request.encoded : [])
        let address = try #require(JobAddress(bytes: SHA256Digest.of(specification.addressedBytes())))
        return (NewJob(address: address, kind: kind, group: "g"), specification.encoded())
    }

    /// A desk that has given the confirmation, if it gives any.
    func desk() -> LiveDesk {
        var desk = LiveDesk(isEnabled: true, portfolio: portfolio)
        for (account, job) in owners { desk.own(account, job) }
        _ = try? desk.confirm(now: 0, token: Self.token)
        desk.isEnabled = isEnabled
        return desk
    }

    /// Submits; nil: it was accepted.
    func refusal() throws -> String? {
        var desk = desk()
        let (job, payload) = try built()
        do throws(Refusal) {
            _ = try desk.admit(
                SubmissionID(5), [job], [payload], evidence: LiveEvidence(store: store), now: delay, wall: wall)
            return nil
        } catch { return error.message }
    }
}

/// Ways in which what a coordinator has to know can be missing.
private let waysToMiss: [(gate: LiveGate, name: String, change: @Sendable (inout LiveDeskRig) -> Void)] = [
    (.confirmInFile, "no confirm_live", { $0.configuration.remove(at: ["execution", "confirm_live"]) }),
    (.confirmInFile, "confirm_live as a text", { $0.set(.string("true"), "execution", "confirm_live") }),
    (.confirmOnCommandLine, "no confirmation", { $0.confirmation = nil }),
    (.confirmOnCommandLine, "a made-up confirmation", { $0.confirmation = SubmissionID(1) }),
    (.confirmOnCommandLine, "an old confirmation", { $0.delay = 60_000_000_000 }),
    (.safetyPhrase, "no phrase", { $0.configuration.remove(at: ["execution", "safety_phrase"]) }),
    (.safetyPhrase, "another phrase", { $0.set(.string("I understand the risks"), "execution", "safety_phrase") }),
    (.coordinatorEnabled, "not enabled", { $0.isEnabled = false }),
    (.dryRunOff, "dry_run true", { $0.set(.boolean(true), "dry_run") }),
    (.dryRunOff, "no dry_run", { $0.configuration.remove(at: ["dry_run"]) }),
    (.safetyChecks, "no safety checks", { $0.set(.boolean(false), "execution", "safety_checks") }),
    (.paperVenue, "a real venue", { $0.set(.string("binance"), "exchange", "name") }),
    (.accountNamed, "no account", { $0.configuration.remove(at: ["account"]) }),
    (.requiredKeys, "any number of trades", { $0.set(.number(ConfigNumber(Int64(-1))), "max_open_trades") }),
    (.requiredKeys, "no pairs", { $0.set(.array([]), "exchange", "pair_whitelist") }),
    (.riskLimits, "no daily loss", { $0.configuration.remove(at: ["risk", "max_daily_loss"]) }),
    (.riskLimits, "no risk", { $0.configuration.remove(at: ["risk"]) }),
    (.accountOwned, "another job's account", { $0.owners = ["main": JobID(9)] }),
    (.promotion, "nothing named", { $0.request = LiveRequest(by: "ann") }),
    (.promotion, "no backtest", { $0.request.backtest = nil }),
    (.promotion, "a dry-run instead of a backtest", { $0.request.backtest = JobID(2) }),
    (.promotion, "no dry-run", { $0.request.dryRun = JobID(77) }),
    (.promotion, "a short dry-run", { $0.wall = 6 * LiveDeskRig.day }),
    (.promotion, "other parameters", { $0.set(.number(ConfigNumber(Int64(6))), "strategy_parameters", "fast") }),
    (.promotion, "another strategy", { $0.set(.string("RsiReversion"), "strategy") }),
    (.budget, "an account that the portfolio does not name", { $0.portfolio = .of("USDT", ["side": 1]) }),
    (.budget, "stakes in another currency than the portfolio's", { $0.portfolio = .of("EUR", ["main": 1]) }),
]

extension LiveDeskRig {
    fileprivate mutating func set(_ kind: ConfigValue.Kind, _ path: String...) { configuration.set(ConfigValue(kind), at: path) }
}

@Suite struct LiveDeskTests {
    @Test func `with everything there a live job is accepted, and its payload bears the coordinator's word`() throws {
        let rig = try LiveDeskRig()
        #expect(try rig.refusal() == nil)
        var desk = rig.desk()
        let (job, payload) = try rig.built()
        let found = try desk.admit(
            SubmissionID(5), [job], [payload], evidence: LiveEvidence(store: rig.store), now: 1, wall: rig.wall)
        #expect(found.account == "main" && found.admission.by == "ann")
        let specification = try JobSpecification(decoding: found.payload)
        #expect(JobAddress(bytes: SHA256Digest.of(specification.addressedBytes())) == job.address)
        #expect(LiveAdmission(decoding: specification.admission) == found.admission)
        #expect(found.admission.promotion.dryRunMilliseconds == rig.wall && found.admission.promotion.backtest != nil)
    }

    @Test func `each gate alone missing is refused by its own name, and so is the first of any two`() throws {
        var cases = 0
        for first in waysToMiss {
            var rig = try LiveDeskRig()
            first.change(&rig)
            let text = try rig.refusal()
            #expect(text?.hasPrefix(first.gate.rawValue + ": ") == true, "\(first.name): \(text ?? "accepted")")
            cases += 1
            for second in waysToMiss where second.gate != first.gate {
                var both = rig
                second.change(&both)
                let expected = first.gate.isBefore(second.gate) ? first.gate : second.gate
                let text = try both.refusal()
                #expect(text?.hasPrefix(expected.rawValue + ": ") == true, "\(first.name), \(second.name): \(text ?? "accepted")")
                cases += 1
            }
        }
        print("coordinator: \(cases) submissions with one or two gates missing")
        #expect(cases > 500)
    }

    @Test func `a confirmation counts once, and the same submission once more finds it used by itself`() throws {
        let rig = try LiveDeskRig()
        var desk = rig.desk()
        let (job, payload) = try rig.built()
        let evidence = LiveEvidence(store: rig.store)
        _ = try desk.admit(SubmissionID(5), [job], [payload], evidence: evidence, now: 1, wall: rig.wall)
        let again = #expect(throws: Refusal.self) {
            _ = try desk.admit(SubmissionID(6), [job], [payload], evidence: evidence, now: 2, wall: rig.wall)
        }
        #expect(again?.message.contains("used already") == true && again?.message.hasPrefix("live.confirmLiveFlag: ") == true)
        #expect(throws: Never.self) {
            _ = try desk.admit(SubmissionID(5), [job], [payload], evidence: evidence, now: 3, wall: rig.wall)
        }
        // A coordinator that was started anew gave none, whatever the wall clock shows.
        var restarted = LiveDesk(isEnabled: true)
        #expect(throws: Refusal.self) {
            _ = try restarted.admit(SubmissionID(7), [job], [payload], evidence: evidence, now: 4, wall: 0)
        }
        let disabled = #expect(throws: Refusal.self) {
            var desk = LiveDesk(isEnabled: false)
            _ = try desk.confirm(now: 0, token: SubmissionID(1))
        }
        #expect(disabled?.message.hasPrefix("live.coordinatorEnabled: ") == true)
    }

    @Test func `an override stands in for what is missing or too short, never for something else, and is kept`() throws {
        var rig = try LiveDeskRig()
        rig.request = LiveRequest(override: "a hot fix of the stop", by: "ann")
        #expect(try rig.refusal() == nil)
        rig.request.dryRun = JobID(2)
        rig.wall = LiveDeskRig.day
        #expect(try rig.refusal() == nil)
        var desk = rig.desk()
        let (job, payload) = try rig.built()
        let found = try desk.admit(
            SubmissionID(5), [job], [payload], evidence: LiveEvidence(store: rig.store), now: 1, wall: rig.wall)
        #expect(found.admission.promotion.override == PromotionOverride(reason: "a hot fix of the stop", by: "ann"))
        let kept = try LiveAdmission(decoding: JobSpecification(decoding: found.payload).admission)
        #expect(kept?.promotion.override?.reason == "a hot fix of the stop")
        rig.set(.number(ConfigNumber(Int64(6))), "strategy_parameters", "fast")
        #expect(try rig.refusal()?.hasPrefix("live.promotion: ") == true)
    }

    @Test(arguments: [
        ("exchange.key", "paper-key-of-somebody"), ("exchange.secret", "9dKq27vTbn4R"),
        ("exchange.ccxt_config.urls.api", "elsewhere"),
        ("exchange.urls.api", "example"), ("exchange.hostname", "evil.example"), ("note", "https://evil.example/api"),
        ("exchange.rest", "http://127.0.0.1:1"),
    ])
    func `an endpoint or a key that a job brings along is refused, and not shown`(path: String, value: String) throws {
        var rig = try LiveDeskRig()
        rig.configuration.set(ConfigValue(.string(value)), at: path.split(separator: ".").map(String.init))
        let text = try #require(try rig.refusal())
        #expect(text.contains("brings") && !text.contains(value) && !text.contains("live."), "\(text)")
    }

    @Test func `a job that calls itself two things, or is no one's digest, or comes with others, is refused`() throws {
        let rig = try LiveDeskRig()
        let (job, payload) = try rig.built()
        var other = job
        other.address = JobAddress(Digest256(words: (1, 2, 3, 4)))
        let dry = try rig.built(kind: .dryRun)
        let disguised = try rig.built(kind: .live, specified: "dry-run")
        let cases: [([NewJob], [[UInt8]])] = [
            ([other], [payload]), ([dry.0], [dry.1]), ([disguised.0], [disguised.1]), ([job, job], [payload, payload]),
            ([job], []),
            ([job], [[1, 2, 3]]),
        ]
        for (jobs, payloads) in cases {
            #expect(LiveDesk.concerns(jobs, payloads))
            var desk = rig.desk()
            #expect(throws: Refusal.self) {
                _ = try desk.admit(
                    SubmissionID(5), jobs, payloads, evidence: LiveEvidence(store: rig.store), now: 1, wall: rig.wall)
            }
        }
        let plain = try rig.built(kind: .dryRun, specified: "dry-run")
        #expect(!LiveDesk.concerns([plain.0], [plain.1]))
    }

    @Test func `what a submission says, and the coordinator's word, read back as they were`() throws {
        let requests = [
            LiveRequest(by: "ann"), LiveRequest(backtest: JobID(1), dryRun: JobID(2), override: "\"why\"\n", by: "ännchen"),
        ]
        for request in requests {
            #expect(LiveRequest(decoding: request.encoded) == request)
            #expect(LiveRequest(decoding: request.encoded + [32]) == nil)
        }
        #expect(LiveRequest(decoding: []) == nil && LiveRequest(decoding: Array("{}".utf8)) == nil)
        #expect(LiveAdmission(decoding: Array(#"{"at":1,"by":"x","promotion":"00"}"#.utf8)) == nil)
    }
}
