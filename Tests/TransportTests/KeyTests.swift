import Testing
import Transport

@Suite struct KeyTests {
    @Test func `a pair is made again from its secret`() throws {
        let pair = try KeyPair.generate()
        let again = try KeyPair(secret: pair.secretText)
        #expect(again.publicKey == pair.publicKey)
        #expect(try PublicKey(pair.publicKey.text) == pair.publicKey)
    }

    @Test func `a pair never shows its secret`() throws {
        let pair = try KeyPair.generate()
        var dumped = ""
        dump(pair, to: &dumped)
        for text in ["\(pair)", String(reflecting: pair), dumped, "\([pair])"] {
            #expect(!text.contains(pair.secretText))
            #expect(text.contains(pair.publicKey.text))
        }
    }

    @Test(arguments: ["", "abc", String(repeating: "~", count: 40), String(repeating: "#", count: 40)])
    func `what is no key is refused, a secret without repeating it`(text: String) {
        let error = #expect(throws: TransportError.self) { _ = try PublicKey(text) }
        #expect(error?.code == .invalidKey)
        let secret = #expect(throws: TransportError.self) { _ = try KeyPair(secret: text) }
        #expect(secret?.code == .invalidKey)
        #expect(text.isEmpty || secret?.description.contains("'\(text)'") == false)
    }

    @Test func `bytes and text of a key are the same key`() throws {
        let key = try KeyPair.generate().publicKey
        #expect(PublicKey(bytes: []) == nil)
        #expect(PublicKey(bytes: [UInt8](repeating: 0, count: 32))?.text == String(repeating: "0", count: 40))
        #expect(key.text.utf8.count == 40)
    }

    @Test func `the list of refusals is bounded and counts repetitions`() throws {
        let bench = try Bench(.memoryCurve)
        let server = try bench.server()
        let keys = try (0..<40).map { _ in try KeyPair.generate() }
        for key in keys {
            let client = try bench.client(of: server) { $0.security = .client(key, server: bench.serverKeys.publicKey) }
            bench.transport.close(client)
        }
        let refusals = bench.authenticator.recentRefusals
        #expect(refusals.count == 32)
        #expect(refusals.last?.publicKey == keys.last?.publicKey)
        #expect(bench.authenticator.counters.refused == 40)
    }
}

@Suite struct BoundedQueueTests {
    /// Against an array that does the same in the obvious way.
    @Test(arguments: [FullPolicy.refuse, .dropNewest, .dropOldest])
    func `a queue does what a plain array would`(policy: FullPolicy) {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SplitMix64(state: seed)
        for capacity in [1, 2, 7, 40] {
            var queue = BoundedQueue<Int>(capacity: capacity, policy: policy)
            var model: [Int] = []
            var lost = 0
            for step in 0..<3000 {
                if random.next() % 100 < 55 {
                    let result = queue.push(step)
                    if model.count < capacity {
                        model.append(step)
                        #expect(result == .accepted)
                    } else {
                        lost += 1
                        if policy == .dropOldest { model = model.dropFirst() + [step] }
                        #expect(result != .accepted)
                    }
                } else {
                    #expect(queue.pop() == (model.isEmpty ? nil : model.removeFirst()))
                }
                #expect(queue.count == model.count)
                #expect(queue.first == model.first)
            }
            #expect(queue.dropped + queue.refused == UInt64(lost))
            var rest: [Int] = []
            queue.drain(into: &rest)
            #expect(rest == model)
            #expect(queue.isEmpty)
        }
    }
}

/// Steele, Lea and Flood's generator: small, seeded, the same everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
