import Market

/// Exchange, pairs, time range and data.
extension ConfigurationResolver {
    func resolveExchange(mode: ExecutionMode) -> ExchangeSettings {
        guard root.member("exchange") != nil else {
            root.addMissing("exchange", remedy: "write \"exchange\": {\"name\": \"binance\", \"pair_whitelist\": [\"BTC/USDT\"]}")
            return ExchangeSettings(name: "", pairs: [])
        }
        guard let section = root.section("exchange") else { return ExchangeSettings(name: "", pairs: []) }
        section.reportUnknown(.warning, known: Self.exchangeKeys, remedy: "it is kept but nothing reads it")
        if section.member("name") == nil { section.addMissing("name", remedy: "write the exchange: \"name\": \"binance\"") }
        let name = resolveExchangeName(section)
        let blacklist = resolveBlacklist(section)
        return ExchangeSettings(name: name, pairs: resolvePairs(section, blacklist), blacklist: blacklist)
    }

    private func resolveExchangeName(_ section: SectionReader) -> String {
        guard let name = section.nonEmpty("name") else { return "" }
        // The name becomes a folder of the data store.
        let isPlain = name.utf8.count <= 64 && name.utf8.allSatisfy { isNameByte($0) }
        if !isPlain {
            section.add(
                .notAllowed, "name", "has characters that no exchange's name has",
                remedy: "write ccxt's name in small letters: binance, kraken, okx")
            return ""
        }
        return name
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private func resolvePairs(_ section: SectionReader, _ blocked: [PairPattern]) -> [Pair] {
        guard section.member("pair_whitelist") != nil else {
            if !isSweepBase {
                section.addMissing(
                    "pair_whitelist", remedy: "name the pairs to trade: \"pair_whitelist\": [\"BTC/USDT\", \"ETH/USDT\"]")
            }
            return []
        }
        guard let entries = section.strings("pair_whitelist") else { return [] }
        var pairs: [Pair] = []
        for entry in entries {
            guard let pair = self.pair(entry.text, value: entry.value, key: entry.key) else { continue }
            if pairs.contains(pair) {
                collector.add(
                    .warning, .pairTwice, entry.value, key: entry.key, "stands in the list twice", remedy: "remove one of them")
            } else {
                pairs.append(pair)
            }
        }
        let kept = pairs.filter { pair in !blocked.contains { $0.matches(pair.description) } }
        if kept.isEmpty, !collector.hasErrors {
            section.add(
                .pairsEmpty, "pair_whitelist", pairs.isEmpty ? "is empty" : "holds no pair that pair_blacklist leaves over",
                remedy: "name at least one pair")
        }
        return kept
    }

    private func resolveBlacklist(_ section: SectionReader) -> [PairPattern] {
        (section.strings("pair_blacklist") ?? []).compactMap { entry in
            if let pattern = PairPattern(entry.text) { return pattern }
            collector.add(
                .error, .pairPattern, entry.value, key: entry.key, "is no pattern of pairs",
                remedy: "write a pair, or a pattern of letters, . * + ? | ( ) and [ ]: (BNB|BUSD)/.*")
            return nil
        }
    }

    /// Reads one pair of a list; problems go to the collector.
    func pair(_ text: String, value: ConfigValue, key: String) -> Pair? {
        guard text.utf8.count <= 64, let pair = Pair(text), text.utf8.allSatisfy({ $0 < 0x80 || $0 > 0xA0 }) else {
            let isPattern = text.contains(where: { "*|()[]?\\^".contains($0) })
            collector.add(
                .error, isPattern ? .pairPattern : .pairForm, value, key: key,
                isPattern ? "is a pattern, which needs the exchange's list of markets" : "is no pair",
                remedy: "write BASE/QUOTE: BTC/USDT")
            return nil
        }
        let hasPatternSigns = text.contains(where: { "*|()[]?^".contains($0) })
        guard !hasPatternSigns else {
            collector.add(
                .error, .pairPattern, value, key: key, "is a pattern, which needs the exchange's list of markets",
                remedy: "name each pair: BTC/USDT")
            return nil
        }
        guard pair.settle == nil else {
            collector.add(
                .error, .unsupported, value, key: key, "is a contract, and only spot pairs are traded yet",
                remedy: "write BASE/QUOTE without the settlement currency")
            return nil
        }
        return pair
    }

    func checkPairQuotes(_ exchange: ExchangeSettings, stakeCurrency: String) {
        guard !stakeCurrency.isEmpty, let section = root.section("exchange"),
            let entries = root.member("exchange")?["pair_whitelist"]?.array
        else { return }
        for (index, entry) in entries.enumerated() {
            guard let text = entry.string, let pair = Pair(text), exchange.pairs.contains(pair), pair.quote != stakeCurrency
            else { continue }
            collector.add(
                .error, .pairQuote, entry, key: ConfigPath.joined(section.key("pair_whitelist"), index),
                "is not priced in the stake currency \(SecretKeys.shortened(stakeCurrency))",
                remedy: "write \(pair.base)/\(SecretKeys.shortened(stakeCurrency)), or change stake_currency")
        }
    }

    /// `timerange`, or the seed's `execution.timerange`.
    func resolveTimerange(_ execution: SectionReader?) -> TimeRange {
        let outer = timerange(root)
        guard let execution, execution.member("timerange") != nil else { return outer ?? .all }
        let inner = timerange(execution)
        if let inner, let outer, inner != outer {
            execution.add(.conflict, "timerange", "says something else than timerange", remedy: "keep one of the two")
        }
        return inner ?? outer ?? .all
    }

    private func timerange(_ section: SectionReader) -> TimeRange? {
        guard let text = section.string("timerange") else { return nil }
        do throws(TimeRange.ParseError) {
            return try TimeRange(parsing: text)
        } catch {
            section.add(
                .timerange, "timerange", error.problem,
                remedy: "write START-STOP in UTC, either side may be empty: 20240101-20240201, 20240101T0600-, -1704067200")
            return nil
        }
    }

    /// `datadir`, or the seed's `execution.data_path`.
    func resolveDataFolder(_ execution: SectionReader?) -> String? {
        root.member("datadir")?.string ?? execution?.member("data_path")?.string
    }
}
