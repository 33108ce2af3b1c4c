import Testing

@testable import Halt

@Suite struct EncodingTests {
    static func entry(_ random: inout SimulationRandom) -> HaltEntry {
        let name = String(repeating: random.pick(["a", "ö", "🜁"]), count: random.below(30) + 1)
        let scope = random.pick([.fleet, .exchange(name), .account(name), .strategy(name), .job(name)] as [HaltScope])
        return HaltEntry(
            id: random.next(), scope: scope, action: random.pick(HaltAction.allCases), reason: name + "!", operator: name,
            wallMilliseconds: Int64(bitPattern: random.next()))
    }

    static func state(_ random: inout SimulationRandom) -> MonitorHaltState {
        MonitorHaltState(
            monitor: MonitorID("m"), epoch: HaltEpoch(incarnation: random.next(), counter: random.next()),
            rearmed: HaltEpoch(incarnation: random.next(), counter: 1),
            entries: (0..<random.below(6)).map { _ in entry(&random) })
    }

    static func grant(_ random: inout SimulationRandom) -> Grant {
        Grant(
            monitor: MonitorID("m"), member: MemberName("w"), session: MemberSession(random.next()),
            nonce: HaltNonce(high: random.next(), low: random.next()), leaseMilliseconds: 1_000,
            state: SignedHaltState(state(&random)) { _ in [1, 2, 3] })
    }

    static func latch(_ random: inout SimulationRandom) -> MemberLatch {
        let signed = SignedHaltState(state(&random)) { _ in [9] }
        let held = MemberLatch.Held(
            monitor: MonitorID("m"), newest: random.chance(80) ? signed : nil, entries: state(&random).entries,
            conflict: random.chance(50), doubts: random.chance(50) ? [signed] : [])
        let file = HaltFileLatch(
            file: HaltFile(action: .cancel, identity: random.next()), baselines: [MonitorID("m"): signed.state.epoch])
        return MemberLatch(held: [held], haltFile: random.chance(50) ? file : nil)
    }

    @Test func `what is encoded is read again as it was`() throws {
        var random = SimulationRandom(seed: 1)
        for _ in 0..<500 {
            let state = Self.state(&random)
            #expect(try MonitorHaltState(decoding: state.encoded()) == state)
            let grant = Self.grant(&random)
            #expect(try Grant(decoding: grant.encoded()) == grant)
            let latch = Self.latch(&random)
            #expect(try MemberLatch(decoding: latch.encoded()) == latch)
            let own = MonitorLatch(state: state, ancestors: [state.epoch, state.rearmed])
            #expect(try MonitorLatch(decoding: own.encoded()) == own)
        }
    }

    @Test func `hostile bytes are refused or are a value with these very bytes`() {
        var random = SimulationRandom(seed: 2)
        var accepted = 0
        for round in 0..<20_000 {
            var bytes = [Self.state(&random).encoded(), Self.grant(&random).encoded(), Self.latch(&random).encoded()][round % 3]
            for _ in 0..<(1 + random.below(4)) where !bytes.isEmpty {
                switch random.below(4) {
                case 0: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeLast(random.below(bytes.count))
                case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: random.below(bytes.count))
                default: bytes[random.below(bytes.count)] = 0xFF
                }
            }
            if let state = try? MonitorHaltState(decoding: bytes) {
                #expect(state.encoded() == bytes)
                accepted += 1
            }
            if let grant = try? Grant(decoding: bytes) {
                #expect(grant.encoded() == bytes)
                accepted += 1
            }
            if let latch = try? MemberLatch(decoding: bytes) { #expect((try? MemberLatch(decoding: latch.encoded())) == latch) }
            _ = try? LatchSlot.decode(bytes, kind: .monitor)
        }
        #expect(accepted > 100)
    }

    @Test func `every beginning of an encoding is refused`() {
        var random = SimulationRandom(seed: 3)
        let grant = Self.grant(&random).encoded()
        for count in 0..<grant.count {
            #expect(throws: HaltDecodingError.self) { try Grant(decoding: Array(grant.prefix(count))) }
        }
        #expect(throws: HaltDecodingError.trailingBytes(1)) { try Grant(decoding: grant + [0]) }
    }

    @Test func `a state is never a grant and a grant never a state`() {
        var random = SimulationRandom(seed: 4)
        let (state, grant) = (Self.state(&random).encoded(), Self.grant(&random).encoded())
        #expect(throws: HaltDecodingError.self) { try Grant(decoding: state) }
        #expect(throws: HaltDecodingError.self) { try MonitorHaltState(decoding: grant) }
    }

    @Test func `too many entries widen and nothing is dropped`() {
        var random = SimulationRandom(seed: 5)
        for limit in [200, 1_000, 5_000] {
            for flattening in [false, true] {
                let entries = (0..<400).map { _ in
                    var entry = Self.entry(&random)
                    if !flattening, entry.action == .flatten { entry.action = .cancel }
                    return entry
                }
                let widened = entries.widened(toFit: limit)
                #expect(widened.encodedBytes <= limit)
                #expect(widened.implies(entries))
                if !flattening { #expect(!widened.contains { $0.action == .flatten }) }
            }
        }
        let one = [Self.entry(&random)]
        #expect(one.widened(toFit: 60_000) == one)
    }

    @Test func `one position to flatten does not flatten the fleet when others overflow`() {
        var entries = (0..<500).map {
            HaltEntry(id: $0, scope: .job("j\($0)"), action: .halt, reason: "r", operator: "o", wallMilliseconds: 0)
        }
        entries[7].action = .flatten
        let widened = entries.widened(toFit: 2_000)
        #expect(widened.implies(entries))
        #expect(widened.effectiveAction(for: .idle) == .halt)
        #expect(widened.contains(entries[7]))
    }
}
