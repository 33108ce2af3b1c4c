package import Exchange
package import Market
import Money

/// The public half of Kraken spot: market list, candles, trades, books and their streams.
package struct KrakenMarketData: MarketDataVenue {
    package static let protocolName = Kraken.protocolName

    /// Decides the budgets of the private calls, which are part of `budgetLimits`, too.
    package var tier: KrakenTier

    package init(tier: KrakenTier = .starter) { self.tier = tier }

    package var budgetLimits: [BudgetLimit] { KrakenBudget.limits(tier) }
    /// Kraken's answers say nothing about budgets.
    package func usage(in response: WebResponse) -> [BudgetUsage] { [] }
    package func budgetLimits(inMarketList response: WebResponse) -> [BudgetLimit] { [] }

    static func get(_ name: String, _ parameters: [RequestDraft.Parameter] = []) -> WebRequest {
        WebRequest(.get, "/0/public/" + name, query: KrakenForm.encode(parameters), headers: [Kraken.userAgent])
    }

    static func call<Answer>(
        _ request: WebRequest, decode: @escaping @Sendable (JSONValue) throws(VenueError) -> Answer
    ) -> PublicCall<Answer> {
        PublicCall(request, charges: [BudgetCharge(KrakenBudget.publicCalls, 1)]) { response throws(VenueError) in
            try decode(KrakenAnswer.result(response, changesState: false))
        }
    }

    /// The venue's clock; whole seconds.
    package func serverTime() -> PublicCall<Timestamp> {
        Self.call(Self.get("Time")) { result throws(VenueError) in
            try KrakenReader(value: result, changesState: false).time("unixtime")
        }
    }

    /// What Kraken says about itself.
    package func systemStatus() -> PublicCall<KrakenSystemStatus> {
        Self.call(Self.get("SystemStatus")) { result throws(VenueError) in
            KrakenSystemStatus(try KrakenReader(value: result, changesState: false).text("status"))
        }
    }

    package func marketList() -> [PublicCall<WebResponse>] {
        ["Assets", "AssetPairs"].map { name in
            PublicCall(Self.get(name), charges: [BudgetCharge(KrakenBudget.publicCalls, 1)]) { response throws(VenueError) in
                _ = try KrakenAnswer.result(response, changesState: false)
                return response
            }
        }
    }

    /// Answers of `Assets` and `AssetPairs`, in this order.
    package func instruments(from responses: [WebResponse]) throws(VenueError) -> [TradedInstrument] {
        guard responses.count == 2 else { throw KrakenAnswer.missing("Assets and AssetPairs", changesState: false) }
        let assets = try KrakenAnswer.result(responses[0], changesState: false)
        let pairs = try KrakenAnswer.result(responses[1], changesState: false)
        return try KrakenInstruments(assets: assets).instruments(pairs: pairs)
    }
}

/// The state of the whole venue.
package enum KrakenSystemStatus: Hashable, Sendable {
    case online, maintenance, cancelOnly, postOnly, limitOnly
    /// A word that is not in Kraken's list.
    case other(String)

    init(_ word: String) {
        self =
            switch word {
            case "online": .online
            case "maintenance": .maintenance
            case "cancel_only": .cancelOnly
            case "post_only": .postOnly
            case "limit_only": .limitOnly
            default: .other(String(word.prefix(40)))
            }
    }

    /// What it means for orders; nil: nothing is in their way.
    package var error: VenueError? {
        let word: String
        switch self {
        case .online: return nil
        case .maintenance: word = "maintenance"
        case .cancelOnly: word = "cancel_only"
        case .postOnly: word = "post_only"
        case .limitOnly: word = "limit_only"
        case .other(let text): word = text
        }
        return VenueError(
            .onMaintenance, .retryable(after: nil), code: "status-" + word, message: "Kraken says its system is \"\(word)\"")
    }
}
