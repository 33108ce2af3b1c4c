import Exchange
import Matching

/// Why a request is refused, in Kraken's words.
struct PaperKrakenRefusal: Error, Hashable, Sendable {
    let text: String
    init(_ text: String) { self.text = text }

    static func arguments(_ name: String) -> Self { Self("EGeneral:Invalid arguments:" + name) }
    static let unknownPair = Self("EQuery:Unknown asset pair")
    static let unknownAsset = Self("EQuery:Unknown asset")
    static let unknownOrder = Self("EOrder:Unknown order")
    static let unknownMethod = Self("EGeneral:Unknown method")
    static let permissionDenied = Self("EGeneral:Permission denied")
    static let invalidKey = Self("EAPI:Invalid key")
    static let invalidSignature = Self("EAPI:Invalid signature")
    static let invalidNonce = Self("EAPI:Invalid nonce")
    static let invalidSession = Self("ESession:Invalid session")
    static let callsExceeded = Self("EAPI:Rate limit exceeded")
    static let ordersExceeded = Self("EOrder:Rate limit exceeded")
    static let tooManyRequests = Self("EGeneral:Too many requests")

    /// What the engine refused.
    init(_ rejection: Rejection) { self.init(Self.text(rejection)) }

    private static func text(_ rejection: Rejection) -> String {
        switch rejection {
        case .unknownOrder, .unknownList: "EOrder:Unknown order"
        case .unknownInstrument: "EQuery:Unknown asset pair"
        case .unknownAsset: "EQuery:Unknown asset"
        case .invalidCombination: "EGeneral:Invalid arguments"
        case .priceOutOfRange, .triggerPriceOutOfRange, .wouldTrigger, .pricesOutOfOrder: "EOrder:Invalid price"
        case .quantityOutOfRange: "EOrder:Order minimum not met"
        case .quoteQuantityOutOfRange, .notionalOutOfRange: "EOrder:Cost minimum not met"
        case .deadlinePassed: "EGeneral:Invalid arguments:expiretm"
        // Kraken's list has no text for it.
        case .duplicateClientID: "EOrder:Invalid order:duplicate cl_ord_id"
        case .tooManyOpenOrders: "EOrder:Orders limit exceeded"
        case .insufficientBalance: "EOrder:Insufficient funds"
        case .wouldTake: "EOrder:Post only order"
        case .noLiquidity: "EOrder:Market order rejected"
        case .notAmendable, .noChange: "EOrder:Invalid order"
        case .unknownAccount, .accountTooLarge, .amountOutOfRange: "EGeneral:Internal error"
        }
    }
}

/// The envelope of all REST answers.
enum PaperKrakenAnswer {
    static func result(_ result: JSONValue) -> WebResponse { response(["error": [], "result": result]) }
    static func error(_ text: String, status: Int = 200) -> WebResponse {
        response(["error": .array([.string(text)])], status: status)
    }

    private static func response(_ value: JSONValue, status: Int = 200) -> WebResponse {
        WebResponse(status: status, headers: [WebHeader("Content-Type", "application/json; charset=utf-8")], body: value.bytes)
    }
}
