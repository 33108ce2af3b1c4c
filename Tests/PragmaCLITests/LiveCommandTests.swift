import ArgumentParser
import Configuration
import Coordination
import Fleet
import FleetProtocol
import Foundation
import LiveGates
import Strategies
import Testing

@testable import PragmaCLI

/// A configuration file and a command line with everything that the command line can see.
private struct Setup {
    var file: [String: Any] = [
        "strategy": "EmaCross", "timeframe": "5m", "dry_run": false, "stake_currency": "USDT", "stake_amount": 100,
        "max_open_trades": 2,
        "exchange": ["name": "paper-binance", "pair_whitelist": ["BTC/USDT"]], "account": ["name": "main", "exclusive": true],
        "execution": ["mode": "live", "confirm_live": true, "safety_phrase": "I_UNDERSTAND_THE_RISKS"],
        "risk": [
            "max_drawdown": 0.1, "max_daily_loss": 0.05, "max_position_risk": 0.02, "max_total_exposure": 0.8, "max_leverage": 1,
            "max_consecutive_losses": 5, "max_volatility_ratio": 3, "kelly_fraction": 0.25, "max_kelly_position": 0.2,
        ],
    ]
    var environment: [String: String] = [:]
    var options = ["--confirm-live"]

    mutating func set(_ section: String, _ name: String, _ value: Any?) {
        var members = file[section] as? [String: Any] ?? [:]
        members[name] = value
        file[section] = members
    }

    func command() throws -> LiveCommand {
        try #require(try Pragma.parseAsRoot(["live", "-c", "live.json"] + options) as? LiveCommand)
    }

    func checked() throws -> EffectiveConfiguration {
        let data = try JSONSerialization.data(withJSONObject: file)
        return try command().checked(
            environment: environment, registry: try StrategyRegistry(),
            source: .memory(["live.json": String(decoding: data, as: UTF8.self)]))
    }

    func error() throws -> FleetError? {
        do {
            _ = try checked()
            return nil
        } catch let error as FleetError { return error }
    }
}

/// Ways in which what a command line has to know can be missing.
private let waysToMiss: [(gate: LiveGate, name: String, change: @Sendable (inout Setup) -> Void)] = [
    (.confirmInFile, "no confirm_live", { $0.set("execution", "confirm_live", nil) }),
    (.confirmInFile, "confirm_live false", { $0.set("execution", "confirm_live", false) }),
    (.confirmOnCommandLine, "no --confirm-live", { $0.options = [] }),
    (.confirmOnCommandLine, "--yes alone", { $0.options = ["--yes"] }),
    (.safetyPhrase, "no phrase", { $0.set("execution", "safety_phrase", nil) }),
    (.safetyPhrase, "another phrase", { $0.set("execution", "safety_phrase", "i understand the risks") }),
    (.dryRunOff, "no dry_run", { $0.file["dry_run"] = nil }),
    (.dryRunOff, "dry_run true", { $0.file["dry_run"] = true }),
    (.dryRunInFile, "dry_run by a variable", { $0.environment["FREQTRADE__DRY_RUN"] = "false" }),
    (.safetyChecks, "no safety checks", { $0.set("execution", "safety_checks", false) }),
    (.paperVenue, "a real venue", { $0.set("exchange", "name", "binance") }),
    (.accountNamed, "no account", { $0.file["account"] = nil }),
    (.requiredKeys, "no strategy", { $0.file["strategy"] = nil }),
    (.requiredKeys, "any number of trades", { $0.file["max_open_trades"] = -1 }),
    (.riskLimits, "no risk", { $0.file["risk"] = nil }),
    (.riskLimits, "no drawdown", { $0.set("risk", "max_drawdown", nil) }),
]

@Suite struct LiveCommandTests {
    @Test func `with everything there the configuration is one for live`() throws {
        let configuration = try Setup().checked()
        #expect(configuration.mode == .live && configuration.account?.name == "main")
    }

