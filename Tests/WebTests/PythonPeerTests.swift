import Exchange
import Foundation
import Testing

@testable import Web

/// The Python of `PRAGMA_PYTHON`, with the libraries `websockets` and `aiohttp`, as the other side.
private enum Python {
    static let interpreter: String? = {
        guard let path = ProcessInfo.processInfo.environment["PRAGMA_PYTHON"], FileManager.default.isExecutableFile(atPath: path)
        else {
            print("no Python (set PRAGMA_PYTHON): skipped")
            return nil
        }
        return path
    }()

    /// Starts a script; its first line of output is handed to `body`, the rest is returned.
    static func run(_ script: String, _ arguments: [String] = [], _ body: (String) async throws -> Void = { _ in }) async throws
        -> String?
    {
        guard let interpreter else { return nil }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = ["-u", "-c", script] + arguments
        process.standardOutput = output
        let input = Pipe()
        process.standardInput = input
        try process.run()
        defer { process.terminate() }
        let handle = output.fileHandleForReading
        let first = await Task.detached { () -> String in
            var line: [UInt8] = []
            while let byte = try? handle.read(upToCount: 1)?.first, byte != 10 { line.append(byte) }
            return String(decoding: line, as: UTF8.self)
        }.value
        if first == "absent" {
            print("Python lacks the library: skipped")
            return nil
        }
        try await body(first)
        // A server waits for the end of its input.
        try input.fileHandleForWriting.close()
        return await Task.detached { first + "\n" + String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self) }.value
    }
}

@Suite struct PythonPeerTests {
    private let server = """
        import asyncio, ssl, sys
        try:
            from websockets.asyncio.server import serve
        except ImportError:
            print("absent"); sys.exit()
        async def handler(ws):
            await ws.send("greeting")
            await ws.send(["frag", "ment", "ed"])
            pong = await ws.ping(b"probe")
            await pong
            async for message in ws:
                if message == "close":
                    await ws.close(1012, "service restart")
                    return
                await ws.send(message)
        async def main():
            context = None
            if len(sys.argv) > 1:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(sys.argv[1], sys.argv[2])
            async with serve(handler, "127.0.0.1", 0, ssl=context, max_size=None, compression="deflate") as server:
                print(server.sockets[0].getsockname()[1])
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        asyncio.run(main())
        """

    @Test(arguments: [false, true]) func `the client talks with a websockets server`(_ isEncrypted: Bool) async throws {
        var arguments: [String] = []
        var roots = TrustRoots.system
        if isEncrypted {
            guard let authority = Authority.shared else { return print("no openssl: skipped") }
            arguments = [authority.server.certificates, authority.server.key]
            roots = .file(authority.root)
        }
        let dialer = try NIOWebSocketDialer(version: "1", roots: roots)
        var count = 0

        _ = try await Python.run(server, arguments) { line in
            let port = try #require(Int(line))
            for _ in 0..<10 {
                let socket = try await dialer.connect(
                    to: .local(port, isEncrypted ? .wss : .ws), path: "/ws", headers: [], timeout: .seconds(20))
                #expect(try await socket.receive() == .text("greeting"))
                #expect(try await socket.receive() == .text("fragmented"))
                for message in [
                    WebSocketMessage.text("äöü"), .binary([0, 1, 255]), .binary([UInt8](repeating: 7, count: 1 << 20)),
                ] {
                    try await socket.send(message)
                    #expect(try await socket.receive() == message)
                }
                try await socket.send(.text("close"))
                #expect(
                    await failure { () async throws(WebFailure) in try await socket.receive() }
                        == .closed(code: 1012, reason: "service restart"))
                count += 1
            }
        }
        print("conversations with websockets: \(count)")
    }

    private let client = """
        import asyncio, ssl, sys
        try:
            import aiohttp, websockets
        except ImportError:
            print("absent"); sys.exit()
        base, root = sys.argv[1], sys.argv[2]
        context = ssl.create_default_context(cafile=root) if root else None
        async def main():
            async with aiohttp.ClientSession() as session:
                for n in range(200):
                    async with session.post(f"{base}/echo?n={n}&s=%2B", data=b"x" * n, ssl=context or True) as answer:
                        assert answer.status == 200
                        body = await answer.read()
                        assert body == f"POST /echo?n={n}&s=%2B ".encode() + b"x" * n, body
                async with session.ws_connect(f"{base}/ws".replace("http", "ws"), ssl=context or True) as ws:
                    for n in range(200):
                        await ws.send_str(f"text {n}")
                        assert (await ws.receive_str()) == f"text {n}"
                    await ws.ping(b"abc")
                    await ws.close(code=1000)
            extra = {"ssl": context} if context else {}
            async with websockets.connect(f"{base}/ws".replace("http", "ws"), max_size=None, compression="deflate", **extra) as ws:
                await (await ws.ping(b"probe"))
                await ws.send(["frag", "ment", "ed"])
                assert (await ws.recv()) == "fragmented"
                await ws.send(b"b" * (1 << 20))
                assert (await ws.recv()) == b"b" * (1 << 20)
            try:
                async with websockets.connect(f"{base}/elsewhere".replace("http", "ws"), **extra):
                    pass
                print("not refused")
            except websockets.exceptions.InvalidStatus as refused:
                assert refused.response.status_code == 403
            print("good")
        asyncio.run(main())
        """

    @Test(arguments: [false, true]) func `aiohttp, which carries ccxt, and websockets talk with the server`(_ isEncrypted: Bool)
        async throws
    {
        var configuration = ServerConfiguration()
        var root = ""
        if isEncrypted {
            guard let authority = Authority.shared else { return print("no openssl: skipped") }
            configuration.identity = authority.server
            root = authority.root
        }
        try await withServer(TestHandler(), configuration) { server in
            let result = try await Python.run(client, ["\(isEncrypted ? "https" : "http")://127.0.0.1:\(server.port)", root])
            if let result { #expect(result == "good\n") }
        }
    }
}
