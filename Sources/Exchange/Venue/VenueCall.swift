package import Market

/// What a call costs in one of the venue's budgets.
package struct BudgetCharge: Hashable, Sendable {
    /// The budget's name, as `BudgetLimit` has it; per pair `trading:XBTUSD`.
    package var budget: String
    /// In the budget's own unit; thousandths, because Kraken decays in fractions.
    package var milliunits: Int

    package init(_ budget: String, _ units: Int) {
        self.budget = budget
        milliunits = units * 1000
    }
}

/// A public call: a request, what it costs, and how its answer reads. A value, made by the venue's pure code.
package struct PublicCall<Answer: Sendable>: Sendable {
    package var request: WebRequest
    package var charges: [BudgetCharge]
    package var decode: @Sendable (WebResponse) throws(VenueError) -> Answer

    package init(
        _ request: WebRequest, charges: [BudgetCharge], decode: @escaping @Sendable (WebResponse) throws(VenueError) -> Answer
    ) {
        self.request = request
        self.charges = charges
        self.decode = decode
    }
}

/// A call with credentials, not signed yet: time stamp, nonce and signature are made right before it is written.
package struct SignedCall<Answer: Sendable>: Sendable {
    package var draft: RequestDraft
    package var charges: [BudgetCharge]
    /// Cancels may use the fifth of each budget that is kept for them.
    package var isCancel: Bool
    /// Whether the venue changes something. If not, a lost answer is simply asked for again.
    package var changesState: Bool
    package var decode: @Sendable (WebResponse) throws(VenueError) -> Answer

    package init(
        _ draft: RequestDraft, charges: [BudgetCharge], isCancel: Bool = false, changesState: Bool,
        decode: @escaping @Sendable (WebResponse) throws(VenueError) -> Answer
    ) {
        self.draft = draft
        self.charges = charges
        self.isCancel = isCancel
        self.changesState = changesState
        self.decode = decode
    }
}

/// A request before it is signed: ordered parameters, because signatures are over their bytes.
package struct RequestDraft: Hashable, Sendable {
    package var method: WebRequest.Method
    package var path: String
    package var parameters: [Parameter]

    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(_ method: WebRequest.Method, _ path: String, _ parameters: [Parameter] = []) {
        self.method = method
        self.path = path
        self.parameters = parameters
    }
}

/// A key and its secret. Never printed: its description and mirror hide them.
package struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The public half, sent with each request. Not shown either, because venues treat it as half a secret.
    package let key: String
    /// The secret half as the user wrote it: hexadecimal or text (Binance HMAC), base64 (Kraken), PEM (Binance Ed25519 and RSA).
    package let secret: String

    package init(key: String, secret: String) {
        self.key = key
        self.secret = secret
    }

    package var description: String { "Credentials(hidden)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What a signature needs from outside: passed in, so that the same request can be made again.
package struct SigningMoment: Hashable, Sendable {
    /// The venue's time as we know it (own clock plus offset).
    package var now: Timestamp
    /// Rises with each request of a key (Kraken).
    package var nonce: UInt64

    package init(now: Timestamp, nonce: UInt64) {
        self.now = now
        self.nonce = nonce
    }
}
