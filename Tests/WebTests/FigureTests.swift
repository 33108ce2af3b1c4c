import Exchange
import Foundation
import Testing

@testable import Web

/// Figures for people, printed where `PRAGMA_FIGURES` is set; nothing is asserted about time.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["PRAGMA_FIGURES"] != nil)) struct FigureTests {
    @Test(arguments: Carrier.allCases) func `round trips of a kept connection`(_ carrier: Carrier) async throws {
        try await carrier.run(TestHandler()) { client, _, origin, _ in
            let request = WebRequest(.post, "/echo", query: "symbol=BTCUSDT&side=BUY", body: [UInt8](repeating: 97, count: 200))
            let count = 5000
            var answers = 0
            for _ in 0..<200 { _ = try await client.send(request, to: origin, timeout: .seconds(20)) }
            let start = ContinuousClock.now
            let work = clock()
            for _ in 0..<count {
                answers += try await client.send(request, to: origin, timeout: .seconds(20)).status == 200 ? 1 : 0
            }
            let micros = (ContinuousClock.now - start) / count / .microseconds(1)
            print("\(carrier): POST round trip \(micros) us, \(Double(clock() - work) / Double(count)) us of CPU, both sides")
            #expect(answers == count)
        }
    }

    @Test(arguments: Carrier.allCases) func `messages through a WebSocket`(_ carrier: Carrier) async throws {
        let handler = TestHandler { socket, _ in
            do {
                while true {
                    let message = try await socket.receive()
                    guard case .text(let text) = message, let count = Int(String(decoding: text, as: UTF8.self)) else {
                        try await socket.send(message)
                        continue
                    }
                    let piece = WebSocketMessage.text([UInt8](repeating: 97, count: 150))
                    for _ in 0..<count { try await socket.send(piece) }
                }
            } catch {}
        }
        try await carrier.run(handler) { _, dialer, _, origin in
            let socket = try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            let trips = 5000
            var start = ContinuousClock.now
            for _ in 0..<trips {
                try await socket.send(.binary([1]))
                #expect(try await socket.receive() == .binary([1]))
            }
            print("\(carrier): WebSocket round trip \((ContinuousClock.now - start) / trips / .microseconds(1)) us")
            let count = 300_000
            start = ContinuousClock.now
            let work = clock()
            try await socket.send(.text("\(count)"))
            var bytes = 0
            for _ in 0..<count { if case .text(let text) = try await socket.receive() { bytes += text.count } }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            print(
                "\(carrier): WebSocket \(Int(Double(count) / seconds)) messages/s of 150 bytes, \(Double(clock() - work) / Double(count)) us of CPU each"
            )
            #expect(bytes == count * 150)
            await socket.close(code: 1000, reason: "")
        }
    }
}
