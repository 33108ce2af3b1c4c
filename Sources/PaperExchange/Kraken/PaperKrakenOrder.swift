import Exchange
import Matching
import Money

/// Reads an order out of `AddOrder`'s parameters.
struct PaperKrakenOrder {
    private(set) var request: OrderRequest
    private(set) var note = PaperKrakenNote()
    let pair: PaperKrakenNames.PairNames
    private let instrument: PaperInstrument
    private let form: PaperKrakenForm

    /// Kraken takes deadlines of 2 to 60 s from now.
    static let deadlines: ClosedRange<Int64> = 2000...60_000

    init(
        _ form: PaperKrakenForm, _ pair: PaperKrakenNames.PairNames, _ account: AccountID, _ venue: PaperVenue
    ) throws(PaperKrakenRefusal) {
        self.form = form
        self.pair = pair
        instrument = venue.instrument(pair.id)
        request = OrderRequest(
            account: account, instrument: pair.id, side: try Self.side(form), kind: try Self.kind(form))
        try checkUnknown()
        try readNames()
        try readFlags()
        try readVolume(venue)
        try readPrices()
        try readTimes(venue)
        try Self.checkDeadline(form, venue)
    }

    private static func side(_ form: PaperKrakenForm) throws(PaperKrakenRefusal) -> Matching.Side {
        switch form.text("type") {
        case "buy": return .buy
        case "sell": return .sell
        default: throw .arguments("type")
        }
    }

    private static func kind(_ form: PaperKrakenForm) throws(PaperKrakenRefusal) -> Matching.OrderKind {
        switch form.text("ordertype") {
        case "market": return .market
        case "limit": return .limit
        case "stop-loss": return .stopLoss
        case "stop-loss-limit": return .stopLossLimit
        case "take-profit": return .takeProfit
        case "take-profit-limit": return .takeProfitLimit
        default: throw .arguments("ordertype")
        }
    }

    /// What this venue does not have is refused rather than left out.
    private func checkUnknown() throws(PaperKrakenRefusal) {
        if let leverage = form.text("leverage"), !["none", "0", "1"].contains(leverage) { throw .arguments("leverage") }
        if form.flag("reduce_only") { throw .arguments("reduce_only") }
        if form.text("close[ordertype]") != nil { throw .arguments("close") }
        if let start = form.text("starttm"), start != "0" { throw .arguments("starttm") }
        if form.text("displayvol") != nil { throw .arguments("displayvol") }
        if let trigger = form.text("trigger"), trigger != "last" {
            guard trigger == "index" else { throw .arguments("trigger") }
            throw .arguments("Index unavailable")
        }
    }

    private mutating func readNames() throws(PaperKrakenRefusal) {
        if let text = form.text("cl_ord_id") {
            guard let id = ClientID(text), Self.isClientID(text) else { throw .arguments("cl_ord_id") }
            request.clientID = id
        }
        guard form.text("userref") != nil else { return }
        guard request.clientID.isNone, let reference = form.integer("userref"), Int32(exactly: reference) != nil else {
            throw .arguments("userref")
        }
        note.reference = reference == 0 ? nil : reference
    }

    /// A UUID with or without its dashes, or up to 18 plain characters.
    private static func isClientID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if bytes.count <= 18 { return bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
        let isHex = { (byte: UInt8) in (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) }
        if bytes.count == 32 { return bytes.allSatisfy(isHex) }
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { [8, 13, 18, 23].contains($0) ? $1 == UInt8(ascii: "-") : isHex($1) }
    }

    private mutating func readFlags() throws(PaperKrakenRefusal) {
        for flag in form.list("oflags") {
            switch flag {
            case "post":
                guard request.kind == .limit else { throw .arguments("oflags") }
                request.isPostOnly = true
                note.flags.append(flag)
            case "viqc":
                guard request.kind == .market, request.side == .buy else { throw .arguments("viqc") }
                note.flags.append(flag)
            case "nompp": note.flags.append(flag)
            case "fciq", "fcib": continue
            default: throw .arguments("oflags")
            }
        }
        switch form.text("stptype") ?? form.text("stp_type") ?? "cancel-newest" {
        case "cancel-newest", "cancel_newest": request.selfTrade = .expireTaker
        case "cancel-oldest", "cancel_oldest": request.selfTrade = .expireMaker
        case "cancel-both", "cancel_both": request.selfTrade = .expireBoth
        default: throw .arguments("stptype")
        }
    }

