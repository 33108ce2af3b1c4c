import Exchange
import LiveJob
import Market
import Money
import Orders
import SyntheticMarket

// What reaches the venue, and what comes back.
extension LiveWorld {
    /// What the process makes of a request of which nothing is heard. A process that died hears nothing.
    func lost(_ request: Request, isSent: Bool) -> Answer? {
        func error(_ changesState: Bool) -> VenueError {
            VenueError(isSent ? WebFailure.outcomeUnknown("lost") : .notSent("refused"), changesState: changesState)
        }
        switch request {
        case .place(let sending): return .placed(sending.ticket, .failure(error(true)))
        case .cancel(let ticket, _, _): return .canceled(ticket, .failure(error(true)))
        case .lookUp(let ticket, _, _): return .found(ticket, .unanswered)
        case .identify: return nil
        case .readOrders(let reading), .readFills(let reading, _), .readBalances(let reading, _, _):
            return .unread(error(false), reading.number)
        case .deadMan(let number, _, _): return .deadMan(number: number, error(true))
        }
    }

    mutating func arrive(_ request: Request, _ epoch: Int) {
        var delay = 1 + random.below(150)
        switch request {
        case .readOrders, .readFills, .readBalances, .lookUp, .identify:
            // Nobody is there who would read the answer.
            guard epoch == self.epoch else { return }
        case .place, .cancel, .deadMan: break
        }
        let answer: Answer?
        switch request {
        case .place(let sending): answer = place(sending, &delay)
        case .cancel(let ticket, let reference, let pair): answer = cancel(ticket, reference, pair, &delay)
        case .lookUp(let ticket, let reference, let pair): answer = .found(ticket, lookUp(reference, pair, &delay))
        case .identify(let pair, let id): answer = identify(pair, id, &delay)
        case .readOrders, .readFills, .readBalances: answer = read(request, &delay)
        case .deadMan(let number, let timeout, let order): answer = setTimer(number, timeout, order, &delay)
        }
        guard let answer else { return }
        if loses(6), let silence = lost(request, isSent: true) {
            return after(delay + 1500, .answer(silence, epoch: epoch))
        }
        after(delay, .answer(answer, epoch: epoch))
    }

    private mutating func place(_ sending: OrderSending, _ delay: inout Int) -> Answer? {
        guard let instrument = venue.listing(sending.pair) else { return nil }
        // The request was made when it was sent; the venue drops it where it comes after its end.
        do {
            let call = try venue.trading.place(sending.intent, instrument, at: instant.time)
            return .placed(sending.ticket, venue.perform(call, at: now, clock: instant.time, delay: &delay))
        } catch { return .placed(sending.ticket, .failure(error)) }
    }

    private mutating func cancel(
        _ ticket: OrderTicket, _ reference: OrderReference, _ pair: Pair, _ delay: inout Int
    ) -> Answer? {
        guard let instrument = venue.listing(pair) else { return nil }
        let call = venue.trading.cancel(reference, instrument, age: nil)
        return .canceled(ticket, venue.perform(call, at: now, clock: instant.time, delay: &delay))
    }

    private mutating func setTimer(_ number: Int, _ timeout: Duration, _ order: Int, _ delay: inout Int) -> Answer? {
        guard order > timerRequests.arrived else {
            return .deadMan(number: number, VenueError(.invalidNonce, .retryable(after: nil), code: "nonce", message: "too old"))
        }
        timerRequests.arrived = order
        guard let call = venue.trading.deadManTimer(timeout, nil) else { return nil }
        switch venue.perform(call, at: now, clock: instant.time, delay: &delay) {
        case .success: return .deadMan(number: number, nil)
        case .failure(let error): return .deadMan(number: number, error)
        }
    }

    private mutating func lookUp(_ reference: OrderReference, _ pair: Pair, _ delay: inout Int) -> LookUpAnswer {
        guard let instrument = venue.listing(pair) else { return .unanswered }
        var isCertain = true
        for call in venue.trading.orderLookups(reference, instrument) {
            switch venue.perform(call, at: now, clock: instant.time, delay: &delay) {
            case .success(let report): return .found(report)
            case .failure(let error): isCertain = isCertain && error.kind == .orderNotFound
            }
        }
        let open = venue.perform(venue.trading.openOrders(instrument), at: now, clock: instant.time, delay: &delay)
        guard case .success(let reports) = open else { return .unanswered }
        if let report = reports.first(where: {
            OrderReference.venue($0.venueOrderID) == reference || $0.clientOrderID.map { .client($0) } == reference
        }) {
            return .found(report)
        }
        return isCertain ? .absent(asked: instant.time) : .unanswered
    }

    private mutating func identify(_ pair: Pair, _ id: VenueOrderID, _ delay: inout Int) -> Answer? {
        guard case .found(let report) = lookUp(.venue(id), pair, &delay) else { return nil }
        return .identified(report)
    }

    /// One step of a reading; the next is a request of its own, so that the market goes on in between.
    private mutating func read(_ request: Request, _ delay: inout Int) -> Answer? {
        switch request {
        case .readOrders(let reading):
            var reports: [OrderReport] = []
            for instrument in venue.instruments {
                switch venue.perform(venue.trading.openOrders(instrument), at: now, clock: instant.time, delay: &delay) {
                case .success(let list): reports += list
                case .failure(let error): return .unread(error, reading.number)
                }
            }
            after(delay, .request(.readFills(reading, reports), epoch: epoch))
        case .readFills(let reading, let reports):
            var fills: [Exchange.Fill] = []
            for query in reading.fills {
                switch pages(query, &delay) {
                case .success(let list): fills += list
                case .failure(let error): return .unread(error, reading.number)
                }
            }
            after(delay, .request(.readBalances(reading, reports, fills), epoch: epoch))
        case .readBalances(let reading, let reports, let fills):
            switch venue.perform(venue.trading.balances(), at: now, clock: instant.time, delay: &delay) {
            case .success(let balances):
                let snapshot = ReconciliationSnapshot(
                    openOrders: reports, fills: fills.sorted { $0.time < $1.time }, balances: balances)
                return .read(snapshot, reading.number)
            case .failure(let error): return .unread(error, reading.number)
            }
        default: break
        }
        return nil
    }

    private mutating func pages(
        _ query: ReconciliationRequest.Fills, _ delay: inout Int
    ) -> Result<[Exchange.Fill], VenueError> {
        guard let instrument = venue.listing(query.pair) else { return .success([]) }
        var fills: [Exchange.Fill] = []
        var after = query.after
        var offset: Int? = 0
        while let start = offset {
            let from = after == nil ? query.from : nil
            let call = venue.trading.fillPage(instrument, after: after, from: from, offset: start)
            switch venue.perform(call, at: now, clock: instant.time, delay: &delay) {
            case .success(let page):
                fills = page.fills + fills
                offset = page.nextOffset
                // Binance pages onward: a page is full, and the next begins after it.
                if page.nextOffset == nil, page.fills.count >= 1000, let last = page.fills.last {
                    after = last.tradeID
                    offset = 0
                }
            case .failure(let error): return .failure(error)
            }
        }
        return .success(fills)
    }
}
