import Testing

@testable import Configuration

@Suite struct JSONReaderTests {
    func read(_ text: String) throws -> ConfigValue {
        try JSONReader.read(Array(text.utf8), origin: .file("f.json")).value
    }

    @Test func `every value knows its line and column`() throws {
        let value = try read(
            """
            {
              // a comment: "not": 1
              "a": 1,
              "grün": {"b": [true,
                   "x"]}, /* two
              lines */ "c": null
            }
            """)
        func place(_ value: ConfigValue?) -> String { value?.location.description ?? "" }
        #expect(place(value) == "f.json:1:1")
        #expect(place(value["a"]) == "f.json:3:8")
        #expect(place(value["grün"]) == "f.json:4:11")
        #expect(place(value["grün", "b"]?.array?[1]) == "f.json:5:8")
        #expect(place(value["c"]) == "f.json:6:17")
    }

    @Test func `numbers keep their text`() throws {
        let value = try read(#"{"a": 0.10, "b": 1e3, "c": 9007199254740993, "d": -0.0, "e": 1e-7, "f": 5.0}"#)
        #expect(value["a"]?.number?.text == "0.10")
        #expect(value["b"]?.number?.integer == 1000)
        #expect(value["c"]?.number?.integer == 9_007_199_254_740_993)
        #expect(value.canonicalBytes == Array(#"{"a":0.1,"b":1000,"c":9007199254740993,"d":0,"e":1e-07,"f":5}"#.utf8))
    }

    @Test func `a name that stands twice is reported with both places and the later value counts`() throws {
        let (value, duplicates) = try JSONReader.read(
            Array("{\"a\": {\"b\": 1,\n\"b\": 2}, \"a\": 3}".utf8), origin: .file("f"))
        #expect(duplicates.map(\.path) == ["a.b", "a"])
        #expect(duplicates.first?.first.line == 1)
        #expect(duplicates.first?.second.line == 2)
        #expect(value["a"]?.number?.value == 3)
    }

    @Test(
        arguments: [
            ("{\n  \"a\": 1\n  \"b\": 2\n}", "3:3", "a comma or } is expected"),
            ("{\"a\": tru}", "1:7", "a value is expected"),
            ("{\"a\": \"x\n\"}", "1:7", "a text is not closed on its line"),
            ("[1, 2", "1:6", "a comma or ] is expected"),
            ("{\"a\": 01}", "1:7", "a number begins with 0"),
            ("/* x", "1:1", "a comment is not closed"),
            ("", "1:1", "the file is empty"),
            ("{} {}", "1:4", "there is something after the end of the value"),
            ("{\"a\": 1e999}", "1:7", "the number is too large"),
        ])
    func `an error names its place and says what is expected`(text: String, place: String, problem: String) {
        do throws(JSONReader.SyntaxError) {
            _ = try JSONReader.read(Array(text.utf8), origin: .file("f"))
            Issue.record("read")
        } catch {
            #expect(error.location.description == "f:\(place)")
            #expect(error.problem == problem)
        }
    }

    @Test func `size, depth and number of values are bounded`() throws {
        func problem(_ text: String, _ change: (inout JSONReader.Limits) -> Void = { _ in }) -> String {
            var limits = JSONReader.Limits()
            change(&limits)
            do throws(JSONReader.SyntaxError) {
                _ = try JSONReader.read(Array(text.utf8), origin: .none, limits: limits)
                return ""
            } catch { return error.problem }
        }
        #expect(problem(String(repeating: "[", count: 100_000)).contains("nested deeper"))
        #expect(problem(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).isEmpty)
        #expect(problem("[1,2,3]") { $0.values = 3 }.contains("more than 3 values"))
        #expect(problem("[1,2,3]") { $0.bytes = 6 }.contains("7 bytes"))
    }

    @Test func `a key of more than 4 KiB is an error at its place`() throws {
        let longest = String(repeating: "k", count: 4096)
        #expect(try read("{\"\(longest)\": 1}")[longest]?.number?.value == 1)
        do throws(JSONReader.SyntaxError) {
            _ = try JSONReader.read(Array("{\n \"\(longest)k\": 1}".utf8), origin: .file("f"))
            Issue.record("read")
        } catch {
            #expect(error.location.description == "f:2:2")
            #expect(error.problem == "a key has more than 4096 bytes")
        }
    }

    /// With a path for every value this text would copy some 40 gigabytes.
    @Test func `many values under deep and long names cost no path each`() throws {
        let name = String(repeating: "n", count: 4000)
        let open = String(repeating: "{\"\(name)\":", count: 60)
        let text = open + "[" + String(repeating: "1,", count: 150_000) + "NaN]" + String(repeating: "}", count: 60)
        let value = try read(text)
        let path = Array(repeating: name, count: 60).joined(separator: ".")
        #expect(value.nonFiniteNumbers().map(\.path) == [path + "[150000]"])
        var conflicts: [ConfigValue.MergeConflict] = []
        #expect(value.merged(with: value, conflicts: &conflicts).canonicalBytes == value.canonicalBytes)
        #expect(value.strippedOfSecrets().canonicalBytes == value.canonicalBytes)
    }

    @Test func `a name that stands twice is named with what is around it, lists too`() throws {
        let text = "{\"a\": [0, {\"b\": {\"c\": 1, \"d\": [], \"c\": 2}}]}"
        let duplicates = try JSONReader.read(Array(text.utf8), origin: .none).duplicates
        #expect(duplicates.map(\.path) == ["a[1].b.c"])
    }

    @Test func `names that stand twice are reported up to a limit`() throws {
        let text = "{" + Array(repeating: "\"a\": 1", count: 1000).joined(separator: ",") + "}"
        #expect(try JSONReader.read(Array(text.utf8), origin: .none).duplicates.count == 100)
    }

    @Test func `bytes that are no UTF-8 and control characters are refused`() {
        for bytes in [[0x22, 0xFF, 0x22], [0x22, 0x01, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0x00, 0x22], [0x00]] as [[UInt8]] {
            #expect(throws: JSONReader.SyntaxError.self) { try JSONReader.read(bytes, origin: .none) }
        }
    }

    /// What reads back from canonical bytes has the same canonical bytes.
    @Test func `mutated texts never trap, and canonical form is a fixed point`() throws {
        let seed: UInt64 = 4711
        var generator = SeededGenerator(seed: seed)
        let start = Array(minimalLive.utf8) + Array(#"// x"#.utf8)
        let pieces = ["{", "}", "[", "]", ",", ":", "\"", "\\u12", "1e9", "-", "/*", "*/", "//", "\n", "null", "NaN", "é"]
        var read = 0
        for _ in 0..<2000 {
            var bytes = start
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = .random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: pieces.randomElement(using: &generator).map { Array($0.utf8) } ?? [], at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
                }
                if bytes.isEmpty { bytes = [0x7B] }
            }
            guard let value = try? JSONReader.read(bytes, origin: .none).value else { continue }
            read += 1
            let canonical = value.canonicalBytes
            let again = try JSONReader.read(canonical, origin: .none, options: .strict).value
            #expect(again.canonicalBytes == canonical, "seed \(seed)")
            let pretty = try JSONReader.read(Array(value.prettyJSON.utf8), origin: .none, options: .strict).value
            #expect(pretty.canonicalBytes == canonical, "seed \(seed)")
        }
        print("JSON mutation: \(read) of 2000 texts were read")
        #expect(read > 150)
    }
}
