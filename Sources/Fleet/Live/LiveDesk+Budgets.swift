internal import Configuration
internal import Coordination
internal import FleetProtocol
internal import LiveGates
internal import Money
internal import Risk

/// The limits of all accounts together, and who has which part of them.
struct LivePortfolio: Sendable {
    /// How long a part counts at the worker, from when it asked.
    static let validity = Duration.seconds(60)
    /// How long it counts here, from when it was answered: for clocks that differ in pace.
    static let retention = Duration.seconds(66)

    /// Stakes of every job are in it.
    let currency: String
    private(set) var book: PortfolioBook

    /// - Parameter now: of the coordinator's start, nanoseconds of the boot clock.
    init(currency: String, limits: FleetLimits, claims: [BudgetClaim], now: Int64) {
        self.currency = currency
        book = PortfolioBook(limits: limits, claims: claims, opensAt: now + Self.retention.wholeNanoseconds)
    }

    init(_ configuration: PortfolioConfiguration, now: Int64) throws(FleetError) {
        func money(_ value: Double, _ key: String) throws(FleetError) -> Amount {
            guard value.isFinite, let amount = ExactDecimal(value).amount(decimals: 18) else {
                throw FleetError(.input, "portfolio.\(key) is no amount of money")
            }
            return amount
        }
        let limits = FleetLimits(
            exposure: try money(configuration.maxExposure, "max_exposure"), openOrders: configuration.maxOpenOrders,
            dailyLoss: try money(configuration.maxDailyLoss, "max_daily_loss"))
        let claims = configuration.weights.map { BudgetClaim(account: $0.key, weight: UInt32(clamping: $0.value)) }
        self.init(currency: configuration.currency, limits: limits, claims: claims, now: now)
    }

    /// Whether a job with these stakes has a part of it.
    func names(_ account: String, currency: String?) -> Bool { currency == self.currency && book.names(account) }

    mutating func share(of account: String, now: Int64) -> BudgetShare? {
        let end = now + Self.retention.wholeNanoseconds
        guard let part = book.allot(to: account, at: now, until: end) else { return nil }
        return BudgetShare(
            exposure: part.exposure, openOrders: part.openOrders, dailyLoss: part.dailyLoss, validity: Self.validity)
    }
}

extension LiveDesk {
    /// What the gate of budgets is told: without limits of all accounts together those of the job are enough.
    func budgetFact(_ account: String, currency: String?) -> LiveFacts.Budget {
        portfolio.map { $0.names(account, currency: currency) } ?? true ? .allotted : .absent
    }

    /// The parts that go with the live jobs of one message, also where none of them has one; nil: there are no limits of all accounts together.
    mutating func budgets(for grants: [(token: FencingToken, job: JobID)], now: Int64) -> BudgetSheet? {
        guard portfolio != nil else { return nil }
        var sheet: BudgetSheet = [:]
        for grant in grants {
            guard !strangers.contains(grant.job), let account = owners.first(where: { $0.value == grant.job })?.key else {
                continue
            }
            sheet[grant.token] = portfolio?.share(of: account, now: now)
        }
        return sheet
    }

    /// The portfolio for people; nil: there is none.
    func portfolioAnswer(now: Int64) -> PortfolioAnswer? {
        guard let portfolio else { return nil }
        let (book, limits) = (portfolio.book, portfolio.book.limits)
        let weights = Dictionary(book.claims.map { ($0.account, $0.weight) }, uniquingKeysWith: { _, last in last })
        let accounts = book.parts.map { part in
            let newest = book.newest(of: part.account, at: now)
            let job = owners[part.account]
            return PortfolioAnswer.Account(
                name: part.account, weight: weights[part.account] ?? 0, part: PortfolioAnswer.Limits(part),
                allotted: newest.map(PortfolioAnswer.Limits.init),
                left: .nanoseconds(max(newest.map { $0.deadline - now } ?? 0, 0)), job: job,
                hasOtherCurrency: job.map(strangers.contains) ?? false)
        }
        return PortfolioAnswer(
            currency: portfolio.currency,
            limits: PortfolioAnswer.Limits(
                exposure: limits.exposure, openOrders: limits.openOrders, dailyLoss: limits.dailyLoss),
            opensIn: .nanoseconds(max(book.opensAt - now, 0)), accounts: accounts)
    }
}

extension PortfolioAnswer.Limits {
    fileprivate init(_ budget: AccountBudget) {
        self.init(exposure: budget.exposure, openOrders: budget.openOrders, dailyLoss: budget.dailyLoss)
    }
}
