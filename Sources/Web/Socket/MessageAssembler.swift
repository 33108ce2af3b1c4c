import Exchange

/// A frame of RFC 6455 as it came, unmasked.
struct IncomingFrame {
    var isFinal: Bool
    /// 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong; all others are reserved.
    var opcode: UInt8
    /// Whether one of the three bits for extensions is set; no extension is ever agreed on.
    var hasReservedBits: Bool
    var isMasked: Bool
    var payload: [UInt8]
}

/// What a frame amounts to.
enum SocketEvent: Hashable {
    case message(WebSocketMessage)
    case ping([UInt8])
    case pong
    /// The peer closes; code 1005 where it gave none.
    case close(code: UInt16, reason: String)
    /// The peer broke the protocol: close with this code.
    case violation(code: UInt16, reason: String)
}

/// Puts the frames of one side together to messages and holds the peer to RFC 6455. Pure.
struct MessageAssembler {
    /// Clients mask what they send and servers do not; whoever does otherwise is closed with 1002.
    let expectsMask: Bool
    /// The longest message, in bytes, however it is cut.
    let limit: Int
    /// Cutting a message into more pieces than this is taken as an attack.
    let mostFragments = 1 << 16

    private var opcode: UInt8?
    private var collected: [UInt8] = []
    private var fragments = 0

    init(expectsMask: Bool, limit: Int) {
        self.expectsMask = expectsMask
        self.limit = limit
    }

    /// Takes one frame; nil: a part of a message that is not complete.
    mutating func take(_ frame: IncomingFrame) -> SocketEvent? {
        if frame.hasReservedBits { return .violation(code: 1002, reason: "reserved bits are set") }
        if frame.isMasked != expectsMask {
            return .violation(code: 1002, reason: expectsMask ? "a client's frame is not masked" : "a server's frame is masked")
        }
        switch frame.opcode {
        case 0: return continuation(frame)
        case 1, 2: return beginning(frame)
        case 8, 9, 10: return control(frame)
        default: return .violation(code: 1002, reason: "a frame has a reserved opcode")
        }
    }

    private mutating func beginning(_ frame: IncomingFrame) -> SocketEvent? {
        guard opcode == nil else { return .violation(code: 1002, reason: "a message began inside another") }
        guard frame.payload.count <= limit else { return tooBig }
        if frame.isFinal { return Self.message(frame.opcode, frame.payload) }
        opcode = frame.opcode
        collected = frame.payload
        fragments = 1
        return nil
    }

    private mutating func continuation(_ frame: IncomingFrame) -> SocketEvent? {
        guard let opcode else { return .violation(code: 1002, reason: "a continuation without a beginning") }
        fragments += 1
        guard collected.count + frame.payload.count <= limit else { return tooBig }
        guard fragments <= mostFragments else { return .violation(code: 1008, reason: "too many fragments") }
        collected += frame.payload
        guard frame.isFinal else { return nil }
        defer {
            self.opcode = nil
            collected = []
        }
        return Self.message(opcode, collected)
    }

    private var tooBig: SocketEvent { .violation(code: 1009, reason: "a message is larger than \(limit) bytes") }

    private func control(_ frame: IncomingFrame) -> SocketEvent {
        guard frame.isFinal, frame.payload.count <= 125 else {
            return .violation(code: 1002, reason: "a control frame is too long or cut")
        }
        switch frame.opcode {
        case 9: return .ping(frame.payload)
        case 10: return .pong
        default: return CloseFrame.read(frame.payload)
        }
    }

    private static func message(_ opcode: UInt8, _ payload: [UInt8]) -> SocketEvent {
        if opcode == 2 { return .message(.binary(payload)) }
        return isUTF8(payload) ? .message(.text(payload)) : .violation(code: 1007, reason: "a text message is no UTF-8")
    }
}

/// The payload of a close frame.
enum CloseFrame {
    /// Code and reason as bytes; the reason is cut to the 123 bytes that a control frame has room for.
    static func payload(code: UInt16, reason: String) -> [UInt8] {
        var text = ""
        var length = 0
        for character in reason.unicodeScalars {
            let width = UTF8.width(character)
            if length + width > 123 { break }
            length += width
            text.unicodeScalars.append(character)
        }
        return [UInt8(code >> 8), UInt8(code & 0xff)] + Array(text.utf8)
    }

    static func read(_ payload: [UInt8]) -> SocketEvent {
        if payload.isEmpty { return .close(code: 1005, reason: "") }
        guard payload.count >= 2 else { return .violation(code: 1002, reason: "a close frame with half a code") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard isAllowed(code) else { return .violation(code: 1002, reason: "a close frame with a forbidden code") }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            return .violation(code: 1007, reason: "the reason of a close frame is no UTF-8")
        }
        return .close(code: code, reason: reason)
    }

    /// Codes that may go over the wire; 1005, 1006 and 1015 only stand for what happened.
    static func isAllowed(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// Almost all messages are ASCII: eight bytes at a time; anything else goes to the standard library's validator.
func isUTF8(_ bytes: [UInt8]) -> Bool {
    let isASCII = bytes.withUnsafeBytes { raw in
        var index = 0
        while index + 8 <= raw.count {
            if raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
            index += 8
        }
        while index < raw.count {
            if raw[index] & 0x80 != 0 { return false }
            index += 1
        }
        return true
    }
    return isASCII || String(validating: bytes, as: UTF8.self) != nil
}
