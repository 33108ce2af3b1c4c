import Testing

@testable import Halt

@Suite struct LatchTests {
    private func slot(_ sequence: UInt64, _ payload: [UInt8]) -> [UInt8] {
        LatchSlot.encode(kind: .monitor, sequence: sequence, payload: payload)
    }

    private func chosen(_ slots: [[UInt8]?]) -> [UInt8]? {
        if case .found(_, let payload, _, _) = LatchSlot.choose(slots, kind: .monitor) { payload } else { nil }
    }

    @Test func `the checksum is the CRC-64 of xz`() {
        #expect(CRC64.value(of: "123456789".utf8) == 0x995D_C9BB_DF19_39FA)
    }

    @Test(arguments: [(40, 90), (90, 40), (0, 1), (300, 300)]) func `a write torn at any byte leaves the old or the new state`(
        sizes: (Int, Int)
    ) {
        let old = [UInt8](repeating: 1, count: sizes.0)
        let new = [UInt8](repeating: 2, count: sizes.1)
        let (oldSlot, newSlot) = (slot(7, old), slot(8, new))
        for count in 0...newSlot.count {
            for rest in [[], Array(oldSlot.dropFirst(count))] {
                let torn = Array(newSlot.prefix(count)) + rest
                let whole = count == newSlot.count
                // While the first slot is written the other holds the old state, then the first holds the new one.
                #expect(chosen([torn, oldSlot]) == (whole ? new : old))
                #expect(chosen([oldSlot, torn]) == (whole ? new : old))
                #expect(chosen([newSlot, torn]) == new)
            }
        }
    }

    @Test func `every single wrong bit in one of two slots is survived and in both is found`() {
        let good = slot(3, [1, 2, 3, 4, 5])
        for bit in 0..<(good.count * 8) {
            var bad = good
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(chosen([bad, good]) == [1, 2, 3, 4, 5])
            #expect(chosen([good, bad]) == [1, 2, 3, 4, 5])
            #expect(LatchSlot.choose([bad, bad], kind: .monitor) != .missing)
            #expect(chosen([bad, bad]) == nil)
        }
    }

    @Test func `the newest whole slot is chosen and the other one is written first`() throws {
        let choice = LatchSlot.choose([slot(5, [5]), slot(6, [6])], kind: .monitor)
        guard case .found(6, [6], let placement, let damage) = choice else {
            Issue.record("\(choice)")
            return
        }
        #expect(placement.order == [0, 1] && !placement.isWhole && damage.isEmpty)
        guard case .found(6, _, let other, _) = LatchSlot.choose([slot(6, [6]), [1, 2]], kind: .monitor) else {
            Issue.record("the whole slot was not chosen")
            return
        }
        #expect(other.order == [1, 0])
    }

    @Test func `a placement never touches the only whole slot first`() {
        var placement = LatchPlacement()
        placement.begin(placement.order[0])
        placement.begin(placement.order[1])
        // The second slot was torn: the next write goes there first.
        #expect(placement.order.first == 1)
        placement.begin(1)
        #expect(placement.order.first == 1)
        placement.begin(0)
        #expect(placement.order.first == 0)
        placement.finish()
        #expect(placement.isWhole)
    }

    @Test func `no slot is missing, broken ones are invalid, and so are two contents of one sequence`() {
        #expect(LatchSlot.choose([nil, nil], kind: .monitor) == .missing)
        for slots: [[UInt8]?] in [[[], nil], [[1], [2]], [slot(1, [1]), slot(1, [2])]] {
            guard case .invalid = LatchSlot.choose(slots, kind: .monitor) else {
                Issue.record("\(slots) was accepted")
                continue
            }
        }
        guard case .invalid = LatchSlot.choose([slot(1, [1])], kind: .member) else {
            Issue.record("a slot of another kind was accepted")
            return
        }
    }

    @Test func `the latch of another monitor is invalid`() {
        let bytes = slot(1, MonitorLatch.initial(monitor: MonitorID("a")).encoded())
        guard case .invalid(let why) = MonitorLatch.load([bytes, bytes], monitor: MonitorID("b")) else {
            Issue.record("it was accepted")
            return
        }
        #expect(why.contains("a") && why.contains("b"))
    }
}
