import Exchange
import Testing

@testable import Web

@Suite struct MessageAssemblerTests {
    private func frame(_ opcode: UInt8, _ payload: [UInt8] = [], final: Bool = true, masked: Bool = false, reserved: Bool = false)
        -> IncomingFrame
    {
        IncomingFrame(isFinal: final, opcode: opcode, hasReservedBits: reserved, isMasked: masked, payload: payload)
    }

    private func code(_ event: SocketEvent?) -> UInt16? {
        if case .violation(let code, _) = event { code } else { nil }
    }

    @Test func `fragments come together in order and control frames may lie between them`() {
        var assembler = MessageAssembler(expectsMask: false, limit: 100)
        #expect(assembler.take(frame(1, [72, 195], final: false)) == nil)
        #expect(assembler.take(frame(9, [7])) == .ping([7]))
        #expect(assembler.take(frame(0, [], final: false)) == nil)
        #expect(assembler.take(frame(0, [164])) == .message(.text([72, 195, 164])))
        #expect(assembler.take(frame(2, [255])) == .message(.binary([255])))
    }

    @Test func `what breaks RFC 6455 is told with its code`() {
        func first(_ frames: IncomingFrame..., mask: Bool = false) -> UInt16? {
            var assembler = MessageAssembler(expectsMask: mask, limit: 10)
            for frame in frames { if let code = code(assembler.take(frame)) { return code } }
            return nil
        }
        #expect(first(frame(1, [], reserved: true)) == 1002)
        #expect(first(frame(1, [], masked: true)) == 1002)
        #expect(first(frame(1, []), mask: true) == 1002)
        #expect(first(frame(3)) == 1002 && first(frame(11)) == 1002)
        #expect(first(frame(0, [1])) == 1002)
        #expect(first(frame(1, [65], final: false), frame(1, [66])) == 1002)
        #expect(first(frame(9, [UInt8](repeating: 0, count: 126))) == 1002)
        #expect(first(frame(9, [], final: false)) == 1002)
        #expect(first(frame(2, [UInt8](repeating: 0, count: 11))) == 1009)
        #expect(first(frame(2, [UInt8](repeating: 0, count: 6), final: false), frame(0, [UInt8](repeating: 0, count: 5))) == 1009)
        #expect(first(frame(1, [0xc0, 0x80])) == 1007)
        #expect(first(frame(1, [0xe2, 0x82], final: false), frame(0, [0x28])) == 1007)
        #expect(first(frame(8, [3])) == 1002)
        #expect(first(frame(8, [3, 0xed])) == 1002, "1005 may not be sent")
        #expect(first(frame(8, [3, 0xe8, 0xff])) == 1007)
    }

    @Test func `a close frame carries code and reason, or neither`() {
        var assembler = MessageAssembler(expectsMask: false, limit: 10)
        #expect(assembler.take(frame(8)) == .close(code: 1005, reason: ""))
        #expect(assembler.take(frame(8, CloseFrame.payload(code: 1012, reason: "bye"))) == .close(code: 1012, reason: "bye"))
        let long = CloseFrame.payload(code: 1000, reason: String(repeating: "ä", count: 100))
        #expect(long.count == 124, "a reason is cut between characters")
        #expect(assembler.take(frame(8, long)) == .close(code: 1000, reason: String(repeating: "ä", count: 61)))
    }

    @Test func `the validator of text agrees with the standard library`() {
        let seed: UInt64 = 20_261_123
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        for _ in 0..<20_000 {
            var bytes = Array("plain text and äöü€😀 ".utf8) + random.bytes(Int.random(in: 0...3, using: &random))
            bytes.shuffle(using: &random)
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            #expect(isUTF8(bytes) == (String(validating: bytes, as: UTF8.self) != nil))
        }
        #expect(isUTF8(Array("0123456789abcdef".utf8)) && !isUTF8(Array("01234567".utf8) + [0x80]))
    }

    @Test func `any frames whatever do not trap`() {
        let seed: UInt64 = 7
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var events = 0
        for _ in 0..<500 {
            var assembler = MessageAssembler(expectsMask: Bool.random(using: &random), limit: 64)
            for _ in 0..<50 {
                let any = IncomingFrame(
                    isFinal: Bool.random(using: &random), opcode: UInt8.random(in: 0...15, using: &random),
                    hasReservedBits: false,
                    isMasked: assembler.expectsMask, payload: random.bytes(Int.random(in: 0...140, using: &random)))
                if assembler.take(any) != nil { events += 1 }
            }
        }
        #expect(events > 1000)
    }

    @Test func `a queue gives back what it was given, in order`() {
        var random = SplitMix64(seed: 3)
        var queue = FIFO<Int>()
        var model: [Int] = []
        for step in 0..<50_000 {
            if Int.random(in: 0..<100, using: &random) < (step / 5_000 % 2 == 0 ? 60 : 40) {
                queue.append(step)
                model.append(step)
            } else {
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            if queue.count != model.count { Issue.record("count differs at \(step)") }
        }
    }
}
