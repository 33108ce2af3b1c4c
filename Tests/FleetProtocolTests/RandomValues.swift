import Coordination
import FleetProtocol
import Halt
import Money

/// Random values of everything that travels, with a liking for the ends of ranges.
struct RandomValues {
    var generator: SplitMix64
    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
    mutating func flag() -> Bool { below(2) == 0 }
    mutating func some<Value>(_ make: (inout RandomValues) -> Value) -> Value? { flag() ? make(&self) : nil }
    mutating func list<Value>(_ make: (inout RandomValues) -> Value) -> [Value] { (0..<below(4)).map { _ in make(&self) } }
    mutating func any<Value: CaseIterable>(_ type: Value.Type) -> Value where Value.AllCases == [Value] {
        Value.allCases[below(Value.allCases.count)]
    }
    mutating func number() -> UInt64 {
        switch below(6) {
        case 0: 0
        case 1: 1
        case 2: .max
        case 3: UInt64(Int64.max)
        case 4: UInt64(below(300))
        default: generator.next()
        }
    }
    mutating func signed() -> Int64 { Int64(bitPattern: number()) }
    mutating func bounded() -> UInt64 { number() % ((1 << 62) + 1) }
    mutating func bytes() -> [UInt8] { (0..<below(40)).map { _ in UInt8.random(in: 0...255, using: &generator) } }
    mutating func text() -> String {
        ["", "a", "größe", "EMA 🚀 cross", String(repeating: "x", count: 300), "tab\tline\n\0"][below(6)]
    }
    mutating func name() -> String { ["worker-1", "k", "höhle", String(repeating: "n", count: 100)][below(4)] }

    mutating func session() -> SessionID { SessionID(UInt128(number()) << 64 | UInt128(number())) }
    mutating func digest() -> Digest256 { Digest256(words: (number(), number(), number(), number())) }
    mutating func job() -> JobID { JobID(Int64(max(1, number() & UInt64(Int64.max)))) }
    mutating func token() -> FencingToken { FencingToken(incarnation: number(), counter: number()) }
    mutating func grant() -> Coordination.Grant { Coordination.Grant(unit: UnitID(job: job(), index: bounded()), token: token()) }
    mutating func duration() -> Duration { .nanoseconds(Int64(1_000_000 + number() % 999_999_999_000_000_000)) }
    mutating func money() -> Amount { Amount(units: Int128(number()) * 1_000_003, decimals: below(19)) }
    mutating func budgets() -> BudgetSheet {
        let shares = list {
            (
                $0.token(),
                BudgetShare(exposure: $0.money(), openOrders: $0.below(1 << 31), dailyLoss: $0.money(), validity: $0.duration())
            )
        }
        return BudgetSheet(shares) { first, _ in first }
    }
    mutating func failure() -> UnitFailure { UnitFailure(code: any(FailureCode.self), message: text()) }
    mutating func outcome() -> UnitOutcome { [.succeeded, .failed(failure()), .canceled][below(3)] }
    mutating func held() -> HeldUnit { HeldUnit(grant: grant(), phase: any(HeldUnit.Phase.self)) }
    mutating func health() -> WorkerHealth {
        WorkerHealth(residentBytes: number(), cpuNanoseconds: number(), unitsCompleted: number(), errorCount: number())
    }
    mutating func reason() -> StateReason { StateReason(any(StateReason.Code.self), text()) }
    mutating func refusal() -> Coordination.Refusal { Coordination.Refusal(any(Coordination.Refusal.Code.self), text()) }

    mutating func newJob() -> NewJob {
        NewJob(
            address: JobAddress(digest()), kind: any(JobKind.self), group: text().count > 250 ? "" : text().prefix(utf8: 250),
            priority: below(201) - 100, combinationCount: max(1, bounded()), sliceSize: max(1, bounded()),
            maxAttempts: 1 + below(100), fresh: flag(), memoryEstimate: some { $0.number() },
            expiresAtMilliseconds: some { $0.signed() })
    }

    mutating func assignment() -> Assignment {
        let first = bounded()
        return Assignment(
            grant: grant(), attempt: 1 + below(1000), kind: any(JobKind.self), address: JobAddress(digest()),
            combinations: first..<first + max(1, bounded()), memoryEstimate: some { $0.number() }, lease: duration(),
            recordCount: flag() ? 0 : bounded())
    }

    mutating func portfolio() -> PortfolioAnswer {
        PortfolioAnswer(
            currency: name(), limits: limits(), opensIn: duration(),
            accounts: list {
                PortfolioAnswer.Account(
                    name: $0.name(), weight: UInt32($0.below(99)), part: $0.limits(), allotted: $0.some { $0.limits() },
                    left: $0.duration(), job: $0.some { $0.job() }, hasOtherCurrency: $0.flag())
            })
    }

    private mutating func limits() -> PortfolioAnswer.Limits {
        PortfolioAnswer.Limits(
            exposure: Amount(units: Int128(below(1 << 30)), decimals: 0), openOrders: below(99),
            dailyLoss: Amount(units: Int128(below(1 << 30)), decimals: 0))
    }

    mutating func line() -> JobLine {
        JobLine(
            id: job(), address: JobAddress(digest()), kind: any(JobKind.self), group: name(), priority: below(201) - 100,
            state: any(JobState.self), combinationCount: number(), unitCount: number(), completedUnits: number(),
            failedUnits: number(), unitsOut: number(), submittedAtMilliseconds: signed(), changedAtMilliseconds: signed())
    }

    mutating func specification() -> JobSpecification {
        let files = (0..<below(4)).map { place in
            JobSpecification.DataFile(path: "kraken/pair \(place).feather", sha256: digest().description)
        }
        let kind = ["backtest", "dry-run", "live", "probe"][below(4)]
        return JobSpecification(
            kind: kind, configuration: bytes(), sweep: bytes(), dataFolder: text(), dataFiles: files, seed: number(),
            executable: digest().bytes, submission: kind != "probe" && flag() ? [] : session().bytes,
            live: kind == "live" ? bytes() : [],
            admission: kind == "live" ? bytes() : [])
    }
}
