import Coordination
import FleetProtocol
import Halt
import Testing

@Suite struct `Messages` {
    @Test func `come out as they went in`() throws {
        for seed in UInt64(0)..<6_000 {
            var random = RandomValues(seed: seed)
            let sample = random.sample()
            let bytes = sample.bytes
            let read = try sample.decode(bytes)
            #expect(read == sample, "seed \(seed)")
            #expect(read.bytes == bytes, "seed \(seed)")
        }
    }

    @Test func `of every golden kind are among the random ones`() {
        var seen: Set<String> = []
        for seed in UInt64(0)..<6_000 {
            var random = RandomValues(seed: seed)
            seen.insert(random.sample().kind)
        }
        let golden = Set(GoldenSamples.all.map(\.sample.kind)).subtracting(["outbound.error"])
        #expect(golden.subtracting(seen).isEmpty)
    }

    @Test func `never make a decoder trap, whatever becomes of their bytes`() {
        var accepted = 0
        var refused = 0
        for seed in UInt64(0)..<6_000 {
            var random = RandomValues(seed: seed)
            let sample = random.sample()
            let bytes = random.mutated(sample.bytes)
            // The decoder of another direction gets them too.
            for reader in [sample, random.sample()] {
                do throws(ProtocolError) {
                    let read = try reader.decode(bytes)
                    accepted += 1
                    // What was taken can be sent on.
                    _ = read.bytes
                } catch {
                    refused += 1
                    if error.description.isEmpty { Issue.record("an error without a description, seed \(seed)") }
                }
            }
        }
        print("mutated messages: \(accepted) taken, \(refused) refused")
        #expect(refused > 1_000)
    }

    @Test func `in the wrong direction are refused by name`() {
        let worker = JobsWire.bytes(.goodbye(SessionID(1)))
        #expect(throws: ProtocolError.unexpected(message: "workerGoodbye", here: "from the coordinator")) {
            try JobsWire.coordinatorMessage(worker)
        }
        #expect(throws: ProtocolError.unexpected(message: "workerGoodbye", here: "from a client")) {
            try ControlWire.inbound(worker)
        }
    }
}

extension Sample {
    /// The names of the cases down to the message.
    var kind: String {
        var names: [String] = []
        var value: Any = self
        for _ in 0..<4 {
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle == .enum {
                names.append(mirror.children.first?.label ?? "\(value)")
                guard let inner = mirror.children.first?.value else { break }
                value = inner
            } else if let inner = mirror.children.first(where: { ["content", "message", "body"].contains($0.label) }) {
                value = inner.value
            } else if mirror.displayStyle == .tuple, let inner = mirror.children.first {
                value = inner.value
            } else {
                break
            }
        }
        return names.joined(separator: ".")
    }
}

extension RandomValues {
    /// The bytes with some of them changed, removed, doubled or added.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(3) {
            guard !bytes.isEmpty else { return bytes }
            let place = below(bytes.count)
            switch below(6) {
            case 0: bytes[place] ^= UInt8(1 << below(8))
            case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff][below(5)]
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(8)))
            case 3: bytes.insert(contentsOf: self.bytes(), at: place)
            case 4: bytes = Array(bytes.prefix(place))
            default: bytes += bytes[place...]
            }
        }
        return bytes
    }
}
