package import Exchange
package import Money

/// A position in a perpetual.
package struct BinancePosition: Hashable, Sendable {
    package var symbol: String
    /// Negative when short.
    package var quantity: Quantity
    package var entryPrice: Price?
    /// Nil in the user stream.
    package var markPrice: Price?
    package var liquidationPrice: Price?
    /// In the margin currency.
    package var unrealizedProfit: Amount
    /// Nil in one-way mode.
    package var side: BinanceUSDMOrderOptions.PositionSide?

    package init(
        symbol: String, quantity: Quantity, entryPrice: Price?, markPrice: Price?, liquidationPrice: Price?,
        unrealizedProfit: Amount, side: BinanceUSDMOrderOptions.PositionSide?
    ) {
        self.symbol = symbol
        self.quantity = quantity
        self.entryPrice = entryPrice
        self.markPrice = markPrice
        self.liquidationPrice = liquidationPrice
        self.unrealizedProfit = unrealizedProfit
        self.side = side
    }
}

extension BinanceUSDMTrading {
    /// Positions and symbols with open orders; nil: of all instruments.
    package func positions(_ instrument: TradedInstrument?) -> SignedCall<[BinancePosition]> {
        let parameters: [RequestDraft.Parameter] = instrument.map { [.init("symbol", $0.symbol)] } ?? []
        return read("/fapi/v3/positionRisk", parameters, weight: 5) { response, answers throws(VenueError) in
            let list = try answers.list(response)
            return try answers.read { () throws(JSONError) in
                var positions: [BinancePosition] = []
                for entry in list { positions.append(try Self.position(entry)) }
                return positions
            }
        }
    }

    private static func position(_ entry: JSONValue) throws(JSONError) -> BinancePosition {
        BinancePosition(
            symbol: try entry.text("symbol"), quantity: try entry.fixedPoint("positionAmt"),
            entryPrice: entry.positive("entryPrice"), markPrice: entry.positive("markPrice"),
            liquidationPrice: entry.positive("liquidationPrice"), unrealizedProfit: try entry.amount("unRealizedProfit"),
            side: entry["positionSide"]?.text.flatMap { BinanceUSDMOrderOptions.PositionSide(rawValue: $0) })
    }

    /// 1...125, as far as the instrument allows. Answers what the venue set.
    package func setLeverage(_ leverage: Int, _ instrument: TradedInstrument) -> SignedCall<Int> {
        change(
            .post, "/fapi/v1/leverage", [.init("symbol", instrument.symbol), .init("leverage", String(leverage))], weight: 1
        ) { response, answers throws(VenueError) in
            let json = try answers.json(response)
            return try answers.read { () throws(JSONError) in Int(clamping: try json.integer("leverage")) }
        }
    }

    /// Whether positions of this instrument have margin of their own. That it is so already is no error.
    package func setIsolatedMargin(_ isIsolated: Bool, _ instrument: TradedInstrument) -> SignedCall<Void> {
        change(
            .post, "/fapi/v1/marginType",
            [.init("symbol", instrument.symbol), .init("marginType", isIsolated ? "ISOLATED" : "CROSSED")], weight: 1
        ) { response, answers throws(VenueError) in
            do throws(VenueError) { try answers.done(response) } catch {
                guard error.code == "-4046" else { throw error }
            }
        }
    }
}
