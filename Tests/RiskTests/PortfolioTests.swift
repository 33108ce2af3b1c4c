import Money
import Testing

@testable import Risk

/// A coordinator that is started anew now and then, with other limits, and the workers that hold what it allotted.
private struct BudgetWorld {
    static let validity: Int64 = 60
    /// How much longer than the worker the coordinator counts.
    static let kept: Int64 = 66

    var now: Int64 = 1_000
    var random: SplitMix64
    var book: PortfolioBook
    var accounts: [String] = []
    /// What each worker has, and the limits it came from.
    var held: [String: (budget: AccountBudget, run: Int)] = [:]
    var runs: [FleetLimits] = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        book = PortfolioBook(limits: FleetLimits(exposure: .zero, openOrders: 0, dailyLoss: .zero), claims: [], opensAt: 0)
        restart()
    }

    mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    /// Other limits, other accounts, other weights; nothing is remembered.
    mutating func restart() {
        let limits = FleetLimits(
            exposure: Amount(units: Int128(1 + below(1_000_000)), decimals: below(5)), openOrders: below(20),
            dailyLoss: Amount(units: Int128(1 + below(10_000)), decimals: below(3)))
        accounts = (0..<(1 + below(5))).map { "a\($0 + below(3))" }
        let claims = Set(accounts).sorted().map { BudgetClaim(account: $0, weight: UInt32(below(5))) }
        book = PortfolioBook(limits: limits, claims: claims, opensAt: now + Self.kept)
        runs.append(limits)
    }

    /// A worker asks; the answer comes later than it asked, or never.
    mutating func ask() {
        let account = "a\(below(8))"
        let asked = now
        now += Int64(below(4))
        guard let budget = book.allot(to: account, at: now, until: now + Self.kept), below(10) > 0 else { return }
        var mine = budget
        mine.deadline = asked + Self.validity
        now += Int64(below(3))
        // A part that is smaller counts at once where it arrives.
        held[account] = (mine, runs.count - 1)
    }

    /// What workers could use together at this instant, and the limits that it came from.
    var inUse: (budgets: [AccountBudget], runs: Set<Int>) {
        let counting = held.values.filter { $0.budget.deadline > now }
        return (counting.map(\.budget), Set(counting.map(\.run)))
    }
}

@Suite struct PortfolioTests {
    @Test
    func `over any asking, joining, leaving and restarting, what workers may use is never more than one coordinator's whole`() {
        var allotted = 0
        for seed in UInt64(1)...300 {
            var world = BudgetWorld(seed: seed)
            for _ in 0..<400 {
                switch world.below(40) {
                case 0: world.restart()
                case 1: world.held["a\(world.below(8))"] = nil
                case 2: world.now += Int64(world.below(100))
                default: world.ask()
                }
                let (budgets, runs) = world.inUse
                guard let run = runs.first else { continue }
                allotted += 1
                #expect(runs.count == 1, "seed \(seed)")
                let limits = world.runs[run]
                #expect(sum(budgets.map(\.exposure)) <= limits.exposure, "seed \(seed)")
                #expect(sum(budgets.map(\.dailyLoss)) <= limits.dailyLoss, "seed \(seed)")
                #expect(budgets.map(\.openOrders).reduce(0, +) <= limits.openOrders, "seed \(seed)")
            }
        }
        print("portfolio: \(allotted) instants at which something was allotted")
        #expect(allotted > 20_000)
    }

    private func sum(_ amounts: [Amount]) -> Amount { amounts.reduce(.zero) { $0.adding($1) ?? $0 } }

    private let limits = FleetLimits(exposure: money("900"), openOrders: 10, dailyLoss: money("90"))

    @Test func `each account has its weight's part, whoever else asks`() throws {
        let claims = [
            BudgetClaim(account: "main", weight: 2), BudgetClaim(account: "side", weight: 1),
            BudgetClaim(account: "off", weight: 0),
        ]
        var book = PortfolioBook(limits: limits, claims: claims, opensAt: 100)
        let early = book.allot(to: "main", at: 99, until: 200)
        #expect(early == nil)
        let first = book.allot(to: "main", at: 100, until: 200)
        let main = try #require(first)
        #expect(main.exposure == money("600") && main.openOrders == 6 && main.dailyLoss == money("60") && main.deadline == 200)
        let second = book.allot(to: "side", at: 101, until: 201)
        let side = try #require(second)
        #expect(side.exposure == money("300") && side.openOrders == 3 && side.dailyLoss == money("30"))
        for account in ["off", "other"] {
            let none = book.allot(to: account, at: 102, until: 202)
            #expect(none == nil)
        }
        #expect(book.names("main") && !book.names("off") && !book.names("other"))
    }

    @Test func `asking again and again keeps one allotment an account`() {
        var book = PortfolioBook(
            limits: limits, claims: [BudgetClaim(account: "main"), BudgetClaim(account: "side")], opensAt: 0)
        for now in Int64(1)...1_000 {
            let part = book.allot(to: now % 2 == 0 ? "main" : "side", at: now, until: now + 66)
            #expect(part?.exposure == money("450"))
        }
        #expect(book.outstanding.count == 2)
    }
}
