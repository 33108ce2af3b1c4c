import Exchange
import Money
import Testing

struct JSONTests {
    @Test func `a message is read without a tree, unknown members skipped`() throws {
        let text = #"{"e":"trade","x":[{"a":"]"},1,null],"p":"65432.10","q":0.00100,"m":true,"t":12345}"#
        var scanner = JSONScanner(Array(text.utf8))
        var price: Price?
        var quantity: Quantity?
        var id: Int64?
        try scanner.object { (scanner, key) throws(JSONError) in
            if scanner.isKey(key, "p") { price = try scanner.fixedPoint() }
            if scanner.isKey(key, "q") { quantity = try scanner.fixedPoint() }
            if scanner.isKey(key, "t") { id = try scanner.integer() }
        }
        try scanner.end()
        #expect(price?.fullText == "65432.10")
        #expect(quantity?.fullText == "0.00100")
        #expect(id == 12345)
    }

    @Test(arguments: [
        #"{"a":1,"b":[true,false,null,"x\n\"\\y"],"c":{"d":-1.5e-8}}"#, "[]", "{}", #""é😀""#, "0", "null", #"[[[[]]]]"#,
    ])
    func `what is parsed is written again as it was`(text: String) throws {
        #expect(String(decoding: try JSONValue(parsing: Array(text.utf8)).bytes, as: UTF8.self) == text)
    }

    @Test func `escapes become characters`() throws {
        let value = try JSONValue(parsing: Array(#""\u0041\ud83d\ude00\/\b\f\t""#.utf8))
        #expect(value.text == "A😀/\u{8}\u{c}\t")
    }

    @Test(arguments: [
        "", "{", "[1,", #"{"a"}"#, #"{"a":}"#, "[1 2]", "tru", "nul", #""\x""#, #""\ud800""#, #""\u12"#, "1 1", #"{"a":1,}x"#,
        "{1:2}", "-", "\u{1}",
    ])
    func `what is no JSON is an error`(text: String) {
        // A bare minus is a number by its first byte only; reading it as one fails.
        #expect(throws: JSONError.self) {
            let value = try JSONValue(parsing: Array(text.utf8))
            if value.digits != nil, value.double == nil { throw JSONError(.invalidNumber, at: 0) }
        }
    }

    @Test func `deep nesting and bytes that are not UTF-8 are errors`() {
        #expect(throws: JSONError(.tooDeep, at: 64)) {
            try JSONValue(parsing: [UInt8](repeating: UInt8(ascii: "["), count: 100_000))
        }
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { try JSONValue(parsing: [0x22, 0xFF, 0xFE, 0x22]) }
    }

    @Test func `random damage never traps`() throws {
        let text = Array(#"{"e":"depthUpdate","b":[["65432.10","0.1"],["1e5",1]],"s":"BT\u0043\n","n":null,"t":true}"#.utf8)
        var state: UInt64 = 42
        var accepted = 0
        for _ in 0..<100_000 {
            var bytes = text
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int(state >> 33) % bytes.count
                switch state >> 60 {
                case 0..<4: bytes.remove(at: place)
                case 4..<8: bytes.insert(UInt8(truncatingIfNeeded: state >> 20), at: place)
                default: bytes[place] = UInt8(truncatingIfNeeded: state >> 20)
                }
            }
            if (try? JSONValue(parsing: bytes)) != nil { accepted += 1 }
        }
        #expect(accepted > 0)
    }
}
