import Crypto
import Exchange
import Market
import MarketData
import Synchronization
import Web

@testable import Venues

/// A store of files as Binance's public data is, on this machine.
final class ArchiveServer: WebHandler {
    private let files = Mutex<[String: WebReply]>([:])
    private let asked = Mutex<[String]>([])
    private let server = Mutex<WebServer?>(nil)

    /// Paths that were asked for, in order.
    var paths: [String] { asked.withLock { $0 } }
    var port: Int { server.withLock { $0?.port ?? 0 } }

    func start() async throws {
        let started = try await WebServer.start(ServerConfiguration(), handler: self)
        server.withLock { $0 = started }
    }

    func stop() async { await server.withLock { $0 }?.shutdown(grace: .zero) }

    func forgetPaths() { asked.withLock { $0 = [] } }

    func put(_ path: String, _ bytes: [UInt8], status: Int = 200) {
        files.withLock { $0[path] = .response(WebResponse(status: status, body: bytes)) }
    }

    func put(_ path: String, _ reply: WebReply) { files.withLock { $0[path] = reply } }

    func remove(_ path: String) { files.withLock { _ = $0.removeValue(forKey: path) } }

    /// Puts a file and its checksum.
    func put(_ archive: BinanceArchive, zip: [UInt8]) {
        put(archive.path, zip)
        put(archive.checksumPath, Self.checksum(zip, archive.name))
    }

    static func checksum(_ bytes: [UInt8], _ name: String) -> [UInt8] {
        let digest = SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return Array("\(digest)  \(name)\n".utf8)
    }

    func respond(to request: WebRequest, peer: String) async -> WebReply {
        asked.withLock { $0.append(request.path) }
        return files.withLock { $0[request.path] } ?? .response(WebResponse(status: 404, body: Array("<Error/>".utf8)))
    }

    func refuseWebSocket(_ request: WebRequest, peer: String) -> WebResponse? { WebResponse(status: 404) }
    func serve(_ socket: any WebSocketConnection, request: WebRequest, peer: String) async {}
}

/// Zip archives with one file.
enum ZipFile {
    /// The candles as Binance writes them, times in microseconds, not compressed.
    static func candles(_ candles: [Candle], name: String) -> [UInt8] {
        let rows = candles.map { candle in
            let time = candle.time.milliseconds * 1000
            let prices = [candle.open, candle.high, candle.low, candle.close, candle.volume].map { "\($0)" }.joined(
                separator: ",")
            return "\(time),\(prices),\(time + 59_999_999),0,0,0,0,0\n"
        }
        let content = Array(rows.joined().utf8)
        return archive(name: name, content, size: content.count, crc: crc32(content), method: 0)
    }

    /// A file of zeros, `size` at least, a thousandth as large, whose directory says that it has `claimed` bytes.
    static func bomb(size: Int, claimed: Int) -> [UInt8] {
        var bits = BitWriter()
        // One block of the fixed code: a literal zero, then matches of 258 bytes at distance one.
        bits.write(0b011, 3)
        bits.writeCode(0x30, 8)
        for _ in 0...(size / 258) {
            bits.writeCode(0b1100_0101, 8)
            bits.writeCode(0, 5)
        }
        bits.writeCode(0, 7)
        return archive(name: "a.csv", bits.bytes, size: claimed, crc: 0, method: 8)
    }

    private static func archive(name: String, _ data: [UInt8], size: Int, crc: UInt32, method: UInt16) -> [UInt8] {
        let name = Array(name.utf8)
        let shared =
            little(UInt16(20)) + little(UInt16(0)) + little(method) + little(UInt32(0)) + little(crc) + little(UInt32(data.count))
            + little(UInt32(size)) + little(UInt16(name.count))
        let file = little(UInt32(0x0403_4B50)) + shared + little(UInt16(0)) + name + data
        let directory =
            little(UInt32(0x0201_4B50)) + little(UInt16(20)) + shared + [UInt8](repeating: 0, count: 12) + little(UInt32(0))
            + name
        let end =
            little(UInt32(0x0605_4B50)) + little(UInt32(0)) + little(UInt16(1)) + little(UInt16(1))
            + little(UInt32(directory.count)) + little(UInt32(file.count)) + little(UInt16(0))
        return file + directory + end
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        let table = (0..<256).map { start -> UInt32 in
            (0..<8).reduce(UInt32(start)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~bytes.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    private struct BitWriter {
        private(set) var bytes: [UInt8] = []
        private var used = 8

        /// The lowest bit first, as numbers are written.
        mutating func write(_ value: Int, _ count: Int) {
            for bit in 0..<count {
                if used == 8 {
                    bytes.append(0)
                    used = 0
                }
                bytes[bytes.count - 1] |= UInt8(value >> bit & 1) << UInt8(used)
                used += 1
            }
        }

        /// The highest bit first, as codes are written.
        mutating func writeCode(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() { write(value >> bit & 1, 1) }
        }
    }
}
