import Configuration
import Fleet
import Testing

@testable import PragmaCLI

@Suite("Comparing trade lists")
struct TradeComparisonTests {
    static let one = """
        {"id": 1, "pair": "BTC/USDT", "open_date": "2024-01-01T00:05:00+00:00", "open_rate": 100.1, "profit_abs": 0.3,
         "enter_tag": "", "is_short": false, "orders": [{"price": 100.1, "tag": null}]}
        """
    static let two = """
        {"id": 2, "pair": "ETH/USDT", "open_date": "2024-01-01T00:10:00+00:00", "open_rate": 5, "profit_abs": -1.5,
         "enter_tag": "x", "is_short": false, "orders": [{"price": 5, "tag": "x"}]}
        """

    private func compare(_ a: String, _ b: String, tolerance: Double = 0) throws -> TradeComparison {
        TradeComparison(
            try TradeList(bytes: Array(a.utf8), path: "a.json"), try TradeList(bytes: Array(b.utf8), path: "b.json"),
            tolerance: tolerance)
    }

    private func list(_ trades: String...) -> String { "[" + trades.joined(separator: ",") + "]" }

    @Test(arguments: [
        ("[\(one), \(two)]", 0), ("{\"trades\": [\(one), \(two)]}", 0),
        ("{\"strategy\": {\"S\": {\"trades\": [\(one), \(two)]}}}", 0),
        ("[\(two), \(one)]", 1),
    ])
    func `every form of file gives the same trades`(text: String, notes: Int) throws {
        let comparison = try compare(list(Self.one, Self.two), text)
        #expect(comparison.isSame)
        #expect(comparison.compared == 18)
        #expect(comparison.notes.count == notes, "\(comparison.notes)")
    }

    @Test(arguments: [
        ("100.1", "100.10000000000001", "open_rate", "100.1", "100.10000000000001"),
        ("\"2024-01-01T00:05:00+00:00\"", "\"2024-01-01T00:05:00+00:00 \"", "(trade)", "present", "missing"),
        ("\"enter_tag\": \"\"", "\"enter_tag\": \"y\"", "enter_tag", "\"\"", "\"y\""),
        ("\"profit_abs\": 0.3", "\"profit_abs\": null", "profit_abs", "0.3", "null"),
        ("\"profit_abs\": 0.3", "\"profit_abs\": \"0.3\"", "profit_abs", "0.3", "\"0.3\""),
        ("[{\"price\": 100.1, \"tag\": null}]", "[]", "orders", "1 entries", "0 entries"),
        ("{\"price\": 100.1", "{\"price\": 100.2", "orders[0].price", "100.1", "100.2"),
        ("\"is_short\": false", "\"is_short\": true", "(trade)", "present", "missing"),
    ])
    func `a difference names trade, field and both values`(
        original: String, changed: String, field: String, a: String, b: String
    ) throws {
        let other = Self.one.replacing(original, with: changed, maxReplacements: 1)
        #expect(other != Self.one)
        let comparison = try compare(list(Self.one, Self.two), list(other, Self.two))
        let first = try #require(comparison.differences.first)
        #expect(first.trade == 1 && first.pair == "BTC/USDT")
        #expect(first.field == field && first.a == a && first.b == b, "\(first)")
        #expect(comparison.differences.count == (field == "(trade)" ? 2 : 1))
        #expect(!comparison.isSame)
    }

    @Test func `spellings of the same number and the same time are the same`() throws {
        let other = Self.one.replacing("100.1", with: "1.001e2").replacing(
            "2024-01-01T00:05:00+00:00", with: "2024-01-01 00:05:00Z"
        )
        .replacing("\"enter_tag\": \"\"", with: "\"enter_tag\": null")
        #expect(try compare(list(Self.one), list(other)).isSame)
    }

    @Test func `only tags may be null instead of empty`() throws {
        let a = Self.one.replacing("\"enter_tag\"", with: "\"exit_reason\"")
        #expect(try !compare(list(a), list(a.replacing("\"exit_reason\": \"\"", with: "\"exit_reason\": null"))).isSame)
    }

    @Test func `a field that one side has in no trade is a note, one that it lacks in some trades a difference`() throws {
        func without(_ trade: String) -> String {
            trade.replacing("\"enter_tag\": \"\",", with: "").replacing("\"enter_tag\": \"x\",", with: "")
        }
        let all = try compare(list(Self.one, Self.two), list(without(Self.one), without(Self.two)))
        #expect(all.isSame)
        #expect(all.notes == ["only in A: enter_tag"])
        let some = try compare(list(Self.one, Self.two), list(without(Self.one), Self.two))
        #expect(some.differences.map { $0.field } == ["enter_tag"])
        #expect(some.differences.first?.b == "missing")
    }

    @Test func `members of a field that is missing as a whole are not listed`() throws {
        let b = Self.one.replacing(", \"orders\": [{\"price\": 100.1, \"tag\": null}]", with: "")
        #expect(try compare(list(Self.one), list(b)).notes == ["only in A: orders"])
    }