    @Test func `each gate alone missing is refused by its own name, and so is the first of any two`() throws {
        var cases = 0
        for first in waysToMiss {
            var setup = Setup()
            first.change(&setup)
            let found = try setup.error()
            #expect(
                found?.code == .refused && found?.message.hasPrefix(first.gate.rawValue + ": ") == true,
                "\(first.name): \(found?.message ?? "passes")")
            cases += 1
            for second in waysToMiss
            where second.gate != first.gate && Set([first.gate, second.gate]) != [.dryRunOff, .dryRunInFile] {
                var both = setup
                second.change(&both)
                let expected = first.gate.isBefore(second.gate) ? first.gate : second.gate
                let found = try both.error()
                #expect(
                    found?.message.hasPrefix(expected.rawValue + ": ") == true,
                    "\(first.name), \(second.name): \(found?.message ?? "passes")")
                cases += 1
            }
        }
        print("command line: \(cases) calls with one or two gates missing")
        #expect(cases > 200)
    }

    @Test func `a key in the file does not leave the machine, and the message says where it belongs`() throws {
        var setup = Setup()
        setup.set("exchange", "key", "paper-4hJk92mPqz7LxWvB")
        setup.set("exchange", "secret", "9dKq27vTbn4RsYcH")
        let configuration = try setup.checked()
        let warnings = configuration.warnings.map(\.description).joined(separator: "\n")
        #expect(warnings.contains("exchange.key") && warnings.contains("live worker's credential file"), "\(warnings)")
        let request = LiveRequest(by: "ann")
        let built = try JobBuilder.live(configuration, confirmation: SubmissionID(7), request: request)
        let text = String(decoding: built.payload, as: UTF8.self)
        for secret in ["4hJk92mPqz7LxWvB", "9dKq27vTbn4RsYcH"] { #expect(!text.contains(secret) && !warnings.contains(secret)) }
        #expect(SmuggledSettings.problem(in: configuration.canonical) == nil)
    }

    @Test func `a live job's address is another with each confirmation, and it bears what was said`() throws {
        let configuration = try Setup().checked()
        let request = LiveRequest(backtest: JobID(3), override: "why", by: "ann")
        let first = try JobBuilder.live(configuration, confirmation: SubmissionID(1), request: request)
        let second = try JobBuilder.live(configuration, confirmation: SubmissionID(2), request: request)
        #expect(first.job.address != second.job.address && first.job.kind == .live && first.job.unitCount == 1)
        let specification = try JobSpecification(decoding: first.payload)
        #expect(specification.kind == "live" && LiveRequest(decoding: specification.live) == request)
        #expect(SubmissionID(bytes: specification.submission) == SubmissionID(1) && specification.admission.isEmpty)
        #expect(throws: FleetError.self) {
            _ = try JobBuilder.dryRun(configuration, submission: [UInt8](repeating: 1, count: 16))
        }
    }

    @Test func `what would be at risk is shown`() throws {
        let risk = LiveRisk(try Setup().checked(), venue: nil)
        for part in [
            "paper-binance (a paper venue: no real money)", "account     main",
            "at most 2 trades at once of 100.00 USDT each, 200.00 USDT together",
            "5.00 % of the account within a UTC day", "10.00 % below",
        ] { #expect(risk.text.contains(part), "\(risk.text)") }
        #expect(risk.event.stake_amount == 100 && risk.event.max_open_trades == 2 && risk.event.max_daily_loss == 0.05)
    }

    @Test func `what was tried with is found among the fleet's jobs, if it is the same`() throws {
        let configuration = try Setup().checked()
        let subject = try #require(
            LiveSubject.of(configuration: configuration.canonicalBytes, executable: [UInt8](repeating: 7, count: 32)))
        var other = configuration.canonical
        other.set(ConfigValue(.number(ConfigNumber(Int64(99)))), at: ["strategy_parameters", "fast"])
        func answer(_ id: Int64, _ kind: JobKind, _ bytes: [UInt8], time: Int64 = 0) throws -> JobAnswer {
            let text = kind == .backtest ? "backtest" : "dry-run"
            let payload = JobSpecification(
                kind: text, configuration: bytes, dataFolder: "", dataFiles: [], executable: [UInt8](repeating: 7, count: 32))
            let line = JobLine(
                id: JobID(id), address: JobAddress(Digest256(words: (1, 2, 3, 4))), kind: kind, group: "g", priority: 0,
                state: .succeeded,
                combinationCount: 1, unitCount: 1, completedUnits: 1, failedUnits: 0, unitsOut: 0, submittedAtMilliseconds: 0,
                changedAtMilliseconds: 0)
            let attempt = JobAnswer.AttemptLine(
                unit: 0, token: FencingToken(incarnation: 1, counter: 1), attempt: 1, worker: WorkerID("w"),
                dispatchedAtMilliseconds: 0,
                endedAtMilliseconds: time, ending: "canceled", message: "")
            return JobAnswer(line: line, log: [], attempts: [attempt], payload: payload.encoded(), lateReports: 0)
        }
        let same = configuration.canonicalBytes
        let jobs = [
            try answer(9, .backtest, other.canonicalBytes), try answer(8, .backtest, same), try answer(7, .backtest, same),
            try answer(6, .dryRun, same, time: 5), try answer(5, .dryRun, same, time: 50),
            try answer(4, .dryRun, other.canonicalBytes, time: 500),
        ]
        let search = LiveEvidenceSearch(subject: subject) { query throws(FleetError) in
            switch query {
            case .list(let filter): .jobs(jobs.map(\.line).filter { filter.kinds.contains($0.kind) })
            case .show(let id):
                jobs.first { $0.line.id == id }.map { .job($0) } ?? .refused(Refusal(.unknownJob, "none"))
            default: .refused(Refusal(.invalidRequest, "not asked"))
            }
        }
        #expect(try search.backtest() == JobID(8) && search.dryRun(until: 1000) == JobID(5))
    }

    @Test(arguments: [
        ["live"], ["live", "-c", "a", "--override-promotion", " "], ["live", "-c", "a", "--backtest", "0"],
        ["live", "-c", "a", "--name", ""],
    ])
    func `what makes no sense is a usage error`(arguments: [String]) {
        #expect(throws: (any Error).self) { _ = try Pragma.parseAsRoot(arguments) }
    }
}
