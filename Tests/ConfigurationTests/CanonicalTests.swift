import Foundation
import Market
import Testing

@testable import Configuration

func environmentValue(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

@Suite struct CanonicalTests {
    func effective(_ text: String) throws -> EffectiveConfiguration {
        let (result, problems) = try check(text)
        return try #require(result, "\(problems)")
    }

    @Test func `the canonical form decodes to the same configuration`() throws {
        let texts = [
            minimal, minimalLive, try limited(Self.optionalLimits), try limited(["sizing": "\"kelly\""]),
            try changed(minimal, "stake_amount", "\"unlimited\""),
            try changed(minimal, "timerange", "\"20240101T0630-1709251205\""), try changed(minimal, "max_open_trades", "-1"),
            try changed(minimal, "dry_run_wallet", "{\"USDT\": 1e4}"),
            try changed(minimal, "minimal_roi", "{\"010\": 1e-2, \"0\": 0.5}"),
            try changed(minimal, "unfilledtimeout", "{\"entry\": 10, \"exit\": 5}"),
            try changed(minimal, "custom_key", "{\"a\": [1, null, 0.10]}"),
            try changed(minimal, "exchange.pair_blacklist", "[\"BNB/.*\"]"),
            try changed(minimal, "execution.mode", "\"simulated\""),
            try changed(minimal, "strategy_parameters", "{\"period\": 20, \"level\": 0.3, \"fastExit\": true}"),
        ]
        for text in texts {
            let original = try effective(text)
            let decoded = try EffectiveConfiguration.decode(canonical: original.canonicalBytes, registry: try registry())
            #expect(decoded.canonicalBytes == original.canonicalBytes)
            #expect(decoded.mode == original.mode)
            #expect(decoded.parameters == original.parameters)
            #expect(decoded.rules == original.rules)
            #expect(decoded.ruleOverrides == original.ruleOverrides)
            #expect(decoded.timerange == original.timerange)
            #expect(decoded.exchange == original.exchange)
            #expect(decoded.sizing == original.sizing)
            #expect(decoded.orders == original.orders)
            #expect(decoded.execution == original.execution)
            #expect(decoded.account == original.account)
            #expect(decoded.risk == original.risk)
        }
    }

    private static let optionalLimits = [
        "max_open_orders": "10", "max_orders_per_minute": "20", "price_collar": "0.02", "max_order_value": "250.5",
        "max_position_value": "1e3", "max_equity_age": "\"90500ms\"", "max_correlation": "0.6", "max_correlated_exposure": "0.4",
        "sizing": "\"volatility\"", "target_volatility": "0.0015",
    ]

    private func limited(_ limits: [String: String]) throws -> String {
        try limits.reduce(minimalLive) { try changed($0, "risk." + $1.key, $1.value) }
    }

    @Test func `every limit that may be left out is read and only those that are there are written back`() throws {
        #expect(Set(Self.optionalLimits.keys) == Set(RiskLimits.optionalKeys))
        let without = try effective(minimalLive)
        #expect(Set(without.risk?.value.object?.keys.map { $0 } ?? []) == Set(RiskLimits.keys))
        #expect(without.risk == RiskLimits())
        #expect(try effective(try limited(["sizing": "\"fixed\""])).canonicalBytes == without.canonicalBytes)
        let with = try effective(try limited(Self.optionalLimits))
        let limits = try #require(with.risk)
        #expect(Set(limits.value.object?.keys.map { $0 } ?? []) == Set(RiskLimits.keys + RiskLimits.optionalKeys))
        #expect(limits.maxOpenOrders == 10 && limits.maxOrdersPerMinute == 20 && limits.priceCollar == 0.02)
        #expect(limits.maxOrderValue == 250.5 && limits.maxPositionValue == 1000 && limits.maxEquityAge == .milliseconds(90_500))
        #expect(limits.maxCorrelation == 0.6 && limits.maxCorrelatedExposure == 0.4)
        #expect(limits.sizing == .volatility(target: 0.0015))
        for name in RiskLimits.optionalKeys where name != "target_volatility" && name != "sizing" {
            let one = try effective(try limited([name: try #require(Self.optionalLimits[name])]))
            #expect(one.canonicalBytes != without.canonicalBytes, "\(name)")
        }
    }

    @Test func `what means the same has the same bytes`() throws {
        let original = try effective(minimal).canonicalBytes
        let same = [
            ("stake_amount", "100.0"), ("stake_amount", "1e2"), ("dry_run", "true"), ("dry_run_wallet", "1000"),
            ("strategy_parameters", "{\"period\": 14}"), ("tradable_balance_ratio", "0.99"), ("fee", "null"),
            ("exchange.pair_blacklist", "[]"), ("execution.monitoring", "true"), ("datadir", "\"/somewhere\""),
            ("exchange.key", "\"abc123XYZ\""), ("$schema", "\"x\""),
        ]
        for (path, value) in same {
            #expect(try effective(try changed(minimal, path, value)).canonicalBytes == original, "\(path)")
        }
        let different = [
            ("stake_amount", "101"), ("fee", "0.001"), ("timerange", "\"20240101-\""),
            ("strategy_parameters", "{\"period\": 15}"),
            ("minimal_roi", "{}"), ("execution.monitoring", "false"), ("max_open_trades", "4"),
        ]
        var seen = Set([original])
        for (path, value) in different {
            #expect(seen.insert(try effective(try changed(minimal, path, value)).canonicalBytes).inserted, "\(path)")
        }
    }

    @Test func `a time range is written in its shortest form and reads back`() throws {
        for text in ["20240101-20240201", "-20240201", "20240101T0630-", "20240101T063005-20240102"] {
            let range = try TimeRange(parsing: text)
            #expect(range.text == text)
            #expect(try TimeRange(parsing: range.text) == range)
        }
        #expect(try TimeRange(parsing: "1704067200-1706745600000").text == "20240101-20240201")
    }

    @Test func `mutated canonical bytes give a configuration or problems, never a trap`() throws {
        let seed: UInt64 = 99
        var generator = SeededGenerator(seed: seed)
        let start = try effective(minimalLive).canonicalBytes
        let registry = try registry()
        var decoded = 0
        for _ in 0..<600 {
            var bytes = start
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = .random(in: 0x20...0x7E, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(.random(in: 0x2B...0x3A, using: &generator), at: place)
                }
            }
            guard let result = try? EffectiveConfiguration.decode(canonical: bytes, registry: registry) else { continue }
            decoded += 1
            let again = try EffectiveConfiguration.decode(canonical: result.canonicalBytes, registry: registry)
            #expect(again.canonicalBytes == result.canonicalBytes, "seed \(seed)")
        }
        print("canonical mutation: \(decoded) of 600 decoded")
        #expect(decoded > 20)
    }
}
