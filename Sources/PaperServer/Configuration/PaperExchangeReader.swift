import Configuration
import Market
import Money

/// Reads the role file of a paper exchange; every problem goes to the file's collector.
struct PaperExchangeReader {
    let source: FileSource
    var allowsRemote = false
    private var keys: Set<String> = []

    init(source: FileSource) { self.source = source }

    mutating func read(_ root: SectionReader, into result: inout PaperExchangeConfiguration) {
        root.reportUnknown(.error, known: ["venues", "control", "allow_remote"], remedy: "remove it")
        allowsRemote = root.boolean("allow_remote") ?? false
        result.control = listen(root, "control", remoteIsPossible: false) ?? result.control
        guard let sections = root.sections("venues"), !sections.isEmpty else {
            if root.member("venues")?.array?.isEmpty ?? true {
                root.addMissing("venues", remedy: "write a list of venues, as configs/paper-exchange.yaml does")
            }
            return
        }
        result.venues = sections.map { venue($0) }
        checkTwice(sections, result)
    }

    /// No name and no address twice.
    private func checkTwice(_ sections: [SectionReader], _ result: PaperExchangeConfiguration) {
        var names: Set<String> = []
        var addresses: Set<ListenAddress> = result.control.port == 0 ? [] : [result.control]
        for (section, venue) in zip(sections, result.venues) {
            if !venue.name.isEmpty, !names.insert(venue.name).inserted {
                section.add(.conflict, "name", "is the name of two venues", remedy: "give each its own name")
            }
            if venue.listen.port != 0, !addresses.insert(venue.listen).inserted {
                section.add(
                    .conflict, "listen", "is the address of something else of this file",
                    remedy: "give each its own port, or port 0 for any")
            }
        }
    }

    // MARK: - A venue

    private static let venueKeys = [
        "name", "protocol", "listen", "instruments", "market", "history", "accounts", "fees", "speed", "rate_limits", "faults",
        "seed",
    ]

    private mutating func venue(_ section: SectionReader) -> PaperExchangeConfiguration.Venue {
        section.reportUnknown(.error, known: Self.venueKeys, remedy: "remove it")
        var venue = PaperExchangeConfiguration.Venue()
        venue.name = name(section)
        let dialects = PaperExchangeConfiguration.Dialect.allCases.map(\.rawValue)
        if section.member("protocol") == nil {
            section.addMissing("protocol", remedy: "write \(dialects.joined(separator: " or "))")
        }
        venue.dialect = section.choice("protocol", of: dialects).flatMap(PaperExchangeConfiguration.Dialect.init) ?? .binance
        venue.listen = listen(section, "listen", remoteIsPossible: true) ?? venue.listen
        venue.feed = feed(section) ?? venue.feed
        venue.history = section.duration("history", in: .zero...(.seconds(100 * 86_400))) ?? venue.history
        venue.speed = section.number("speed", in: 0.001...10_000) ?? 1
        venue.enforcesRateLimits = section.boolean("rate_limits") ?? true
        venue.seed = section.integer("seed", in: 0...Int.max).map(UInt64.init) ?? venue.seed
        if let fees = section.section("fees") {
            fees.reportUnknown(.error, known: ["maker", "taker"], remedy: "remove it")
            venue.makerFee = fee(fees, "maker") ?? venue.makerFee
            venue.takerFee = fee(fees, "taker") ?? venue.takerFee
        }
        venue.instruments = instruments(section)
        venue.accounts = accounts(section, venue)
        venue.faults = FaultReader.list(section)
        return venue
    }

