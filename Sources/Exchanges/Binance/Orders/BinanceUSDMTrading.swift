package import Exchange
package import Market
import Money

/// Binance USD-M futures with a key: account, orders, conditional orders, positions and the user stream.
///
/// Conditional orders (stops, take-profits, trailing stops) are a system beside the order book, with numbers of their own: their
/// `VenueOrderID` here is `algo-` and the number, by which `order` and `cancel` find the right place. By client id alone they are found with
/// `conditionalOrder` and `cancelConditional`.
package struct BinanceUSDMTrading: TradingVenue {
    /// Milliseconds that a request may be under way before the venue refuses it, 1...60000.
    package let receiveWindow: Int

    package init(receiveWindow: Int = Binance.defaultReceiveWindow) {
        self.receiveWindow = min(max(receiveWindow, 1), Binance.maximumReceiveWindow)
    }

    package func sign(
        _ draft: RequestDraft, with credentials: Credentials, at moment: SigningMoment
    ) throws(VenueError) -> WebRequest {
        if draft.path == Self.listenKeyPath { return BinanceRequests.keyed(draft, with: credentials) }
        return try BinanceRequests.signed(draft, with: credentials, now: moment.now.milliseconds, receiveWindow: receiveWindow)
    }

    package func problem(of credentials: Credentials) -> String? { BinanceRequests.problem(of: credentials) }

    package var backendTimeout: Duration { .seconds(10) }

    static let listenKeyPath = "/fapi/v1/listenKey"
    static let reading = BinanceAnswers(system: .usdm, changesState: false)
    static let changing = BinanceAnswers(system: .usdm, changesState: true)

    func read<Answer>(
        _ path: String, _ parameters: [RequestDraft.Parameter] = [], weight: Int,
        decode: @escaping @Sendable (WebResponse, BinanceAnswers) throws(VenueError) -> Answer
    ) -> SignedCall<Answer> {
        SignedCall(
            RequestDraft(.get, path, parameters), charges: BinanceBudgets.call(weight, .usdm), changesState: false
        ) { response throws(VenueError) in try decode(response, Self.reading) }
    }

    func change<Answer>(
        _ method: WebRequest.Method, _ path: String, _ parameters: [RequestDraft.Parameter], weight: Int,
        isCancel: Bool = false,
        decode: @escaping @Sendable (WebResponse, BinanceAnswers) throws(VenueError) -> Answer
    ) -> SignedCall<Answer> {
        SignedCall(
            RequestDraft(method, path, parameters), charges: BinanceBudgets.call(weight, .usdm), isCancel: isCancel,
            changesState: true
        ) { response throws(VenueError) in try decode(response, Self.changing) }
    }
}

// MARK: - Account

extension BinanceUSDMTrading {
    /// Free is what new positions may use; locked is the rest of the wallet.
    package func balances() -> SignedCall<[Balance]> {
        read("/fapi/v3/balance", weight: 5) { response, answers throws(VenueError) in
            let list = try answers.list(response)
            return try answers.read { () throws(JSONError) in
                var balances: [Balance] = []
                for entry in list {
                    balances.append(
                        try BinanceFuturesBalance.make(
                            try entry.text("asset"), total: try entry.amount("balance"),
                            free: try entry.amount("availableBalance")))
                }
                return balances
            }
        }
    }

    package func accountRights() -> SignedCall<AccountRights>? {
        read("/fapi/v1/accountConfig", weight: 5) { response, answers throws(VenueError) in
            let json = try answers.json(response)
            return AccountRights(canRead: true, canTrade: json["canTrade"]?.bool, canWithdraw: json["canWithdraw"]?.bool)
        }
    }

    /// Needs the instrument: without one the venue answers -1102. A trade id goes before a time.
    package func fills(_ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?) -> SignedCall<[Fill]> {
        read(
            "/fapi/v1/userTrades", BinanceFillParameters.make(instrument, after: tradeID, from: from), weight: 5
        ) { response, answers throws(VenueError) in
            let list = try answers.list(response)
            return try answers.read { () throws(JSONError) in try BinanceOrderAnswers.trades(list) }
        }
    }

    /// Per instrument; nil without one. Conditional orders are not covered.
    package func deadManTimer(_ timeout: Duration, _ instrument: TradedInstrument?) -> SignedCall<Void>? {
        guard let instrument else { return nil }
        let (seconds, attoseconds) = timeout.components
        let milliseconds = min(max(seconds, 0), 86_400) * 1000 + max(attoseconds, 0) / 1_000_000_000_000_000
        return change(
            .post, "/fapi/v1/countdownCancelAll",
            [.init("symbol", instrument.symbol), .init("countdownTime", String(milliseconds))], weight: 10
        ) { response, answers throws(VenueError) in try answers.done(response) }
    }
}

/// A futures wallet in the words of `Balance`.
enum BinanceFuturesBalance {
    /// Losses that are not realised may make more free than there is, or less than nothing.
    static func make(_ asset: String, total: Amount, free: Amount) throws(JSONError) -> Balance {
        guard let rest = total.subtracting(free) else { throw JSONError(.invalidNumber, at: 0) }
        return Balance(asset: asset, free: free, locked: rest.isNegative ? .zero : rest)
    }
}
