import Exchange

/// Reads messages of market streams: 100,000 a second and more, so no tree is built.
struct BinanceStreamReader: Sendable {
    let system: Binance.System

    func decode(_ message: [UInt8]) throws(VenueError) -> StreamInput {
        let answers = BinanceAnswers(system: system, changesState: false)
        return try answers.read { () throws(JSONError) in
            var scanner = JSONScanner(message)
            let input = try read(&scanner, kind: Self.leadingKind(message))
            try scanner.end()
            return input
        }
    }

    /// `kind` where it is known already, else the message is looked through for it first.
    private func read(_ scanner: inout JSONScanner, kind: Kind?) throws(JSONError) -> StreamInput {
        let found: Kind
        if let kind { found = kind } else { found = try Self.kind(scanner) }
        switch found {
        case .trade: return .events([.trade(try BinanceStreamEvents.trade(&scanner, id: UInt8(ascii: "t")))])
        case .aggregateTrade: return .events([.trade(try BinanceStreamEvents.trade(&scanner, id: UInt8(ascii: "a")))])
        case .candle: return try BinanceStreamEvents.candle(&scanner).map { .events([.candle($0)]) } ?? .ignored
        case .depth: return .events([.bookUpdate(try BinanceStreamEvents.depth(&scanner))])
        case .quote: return .events([.quote(try BinanceStreamEvents.quote(&scanner))])
        case .shutdown:
            try scanner.skip()
            return .closingSoon
        case .other:
            try scanner.skip()
            return .ignored
        case .wrapper: return try unwrapped(&scanner)
        case .answer: return try acknowledgement(&scanner)
        }
    }

    /// `{"stream":"...","data":{...}}` of combined streams.
    private func unwrapped(_ scanner: inout JSONScanner) throws(JSONError) -> StreamInput {
        var input = StreamInput.ignored
        try scanner.object { (scanner, key) throws(JSONError) in
            guard scanner.isKey(key, "data") else { return }
            let kind = try Self.kind(scanner)
            // A wrapper in a wrapper is nothing that the venue sends.
            guard kind != .wrapper else { return }
            input = try read(&scanner, kind: kind)
        }
        return input
    }

    /// `{"result":null,"id":1}` or an error with or without an object of its own.
    private func acknowledgement(_ scanner: inout JSONScanner) throws(JSONError) -> StreamInput {
        let tree = try scanner.tree()
        var error: VenueError?
        if let refusal = tree["error"], !refusal.isNull {
            error = BinanceErrors.error(in: refusal, status: 400, system: system, changesState: false)
        } else if tree.has("code") {
            error = BinanceErrors.error(in: tree, status: 400, system: system, changesState: false)
        }
        return .acknowledged(id: tree["id"]?.integer, error: error)
    }
}

// MARK: - What kind of message it is

extension BinanceStreamReader {
    enum Kind { case trade, aggregateTrade, candle, depth, quote, shutdown, other, wrapper, answer }

    /// From the first bytes, `{"e":"trade"`: nearly all messages begin so.
    private static func leadingKind(_ message: [UInt8]) -> Kind? {
        guard message.count > 24, message[0] == UInt8(ascii: "{"), message[1] == UInt8(ascii: "\""),
            message[2] == UInt8(ascii: "e"), message[3] == UInt8(ascii: "\""), message[4] == UInt8(ascii: ":"),
            message[5] == UInt8(ascii: "\"")
        else { return nil }
        for (name, kind) in names where matches(message, name) { return kind }
        return nil
    }

    private static let names: [(name: StaticString, kind: Kind)] = [
        ("depthUpdate", .depth), ("trade", .trade), ("aggTrade", .aggregateTrade), ("bookTicker", .quote), ("kline", .candle),
    ]

    /// Whether `name` and a closing quote stand at byte 6.
    private static func matches(_ message: [UInt8], _ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        guard message.count > 6 + count, message[6 + count] == UInt8(ascii: "\"") else { return false }
        for index in 0..<count { guard message[6 + index] == name.utf8Start[index] else { return false } }
        return true
    }

    /// Looks through a copy of the scanner, which stays where it is.
    private static func kind(_ scanner: JSONScanner) throws(JSONError) -> Kind {
        var scanner = scanner
        guard try scanner.peek() == .object else { return .other }
        var event: Kind?
        var shape = Kind.other
        var quoteMembers = 0
        try scanner.object { (scanner, key) throws(JSONError) in
            if scanner.isKey(key, "e"), try scanner.peek() == .string {
                let range = try scanner.rawString()
                event = kind(of: range, scanner)
            } else if scanner.isKey(key, "data") || scanner.isKey(key, "stream") {
                shape = .wrapper
            } else if scanner.isKey(key, "id") || scanner.isKey(key, "error") || scanner.isKey(key, "code") {
                shape = .answer
            } else if scanner.isKey(key, "b") || scanner.isKey(key, "B") || scanner.isKey(key, "a") || scanner.isKey(key, "A") {
                quoteMembers += 1
            }
        }
        // Spot sends best bids and asks without saying what they are.
        return event ?? (shape == .other && quoteMembers == 4 ? .quote : shape)
    }

    private static func kind(of range: Range<Int>, _ scanner: JSONScanner) -> Kind {
        if scanner.equals(range, "serverShutdown") { return .shutdown }
        return names.first { scanner.equals(range, $0.name) }?.kind ?? .other
    }
}

extension JSONScanner {
    /// The value that comes next as a tree.
    mutating func tree() throws(JSONError) -> JSONValue {
        skipLeadingBlanks()
        let start = offset
        try skip()
        return try JSONValue(parsing: Array(self[start..<offset]))
    }

    private mutating func skipLeadingBlanks() { _ = try? peek() }
}
