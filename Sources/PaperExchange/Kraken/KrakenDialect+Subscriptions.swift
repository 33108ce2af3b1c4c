import Exchange
import Market
import Matching

/// Subscribing and unsubscribing.
extension KrakenDialect {
    static let bookDepths: Set<Int64> = [10, 25, 100, 500, 1000]

    mutating func subscribe(_ call: inout PaperKrakenStreamCall, _ venue: inout PaperVenue) {
        let parameters = call.parameters
        guard let name = parameters["channel"]?.text else { return call.refuse("Subscription name invalid", venue) }
        switch name {
        case "executions", "balances": subscribeToAccount(name, &call, &venue)
        case "instrument": subscribeToInstruments(&call, venue)
        case "trade", "ohlc", "book", "ticker":
            guard let symbols = parameters["symbol"]?.elements, !symbols.isEmpty else {
                return call.refuse("Pair field must be an array", venue)
            }
            for symbol in symbols.prefix(PaperKrakenSession.mostChannels) {
                subscribe(name, symbol.text ?? "", &call, venue)
            }
        default: call.refuse("Subscription name invalid", venue)
        }
    }

    private mutating func subscribe(_ name: String, _ symbol: String, _ call: inout PaperKrakenStreamCall, _ venue: PaperVenue) {
        guard let pair = names.stream(symbol) else {
            return call.refuse(
                "Currency pair not supported " + String(symbol.prefix(40)), venue, symbol: String(symbol.prefix(40)))
        }
        guard let kind = Self.kind(name, call.parameters) else {
            return call.refuse(
                name == "book" ? "Subscription depth not supported" : "Subscription ohlc interval not supported", venue)
        }
        let channel = PaperKrakenSession.Channel(kind: kind, pair: pair.id)
        let known = sessions[call.session]?.channels ?? []
        guard !known.contains(where: { $0.pair == pair.id && Self.isSame($0.kind, kind) }) else {
            return call.refuse("Already subscribed", venue, symbol: symbol)
        }
        guard known.count < PaperKrakenSession.mostChannels else {
            return call.refuse("Exceeded msg rate: too many subscriptions", venue, symbol: symbol)
        }
        sessions[call.session]?.channels.append(channel)
        let wantsSnapshot = call.parameters["snapshot"]?.bool ?? true
        call.answer(Self.acknowledged(kind, symbol, wantsSnapshot), venue)
        // A book without its beginning is of no use to anybody, but may be asked for.
        if let snapshot = begin(channel, call.session, venue), wantsSnapshot { call.send(snapshot) }
    }

    /// A pair has one book and one ticker in a stream, and candles of several lengths.
    private static func isSame(_ a: PaperKrakenSession.Channel.Kind, _ b: PaperKrakenSession.Channel.Kind) -> Bool {
        switch (a, b) {
        case (.ohlc(let a), .ohlc(let b)): a == b
        default: a.name == b.name
        }
    }

    private static func kind(_ name: String, _ parameters: JSONValue) -> PaperKrakenSession.Channel.Kind? {
        switch name {
        case "trade": return .trade
        case "ticker": return .ticker(onQuotes: parameters["event_trigger"]?.text == "bbo")
        case "book":
            guard let depth = parameters["depth"] else { return .book(depth: 10) }
            return depth.integer.flatMap { bookDepths.contains($0) ? .book(depth: Int($0)) : nil }
        default:
            let minutes = parameters["interval"] == nil ? 1 : parameters["interval"]?.integer
            return minutes.flatMap { intervals[$0] == nil ? nil : .ohlc(minutes: $0) }
        }
    }

    private static func acknowledged(
        _ kind: PaperKrakenSession.Channel.Kind, _ symbol: String, _ snapshot: Bool?
    ) -> JSONValue {
        var members: [(String, JSONValue?)] = [("channel", .string(kind.name))]
        switch kind {
        case .book(let depth): members.append(("depth", .integer(Int64(depth))))
        case .ohlc(let minutes): members.append(("interval", .integer(minutes)))
        case .ticker(let onQuotes): members.append(("event_trigger", onQuotes ? "bbo" : "trades"))
        case .trade: break
        }
        members += [("snapshot", snapshot.map { .bool($0) }), ("symbol", .string(symbol))]
        return .members(members)
    }

