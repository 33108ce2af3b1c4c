import Foundation

/// One connection that is kept alive, over which one request at a time is answered.
final class OrderConnection {
    let socket: Int32
    private var input: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(port: UInt16) throws {
        socket = try LoopbackSocket.connect(to: port)
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(socket, bytes, bytes.count, 0) == bytes.count else { throw BenchError("a request could not be sent") }
    }

    /// Reads once; the answer as soon as it is whole.
    func receive() throws -> Answer? {
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { throw BenchError("the connection was closed") }
        input += buffer[..<count]
        guard let answer = try Answer(input) else { return nil }
        input.removeAll(keepingCapacity: true)
        return answer
    }

    func ask(_ bytes: [UInt8]) throws -> Answer {
        try send(bytes)
        while true { if let answer = try receive() { return answer } }
    }
}

/// An answer over HTTP/1.1 with a `Content-Length`.
struct Answer {
    var status: Int
    var body: ArraySlice<UInt8>

    /// Nil: not all of it is there yet.
    init?(_ bytes: [UInt8]) throws {
        guard let end = bytes[...].offset(of: "\r\n\r\n") else { return nil }
        let lines = bytes[..<end].split(separator: 10)
        let lengths = lines.compactMap(Self.length)
        guard let first = lines.first, let status = Int(String(decoding: first.dropFirst(9).prefix(3), as: UTF8.self)),
            let length = lengths.first
        else { throw BenchError("an answer without status or length") }
        guard bytes.count >= end + 4 + length else { return nil }
        self.status = status
        body = bytes[(end + 4)..<(end + 4 + length)]
    }

    private static func length(_ line: ArraySlice<UInt8>) -> Int? {
        let name = Array("content-length:".utf8)
        guard line.count > name.count, zip(line, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { return nil }
        let digits = line.dropFirst(name.count).filter { $0 >= 48 && $0 <= 57 }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    func contains(_ text: StaticString) -> Bool { body.offset(of: text) != nil }
}

extension ArraySlice<UInt8> {
    /// Where `text` begins, counted from the start of the slice.
    func offset(of text: StaticString) -> Int? {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, bytes.count >= text.utf8CodeUnitCount else { return nil }
            for offset in 0...bytes.count - text.utf8CodeUnitCount
            where bytes[offset] == text.utf8Start[0] && memcmp(start + offset, text.utf8Start, text.utf8CodeUnitCount) == 0 {
                return offset
            }
            return nil
        }
    }
}
