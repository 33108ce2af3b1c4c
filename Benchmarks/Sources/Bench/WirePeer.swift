import Foundation

/// The C program at the other end of a loopback socket.
final class WirePeer {
    private let process = Process()
    private let output = Pipe()
    private let socket: Int32
    private var buffer: [UInt8]

    /// - Parameters:
    ///   - answer: how many bytes it answers a message with; 0: it takes the frames of a WebSocket and counts them.
    ///   - work: microseconds that it computes before each answer, as a quiet machine goes.
    init(_ options: Options, answer: Int, work: Int = 0) throws {
        process.executableURL = URL(fileURLWithPath: "\(options.reference)/wire")
        process.arguments = ["\(answer)", "\(work)"]
        process.standardOutput = output
        try process.run()
        buffer = [UInt8](repeating: 0, count: max(answer, 1))
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = UInt16(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            process.terminate()
            throw BenchError("wire said '\(line)' instead of its port")
        }
        socket = try LoopbackSocket.connect(to: port)
    }

    /// Seconds from the write of a message until the whole answer is there.
    func trip(_ message: [UInt8], answer: Int) throws -> Double {
        let start = Machine.now
        try write(message)
        var got = 0
        while got < answer {
            let count = recv(socket, &buffer, answer - got, 0)
            guard count > 0 else { throw BenchError("wire ended the connection") }
            got += count
        }
        return Machine.now - start
    }

    func write(_ bytes: [UInt8]) throws {
        guard LoopbackSocket.write(bytes[...], to: socket) else { throw BenchError("wire ended the connection") }
    }

    /// Ends the connection; the frames that were counted, and the processor time of the program.
    @discardableResult func end() -> (frames: Int, processor: Double) {
        struct Said: Decodable {
            var frames: Int
            var cpu: Double
        }
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let said = try? JSONDecoder().decode(Said.self, from: data)
        return (said?.frames ?? 0, said?.cpu ?? .nan)
    }
}
