import Exchange
import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Web

@Suite struct AnswerParserTests {
    /// What comes of bytes in these pieces, then of the end of the connection.
    private func outcome(_ pieces: [[UInt8]], limit: Int = 1 << 20) -> (AnswerParser.Progress, rest: [UInt8]) {
        var parser = AnswerParser(limit: limit)
        for (index, piece) in pieces.enumerated() {
            var bytes = ByteBuffer(bytes: piece)
            let progress = parser.take(&bytes)
            if progress != .incomplete {
                return (progress, Array(bytes.readableBytesView) + pieces[(index + 1)...].flatMap { $0 })
            }
        }
        return (parser.finish(), [])
    }

    private func outcome(_ text: String, limit: Int = 1 << 20) -> AnswerParser.Progress {
        outcome([Array(text.utf8)], limit: limit).0
    }

    private func complete(_ status: Int, _ headers: [(String, String)], _ body: String, isKept: Bool) -> AnswerParser.Progress {
        .complete(
            WebResponse(status: status, headers: headers.map { WebHeader($0.0, $0.1) }, body: Array(body.utf8)), isKept: isKept)
    }

    private func isMalformed(_ progress: AnswerParser.Progress) -> Bool {
        if case .failed(.malformed) = progress { true } else { false }
    }

    @Test func `each way to say where a body ends is understood, in pieces of any size`() {
        let length = [("Content-Length", "5")]
        let coded = [("Transfer-Encoding", "chunked")]
        let cases: [(String, AnswerParser.Progress)] = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", complete(200, length, "hello", isKept: true)),
            ("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", complete(404, [("Content-Length", "0")], "", isKept: true)),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", complete(204, length, "", isKept: true)),
            ("HTTP/1.1 304 \r\n\r\n", complete(304, [], "", isKept: true)),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n, worlds! \r\n000\r\nX-Trailer: 1\r\n\r\n",
                complete(200, coded, "hello, worlds! ", isKept: true)
            ),
            ("HTTP/1.1 200 OK\r\nX:\t a b \t\r\n\r\nto the end", complete(200, [("X", "a b")], "to the end", isKept: false)),
            ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", complete(200, length, "hello", isKept: false)),
            (
                "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\nhello",
                complete(200, length + [("Connection", "Keep-Alive")], "hello", isKept: true)
            ),
            (
                "HTTP/1.1 200 OK\r\nConnection: x , Close\r\nContent-Length: 5\r\n\r\nhello",
                complete(200, [("Connection", "x , Close")] + length, "hello", isKept: false)
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                complete(200, length + coded, "", isKept: false)
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 5, 5\r\n\r\nhello",
                complete(201, [("Content-Length", "5, 5")], "hello", isKept: true)
            ),
            (
                "HTTP/1.1 200 OK\r\nX: one\r\n two\r\nContent-Length: 5\r\n\r\nhello",
                complete(200, [("X", "one two")] + length, "hello", isKept: true)
            ),
        ]
        for (text, expected) in cases {
            let bytes = Array(text.utf8)
            for size in [1, 2, 3, 7, bytes.count] {
                let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
                #expect(outcome(pieces).0 == expected, "\(text) in pieces of \(size)")
            }
        }
        print("answers: \(cases.count)")
    }

    @Test func `what lies behind an answer is left there`() {
        let (_, rest) = outcome([Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 4".utf8)])
        #expect(rest == Array("HTTP/1.1 4".utf8))
        let (_, behind) = outcome([Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n".utf8)])
        #expect(behind == Array("\r\n".utf8))
    }

    @Test func `what is no answer of HTTP is refused`() {
        let head = "HTTP/1.1 200 OK\r\n"
        for text in [
            "\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 2000\r\n\r\n",
            "HTTP/1.1 600 X\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n", "HTTP/1.x 200 OK\r\n\r\n", "SSH-2.0-OpenSSH\r\n",
            "HTTP/1.1 101 X\r\n\r\n",
            "HTTP/1.1 200 OK\n\n", head + "no colon\r\n\r\n", head + ": x\r\n\r\n", head + "a b: x\r\n\r\n",
            head + " folded\r\n\r\n",
            head + "X: a\u{0}b\r\n\r\n", head + "X: a\rb\r\n\r\n", head + "Content-Length: -1\r\n\r\n",
            head + "Content-Length: +1\r\n\r\n",
            head + "Content-Length: 1 2\r\n\r\n", head + "Content-Length:\r\n\r\n", head + "Content-Length: 1, 2\r\n\r\n",
            head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", head + "Transfer-Encoding: gzip, chunked\r\n\r\n",
            head + "Transfer-Encoding: identity\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n\r\n", head + "Transfer-Encoding: chunked\r\n\r\nx\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", head + "Transfer-Encoding: chunked\r\n\r\n0x5\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n1;" + String(repeating: "x", count: 2000),
            head + "X: " + String(repeating: "x", count: AnswerParser.largestHead),
            String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 4000),
            head + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + String(repeating: "X: y\r\n", count: 20_000),
        ] {
            #expect(isMalformed(outcome(text)), "\(text.prefix(80))")
        }
    }

    @Test func `a body over the limit is refused, announced or not, before it is taken`() {
        let head = "HTTP/1.1 200 OK\r\n"
        for text in [
            head + "Content-Length: 11\r\n\r\n", head + "Content-Length: 99999999999999999999999\r\n\r\n",
            head + "\r\n12345678901",
            head + "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
        ] {
            #expect(outcome(text, limit: 10) == .failed(.tooLarge), "\(text)")
        }
        #expect(outcome(head + "Content-Length: 10\r\n\r\n1234567890", limit: 10) != .failed(.tooLarge))
        #expect(outcome(head + "\r\n1234567890", limit: 10) != .failed(.tooLarge))
    }

    // MARK: Against the library's decoder

    /// The same bytes through NIOHTTP1's decoder.
    private func oracle(_ pieces: [[UInt8]]) throws -> WebResponse? {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPResponseDecoder()))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        try channel.writeOutbound(HTTPClientRequestPart.head(.init(version: .http1_1, method: .GET, uri: "/")))
        // It complains of what lies behind an answer without body.
        for piece in pieces { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
        try? channel.close().wait()
        var answer: WebResponse?
        while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
            switch part {
            case .head(let head):
                // Of blanks behind a value it takes some away.
                let headers = head.headers.map { WebHeader($0.name, $0.value.trimmingCharacters(in: .whitespaces)) }
                answer = WebResponse(status: Int(head.status.code), headers: headers)
            case .body(let bytes): answer?.body += Array(bytes.readableBytesView)
            case .end: if let answer, answer.status >= 200 { return answer }
            }
        }
        return nil
    }

    private func randomAnswer(_ random: inout SplitMix64) -> [UInt8] {
        let statuses = [
            "200 OK", "201 Created", "400 Bad Request", "429 Slow", "503 Service Unavailable", "204 No Content", "304 Same",
        ]
        var text = "HTTP/1.\(Int.random(in: 0...1, using: &random)) \(statuses.randomElement(using: &random) ?? "")\r\n"
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let blanks = ["", " ", "\t "].randomElement(using: &random) ?? ""
            let values = ["1", "a b", "max-age=0, x", "\"quoted; \\\"\"", "close-ish"]
            text +=
                "X-\(Int.random(in: 0...9, using: &random)):\(blanks)\(values.randomElement(using: &random) ?? "")\(blanks)\r\n"
        }
        let body = random.bytes(Int.random(in: 0...300, using: &random))
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return Array((text + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
        case 1 where text.hasPrefix("HTTP/1.1"):
            var bytes = Array((text + "Transfer-Encoding: chunked\r\n\r\n").utf8)
            var rest = body[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...rest.count, using: &random)
                bytes +=
                    Array("\(String(count, radix: 16, uppercase: Bool.random(using: &random)))\r\n".utf8) + rest.prefix(count) + [
                        13, 10,
                    ]
                rest = rest.dropFirst(count)
            }
            return bytes + Array((Bool.random(using: &random) ? "0\r\n\r\n" : "0\r\nX-Sum: 1\r\n\r\n").utf8)
        default: return Array((text + "\r\n").utf8) + body
        }
    }

    private func pieces(_ bytes: [UInt8], _ random: inout SplitMix64) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...120, using: &random))
            result.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return result
    }

    @Test func `well-formed answers are read as NIOHTTP1's decoder reads them`() throws {
        let seed: UInt64 = 77
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        for _ in 0..<3000 {
            let bytes = randomAnswer(&random)
            let pieces = pieces(bytes, &random)
            let expected = try oracle(pieces)
            guard case .complete(let answer, _) = outcome(pieces).0 else {
                Issue.record("incomplete: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            #expect(answer == expected, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func `whatever bytes come, reading them ends and nothing over the limit is kept`() {
        let seed: UInt64 = 78
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var counts = (complete: 0, failed: 0, incomplete: 0)
        for round in 0..<20_000 {
            var bytes = round % 10 == 0 ? random.bytes(Int.random(in: 0...200, using: &random)) : randomAnswer(&random)
            for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
                default: bytes.insert(contentsOf: Array("\r\n0:,fF;".utf8).shuffled(using: &random), at: place)
                }
            }
            switch outcome(pieces(bytes, &random), limit: 250).0 {
            case .complete(let answer, _):
                counts.complete += 1
                #expect(answer.body.count <= 250 && (200...599).contains(answer.status))
            case .failed: counts.failed += 1
            case .incomplete: counts.incomplete += 1
            }
        }
        print("answers: \(counts)")
        #expect(min(counts.complete, counts.failed, counts.incomplete) > 500)
    }
}
