import Exchange
import Orders
import Testing

@Suite struct `A client order id` {
    private static let seed: UInt64 = 0x0C0D_E001

    private func random(_ random: inout SplitMix64) throws -> ClientOrderCode {
        let bits = random.next()
        let identity = OrderIdentity(
            owner: UInt32(truncatingIfNeeded: bits), job: UInt32(bits >> 40), token: UInt32(truncatingIfNeeded: random.next()))
        return try ClientOrderCode(identity, OrderTicket(1 + random.next() % 0xFFFF_FFFF))
    }

    @Test func `says what it was made of, in 32 lowercase hexadecimal digits`() throws {
        var generator = SplitMix64(seed: Self.seed)
        for _ in 0..<2000 {
            let code = try random(&generator)
            #expect(code.id.text.utf8.count == 32)
            #expect(code.id.text.allSatisfy { "0123456789abcdef".contains($0) })
            #expect(ClientOrderCode(code.id) == code)
        }
        let code = try ClientOrderCode(Sample.identity, OrderTicket(0x1234))
        #expect(code.id.text.hasPrefix("a1b2c3d4" + "000007" + "00000003" + "00001234"))
    }

    @Test func `with any digit changed, or any two swapped, is no id of ours`() throws {
        var generator = SplitMix64(seed: Self.seed)
        var changed = 0
        for _ in 0..<60 {
            let text = Array(try random(&generator).id.text)
            for place in text.indices {
                for digit in "0123456789abcdef" where digit != text[place] {
                    var wrong = text
                    wrong[place] = digit
                    #expect(ClientOrderCode(ClientOrderID(String(wrong))) == nil)
                    changed += 1
                }
                for other in text.indices where other > place && text[other] != text[place] {
                    var wrong = text
                    wrong.swapAt(place, other)
                    #expect(ClientOrderCode(ClientOrderID(String(wrong))) == nil)
                    changed += 1
                }
            }
        }
        #expect(changed > 40_000)
    }

    @Test(arguments: [
        "", "x-abc", "A1B2C3D4000007000000030000123400", "a1b2c3d400000700000003000012340", "é1b2c3d400000700000003000012340",
    ])
    func `that is written otherwise is none of this scheme`(_ text: String) {
        #expect(ClientOrderCode(ClientOrderID(text)) == nil)
        #expect(Sample.identity.owner(of: ClientOrderID(text)) == .stranger)
    }

    @Test func `tells whose the order is`() throws {
        func owner(_ change: (inout OrderIdentity) -> Void) throws -> OrderOwner {
            var identity = Sample.identity
            change(&identity)
            return Sample.identity.owner(of: try ClientOrderCode(identity, OrderTicket(1)).id)
        }
        guard case .thisJob = try owner({ _ in }), case .thisJob = try owner({ $0.token = 1 }),
            case .newerHolder = try owner({ $0.token = 4 }), case .otherJob = try owner({ $0.job = 8 }),
            case .otherFleet = try owner({ $0.owner = 1 })
        else {
            Issue.record("an order was taken for somebody else's")
            return
        }
        #expect(Sample.identity.owner(of: nil) == .stranger)
    }

    @Test func `cannot be made of numbers that do not fit`() {
        #expect(throws: ClientOrderCode.Overflow.ticket(0)) { try ClientOrderCode(Sample.identity, OrderTicket(0)) }
        #expect(throws: ClientOrderCode.Overflow.ticket(1 << 32)) { try ClientOrderCode(Sample.identity, OrderTicket(1 << 32)) }
        let identity = OrderIdentity(owner: 1, job: 1 << 24, token: 1)
        #expect(throws: ClientOrderCode.Overflow.job(1 << 24)) { try ClientOrderCode(identity, OrderTicket(1)) }
    }
}
