internal import Coordination
internal import Exchange
internal import Fleet
internal import FleetProtocol
internal import Market
internal import Money
internal import Orders
internal import Risk
internal import TradingJournal

/// What `pragma portfolio` answers, with documented keys. Amounts are exact texts in the portfolio's currency; left out is what there is not.
struct FleetPortfolio: Encodable {
    struct Limits: Encodable, Equatable {
        /// Nil: it cannot be told, as long as the job has not seen the market or its account.
        var exposure: String?
        var open_orders: Int
        var daily_loss: String?
    }

    struct Account: Encodable {
        var account: String
        var weight: UInt32
        var job: Int64?
        var job_state: String?
        /// The job's stakes are in another currency, so that it has no part.
        var other_currency: Bool?
        var part: Limits
        var allotted: Limits?
        var ends_in_seconds: Int64?
        var used: Limits?
    }

    var currency: String
    var max_exposure: String
    var max_open_orders: Int
    var max_daily_loss: String
    var opens_in_seconds: Int64?
    var accounts: [Account] = []
    var problems: [JobProblem] = []

    static func read(_ ask: FleetBooks.Ask) throws(FleetError) -> FleetPortfolio {
        guard case .portfolio(let answer) = try ask(.portfolio) else {
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        guard let answer else {
            throw FleetError(
                .input,
                "the coordinator's role file has no 'portfolio': the limits of each live job are all there is ('pragma risk JOB')"
            )
        }
        var result = FleetPortfolio(answer)
        for (index, account) in answer.accounts.enumerated() {
            guard let job = account.job else { continue }
            do throws(JobProblem) {
                result.accounts[index].take(try use(of: job, account.name, ask))
            } catch { result.problems.append(error) }
        }
        return result
    }

    init(_ answer: PortfolioAnswer) {
        currency = answer.currency
        max_exposure = answer.limits.exposure.trimmed.description
        max_open_orders = answer.limits.openOrders
        max_daily_loss = answer.limits.dailyLoss.trimmed.description
        opens_in_seconds = answer.opensIn > .zero ? Self.seconds(answer.opensIn) : nil
        accounts = answer.accounts.map { account in
            Account(
                account: account.name, weight: account.weight, job: account.job?.rawValue,
                other_currency: account.hasOtherCurrency ? true : nil, part: Limits(account.part),
                allotted: account.allotted.map(Limits.init),
                ends_in_seconds: account.allotted == nil ? nil : Self.seconds(account.left)
            )
        }
    }

    /// Begun seconds count.
    private static func seconds(_ duration: Duration) -> Int64 {
        duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)
    }

    // MARK: - What is used

    struct Use {
        var state: JobState
        var limits: Limits
    }

    private static func use(of id: JobID, _ account: String, _ ask: FleetBooks.Ask) throws(JobProblem) -> Use {
        func problem(_ text: String) -> JobProblem { JobProblem(job: id.rawValue, problem: "\(text); what it uses is left out") }
        let (job, books): (TradingJob, TradingBooks)
        do {
            guard case .job(let answer) = try ask(.show(id)) else { throw problem("the coordinator does not show it") }
            job = try TradingJob(answer)
            books = try FleetBooks.books(of: id, ask).get()
        } catch { throw error as? JobProblem ?? problem("\(error)") }
        do {
            return Use(
                state: job.state, limits: try limits(books, account: "\(job.exchange)/\(account)", currency: job.stakeCurrency))
        } catch { throw problem("\(error)") }
    }

    /// By the rules of the check before an order, with the closes of the newest candles as marks.
    static func limits(_ books: TradingBooks, account: String, currency: String) throws -> Limits {
        var risk = RiskState(account: account, currency: currency)
        // When it was saved is the venue's time, which may run ahead of ours.
        if let bytes = books.risk {
            risk = try RiskState.restore(bytes, account: account, currency: currency, at: Timestamp(milliseconds: .max))
        }
        let tick = Price(units: 1, decimals: 12)
        for (pair, last) in books.lastCloses {
            if let price = ExactDecimal(last.close).fixedPoint(inStepsOf: tick, .nearest) { risk.mark(pair, at: price) }
        }
        let profit = try ProfitBook(books.orders.orders.values)
        let working = books.orders.orders.values.filter { !$0.status.isFinal }
        risk.rebuild(
            positions: profit.pairs.mapValues(\.held),
            orders: working.map { RebuiltOrder($0, mark: risk.marks[$0.request.pair]) },
            policy: RiskPolicy())
        return Limits(
            exposure: risk.exposure?.trimmed.description, open_orders: working.count,
            daily_loss: risk.breaker.ledger.lossOfDay?.trimmed.description)
    }
}

extension FleetPortfolio.Account {
    fileprivate mutating func take(_ use: FleetPortfolio.Use) {
        job_state = use.state.rawValue
        used = use.limits
    }
}

extension FleetPortfolio.Limits {
    fileprivate init(_ limits: PortfolioAnswer.Limits) {
        self.init(
            exposure: limits.exposure.trimmed.description, open_orders: limits.openOrders,
            daily_loss: limits.dailyLoss.trimmed.description)
    }
}

extension RebuiltOrder {
    fileprivate init(_ order: OrderState, mark: Price?) {
        let request = order.request
        let limit: Price? =
            switch request.kind {
            case .limit(let price), .postOnly(let price), .stopLossLimit(_, let price), .takeProfitLimit(_, let price): price
            case .market, .marketByCost, .stopLoss, .takeProfit: nil
            }
        self.init(
            order: OrderProposal(
                id: request.ticket.number, pair: request.pair, side: request.side == .buy ? .buy : .sell,
                quantity: request.quantity,
                limit: limit, reference: mark),
            remaining: Amount(request.quantity).subtracting(Amount(order.filled)) ?? .zero)
    }
}

// MARK: - For people

extension FleetPortfolio {
    var text: String {
        var lines = [
            "all live accounts together: \(max_exposure) \(currency) of exposure, \(max_open_orders) working orders, \(max_daily_loss) \(currency) lost a day"
        ]
        if let opens_in_seconds {
            lines.append(
                "the coordinator was started anew: nothing is allotted for \(opens_in_seconds) s; workers keep what they have to its end"
            )
        }
        var table = TextTable([
            .left("account"), .right("weight"), .right("job"), .left("state"), .right("exposure"), .right("of"), .right("orders"),
            .right("of"), .right("lost today"), .right("of"), .left("allotted"),
        ])
        for account in accounts {
            let limits = account.allotted ?? account.part
            table.add([
                account.account, String(account.weight), account.job.map(String.init) ?? "-", account.job_state ?? "",
                account.shown { $0.exposure }, limits.exposure ?? "", account.shown { String($0.open_orders) },
                String(limits.open_orders), account.shown { $0.daily_loss }, limits.daily_loss ?? "", account.allotment,
            ])
        }
        return (lines + [table.text]).joined(separator: "\n")
    }
}

extension FleetPortfolio.Account {
    fileprivate func shown(_ value: (FleetPortfolio.Limits) -> String?) -> String {
        guard job != nil else { return "-" }
        return used.flatMap(value) ?? "unknown"
    }

    fileprivate var allotment: String {
        if other_currency == true { return "none: the job's stakes are in another currency" }
        if let ends_in_seconds { return "for \(ends_in_seconds) s" }
        return job == nil ? "no: nobody trades on it" : "no"
    }
}
