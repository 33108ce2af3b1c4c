import Exchange
import Money
import Testing

/// What is read several bytes at a time, against what reads one after the other.
struct JSONScanningTests {
    /// The offset of the closing quote; nil: the string is broken or never ends.
    private static func end(ofStringIn bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index
            case 0..<0x20: return nil
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }

    @Test func `a string ends at its quote, whatever stands before it and wherever it begins`() throws {
        // Neighbours of the bytes that mean something, also with the highest bit.
        let bytes: [UInt8] = [0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0x9F, 0xA2, 0xDC, 0xFF]
        var random = SplitMix64(seed: 20_261_123)
        var (whole, broken) = (0, 0)
        for _ in 0..<50_000 {
            let blanks = [UInt8](repeating: 0x20, count: Int.random(in: 0..<9, using: &random))
            let length = Int.random(in: 0..<30, using: &random)
            var text = [UInt8](repeating: UInt8(ascii: "a"), count: length)
            for _ in 0..<Int.random(in: 0..<3, using: &random) where length > 0 {
                text[Int.random(in: 0..<length, using: &random)] = bytes[Int.random(in: 0..<bytes.count, using: &random)]
            }
            let message = blanks + [0x22] + text + (Bool.random(using: &random) ? [0x22, 0x22, 0x61] : [0x22])
            var scanner = JSONScanner(message)
            let range = try? scanner.rawString()
            #expect(range?.upperBound == Self.end(ofStringIn: message, from: blanks.count + 1), "\(message)")
            if range == nil { broken += 1 } else { whole += 1 }
        }
        #expect(whole > 10_000 && broken > 1000)
    }

    @Test func `a number read in one go is what its digits alone are`() throws {
        let alphabet = Array("00123456789999....-+eE".utf8)
        var random = SplitMix64(seed: 20_261_124)
        var (numbers, others) = (0, 0)
        for _ in 0..<100_000 {
            let text = (0..<Int.random(in: 0..<24, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0x30 }
            let isQuoted = Bool.random(using: &random)
            let message = (isQuoted ? [0x22] + text + [0x22] : text) + [UInt8(ascii: ",")]
            var slow = JSONScanner(message)
            let price = (try? slow.digits()).flatMap { Price(ascii: Array(slow[$0])) }
            var fast = JSONScanner(message)
            let found = try? fast.fixedPoint(FixedPointKind.Price.self)
            #expect(found?.fullText == price?.fullText, "\(String(decoding: message, as: UTF8.self))")
            #expect(found == nil || fast.offset == slow.offset)
            if found == nil { others += 1 } else { numbers += 1 }
        }
        #expect(numbers > 10_000 && others > 10_000)
    }

    @Test(arguments: [("12", 12), ("\"12\"", 12), ("12.0", 12), ("1.2e1", 12), ("-9223372036854775808", Int64.min)])
    func `whole numbers may be written with a point or an exponent`(text: String, value: Int64) throws {
        var scanner = JSONScanner(Array(text.utf8))
        #expect(try scanner.integer() == value)
        try scanner.end()
    }

    @Test(arguments: ["", "a", "fifteen letters", "more than fifteen letters", "\u{7f}é", "日本"])
    func `texts come as they were sent`(text: String) throws {
        var scanner = JSONScanner(Array("\"\(text)\"".utf8))
        #expect(try scanner.string() == text)
    }
}
