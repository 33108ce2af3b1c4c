package import Exchange
package import Market

/// Binance spot with a key: account, orders, fills and the user stream.
package struct BinanceSpotTrading: TradingVenue {
    /// Milliseconds that a request may be under way before the venue refuses it, 1...60000.
    package let receiveWindow: Int

    package init(receiveWindow: Int = Binance.defaultReceiveWindow) {
        self.receiveWindow = min(max(receiveWindow, 1), Binance.maximumReceiveWindow)
    }

    package func sign(
        _ draft: RequestDraft, with credentials: Credentials, at moment: SigningMoment
    ) throws(VenueError) -> WebRequest {
        try BinanceRequests.signed(draft, with: credentials, now: moment.now.milliseconds, receiveWindow: receiveWindow)
    }

    package func problem(of credentials: Credentials) -> String? { BinanceRequests.problem(of: credentials) }

    /// The engine gives up after 10 s (-1007).
    package var backendTimeout: Duration { .seconds(10) }
    /// Spot has none.
    package func deadManTimer(_ timeout: Duration, _ instrument: TradedInstrument?) -> SignedCall<Void>? { nil }

    static let reading = BinanceAnswers(system: .spot, changesState: false)
    static let changing = BinanceAnswers(system: .spot, changesState: true)

    /// A call that changes nothing.
    func read<Answer>(
        _ path: String, _ parameters: [RequestDraft.Parameter] = [], weight: Int,
        decode: @escaping @Sendable (WebResponse, BinanceAnswers) throws(VenueError) -> Answer
    ) -> SignedCall<Answer> {
        SignedCall(
            RequestDraft(.get, path, parameters), charges: BinanceBudgets.call(weight, .spot), changesState: false
        ) { response throws(VenueError) in try decode(response, Self.reading) }
    }
}

// MARK: - Account

extension BinanceSpotTrading {
    package func balances() -> SignedCall<[Balance]> {
        read("/api/v3/account", weight: 20) { response, answers throws(VenueError) in
            let json = try answers.json(response)
            return try answers.read { () throws(JSONError) in
                var balances: [Balance] = []
                for entry in try json.required("balances", { $0.elements }) {
                    balances.append(
                        Balance(
                            asset: try entry.text("asset"), free: try entry.amount("free"), locked: try entry.amount("locked")))
                }
                return balances
            }
        }
    }

    /// What the key may do, from the wallet endpoints. Test systems do not have them and answer 404: then nothing is known.
    package func accountRights() -> SignedCall<AccountRights>? {
        SignedCall(
            RequestDraft(.get, "/sapi/v1/account/apiRestrictions"), charges: [BudgetCharge(BinanceBudgets.walletWeight, 1)],
            changesState: false
        ) { response throws(VenueError) in
            if response.status == 404 { return AccountRights(canRead: nil, canTrade: nil, canWithdraw: nil) }
            let json = try Self.reading.json(response)
            return AccountRights(
                canRead: json["enableReading"]?.bool, canTrade: json["enableSpotAndMarginTrading"]?.bool,
                canWithdraw: json["enableWithdrawals"]?.bool)
        }
    }

    /// What the account may do, whatever the key may.
    package func accountPermissions() -> SignedCall<AccountRights> {
        read("/api/v3/account", [.init("omitZeroBalances", "true")], weight: 20) { response, answers throws(VenueError) in
            let json = try answers.json(response)
            return AccountRights(
                canRead: true, canTrade: json["canTrade"]?.bool, canWithdraw: json["canWithdraw"]?.bool)
        }
    }

    /// Needs the instrument: without one the venue answers -1102. A trade id goes before a time.
    package func fills(_ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?) -> SignedCall<[Fill]> {
        read(
            "/api/v3/myTrades", BinanceFillParameters.make(instrument, after: tradeID, from: from), weight: 20
        ) { response, answers throws(VenueError) in
            let list = try answers.list(response)
            return try answers.read { () throws(JSONError) in try BinanceOrderAnswers.trades(list) }
        }
    }
}

/// Parameters that ask for one's own trades.
enum BinanceFillParameters {
    static func make(
        _ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?
    ) -> [RequestDraft.Parameter] {
        var parameters: [RequestDraft.Parameter] = []
        parameters.add("symbol", instrument?.symbol)
        if let id = tradeID.flatMap({ Int64($0) }), id >= 0, id < .max {
            parameters.add("fromId", String(id + 1))
        } else if let from {
            parameters.add("startTime", String(from.milliseconds))
        }
        parameters.add("limit", "1000")
        return parameters
    }
}