    @Test func `a missing trade is one difference, and ids are left out then`() throws {
        let comparison = try compare(list(Self.one, Self.two), list(Self.two.replacing("\"id\": 2", with: "\"id\": 1")))
        #expect(comparison.differences.map { $0.field } == ["(trade)"])
        #expect(comparison.notes.contains { $0.hasPrefix("ids are not compared") })
    }

    @Test func `a wrong id is a difference where no trade is missing`() throws {
        let comparison = try compare(list(Self.two), list(Self.two.replacing("\"id\": 2", with: "\"id\": 1")))
        #expect(comparison.differences.map { $0.field } == ["id"])
    }

    @Test func `two trades of one pair that open at the same time are matched in their order`() throws {
        let second = Self.one.replacing("\"id\": 1", with: "\"id\": 3").replacing("0.3", with: "0.4")
        #expect(try compare(list(Self.one, second), list(Self.one, second)).isSame)
        #expect(try compare(list(Self.one, second), list(second, Self.one)).differences.count == 4)
    }

    @Test func `with a tolerance, numbers may be that far apart`() throws {
        let other = Self.one.replacing("0.3", with: "0.3000001").replacing("100.1,", with: "100.10001,")
        #expect(try !compare(list(Self.one), list(other)).isSame)
        #expect(try compare(list(Self.one), list(other), tolerance: 1e-6).isSame)
        #expect(try compare(list(Self.one), list(other), tolerance: 1e-8).differences.count == 3)
    }

    @Test func `empty lists are not called the same, and an empty one differs from a full one`() throws {
        let nothing = try compare("[]", "[]")
        #expect(!nothing.isSame)
        #expect(nothing.text == "0 and 0 trades, 0 values compared: nothing was compared")
        #expect(try compare("[]", list(Self.one, Self.two)).differences.count == 2)
        #expect(try compare("[]", list(Self.one, Self.two)).coreMissing.isEmpty)
    }

    @Test(arguments: ["open_rate", "close_rate", "amount", "close_date", "profit_abs", "profit_ratio", "exit_reason"])
    func `lists are not the same where only one has a field that makes a trade`(field: String) throws {
        let plain = "{\"pair\": \"A/B\", \"open_date\": \"2024-01-01\"}"
        let full = plain.dropLast() + ", \"\(field)\": 1}"
        for (a, b, only) in [(full, plain[...], "A"), (plain[...], full, "B")] {
            let comparison = try compare("[\(a)]", "[\(b)]")
            #expect(!comparison.isSame && comparison.differences.isEmpty)
            #expect(comparison.coreMissing.map(\.field) == [field] && comparison.coreMissing.first?.onlyIn == only)
            #expect(comparison.text.contains("only \(only) has \(field)"))
            #expect(comparison.value["not_compared"]?.array?.first?.string == field)
            #expect(comparison.value["same"]?.boolean == false)
        }
        #expect(try compare("[\(full)]", "[\(full)]").isSame)
        #expect(try compare("[\(plain)]", "[\(plain)]").isSame)
    }

    @Test func `a closing time may be spelled either way, but one of the two spellings must be common`() throws {
        let head = "{\"pair\": \"A/B\", \"open_date\": \"2024-01-01\""
        let (date, both) = (
            ", \"close_date\": \"2024-01-02\"}", ", \"close_date\": \"2024-01-02\", \"close_timestamp\": 1704153600000}"
        )
        #expect(try compare("[\(head)\(date)]", "[\(head)\(both)]").isSame)
        #expect(try !compare("[\(head)\(date)]", "[\(head), \"close_timestamp\": 1704153600000}]").isSame)
    }

    @Test func `people see the first fifty differences and a count, programs see all`() throws {
        func trades(_ rate: Int) -> String {
            "["
                + (0..<80).map { "{\"pair\": \"P\($0)/X\", \"open_date\": \"2024-01-01\", \"open_rate\": \(rate)}" }.joined(
                    separator: ",") + "]"
        }
        let comparison = try compare(trades(1), trades(2))
        let lines = comparison.text.split(separator: "\n")
        #expect(lines.count == 2 + 50 + 2)
        #expect(lines.contains("and 30 more"))
        #expect(lines.last == "80 and 80 trades, 240 values compared: 80 differences")
        #expect(comparison.value["differences"]?.array?.count == 80)
        #expect(comparison.value["same"]?.boolean == false)
    }

    @Test(arguments: [
        "", "{", "[1]", "{}", "[{\"open_date\": \"2024-01-01\"}]", "[{\"pair\": \"A/B\"}]", "{\"strategy\": {}}",
        "{\"strategy\": {\"A\": {\"trades\": []}, \"B\": {\"trades\": []}}}", "\"text\"", "null",
    ])
    func `what is no list of trades is an input error that names the file`(text: String) {
        do throws(FleetError) {
            _ = try TradeList(bytes: Array(text.utf8), path: "a.json")
            Issue.record("\(text) was read")
        } catch {
            #expect(error.code == .input)
            #expect(error.message.contains("a.json"), "\(error.message)")
        }
    }
}