    private mutating func readVolume(_ venue: PaperVenue) throws(PaperKrakenRefusal) {
        guard let text = form.text("volume") else { throw .arguments("volume") }
        if note.flags.contains("viqc") {
            guard let amount = Amount(text), !amount.isNegative, !amount.isZero,
                let units = venue.asset(instrument.rules.quote).units(amount), units > 0
            else { throw .arguments("volume") }
            request.quoteQuantity = units
            return
        }
        guard let quantity = Quantity(text), quantity.isPositive, let lots = instrument.lots(quantity) else {
            throw .arguments("volume")
        }
        request.quantity = lots
    }

    private mutating func readPrices() throws(PaperKrakenRefusal) {
        switch request.kind {
        case .market: break
        case .limit: request.price = try ticks("price")
        case .stopLoss, .takeProfit: request.triggerPrice = try ticks("price")
        case .stopLossLimit, .takeProfitLimit:
            request.triggerPrice = try ticks("price")
            request.price = try ticks("price2")
        }
    }

    private func ticks(_ name: String) throws(PaperKrakenRefusal) -> Int64 {
        guard let text = form.text(name) else { throw .arguments(name) }
        return try Self.ticks(text, name, instrument, pair)
    }

    /// A price of a request. Ones relative to the market (+, -, #, %) are no numbers here.
    static func ticks(
        _ text: String, _ name: String, _ instrument: PaperInstrument, _ pair: PaperKrakenNames.PairNames
    ) throws(PaperKrakenRefusal) -> Int64 {
        guard !text.hasPrefix("+"), let price = Price(text), price.isPositive else { throw .arguments(name) }
        guard price.trimmed.decimals <= instrument.tick.decimals else {
            throw PaperKrakenRefusal(
                "EOrder:Invalid price:\(pair.altname) price can only be specified up to \(instrument.tick.decimals) decimals.")
        }
        guard let ticks = instrument.ticks(price) else { throw PaperKrakenRefusal("EOrder:Tick size check failed") }
        return ticks
    }

    private mutating func readTimes(_ venue: PaperVenue) throws(PaperKrakenRefusal) {
        let word = form.text("timeinforce")?.uppercased() ?? "GTC"
        switch word {
        case "GTC", "GTD": break
        case "IOC":
            guard request.kind.hasLimit || request.kind == .market else { throw .arguments("timeinforce") }
            request.timeInForce = .immediateOrCancel
        case "FOK":
            guard request.kind.hasLimit else { throw .arguments("timeinforce") }
            request.timeInForce = .fillOrKill
        default: throw .arguments("timeinforce")
        }
        if request.isPostOnly, request.timeInForce != .goodTillCanceled { throw .arguments("timeinforce") }
        note.timeInForce = word
        let expires = form.text("expiretm").flatMap { $0 == "0" ? nil : $0 }
        guard word != "GTD" || expires != nil else { throw .arguments("expiretm") }
        guard let expires else { return }
        guard request.kind != .market, request.timeInForce == .goodTillCanceled else { throw .arguments("expiretm") }
        let end = try Self.expiry(expires, venue)
        request.deadline = end
        note.expires = end / 1000
        note.timeInForce = "GTD"
    }

    /// `+30` seconds from now, or a Unix time.
    private static func expiry(_ text: String, _ venue: PaperVenue) throws(PaperKrakenRefusal) -> Int64 {
        let isRelative = text.hasPrefix("+")
        let digits = (isRelative ? text.dropFirst() : text[...]).prefix { $0 != "." }
        guard let seconds = Int64(digits), seconds > 0, seconds < 100_000_000_000 else { throw .arguments("expiretm") }
        let end = isRelative ? venue.now + KrakenDialect.stretched(seconds * 1000, venue) : seconds * 1000
        guard end > venue.now else { throw .arguments("expiretm") }
        return end
    }

    /// The time by which the engine must have the order. Only at real time do the client's clock and the venue's agree.
    static func checkDeadline(_ form: PaperKrakenForm, _ venue: PaperVenue) throws(PaperKrakenRefusal) {
        guard let text = form.text("deadline") else { return }
        guard let deadline = PaperKrakenTime.parse(text) else { throw .arguments("deadline") }
        guard venue.settings.speed == 1 else { return }
        let wait = deadline - venue.clock
        guard wait > 0 else { throw PaperKrakenRefusal("EService:Deadline elapsed") }
        // A second more, as clocks are never quite alike.
        guard wait <= deadlines.upperBound + 1000 else { throw .arguments("deadline") }
    }
}