    private func name(_ section: SectionReader) -> String {
        guard let name = section.nonEmpty("name") else {
            if section.member("name") == nil { section.addMissing("name", remedy: "write a name like paper-binance") }
            return ""
        }
        let isPlain = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
        }
        if !name.hasPrefix("paper-") || !isPlain || name.utf8.count > 60 {
            section.add(
                .notAllowed, "name", "is no name of a paper venue",
                remedy: "begin with paper-, then small letters, digits and dashes")
        }
        return name
    }

    private func listen(_ section: SectionReader, _ key: String, remoteIsPossible: Bool) -> ListenAddress? {
        guard let text = section.nonEmpty(key) else { return nil }
        guard let address = ListenAddress(text) else {
            section.add(.endpoint, key, "is no address with a port", remedy: "write 127.0.0.1:8080, or port 0 for any free one")
            return nil
        }
        if !address.isLoopback, !remoteIsPossible {
            section.add(.endpoint, key, "can be reached by others", remedy: "write 127.0.0.1 and a port: who reaches it commands")
        } else if !address.isLoopback, !allowsRemote {
            section.add(
                .endpoint, key, "can be reached by others",
                remedy: "write 127.0.0.1 and a port, or allow_remote: true at the top of the file")
        }
        return address
    }

    /// A fee as a ratio, in parts of 100,000,000.
    private func fee(_ section: SectionReader, _ key: String) -> Int64? {
        guard section.number(key, in: 0...0.5) != nil, let text = section.member(key)?.number?.text else { return nil }
        guard let amount = Amount(text), let parts = amount.rescaled(decimals: 8), parts == amount else {
            section.add(.outOfRange, key, "has more than eight decimals", remedy: "write a ratio like 0.001 for 0.1 %")
            return nil
        }
        return Int64(exactly: parts.units)
    }

    // MARK: - The market

    private func feed(_ section: SectionReader) -> PaperExchangeConfiguration.Feed? {
        guard let market = section.section("market") else { return nil }
        if let synthetic = market.section("synthetic") {
            market.reportUnknown(
                .error, known: ["synthetic"], remedy: "a synthetic market has a seed only; write one or the other")
            synthetic.reportUnknown(.error, known: ["seed"], remedy: "remove it")
            return .synthetic(seed: synthetic.integer("seed", in: 0...Int.max).map(UInt64.init) ?? 1)
        }
        market.reportUnknown(.error, known: ["candles", "exchange", "timeframe", "from"], remedy: "remove it")
        guard let folder = market.path("candles") else {
            if market.member("candles") == nil, market.member("synthetic") == nil {
                section.add(
                    .missingKey, "market", "says nothing",
                    remedy: "write synthetic: {seed: 1}, or candles: FOLDER and timeframe: 1m")
            }
            return nil
        }
        return .recorded(
            folder: folder, exchange: market.nonEmpty("exchange"), timeframe: timeframe(market) ?? .oneMinute, from: time(market))
    }

    private func timeframe(_ market: SectionReader) -> Timeframe? {
        guard let text = market.nonEmpty("timeframe") else { return nil }
        if let timeframe = Timeframe(text), 1440 % timeframe.minutes == 0 { return timeframe }
        market.add(.timeframe, "timeframe", "is no timeframe that divides a day", remedy: "write 1m, 5m, 15m, 1h or 1d")
        return nil
    }

    private func time(_ market: SectionReader) -> Timestamp? {
        guard let text = market.nonEmpty("from") else { return nil }
        if let time = Timestamp(iso8601: text) { return time }
        market.add(.timerange, "from", "is no time", remedy: "write 2024-01-31 or 2024-01-31T12:00")
        return nil
    }

    // MARK: - Instruments

    private func instruments(_ section: SectionReader) -> [PaperExchangeConfiguration.Instrument] {
        guard let sections = section.sections("instruments"), !sections.isEmpty else {
            if section.member("instruments")?.array?.isEmpty ?? true {
                section.addMissing("instruments", remedy: "write a list: - pair: BTC/USDT")
            }
            return []
        }
        var pairs: Set<Pair> = []
        return sections.compactMap { instrument in
            instrument.reportUnknown(
                .error, known: ["pair", "tick", "lot", "min_quantity", "min_notional"], remedy: "remove it")
            guard let text = instrument.nonEmpty("pair") else {
                if instrument.member("pair") == nil { instrument.addMissing("pair", remedy: "write a spot pair: BTC/USDT") }
                return nil
            }
            guard let pair = Pair(text), pair.settle == nil else {
                instrument.add(.pairForm, "pair", "is no spot pair", remedy: "write BASE/QUOTE: BTC/USDT")
                return nil
            }
            if !pairs.insert(pair).inserted {
                instrument.add(.pairTwice, "pair", "is listed twice", remedy: "list it once")
            }
            return PaperExchangeConfiguration.Instrument(
                pair: pair, tick: positive(instrument, "tick"), lot: positive(instrument, "lot"),
                minimumQuantity: positive(instrument, "min_quantity"), minimumNotional: amount(instrument, "min_notional"),
                key: instrument.path)
        }
    }

    private func positive<Kind>(_ section: SectionReader, _ key: String) -> FixedPoint<Kind>? {
        guard let amount = amount(section, key) else { return nil }
        if !amount.isZero, let value = amount.fixedPoint(Kind.self) { return value.trimmed }
        section.add(.outOfRange, key, "must be above zero, with 18 digits at most", remedy: "write a number like 0.01")
        return nil
    }

    /// An amount with exactly the digits that are written, bare or in quotes; never below zero.
    private func amount(_ section: SectionReader, _ key: String) -> Amount? {
        guard let member = section.member(key) else { return nil }
        guard let amount = (member.number?.text ?? member.string).flatMap({ Amount($0) }), !amount.isNegative else {
            section.add(.outOfRange, key, "is no amount", remedy: "write a number of zero or more")
            return nil
        }
        return amount
    }

    // MARK: - Accounts

    private mutating func accounts(
        _ section: SectionReader, _ venue: PaperExchangeConfiguration.Venue
    ) -> [PaperExchangeConfiguration.Account] {
        var names: Set<String> = []
        keys = []
        return (section.sections("accounts") ?? []).map { account in
            account.reportUnknown(
                .error, known: ["name", "key", "secret", "secret_file", "balances", "trade", "withdraw"], remedy: "remove it")
            let name = account.nonEmpty("name") ?? ""
            if account.member("name") == nil { account.addMissing("name", remedy: "write a name for the account") }
            if !name.isEmpty, !names.insert(name).inserted {
                account.add(.conflict, "name", "is the name of two accounts", remedy: "give each its own name")
            }
            return PaperExchangeConfiguration.Account(
                name: name, key: key(account), secret: secret(account, venue.dialect), balances: balances(account),
                canTrade: account.boolean("trade") ?? true, canWithdraw: account.boolean("withdraw") ?? false)
        }
    }

    private mutating func key(_ account: SectionReader) -> String {
        guard let key = account.nonEmpty("key") else {
            if account.member("key") == nil { account.addMissing("key", remedy: "write a key that begins with paper") }
            return ""
        }
        let isPlain = key.utf8.allSatisfy { (0x21...0x7E).contains($0) } && key.utf8.count <= 200
        if !key.hasPrefix("paper") || !isPlain {
            account.add(
                .notAllowed, "key", "does not begin with paper",
                remedy: "write paper and then letters or digits: no key of a real venue may be used here, nor this one there")
        }
        if !keys.insert(key).inserted {
            account.add(.conflict, "key", "is the key of two accounts", remedy: "give each its own key")
        }
        return key
    }

    private func secret(_ account: SectionReader, _ dialect: PaperExchangeConfiguration.Dialect) -> String {
        let written = account.nonEmpty("secret")
        let path = account.path("secret_file")
        guard (written == nil) != (path == nil) else {
            if account.member("secret") == nil || path != nil {
                account.addMissing("secret", remedy: "write secret, or secret_file with the path of a file, one of them")
            }
            return ""
        }
        guard let secret = written ?? path.flatMap({ fileSecret(account, $0) }) else { return "" }
        if dialect == .kraken, !Self.isBase64(secret) {
            account.add(
                .notAllowed, path == nil ? "secret" : "secret_file", "is no base64, as the secrets of Kraken are",
                remedy: "make one with: head -c 64 /dev/urandom | base64 -w 0")
        }
        return secret
    }

    private func fileSecret(_ account: SectionReader, _ path: String) -> String? {
        do {
            let bytes = try source.read(path, 4096)
            let text = String(decoding: bytes, as: UTF8.self)
            let secret = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
            if bytes.count <= 4096, !secret.isEmpty { return secret }
            account.add(.unreadable, "secret_file", "holds no secret", remedy: "write the secret on its first line")
        } catch {
            account.add(.unreadable, "secret_file", error.problem, remedy: error.remedy)
        }
        return nil
    }

    private static func isBase64(_ text: String) -> Bool {
        let digits = text.utf8.prefix { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
        }
        let padding = text.utf8.count - digits.count
        return !digits.isEmpty && text.utf8.count % 4 == 0 && padding <= 2
            && text.utf8.suffix(padding).allSatisfy { $0 == UInt8(ascii: "=") }
    }

    private func balances(_ account: SectionReader) -> [String: Amount] {
        guard let section = account.section("balances") else { return [:] }
        var result: [String: Amount] = [:]
        for name in section.names { result[name] = amount(section, name) }
        return result
    }
}
