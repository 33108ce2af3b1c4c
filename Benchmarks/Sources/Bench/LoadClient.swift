import Coordination
import FleetProtocol
import Foundation
import ZeroMQ

/// A client that submits jobs. Used by one thread.
struct LoadClient: ~Copyable {
    private let socket: Socket
    private var request: UInt64 = 0
    private var made: UInt64 = UInt64.random(in: 0 ... .max)
    private static let payload = [UInt8](repeating: 0x78, count: 200)

    init(_ target: LoadTarget) throws {
        socket = try Self.connected(target)
    }

    private static func connected(_ target: LoadTarget) throws -> Socket {
        var options = SocketOptions()
        options.maxMessageSize = 64 << 20
        options.receiveTimeout = .seconds(60)
        options.curve = target.clientKeys
        let socket = try Socket(try Context(), .dealer, options: options)
        try socket.connect(target.control)
        return socket
    }

    /// Jobs that nobody has submitted before.
    mutating func jobs(_ count: Int, combinations: UInt64 = 1, slice: UInt64 = 1) -> [NewJob] {
        (0..<count).map { _ in
            made &+= 1
            let digest = Digest256(words: (made, made &* 0x9E37_79B9_7F4A_7C15, 0, 0))
            return NewJob(
                address: JobAddress(digest), kind: .backtest, group: "bench", combinationCount: combinations, sliceSize: slice)
        }
    }

    /// Submits and returns without waiting for the answer.
    mutating func submit(_ jobs: [NewJob]) throws {
        request += 1
        let submission = SubmissionID(UInt128.random(in: 1 ... .max))
        let bytes = ControlWire.bytes(
            .submit(submission, jobs), payloads: Array(repeating: Self.payload, count: jobs.count), request: RequestID(request))
        guard try socket.send(bytes, more: false, wait: true) == .sent else { throw BenchError("a submission was not sent") }
    }

    /// Waits for one answer: the jobs that were accepted.
    mutating func accepted() throws -> [AcceptedJob] {
        guard try socket.receiveFrame(wait: true) else { throw BenchError("the coordinator did not answer a submission") }
        let answer = try ControlWire.outbound(socket.frameBytes())
        guard case .reply(.accepted(let jobs)) = answer.content else {
            throw BenchError("the coordinator answered \(answer.content)")
        }
        return jobs
    }
}
