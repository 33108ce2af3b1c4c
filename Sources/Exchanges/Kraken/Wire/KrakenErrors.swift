import Exchange
import Market

/// Kraken's error texts, and what they mean. They read `E` (or `W` for a warning), a category, a colon and a text; some have details behind it.
enum KrakenErrors {
    private struct Rule {
        var text: String
        var kind: VenueError.Kind
        var outcome: Outcome
    }

    private enum Outcome {
        case permanent, fatal
        case retry(seconds: Int64?)
        /// Kraken may have acted where it was asked to.
        case unknown
    }

    /// The longest rule that begins the error decides.
    private static let rules: [Rule] =
        [
            Rule(text: "EQuery:Invalid asset pair", kind: .badSymbol, outcome: .permanent),
            Rule(text: "EQuery:Unknown asset", kind: .badSymbol, outcome: .permanent),
            Rule(text: "EGeneral:Unknown method", kind: .notSupported, outcome: .permanent),
            Rule(text: "EGeneral:Unknown Method", kind: .notSupported, outcome: .permanent),
            Rule(text: "EGeneral:Invalid arguments", kind: .badRequest, outcome: .permanent),
            Rule(text: "EGeneral:Invalid arguments:price", kind: .invalidOrder, outcome: .permanent),
            Rule(text: "EGeneral:Invalid arguments:volume", kind: .invalidOrder, outcome: .permanent),
            Rule(text: "EGeneral:Invalid arguments:viqc", kind: .invalidOrder, outcome: .permanent),
            Rule(text: "EGeneral:Permission denied", kind: .permissionDenied, outcome: .fatal),
            Rule(text: "EGeneral:Too many requests", kind: .rateLimited, outcome: .retry(seconds: nil)),
            // Too many wrong keys or nonces; lasts about fifteen minutes.
            Rule(text: "EGeneral:Temporary lockout", kind: .rateLimited, outcome: .retry(seconds: 900)),
            Rule(text: "EGeneral:Internal error", kind: .unavailable, outcome: .unknown),
            Rule(text: "EDatabase:Internal error", kind: .unavailable, outcome: .unknown),
            Rule(text: "EAPI:Invalid key", kind: .authentication, outcome: .fatal),
            Rule(text: "EAPI:Invalid signature", kind: .authentication, outcome: .fatal),
            Rule(text: "EAPI:Invalid nonce", kind: .invalidNonce, outcome: .fatal),
            Rule(text: "EAPI:Feature disabled", kind: .permissionDenied, outcome: .fatal),
            Rule(text: "EAPI:Bad request", kind: .badRequest, outcome: .permanent),
            Rule(text: "EAPI:Rate limit exceeded", kind: .rateLimited, outcome: .retry(seconds: nil)),
            Rule(text: "ESession:Invalid session", kind: .authentication, outcome: .permanent),
            Rule(text: "EAuth:Account temporary disabled", kind: .accountSuspended, outcome: .fatal),
            Rule(text: "EAuth:Account unconfirmed", kind: .authentication, outcome: .fatal),
            Rule(text: "EAuth:Too many requests", kind: .rateLimited, outcome: .retry(seconds: nil)),
            Rule(text: "EAuth:Rate limit exceeded", kind: .rateLimited, outcome: .retry(seconds: nil)),
            Rule(text: "EAccount:Invalid permissions", kind: .permissionDenied, outcome: .fatal),
            Rule(text: "ETrade:User Locked", kind: .accountSuspended, outcome: .fatal),
            Rule(text: "ETrade:Locked", kind: .accountSuspended, outcome: .fatal),
            Rule(text: "ETrade:Invalid request", kind: .badRequest, outcome: .permanent),
            Rule(text: "EService:Unavailable", kind: .unavailable, outcome: .unknown),
            Rule(text: "EService:Busy", kind: .unavailable, outcome: .unknown),
            Rule(text: "EService:Timeout", kind: .requestTimeout, outcome: .unknown),
            Rule(text: "EService:Deadline elapsed", kind: .requestTimeout, outcome: .unknown),
            Rule(text: "EService:Throttled", kind: .rateLimited, outcome: .retry(seconds: nil)),
            Rule(text: "EService:Market in post_only mode", kind: .onMaintenance, outcome: .retry(seconds: nil)),
            Rule(text: "EService:Market in limit_only mode", kind: .onMaintenance, outcome: .retry(seconds: nil)),
            Rule(text: "EService:Market in cancel_only mode", kind: .onMaintenance, outcome: .retry(seconds: nil)),
            Rule(text: "EService", kind: .unavailable, outcome: .unknown),
            Rule(text: "EOrder:Insufficient funds", kind: .insufficientFunds, outcome: .permanent),
            Rule(text: "EOrder:Insufficient margin", kind: .insufficientFunds, outcome: .permanent),
            Rule(text: "EOrder:Margin allowance exceeded", kind: .insufficientFunds, outcome: .permanent),
            Rule(text: "EOrder:Order minimum not met", kind: .invalidOrder, outcome: .permanent),
            Rule(text: "EOrder:Cost minimum not met", kind: .invalidOrder, outcome: .permanent),
            Rule(text: "EOrder:Tick size check failed", kind: .invalidOrder, outcome: .permanent),
            Rule(text: "EOrder:Invalid price", kind: .invalidOrder, outcome: .permanent),
            Rule(text: "EOrder:Invalid order", kind: .invalidOrder, outcome: .permanent),
            Rule(text: "EOrder:Unknown order", kind: .orderNotFound, outcome: .permanent),
            Rule(text: "EOrder:Post only order", kind: .wouldTakeLiquidity, outcome: .permanent),
            Rule(text: "EOrder:Cancel pending", kind: .rejected, outcome: .unknown),
            Rule(text: "EOrder:Rate limit exceeded", kind: .rateLimited, outcome: .retry(seconds: nil)),
            Rule(text: "EOrder:Orders limit exceeded", kind: .rejected, outcome: .permanent),
            Rule(text: "EOrder:Domain rate limit exceeded", kind: .rateLimited, outcome: .retry(seconds: nil)),
            Rule(text: "EOrder:Positions limit exceeded", kind: .rejected, outcome: .permanent),
            Rule(text: "EOrder:Market order", kind: .marketClosed, outcome: .permanent),
            Rule(text: "EFunding:Unknown withdraw key", kind: .badRequest, outcome: .permanent),
            Rule(text: "EFunding:Invalid amount", kind: .insufficientFunds, outcome: .permanent),
            Rule(text: "EFunding:No funding method", kind: .badRequest, outcome: .permanent),
            Rule(text: "EFunding:Unknown asset", kind: .badSymbol, outcome: .permanent),
        ].sorted { $0.text.utf8.count > $1.text.utf8.count }

