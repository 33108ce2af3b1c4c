import Exchange

/// What the numbers and texts of Binance's errors mean.
///
/// Numbers that are not in the tables are `rejected`: refused for a reason without a class. A row's range may span numbers that the venue
/// has not given out; they would be of the same family.
enum BinanceErrorCodes {
    struct Row: Sendable {
        var kind: VenueError.Kind
        var codes: [ClosedRange<UInt64>]

        init(_ kind: VenueError.Kind, _ codes: ClosedRange<UInt64>...) {
            self.kind = kind
            self.codes = codes
        }
    }

    static func kind(_ code: Int64, text: String, system: Binance.System) -> VenueError.Kind {
        if let kind = kind(ofText: text) { return kind }
        let rows = system == .spot ? spot : usdm
        return rows.first { $0.codes.contains { $0.contains(code.magnitude) } }?.kind ?? .rejected
    }

    /// One number stands for many reasons (-2010 for all refused orders): then the text tells.
    static func kind(ofText text: String) -> VenueError.Kind? {
        if let kind = texts[text] { return kind }
        if let part = parts.first(where: { text.contains($0.part) }) { return part.kind }
        return nil
    }

    /// Whole texts. "self account" and the like stand in ccxt's tables where the venue says "this account"; both are here.
    private static let texts: [String: VenueError.Kind] = {
        var result: [String: VenueError.Kind] = [
            "System is under maintenance.": .onMaintenance,
            "System abnormality": .unavailable,
            "API key does not exist": .authentication,
            "Duplicate order sent.": .duplicateClientOrderID,
            "Order would trigger immediately.": .wouldTriggerImmediately,
            "Stop price would trigger immediately.": .wouldTriggerImmediately,
            "Order would immediately match and take.": .wouldTakeLiquidity,
            "Account has insufficient balance for requested action.": .insufficientFunds,
            "Rest API trading is not enabled.": .permissionDenied,
            "This account may not place or cancel orders.": .permissionDenied,
            "You don't have permission.": .permissionDenied,
            "Market is closed.": .marketClosed,
            "Too many requests. Please try again later.": .rateLimited,
            "This type of sub-account exceeds the maximum number limit": .rejected,
        ]
        for word in ["this", "self"] {
            result["You are not authorized to execute \(word) request."] = .permissionDenied
            result["This action is disabled on \(word) account."] = .accountSuspended
            result["Limit orders require GTC for \(word) phase."] = .badRequest
            result["This symbol is restricted for \(word) account."] = .permissionDenied
            result["This symbol is not permitted for \(word) account."] = .permissionDenied
        }
        return result
    }()

    /// Texts of which a part tells.
    private static let parts: [(part: String, kind: VenueError.Kind)] = [
        ("has no operation privilege", .permissionDenied),
        ("MAX_POSITION", .badRequest),
        ("PERCENT_PRICE_BY_SIDE", .invalidOrder),
        ("This order type is not possible", .badRequest),
    ]
}
