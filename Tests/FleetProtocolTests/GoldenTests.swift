import Foundation
import Testing

/// The bytes of every message, as they were when the message came into the protocol. Programs of one major version must
/// understand each other, so these lines never change; a new message adds a line. To write the file anew after adding one:
/// `PRAGMA_WRITE_FIXTURES=1 swift test --filter FleetProtocolTests`, and look at the difference.
@Suite struct `The golden bytes` {
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/messages.txt")

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ hex: Substring) -> [UInt8] {
        let digits = Array(hex.utf8).compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func read() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            if parts.count == 2 { found[String(parts[0])] = bytes(parts[1]) }
        }
        return found
    }

    @Test func `are those of this program`() throws {
        if ProcessInfo.processInfo.environment["PRAGMA_WRITE_FIXTURES"] == "1" {
            let lines = GoldenSamples.all.map { "\($0.name) \(Self.hex($0.sample.bytes))" }
            let head = "# One message a line: its name and its bytes. See GoldenTests.swift."
            try ([head] + lines).joined(separator: "\n").appending("\n").write(to: Self.file, atomically: true, encoding: .utf8)
        }
        let golden = try Self.read()
        #expect(golden.count == GoldenSamples.all.count)
        for (name, sample) in GoldenSamples.all {
            #expect(golden[name] == sample.bytes, "\(name)")
        }
        print("golden messages: \(golden.count)")
    }

    @Test func `mean the same as ever`() throws {
        let golden = try Self.read()
        for (name, sample) in GoldenSamples.all {
            #expect(try sample.decode(try #require(golden[name])) == sample, "\(name)")
        }
    }

    @Test func `hold every kind of message`() {
        var kinds: Set<String> = []
        for seed in UInt64(0)..<6_000 {
            var random = RandomValues(seed: seed)
            kinds.insert(random.sample().kind)
        }
        let golden = Set(GoldenSamples.all.map(\.sample.kind))
        #expect(kinds.subtracting(golden).isEmpty)
    }
}
