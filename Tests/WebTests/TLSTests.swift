import Exchange
import NIOCore
import Testing

@testable import Web

@Suite struct TLSTests {
    private func both(_ origin: Int, _ roots: TrustRoots, host: String = "127.0.0.1") async throws -> [WebFailure?] {
        let dialer = try NIOWebSocketDialer(version: "1", roots: roots)
        var results: [WebFailure?] = []
        try await withClient({ $0.roots = roots }) { client in
            results.append(
                await failure { () async throws(WebFailure) in
                    try await client.send(
                        .init(.get, "/echo"), to: .init(scheme: .https, host: host, port: origin), timeout: .seconds(20))
                })
            results.append(
                await failure { () async throws(WebFailure) in
                    let socket = try await dialer.connect(
                        to: .init(scheme: .wss, host: host, port: origin), path: "/ws", headers: [], timeout: .seconds(20))
                    await socket.close(code: 1000, reason: "")
                })
        }
        return results
    }

    @Test func `a known authority is believed by name and by address, others and other names are not`() async throws {
        guard let authority = Authority.shared, let stranger = Authority.stranger else { return print("no openssl: skipped") }
        var configuration = ServerConfiguration()
        configuration.identity = authority.server
        try await withServer(TestHandler(), configuration) { server in
            #expect(try await both(server.port, .file(authority.root)) == [nil, nil])
            #expect(try await both(server.port, .file(authority.root), host: "localhost") == [nil, nil])
            for roots in [TrustRoots.system, .file(stranger.root)] {
                for refused in try await both(server.port, roots) {
                    #expect(
                        refused?.isNotSent == true && refused?.text.contains("CERTIFICATE_VERIFY_FAILED") == true,
                        "\(String(describing: refused))")
                }
            }
        }
        configuration.identity = authority.misnamed
        try await withServer(TestHandler(), configuration) { server in
            for host in ["127.0.0.1", "localhost"] {
                for refused in try await both(server.port, .file(authority.root), host: host) {
                    #expect(refused?.isNotSent == true, "\(host): \(String(describing: refused))")
                }
            }
        }
    }

    @Test func `a server without TLS, and one that leaves in the handshake, are told as not sent`() async throws {
        guard let authority = Authority.shared else { return print("no openssl: skipped") }
        try await withServer(TestHandler()) { server in
            for refused in try await both(server.port, .file(authority.root)) {
                #expect(refused?.isNotSent == true, "\(String(describing: refused))")
            }
        }
        let leaving = try await RawServer { inbound, _, _ in for try await _ in inbound { break } }
        for refused in try await both(leaving.port, .file(authority.root)) {
            #expect(refused?.isNotSent == true, "\(String(describing: refused))")
        }
        await leaving.stop()
        let mute = try await RawServer { inbound, _, _ in for try await _ in inbound {} }
        try await withClient({
            $0.roots = .file(authority.root); $0.connectTimeout = .milliseconds(80)
        }) { client in
            let slow = await failure { () async throws(WebFailure) in
                try await client.send(.init(.get, "/"), to: .local(mute.port, .https), timeout: .seconds(20))
            }
            #expect(slow?.isNotSent == true, "\(String(describing: slow))")
        }
        await mute.stop()
    }

    @Test func `a server with a key of another certificate does not start`() async throws {
        guard let authority = Authority.shared else { return print("no openssl: skipped") }
        var configuration = ServerConfiguration()
        configuration.identity = ServerIdentity(certificates: authority.server.certificates, key: authority.misnamed.key)
        await #expect(throws: WebSetupError.self) { try await WebServer.start(configuration, handler: TestHandler()) }
        configuration.identity = ServerIdentity(certificates: authority.server.certificates, key: "/no/such.key")
        await #expect(throws: WebSetupError.self) { try await WebServer.start(configuration, handler: TestHandler()) }
    }
}
