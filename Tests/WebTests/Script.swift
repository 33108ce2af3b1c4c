import Exchange
import NIOCore
import Synchronization
import Testing

@testable import Web

/// A server by hand that answers the requests of each connection from a list, one piece of bytes for each.
final class Script: Sendable {
    struct Seen: Equatable {
        var connection: Int
        /// The first bytes that came of a request, as far as they came in one read.
        var text: String
    }

    let seen = Mutex<[Seen]>([])
    /// Connections of which the server saw the end, or which it closed itself.
    let ended = Mutex(0)
    let anEnd = Signal()
    private let server: Mutex<RawServer?> = Mutex(nil)

    var port: Int { server.withLock { $0?.port ?? 0 } }
    var connections: Int { seen.withLock { Set($0.map(\.connection)).count } }
    var count: Int { seen.withLock { $0.count } }

    /// What is done for the request with this number on that connection; both count from 0.
    enum Step: Sendable {
        case say(String)
        /// Says it and closes.
        case part(String)
        case wait(Signal, thenSay: String)
        /// Says the first at once and the second after the signal.
        case sayLater(String, Signal, String)
        case silence
    }

    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    init(_ step: @escaping @Sendable (_ connection: Int, _ request: Int) -> Step) async throws {
        let server = try await RawServer { inbound, outbound, number in
            var request = 0
            defer { self.end() }
            for try await part in inbound {
                self.seen.withLock {
                    $0.append(Seen(connection: number, text: String(decoding: part.readableBytesView, as: UTF8.self)))
                }
                switch step(number, request) {
                case .say(let text): try await outbound.write(ByteBuffer(text))
                case .part(let text):
                    try await outbound.write(ByteBuffer(text))
                    try await outbound.channel.close()
                    return
                case .wait(let signal, let text):
                    await signal.wait()
                    try await outbound.write(ByteBuffer(text))
                case .sayLater(let first, let signal, let second):
                    try await outbound.write(ByteBuffer(first))
                    await signal.wait()
                    try await outbound.write(ByteBuffer(second))
                case .silence: break
                }
                request += 1
            }
        }
        self.server.withLock { $0 = server }
    }

    private func end() {
        ended.withLock { $0 += 1 }
        anEnd.fire()
    }

    func stop() async {
        let server = server.withLock { $0 }
        await server?.stop()
    }
}

extension HTTPWebClient {
    func get(_ script: Script, _ path: String = "/", _ timeout: Duration = .seconds(20))
        async throws(WebFailure) -> WebResponse
    {
        try await send(.init(.get, path), to: .local(script.port), timeout: timeout)
    }

    func getOK(_ script: Script) async throws {
        let answer = try await get(script)
        #expect(answer.status == 200 && answer.body == Array("ok".utf8))
    }

    func lose(_ script: Script, _ timeout: Duration = .seconds(20)) async -> WebFailure? {
        await failure { () async throws(WebFailure) in try await get(script, "/", timeout) }
    }

    /// On a busy machine a short time can be over too soon.
    static func growing(until wanted: WebFailure, _ request: (Duration) async -> WebFailure?) async -> WebFailure? {
        var failure: WebFailure?
        for milliseconds in [50, 200, 800, 3200, 12_800] where failure != wanted {
            failure = await request(.milliseconds(milliseconds))
        }
        return failure
    }

    /// A request to somebody else over the same loop: what came over other connections before is heard of when it is answered.
    func settle(_ other: Script) async throws {
        try await getOK(other)
    }
}
