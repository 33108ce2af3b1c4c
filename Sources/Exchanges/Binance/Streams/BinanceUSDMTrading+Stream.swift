package import Exchange
import Market
import Money

extension BinanceUSDMTrading {
    package func streamToken() -> SignedCall<String>? {
        change(.post, Self.listenKeyPath, [], weight: 1) { response, answers throws(VenueError) in
            let json = try answers.json(response)
            return try answers.read { () throws(JSONError) in
                try json.required("listenKey") { $0.text.flatMap { BinanceListenKey.isRight($0) ? $0 : nil } }
            }
        }
    }

    /// The key lives for 60 minutes.
    package func renewStreamToken(_ token: String) -> (every: Duration, call: SignedCall<Void>)? {
        let call = change(.put, Self.listenKeyPath, [], weight: 1) { response, answers throws(VenueError) in
            try answers.done(response)
        }
        return (.seconds(1800), call)
    }

    package func accountStreamPath(token: String?) -> String { "/private/ws?listenKey=" + (token ?? "") }

    /// The listen key in the path subscribes.
    package func subscribeToAccount(
        token: String?, credentials: Credentials, at moment: SigningMoment, id: Int64
    ) throws(VenueError) -> [String] { [] }

    package func decodeAccount(_ message: [UInt8]) throws(VenueError) -> AccountInput {
        let json = try Self.reading.read { () throws(JSONError) in try JSONValue(parsing: message) }
        let event = json["data"] ?? json
        guard event.has("e") else { return BinanceUserStream.acknowledgement(json, system: .usdm) }
        return try Self.reading.read { () throws(JSONError) in try Self.input(event) }
    }

    private static func input(_ event: JSONValue) throws(JSONError) -> AccountInput {
        switch event["e"]?.text {
        case "ORDER_TRADE_UPDATE": .events([try BinanceFuturesOrderUpdate.event(try event.required("o") { $0 })])
        case "ALGO_UPDATE":
            .events([try BinanceConditionalOrders.event(try event.required("o") { $0 }, time: try event.time("T"))])
        case "ACCOUNT_UPDATE": .events([.balances(try balances(event))])
        case "listenKeyExpired": .events([.ended(reason: "the listen key has run out")])
        case "serverShutdown": .closingSoon
        default: .ignored
        }
    }

    /// Free is the cross wallet, locked what isolated positions hold of the wallet. (What new positions may use, only REST tells.)
    private static func balances(_ event: JSONValue) throws(JSONError) -> [Balance] {
        var balances: [Balance] = []
        for entry in event["a"]?["B"]?.elements ?? [] {
            balances.append(
                try BinanceFuturesBalance.make(
                    try entry.text("a"), total: try entry.amount("wb"), free: try entry.amount("cw")))
        }
        return balances
    }

    /// The positions of an `ACCOUNT_UPDATE`; empty for other messages. `decodeAccount` tells the balances of the same message.
    package func positions(in message: [UInt8]) throws(VenueError) -> [BinancePosition] {
        let json = try Self.reading.read { () throws(JSONError) in try JSONValue(parsing: message) }
        let event = json["data"] ?? json
        guard event["e"]?.text == "ACCOUNT_UPDATE" else { return [] }
        return try Self.reading.read { () throws(JSONError) in
            var positions: [BinancePosition] = []
            for entry in event["a"]?["P"]?.elements ?? [] {
                positions.append(
                    BinancePosition(
                        symbol: try entry.text("s"), quantity: try entry.fixedPoint("pa"), entryPrice: entry.positive("ep"),
                        markPrice: nil, liquidationPrice: nil, unrealizedProfit: try entry.amount("up"),
                        side: entry["ps"]?.text.flatMap { BinanceUSDMOrderOptions.PositionSide(rawValue: $0) }))
            }
            return positions
        }
    }
}

/// The listen key becomes part of a URL.
enum BinanceListenKey {
    static func isRight(_ key: String) -> Bool {
        (1...200).contains(key.utf8.count)
            && key.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

/// `ORDER_TRADE_UPDATE`, the member `o`.
enum BinanceFuturesOrderUpdate {
    static func event(_ json: JSONValue) throws(JSONError) -> AccountEvent {
        let type = try json.text("o")
        var report = OrderReport(
            venueOrderID: VenueOrderID(String(try json.integer("i"))),
            clientOrderID: json.filled("c").map { ClientOrderID($0) }, symbol: try json.text("s"),
            status: BinanceWords.status(try json.text("X"), type: type, isWorking: nil),
            side: try json.required("S") { $0.text.flatMap(BinanceWords.side) }, type: type)
        report.price = json.positive("p")
        report.triggerPrice = json.positive("sp")
        report.quantity = json.positive("q")
        report.filled = try json.fixedPoint("z")
        report.updatedAt = json.positiveTime("T")
        // Liquidations and the like come as CALCULATED.
        let isTrade = json["x"]?.text == "TRADE" || json["x"]?.text == "CALCULATED"
        return .order(
            report, fill: isTrade ? try BinanceUserStream.fill(json, of: report, feeAsset: json.filled("N")) : nil)
    }
}
