import Exchange
import Matching
import Money

/// `/0/private`: who asks, whether it is signed, and how often.
extension KrakenDialect {
    /// Who asks, and what.
    struct PrivateRequest {
        let account: PaperVenue.Account
        let form: PaperKrakenForm
        var id: AccountID { account.id }
    }

    mutating func privateCall(
        _ endpoint: Endpoint, _ request: WebRequest, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) -> JSONValue {
        let caller = try authenticate(endpoint, request, &venue)
        try chargeCall(endpoint.name, caller.id, venue)
        switch endpoint.name {
        case "AddOrder", "AddOrderBatch", "AmendOrder", "EditOrder", "CancelOrder", "CancelOrderBatch", "CancelAll",
            "CancelAllOrdersAfter":
            guard caller.account.settings.canTrade else { throw .permissionDenied }
            return try trade(endpoint.name, caller, &venue)
        case "GetWebSocketsToken": return makeToken(caller, venue)
        default: return try query(endpoint.name, caller, venue)
        }
    }

    private func authenticate(
        _ endpoint: Endpoint, _ request: WebRequest, _ venue: inout PaperVenue
    ) throws(PaperKrakenRefusal) -> PrivateRequest {
        guard request.method == .post else { throw .unknownMethod }
        guard let key = request.header("API-Key"), let index = venue.accountIndex(key: key) else { throw .invalidKey }
        guard let form = Self.form(request) else { throw .arguments("body") }
        guard let text = form.text("nonce"), let nonce = UInt64(text) else { throw .invalidNonce }
        let account = venue.accounts[index]
        guard let secret = PaperBase64.decode(account.settings.secret), let sent = request.header("API-Sign") else {
            throw .invalidSignature
        }
        let digest = hashes.sha256(Array(text.utf8) + request.body)
        let right = PaperBase64.encode(hashes.hmacSHA512(Array(endpoint.path.utf8) + digest, secret))
        guard right == sent else { throw .invalidSignature }
        guard nonce > account.lastNonce ?? 0 else { throw .invalidNonce }
        venue.accounts[index].lastNonce = nonce
        return PrivateRequest(account: account, form: form)
    }

    /// Orders and their cancels count at the pair instead, where they are carried out.
    private mutating func chargeCall(
        _ name: String, _ account: AccountID, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) {
        guard venue.settings.enforcesRateLimits else { return }
        let units: Int64 =
            switch name {
            case "AddOrder", "AddOrderBatch", "AmendOrder", "EditOrder", "CancelOrder", "CancelOrderBatch": 0
            case "ClosedOrders", "TradesHistory", "QueryTrades": 2
            default: 1
            }
        guard limits.takeCall(account, units: units, at: venue.now) else { throw .callsExceeded }
    }

    /// A token that cannot be guessed by whoever does not know the secret.
    private mutating func makeToken(_ caller: PrivateRequest, _ venue: PaperVenue) -> JSONValue {
        for (text, token) in tokens where !token.isUsed && token.end <= venue.now { tokens[text] = nil }
        tokenCount += 1
        let seed = Array("\(tokenCount) \(venue.now) \(caller.form.text("nonce") ?? "")".utf8)
        let text = PaperBase64.encode(hashes.hmacSHA256(seed, Array(caller.account.settings.secret.utf8)))
        tokens[text] = PaperKrakenToken(
            account: caller.id, end: venue.now + Self.stretched(PaperKrakenToken.lifetime, venue))
        return ["token": .string(text), "expires": .integer(PaperKrakenToken.lifetime / 1000)]
    }

    /// The account of a token that a stream shows.
    mutating func account(token: String?, _ venue: PaperVenue, using: Bool) throws(PaperKrakenRefusal) -> PaperVenue.Account {
        guard let token, let known = tokens[token], known.isUsed || known.end > venue.now,
            let account = venue.account(known.account)
        else { throw .invalidSession }
        if using { tokens[token]?.isUsed = true }
        return account
    }

