import Testing

@testable import Configuration

@Suite struct EnvironmentTests {
    @Test func `a variable below exchange ccxt_config keeps the case of its last part`() throws {
        let collector = ProblemCollector()
        let value = try #require(
            EnvironmentOverrides.object(
                from: [
                    "FREQTRADE__EXCHANGE__CCXT_CONFIG__httpsProxy": "http://x", "FREQTRADE__EXCHANGE__NAME": "kraken",
                    "FREQTRADE__TELEGRAM__CHAT_ID": "123", "OTHER": "1", "PRAGMA__A": "2",
                ], prefix: "FREQTRADE__", collector: collector))
        #expect(value["exchange", "ccxt_config", "httpsProxy"]?.string == "http://x")
        #expect(value["exchange", "name"]?.string == "kraken")
        #expect(value["telegram", "chat_id"]?.string == "123")
        #expect(value["other"] == nil)
        #expect(collector.problems.isEmpty)
        #expect(value["exchange", "name"]?.location.description == "environment FREQTRADE__EXCHANGE__NAME")
    }

    @Test func `variables that cannot be overrides are reported`() {
        let collector = ProblemCollector()
        _ = EnvironmentOverrides.object(
            from: [
                "FREQTRADE__": "1", "FREQTRADE__A____B": "1", "FREQTRADE__C": "1", "FREQTRADE__C__D": "2",
                "FREQTRADE__E": String(repeating: "x", count: 70_000),
            ], prefix: "FREQTRADE__", collector: collector)
        #expect(collector.sorted.map(\.code) == Array(repeating: .environment, count: 4))
    }
}
