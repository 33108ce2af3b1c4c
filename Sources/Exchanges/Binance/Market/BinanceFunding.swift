package import Exchange
package import Market
package import Money

/// What holders of a perpetual pay each other, and when.
package struct BinanceFundingRate: Hashable, Sendable {
    package var symbol: String
    /// A ratio of the position's value: 0.0001 for 0.01 %. Longs pay where it is positive.
    package var rate: Amount
    /// When it was, or will be, paid.
    package var time: Timestamp
    /// Nil where the venue did not note it.
    package var markPrice: Price?

    package init(symbol: String, rate: Amount, time: Timestamp, markPrice: Price?) {
        self.symbol = symbol
        self.rate = rate
        self.time = time
        self.markPrice = markPrice
    }
}

extension BinanceUSDMMarketData {
    /// Rates that were paid, oldest first, at most 1000.
    package func fundingHistory(
        _ instrument: TradedInstrument, from: Timestamp?, limit: Int
    ) -> PublicCall<[BinanceFundingRate]> {
        var parameters: [RequestDraft.Parameter] = [.init("symbol", instrument.symbol)]
        parameters.add("startTime", from.map { String($0.milliseconds) })
        parameters.add("limit", String(min(max(limit, 1), 1000)))
        let answers = BinanceAnswers(system: .usdm, changesState: false)
        return PublicCall(
            BinanceRequests.open("/fapi/v1/fundingRate", parameters), charges: [BudgetCharge(BinanceBudgets.funding, 1)]
        ) { response throws(VenueError) in
            let list = try answers.list(response)
            return try answers.read { () throws(JSONError) in
                var rates: [BinanceFundingRate] = []
                for entry in list {
                    rates.append(
                        BinanceFundingRate(
                            symbol: try entry.text("symbol"), rate: try entry.amount("fundingRate"),
                            time: try entry.time("fundingTime"), markPrice: entry.positive("markPrice")))
                }
                return rates
            }
        }
    }

    /// The rate that will be paid next, as it stands now, with the mark price of now.
    package func nextFunding(_ instrument: TradedInstrument) -> PublicCall<BinanceFundingRate> {
        let answers = BinanceAnswers(system: .usdm, changesState: false)
        return PublicCall(
            BinanceRequests.open("/fapi/v1/premiumIndex", [.init("symbol", instrument.symbol)]),
            charges: BinanceBudgets.call(1, .usdm)
        ) { response throws(VenueError) in
            let entry = try answers.json(response)
            return try answers.read { () throws(JSONError) in
                BinanceFundingRate(
                    symbol: try entry.text("symbol"), rate: try entry.amount("lastFundingRate"),
                    time: try entry.time("nextFundingTime"), markPrice: entry.positive("markPrice"))
            }
        }
    }
}
