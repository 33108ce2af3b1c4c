import Foundation
import SyntheticMarket
import Testing

@testable import MarketData

@Suite struct JSONReaderTests {
    private func value(_ text: String) throws -> JSONValue { try JSONReader.value(Array(text.utf8)) }

    @Test func `values of every kind are read`() throws {
        let text = #" {"a": [1, -0.5, 1e-08, 2E+3, true, false, null, {}, []], "b\n\u00e4\ud83d\ude00\/": "\"\\\t ü"} "#
        let expected: JSONValue = .object([
            "a": .array([
                .number(1), .number(-0.5), .number(1e-8), .number(2000), .bool(true), .bool(false), .null, .object([:]),
                .array([]),
            ]),
            "b\nä😀/": .text("\"\\\t ü"),
        ])
        #expect(try value(text) == expected)
    }

    @Test(arguments: [
        "", "{", "[1,]", "[1 2]", "{\"a\" 1}", "{\"a\": 1,}", "{a: 1}", "01", "1.", ".5", "+1", "1e", "-", "NaN", "tru", "\"",
        "\"\\x\"",
        "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\n\"", "[1]]", "1e999", "{\"a\": 1, \"a\": 2}", "\"\\u+123\"",
        String(repeating: "[", count: 100_000),
    ])
    func `anything else is a fault`(text: String) {
        #expect(throws: JSONFault.self) { try value(text) }
    }

    @Test func `bytes that are not UTF-8 are a fault`() {
        #expect(throws: JSONFault.self) { try JSONReader.value([0x22, 0xFF, 0x22]) }
    }

    @Test func `any double written is read again`() throws {
        var random = SplitMix64(seed: 11)
        for _ in 0..<20_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            #expect(try value("\(number)") == .number(number))
        }
    }

    @Test func `what is accepted agrees with Foundation on mutated documents`() throws {
        let seeds = [#"{"a": [1, -0.5e3, "x\u0041"], "b": {"c": null, "d": true}}"#, #"[[], {}, "ü", 0, 10.25]"#]
        var random = SplitMix64(seed: 77)
        var accepted = 0
        for round in 0..<20_000 {
            var bytes = Array(seeds[round % 2].utf8)
            for _ in 0...(random.next() % 3) {
                let at = Int(random.next() % UInt64(bytes.count))
                if random.next() & 1 == 0 {
                    bytes.remove(at: at)
                } else {
                    bytes[at] = Array("{}[],:\"\\ue0123-+.ntx ".utf8).randomElement(using: &random) ?? 0
                }
            }
            let ours = (try? JSONReader.value(bytes)) != nil
            if ours {
                accepted += 1
                let text = String(decoding: bytes, as: UTF8.self)
                #expect((try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil, "\(text)")
            }
        }
        #expect(accepted > 100)
        print("\(accepted) of 20000 mutated documents accepted by both")
    }
}
