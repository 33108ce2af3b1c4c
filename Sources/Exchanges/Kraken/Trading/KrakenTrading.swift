package import Exchange
import Market
import Money

/// The private half of Kraken spot. Only a trading client is built from it.
package struct KrakenTrading: TradingVenue {
    /// Decides the budgets of the key and of the matching engine.
    package var tier: KrakenTier
    /// Whether the venue is a paper exchange, which issues keys of its own.
    package var isPaper: Bool

    package init(tier: KrakenTier = .starter, isPaper: Bool = false) {
        self.tier = tier
        self.isPaper = isPaper
    }

    package var budgetLimits: [BudgetLimit] { KrakenBudget.limits(tier) }

    /// After its `deadline` the engine drops an order, so that this is a margin for the lists of orders to catch up. An order without a deadline
    /// has no such end; Kraken names none.
    package var backendTimeout: Duration { .seconds(5) }
    /// Nonces must rise in the order of arrival.
    package var requestsAreOrdered: Bool { true }

    /// Puts the nonce before the parameters and signs. The nonce must be above every one that this key has used.
    package func sign(
        _ draft: RequestDraft, with credentials: Credentials, at moment: SigningMoment
    ) throws(VenueError) -> WebRequest {
        let body = KrakenForm.encode([.init("nonce", String(moment.nonce))] + draft.parameters)
        return try KrakenSigner.request(
            path: draft.path, nonce: moment.nonce, body: Array(body.utf8), contentType: KrakenSigner.formType,
            credentials: credentials)
    }

    package func problem(of credentials: Credentials) -> String? {
        let isPaperKey = credentials.key.hasPrefix("paper")
        if isPaperKey, !isPaper { return "the key is one of a paper exchange, and this venue is not" }
        if !isPaperKey, isPaper {
            return "the venue is a paper exchange, and the key is not one of its own (they begin with \"paper\")"
        }
        guard let secret = KrakenBase64.decode(credentials.secret), !secret.isEmpty else {
            return "the secret is not base64: copy it again from Kraken's page of API keys"
        }
        guard !isPaper else { return nil }
        if credentials.key.utf8.count != 56 { return "the key does not have the 56 characters of a Kraken key" }
        if secret.count != 64 { return "the secret does not have the 64 bytes of a Kraken secret (88 characters)" }
        return nil
    }

    static func call<Answer>(
        _ name: String, _ parameters: [RequestDraft.Parameter] = [], charges: [BudgetCharge]? = nil, isCancel: Bool = false,
        changesState: Bool = false, decode: @escaping @Sendable (JSONValue) throws(VenueError) -> Answer
    ) -> SignedCall<Answer> {
        SignedCall(
            RequestDraft(.post, "/0/private/" + name, parameters),
            charges: charges ?? [BudgetCharge(KrakenBudget.privateCalls, 1)],
            isCancel: isCancel, changesState: changesState
        ) { response throws(VenueError) in
            try decode(KrakenAnswer.result(response, changesState: changesState))
        }
    }
}

// MARK: - The account

extension KrakenTrading {
    /// Holdings that earn or are bound stay apart, as the stream and ccxt have them: BTC.F, DOT.S. Only the plain ones pay for orders for sure.
    package func balances() -> SignedCall<[Balance]> {
        Self.call("BalanceEx") { result throws(VenueError) in try KrakenBalances.read(result) }
    }

    /// From `GetApiKeyInfo`, which needs no right of its own. A venue without that method tells nothing.
    package func accountRights() -> SignedCall<AccountRights>? {
        let call = Self.call("GetApiKeyInfo") { result throws(VenueError) in try Self.rights(result) }
        return SignedCall(call.draft, charges: call.charges, changesState: false) { response throws(VenueError) in
            do throws(VenueError) { return try call.decode(response) } catch {
                guard error.kind == .notSupported else { throw error }
                return AccountRights(canRead: nil, canTrade: nil, canWithdraw: nil)
            }
        }
    }

    private static func rights(_ result: JSONValue) throws(VenueError) -> AccountRights {
        guard let list = result["permissions"]?.elements else { throw KrakenAnswer.missing("permissions", changesState: false) }
        let words = Set(list.compactMap(\.text))
        return AccountRights(
            canRead: words.isSuperset(of: ["query-funds", "query-open-trades"]), canTrade: words.contains("modify-trades"),
            canWithdraw: words.contains("withdraw-funds"))
    }

    /// Kraken has one timer for the account, in whole seconds below a day; part of a second counts as one.
    package func deadManTimer(_ timeout: Duration, _ instrument: TradedInstrument?) -> SignedCall<Void>? {
        let (seconds, attoseconds) = timeout.components
        let whole = min(max(seconds, 0), 86_399) + (attoseconds > 0 && (0..<86_399).contains(seconds) ? 1 : 0)
        return Self.call("CancelAllOrdersAfter", [.init("timeout", String(whole))], isCancel: true, changesState: true) {
            result throws(VenueError) in
            guard result.members != nil else { throw KrakenAnswer.missing("result", changesState: true) }
        }
    }
}

/// Reads `BalanceEx`.
enum KrakenBalances {
    static func read(_ result: JSONValue) throws(VenueError) -> [Balance] {
        guard let members = result.members else { throw KrakenAnswer.missing("result", changesState: false) }
        var balances: [Balance] = []
        var places: [String: Int] = [:]
        for member in members {
            guard let balance = balance(member) else { throw KrakenAnswer.missing(member.name, changesState: false) }
            guard let place = places[balance.asset] else {
                places[balance.asset] = balances.count
                balances.append(balance)
                continue
            }
            guard let free = balances[place].free.adding(balance.free), let locked = balances[place].locked.adding(balance.locked)
            else {
                throw KrakenAnswer.missing(member.name, changesState: false)
            }
            balances[place] = Balance(asset: balance.asset, free: free, locked: locked)
        }
        return balances
    }

    /// Free is the balance and unused credit, without what orders hold.
    private static func balance(_ member: JSONValue.Member) -> Balance? {
        guard let total = member.value["balance"]?.amount, let held = optional(member.value["hold_trade"]),
            let credit = optional(member.value["credit"]), let used = optional(member.value["credit_used"]),
            let free = total.adding(credit)?.subtracting(used)?.subtracting(held)
        else { return nil }
        return Balance(asset: KrakenAssets.name(member.name), free: free, locked: held)
    }

    private static func optional(_ value: JSONValue?) -> Amount? {
        guard let value else { return .zero }
        return value.amount
    }
}
