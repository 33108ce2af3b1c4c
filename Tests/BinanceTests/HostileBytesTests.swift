import Exchange
import Foundation
import Testing

@testable import Binance

/// No bytes from a venue may trap: what is no answer is an error.
struct HostileBytesTests {
    /// `PRAGMA_FUZZ_SEED` repeats a run.
    private static let seed = ProcessInfo.processInfo.environment["PRAGMA_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_260_403
    private static let mutationsPerSample = 250

    @Test func `each decoder reads its own sample`() throws {
        let decoders = try Decoder.all()
        for decoder in decoders {
            #expect(!Samples.bytes(decoder.sample).isEmpty, "\(decoder.sample)")
            #expect(throws: Never.self, "\(decoder.name) \(decoder.sample)") {
                // Messages of one system may be nothing to the other; they still must not be errors here.
                try decoder.read(Samples.bytes(decoder.sample))
            }
        }
        #expect(Set(decoders.map(\.sample)).count > 40)
    }

    @Test func `damaged messages are read or refused and never trap`() throws {
        var random = SplitMix64(seed: Self.seed)
        let corpus = Samples.all.keys.sorted().map { Samples.bytes($0) }
        var (accepted, refused) = (0, 0)
        for decoder in try Decoder.all() {
            let sample = Samples.bytes(decoder.sample)
            for _ in 0..<Self.mutationsPerSample {
                let bytes = Mutation.mutated(sample, with: corpus, &random)
                do {
                    try decoder.read(bytes)
                    accepted += 1
                } catch is VenueError {
                    refused += 1
                }
            }
        }
        print("fuzz: seed \(Self.seed), \(accepted + refused) damaged inputs, \(accepted) read, \(refused) refused")
        #expect(accepted > 0 && refused > accepted / 10)
    }

    @Test func `hostile values in every place never trap`() throws {
        var count = 0
        for decoder in try Decoder.all() {
            let tree = try JSONValue(parsing: Samples.bytes(decoder.sample))
            for value in Mutation.hostile {
                for place in 0..<Mutation.places(in: tree) {
                    var left = place
                    try? decoder.read(Mutation.replaced(tree, &left, by: value).bytes)
                    count += 1
                }
            }
        }
        print("hostile values: \(count) inputs")
        #expect(count > 10_000)
    }

    @Test func `depth, length and bytes that are no text are refused`() throws {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 20_000)
        let deepObjects = Array(String(repeating: #"{"event":"#, count: 2_000).utf8)
        let noText: [UInt8] = Array(#"{"e":"trade","s":""#.utf8) + [0xFF, 0xC0, 0x80] + Array(#""}"#.utf8)
        let long = Array(#"{"code":-1,"msg":""#.utf8) + [UInt8](repeating: 0x61, count: 50_000) + Array(#""}"#.utf8)
        for decoder in try Decoder.all() where !decoder.name.hasPrefix("error") && decoder.name != "budgets" {
            for bytes in [deep, deepObjects] { #expect(throws: VenueError.self, "\(decoder.name)") { try decoder.read(bytes) } }
            try? decoder.read(noText)
            try? decoder.read(long)
        }
        let error = BinanceErrors.error(
            in: WebResponse(status: 400, headers: [], body: long), system: .spot, changesState: true)
        #expect(error?.message.count == 500)
    }
}

/// Ways to damage a message.
enum Mutation {
    static let hostile: [JSONValue] = [
        .null, .bool(true), .number("-1"), .number("0"), .number("9223372036854775807"), .number("-9223372036854775808"),
        .number("99999999999999999999999999999999999999999"), .string("170141183460469231731687303715884105727"),
        .string("-170141183460469231731687303715884105728"), .string("0.000000000000000000000000000000000001"),
        .string("1e1000"), .string("1e-1000"), .string("NaN"), .string("-Infinity"), .string(""), .string("-"), .string("."),
        .string("\u{0}\u{FFFD}é😀"), .array([]), .object([]), .array([.array([.null])]),
    ]

    /// How many values a tree has.
    static func places(in tree: JSONValue) -> Int {
        switch tree {
        case .object(let members): members.reduce(1) { $0 + places(in: $1.value) }
        case .array(let elements): elements.reduce(1) { $0 + places(in: $1) }
        default: 1
        }
    }

    /// The tree with the value at place `left`, counted depth first, replaced.
    static func replaced(_ tree: JSONValue, _ left: inout Int, by value: JSONValue) -> JSONValue {
        left -= 1
        if left == -1 { return value }
        switch tree {
        case .object(let members):
            var result: [JSONValue.Member] = []
            for member in members { result.append(JSONValue.Member(member.name, replaced(member.value, &left, by: value))) }
            return .object(result)
        case .array(let elements):
            var result: [JSONValue] = []
            for element in elements { result.append(replaced(element, &left, by: value)) }
            return .array(result)
        default: return tree
        }
    }

    static func mutated(_ sample: [UInt8], with corpus: [[UInt8]], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = sample
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            change(&bytes, with: corpus, &random)
        }
        return bytes
    }

    private static func change(_ bytes: inout [UInt8], with corpus: [[UInt8]], _ random: inout SplitMix64) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(place..<min(place + Int.random(in: 1...8, using: &random), bytes.count))
        case 3: bytes.insert(contentsOf: Array(words[Int.random(in: 0..<words.count, using: &random)].utf8), at: place)
        case 4: bytes.removeSubrange(place...)
        case 5:
            let other = corpus[Int.random(in: 0..<corpus.count, using: &random)]
            let start = Int.random(in: 0..<other.count, using: &random)
            bytes.replaceSubrange(place..., with: other[start...])
        default:
            let end = min(place + Int.random(in: 1...20, using: &random), bytes.count)
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        }
    }

    private static let words = [
        "\"", "{", "}", "[", "]", ",", ":", "null", "true", "-", "e", "\\u", "\\ud800", "999999999999999999999", ".", "\u{FFFF}",
        "0", "E+999",
    ]
}