    mutating func unsubscribe(_ call: inout PaperKrakenStreamCall, _ venue: inout PaperVenue) {
        guard let name = call.parameters["channel"]?.text else { return call.refuse("Subscription name invalid", venue) }
        switch name {
        case "executions", "balances": unsubscribeFromAccount(name, &call, venue)
        case "instrument":
            guard sessions[call.session]?.isToldInstruments == true else { return call.refuse("Subscription Not Found", venue) }
            sessions[call.session]?.isToldInstruments = false
            call.answer(["channel": "instrument"], venue)
        default:
            let symbols = call.parameters["symbol"]?.elements ?? []
            guard !symbols.isEmpty else { return call.refuse("Pair field must be an array", venue) }
            for symbol in symbols.prefix(PaperKrakenSession.mostChannels) {
                unsubscribe(name, symbol.text ?? "", &call, venue)
            }
        }
    }

    private mutating func unsubscribe(_ name: String, _ symbol: String, _ call: inout PaperKrakenStreamCall, _ venue: PaperVenue)
    {
        guard let pair = names.stream(symbol), let kind = Self.kind(name, call.parameters),
            let channel = sessions[call.session]?.channels.first(where: { $0.pair == pair.id && Self.isSame($0.kind, kind) })
        else { return call.refuse("Subscription Not Found", venue, symbol: String(symbol.prefix(40))) }
        sessions[call.session]?.channels.removeAll { $0 == channel }
        sessions[call.session]?.books[channel] = nil
        call.answer(Self.acknowledged(channel.kind, symbol, nil), venue)
    }

    // MARK: Accounts

    private mutating func subscribeToAccount(_ name: String, _ call: inout PaperKrakenStreamCall, _ venue: inout PaperVenue) {
        let session = call.session
        let known = name == "executions" ? sessions[session]?.executions : sessions[session]?.balances
        guard known == nil else { return call.refuse("Already subscribed", venue) }
        guard let token = call.parameters["token"]?.text else { return call.refuse("Token(s) not found", venue) }
        do throws(PaperKrakenRefusal) {
            let account = try account(token: token, venue, using: true)
            let channel = PaperKrakenSession.Private(account: account.id, token: token)
            if name == "executions" {
                sessions[session]?.executions = channel
                call.answer(
                    ["channel": "executions", "maxratecount": .integer(limits.tier.trading.maximum), "snapshot": true], venue)
                for message in executionSnapshots(call.parameters, session, venue) { call.send(message) }
            } else {
                sessions[session]?.balances = channel
                call.answer(["channel": "balances", "snapshot": true], venue)
                if let message = balanceSnapshot(session, venue) { call.send(message) }
            }
        } catch { call.refuse(error.text, venue) }
    }

    private mutating func unsubscribeFromAccount(_ name: String, _ call: inout PaperKrakenStreamCall, _ venue: PaperVenue) {
        let known = name == "executions" ? sessions[call.session]?.executions : sessions[call.session]?.balances
        guard let known else { return call.refuse("Subscription Not Found", venue) }
        if name == "executions" { sessions[call.session]?.executions = nil } else { sessions[call.session]?.balances = nil }
        release(known.token)
        call.answer(["channel": .string(name)], venue)
    }

    private mutating func subscribeToInstruments(_ call: inout PaperKrakenStreamCall, _ venue: PaperVenue) {
        guard sessions[call.session]?.isToldInstruments != true else { return call.refuse("Already subscribed", venue) }
        sessions[call.session]?.isToldInstruments = true
        call.answer(["channel": "instrument", "snapshot": true], venue)
        call.send(
            StreamMessage(
                call.session, ["channel": "instrument", "type": "snapshot", "data": instruments(venue)], isData: true))
    }
}