    private func query(
        _ name: String, _ caller: PrivateRequest, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) -> JSONValue {
        switch name {
        case "Balance": return balance(caller, venue)
        case "BalanceEx": return extendedBalance(caller, venue)
        case "TradeBalance": return try tradeBalance(caller, venue)
        case "TradeVolume": return try tradeVolume(caller, venue)
        case "OpenOrders": return try openOrders(caller, venue)
        case "ClosedOrders": return try closedOrders(caller, venue)
        case "QueryOrders": return try queryOrders(caller, venue)
        case "TradesHistory": return try tradesHistory(caller, venue)
        case "QueryTrades": return try queryTrades(caller, venue)
        case "GetApiKeyInfo": return keyInfo(caller)
        default: throw .unknownMethod
        }
    }
}

/// The account as a whole.
extension KrakenDialect {
    /// The assets that an account has something of.
    private func held(_ caller: PrivateRequest, _ venue: PaperVenue) -> [(PaperAsset, Matching.Balance)] {
        venue.assets.map { ($0, venue.engine.balance(caller.id, $0.id)) }.filter { $0.1.total != 0 }
    }

    private func balance(_ caller: PrivateRequest, _ venue: PaperVenue) -> JSONValue {
        .object(held(caller, venue).map { .init(PaperKrakenNames.code($0.name), .string($0.text($1.total))) })
    }

    private func extendedBalance(_ caller: PrivateRequest, _ venue: PaperVenue) -> JSONValue {
        .object(
            held(caller, venue).map { asset, balance in
                .init(
                    PaperKrakenNames.code(asset.name),
                    ["balance": .string(asset.text(balance.total)), "hold_trade": .string(asset.text(balance.locked))])
            })
    }

    /// Everything that has a market with the asset asked for, at its last price.
    private func tradeBalance(_ caller: PrivateRequest, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        let wanted = (caller.form.text("asset") ?? "ZUSD").uppercased()
        let named = venue.assets.first {
            [PaperKrakenNames.code($0.name), PaperKrakenNames.altname($0.name), $0.name].contains(wanted)
        }
        guard let asset = named ?? (caller.form.text("asset") == nil ? venue.assets.last : nil) else { throw .unknownAsset }
        var sum: Int128 = venue.engine.balance(caller.id, asset.id).total
        for instrument in venue.instruments where instrument.rules.quote == asset.id {
            guard let price = venue.engine.lastTrade(instrument.id)?.price else { continue }
            let lots = venue.engine.balance(caller.id, instrument.rules.base).total / Int128(instrument.rules.lotValue)
            sum += instrument.rules.notional(price: price, quantity: Int64(clamping: min(lots, 1_000_000_000_000_000)))
        }
        let (value, zero) = (JSONValue.string(asset.text(sum)), JSONValue.string(asset.text(0)))
        return ["eb": value, "tb": value, "m": zero, "n": zero, "c": zero, "v": zero, "e": value, "mf": value]
    }

    private func tradeVolume(_ caller: PrivateRequest, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> JSONValue {
        var fees: [JSONValue.Member] = []
        var makerFees: [JSONValue.Member] = []
        for name in caller.form.list("pair") {
            guard let pair = names.pair(name) else { throw .unknownPair }
            let schedule = venue.instrument(pair.id).rules.fees
            fees.append(.init(pair.key, Self.tier(schedule.taker)))
            makerFees.append(.init(pair.key, Self.tier(schedule.maker)))
        }
        return [
            "currency": "ZUSD", "volume": "0.0000", "fees": .object(fees), "fees_maker": .object(makerFees),
        ]
    }

    private static func tier(_ rate: Int64) -> JSONValue {
        let fee = JSONValue.string(percent(rate))
        return ["fee": fee, "minfee": fee, "maxfee": fee, "nextfee": .null, "nextvolume": .null, "tiervolume": "0.0000"]
    }

    private func keyInfo(_ caller: PrivateRequest) -> JSONValue {
        let settings = caller.account.settings
        var permissions: [JSONValue] = ["query-funds", "query-open-trades", "query-closed-trades", "query-ledger"]
        if settings.canTrade { permissions += ["modify-trades", "close-trades"] }
        if settings.canWithdraw { permissions += ["withdraw-funds"] }
        return [
            "apiKeyName": .string(settings.name), "apiKey": .string(settings.key), "permissions": .array(permissions),
            "nonce": caller.form["nonce"] ?? "0", "nonceWindow": 0, "ipAllowlist": [],
        ]
    }
}
