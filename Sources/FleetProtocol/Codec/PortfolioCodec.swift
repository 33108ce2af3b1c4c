import Coordination
import Money
import SwiftProtobuf

extension WirePortfolioAnswer {
    init(_ answer: PortfolioAnswer?) {
        self.init()
        guard let answer else { return }
        portfolio = .with {
            $0.currency = Values.cutName(answer.currency)
            $0.limits = WirePortfolioAnswer.Limits(answer.limits)
            $0.opensInNanoseconds = Values.nanoseconds(answer.opensIn)
            $0.accounts = answer.accounts.map(WirePortfolioAnswer.Account.init)
        }
    }

    func read() throws(ProtocolError) -> PortfolioAnswer? {
        guard hasPortfolio else { return nil }
        return PortfolioAnswer(
            currency: try Values.name(portfolio.currency, "a portfolio's currency"), limits: try portfolio.limits.read(),
            opensIn: try Values.duration(portfolio.opensInNanoseconds, "the wait of a portfolio"),
            accounts: try Values.list(portfolio.accounts, "accounts", limit: ProtocolLimits.grants) {
                (wire) throws(ProtocolError) in try wire.read()
            })
    }
}

extension WirePortfolioAnswer.Account {
    init(_ account: PortfolioAnswer.Account) {
        self.init()
        name = Values.cutName(account.name)
        weight = account.weight
        part = WirePortfolioAnswer.Limits(account.part)
        if let limits = account.allotted { allotted = WirePortfolioAnswer.Limits(limits) }
        leftNanoseconds = Values.nanoseconds(account.left)
        job = account.job?.rawValue ?? 0
        otherCurrency = account.hasOtherCurrency
    }

    func read() throws(ProtocolError) -> PortfolioAnswer.Account {
        PortfolioAnswer.Account(
            name: try Values.name(name, "an account's name"), weight: weight, part: try part.read(),
            allotted: hasAllotted ? try allotted.read() : nil,
            left: try Values.duration(leftNanoseconds, "the rest of an allotment"), job: job == 0 ? nil : try Values.job(job),
            hasOtherCurrency: otherCurrency)
    }
}

extension WirePortfolioAnswer.Limits {
    init(_ limits: PortfolioAnswer.Limits) {
        self.init()
        exposure = limits.exposure.trimmed.description
        openOrders = UInt32(clamping: limits.openOrders)
        dailyLoss = limits.dailyLoss.trimmed.description
    }

    func read() throws(ProtocolError) -> PortfolioAnswer.Limits {
        PortfolioAnswer.Limits(
            exposure: try Values.money(exposure, "an exposure"),
            openOrders: Int(try Values.inRange(openOrders, 0...UInt32(Int32.max), "the number of open orders")),
            dailyLoss: try Values.money(dailyLoss, "a daily loss"))
    }
}
