import Foundation
import Testing

@testable import Configuration

/// What freqtrade itself makes of the same files, variables and patterns: see Tests/Fixtures/configuration/make.py.
@Suite struct FreqtradeOracleTests {
    func document() throws -> ConfigValue {
        let bytes = try FileSource.disk.read(Place.fixtures + "/freqtrade.json", 4 << 20)
        return try JSONReader.read(bytes, origin: .none).value
    }

    /// Whether `value` is what the fixture describes.
    func matches(_ value: ConfigValue, _ expected: ConfigValue) -> Bool {
        if let members = expected["object"]?.object {
            guard let own = value.object, own.count == members.count else { return false }
            return members.allSatisfy { name, member in own[name].map { matches($0, member) } ?? false }
        }
        if let elements = expected["array"]?.array {
            guard let own = value.array, own.count == elements.count else { return false }
            return zip(own, elements).allSatisfy(matches)
        }
        if let special = expected["special"]?.string {
            guard let number = value.number?.value else { return false }
            switch special {
            case "NaN": return number.isNaN
            case "Infinity": return number == .infinity
            default: return number == -.infinity
            }
        }
        guard let plain = expected["value"] else { return value.isNull }
        switch (value.kind, plain.kind) {
        case (.null, .null): return true
        case (.boolean(let a), .boolean(let b)): return a == b
        case (.string(let a), .string(let b)): return a == b
        case (.number(let a), .number(let b)): return a.value == b.value && (a.integer == b.integer || a.value.magnitude > 1e15)
        default: return false
        }
    }

    @Test func `the same JSON texts are read, to the same values`() throws {
        let cases = try #require(document()["parsing"]?.array)
        for item in cases {
            let text = try #require(item["text"]?.string)
            let value = try? JSONReader.read(Array(text.utf8), origin: .none).value
            if let expected = item["result"] {
                #expect(value.map { matches($0, expected) } == true, "\(text)")
            } else {
                #expect(value == nil, "\(text)")
            }
        }
        print("JSON texts compared with freqtrade's reader: \(cases.count)")
    }

    @Test func `environment values are converted the same way`() throws {
        let cases = try #require(document()["typed"]?.array)
        for item in cases {
            let text = try #require(item["text"]?.string)
            let expected = try #require(item["result"])
            #expect(matches(ConfigValue(EnvironmentOverrides.typed(text)), expected), "\(text)")
        }
        print("environment values compared: \(cases.count)")
    }

    @Test func `files, includes and variables are merged the same way`() throws {
        let cases = try #require(document()["loading"]?.array)
        var errors = 0
        for (number, item) in cases.enumerated() {
            let files = try #require(item["files"]?.object).compactMapValues(\.string)
            let arguments = try #require(item["arguments"]?.array).compactMap(\.string)
            let environment = try #require(item["environment"]?.object).compactMapValues(\.string)
            let collector = ProblemCollector()
            var loader = ConfigurationLoader(source: .memory(files), collector: collector)
            let tree = loader.load(files: arguments, environment: environment)
            if let expected = item["result"] {
                #expect(matches(tree, expected), "case \(number): \(String(decoding: tree.canonicalBytes, as: UTF8.self))")
                #expect(!collector.hasErrors, "case \(number): \(collector.sorted)")
            } else {
                // A section over a null stops freqtrade with a type error; here the null counts as absent.
                errors += collector.hasErrors ? 1 : 0
                let hasNull = files.values.contains { $0.contains("null") }
                #expect(collector.hasErrors || hasNull, "case \(number)")
            }
        }
        print("loading cases compared with freqtrade: \(cases.count), of which both refuse \(errors)")
        #expect(errors > 30)
    }

    @Test func `pair patterns match the same pairs`() throws {
        let cases = try #require(document()["patterns"]?.array)
        for item in cases {
            let text = try #require(item["pattern"]?.string)
            let pairs = try #require(item["pairs"]?.array).compactMap(\.string)
            guard let expected = item["matches"]?.array?.compactMap(\.string) else {
                #expect(PairPattern(text) == nil, "\(text)")
                continue
            }
            // The empty pattern matches nothing and is refused.
            guard !text.isEmpty else { continue }
            let pattern = try #require(PairPattern(text), "\(text)")
            #expect(pairs.filter(pattern.matches) == expected, "\(text)")
        }
        print("pair patterns compared with Python's re: \(cases.count)")
    }

    @Test func `a pattern that makes other matchers explode is answered at once`() throws {
        let pattern = try #require(PairPattern("(((A+)+)+)+((A|AA)+)*B"))
        #expect(!pattern.matches(String(repeating: "A", count: 60)))
        #expect(PairPattern(String(repeating: "(", count: 100)) == nil)
    }
}
