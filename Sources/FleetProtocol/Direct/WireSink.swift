import Coordination

// The frequent messages are written and read here without the generated types, in the same bytes: at tens of thousands of jobs a
// second the objects and arrays of those types would be most of what coordinator and workers do. `DirectCodecTests` compares
// every such message with what the generated code makes of it.

/// Where the fields of a message go. Fields with the value 0 are left out, as proto3 does.
protocol WireSink {
    mutating func byte(_ value: UInt8)
    mutating func varint(_ value: UInt64)
    mutating func fixed64(_ value: UInt64)
    mutating func raw(_ bytes: UnsafeRawBufferPointer)
    /// A message inside the message, which is there even if it is empty.
    mutating func message(_ field: UInt64, _ content: some DirectMessage)
}

/// Something that knows its fields.
protocol DirectMessage {
    func write(to sink: inout some WireSink)
}

extension WireSink {
    mutating func tag(_ field: UInt64, _ type: UInt64) { varint(field << 3 | type) }

    mutating func number(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        optionalNumber(field, value)
    }

    mutating func optionalNumber(_ field: UInt64, _ value: UInt64) {
        tag(field, 0)
        varint(value)
    }

    mutating func fixed(_ field: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        tag(field, 1)
        fixed64(value)
    }

    mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
        guard !value.isEmpty else { return }
        tag(field, 2)
        varint(UInt64(value.count))
        value.withUnsafeBytes { raw($0) }
    }

    mutating func text(_ field: UInt64, _ value: String) {
        var value = value
        guard !value.isEmpty else { return }
        tag(field, 2)
        varint(UInt64(value.utf8.count))
        value.withUTF8 { raw(UnsafeRawBufferPointer($0)) }
    }
}

/// Counts bytes.
struct WireSize: WireSink {
    private(set) var count = 0

    mutating func byte(_ value: UInt8) { count += 1 }
    mutating func varint(_ value: UInt64) { count += (63 - (value | 1).leadingZeroBitCount) / 7 + 1 }
    mutating func fixed64(_ value: UInt64) { count += 8 }
    mutating func raw(_ bytes: UnsafeRawBufferPointer) { count += bytes.count }

    mutating func message(_ field: UInt64, _ content: some DirectMessage) {
        var inner = WireSize()
        content.write(to: &inner)
        tag(field, 2)
        varint(UInt64(inner.count))
        count += inner.count
    }
}

/// Writes into memory that is large enough.
struct WireMemory: WireSink {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ memory: UnsafeMutableBufferPointer<UInt8>) { self.memory = memory }

    mutating func byte(_ value: UInt8) {
        precondition(count < memory.count, "a message is longer than was counted")
        memory[count] = value
        count += 1
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    mutating func fixed64(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { raw($0) } }

    mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        precondition(bytes.count <= memory.count - count, "a message is longer than was counted")
        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func message(_ field: UInt64, _ content: some DirectMessage) {
        var size = WireSize()
        content.write(to: &size)
        tag(field, 2)
        varint(UInt64(size.count))
        content.write(to: &self)
    }
}

/// An envelope with one body.
struct DirectEnvelope<Body: DirectMessage>: DirectMessage {
    var request: UInt64 = 0
    var field: UInt64
    var body: Body

    func write(to sink: inout some WireSink) {
        sink.number(1, UInt64(ProtocolVersion.current.major))
        sink.number(2, UInt64(ProtocolVersion.current.minor))
        sink.fixed(3, request)
        sink.message(field, body)
    }

    var bytes: [UInt8] {
        var size = WireSize()
        write(to: &size)
        return [UInt8](unsafeUninitializedCapacity: size.count) { buffer, count in
            var memory = WireMemory(buffer)
            write(to: &memory)
            count = memory.count
        }
    }
}