    /// Parts of a text that tell in any category. `IInsufficient` is Kraken's own spelling.
    private static let parts: [Rule] = [
        Rule(text: ":Invalid order", kind: .invalidOrder, outcome: .permanent),
        Rule(text: ":Invalid arguments:volume", kind: .invalidOrder, outcome: .permanent),
        Rule(text: ":Invalid arguments:viqc", kind: .invalidOrder, outcome: .permanent),
        Rule(text: ":Invalid nonce", kind: .invalidNonce, outcome: .fatal),
        Rule(text: ":IInsufficient funds", kind: .insufficientFunds, outcome: .permanent),
        Rule(text: ":Insufficient funds", kind: .insufficientFunds, outcome: .permanent),
        Rule(text: ":Cancel pending", kind: .rejected, outcome: .unknown),
        Rule(text: ":Rate limit exceeded", kind: .rateLimited, outcome: .retry(seconds: nil)),
        // Streams have texts without a category.
        Rule(text: "Currency pair not", kind: .badSymbol, outcome: .permanent),
        Rule(text: "Exceeded msg rate", kind: .rateLimited, outcome: .retry(seconds: nil)),
    ]

    /// What one text means. `now` is the venue's time, for a text that names the end of a wait.
    static func error(_ text: String, changesState: Bool, now: Timestamp?) -> VenueError {
        let clean = clean(text)
        if isDuplicateID(clean) { return VenueError(.duplicateClientOrderID, .permanent, code: clean, message: clean) }
        guard let rule = rules.first(where: { clean.hasPrefix($0.text) }) ?? parts.first(where: { clean.contains($0.text) })
        else {
            return VenueError(.rejected, .permanent, code: clean, message: clean)
        }
        return VenueError(rule.kind, handling(rule, clean, changesState: changesState, now: now), code: clean, message: clean)
    }

    /// The error that decides among several: what leaves the outcome open before what stops everything, and that before the rest.
    static func first(_ texts: [String], changesState: Bool, now: Timestamp?) -> VenueError? {
        let errors = texts.filter { !$0.hasPrefix("W") }.map { error($0, changesState: changesState, now: now) }
        return errors.first { $0.handling == .outcomeUnknown } ?? errors.first { $0.handling == .fatal } ?? errors.first
    }

    /// Blanks behind colons go: documentation and wire differ in them.
    private static func clean(_ text: String) -> String {
        var result = ""
        var afterColon = false
        for character in text.prefix(500) {
            if afterColon, character == " " { continue }
            afterColon = character == ":"
            result.append(character)
        }
        return result
    }

    /// Kraken's list has no text for it; what is known of it names the field or the thing.
    private static func isDuplicateID(_ text: String) -> Bool {
        let lower = text.lowercased()
        return (lower.contains("cl_ord_id") || lower.contains("client order id"))
            && ["duplicate", "already", "in use", "not unique", "exists"].contains { lower.contains($0) }
    }

    private static func handling(_ rule: Rule, _ text: String, changesState: Bool, now: Timestamp?) -> VenueError.Handling {
        switch rule.outcome {
        case .permanent: return .permanent
        case .fatal: return .fatal
        case .unknown: return changesState ? .outcomeUnknown : .retryable(after: nil)
        case .retry(let seconds):
            let throttle = "EService:Throttled:"
            guard text.hasPrefix(throttle) else { return .retryable(after: seconds.map { .seconds($0) }) }
            return .retryable(after: wait(until: String(text.dropFirst(throttle.utf8.count)), now: now))
        }
    }

    /// How long until a Unix time in seconds or milliseconds; at most an hour, nil where either end is unknown.
    private static func wait(until text: String, now: Timestamp?) -> Duration? {
        guard let now, let number = Int64(text), number > 0 else { return nil }
        let end = number < 100_000_000_000 ? number * 1000 : number
        return .milliseconds(min(max(end.subtractingReportingOverflow(now.milliseconds).partialValue, 0), 3_600_000))
    }
}
