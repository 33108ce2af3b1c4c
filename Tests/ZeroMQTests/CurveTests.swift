import Testing
import ZeroMQ

@Suite struct CurveTests {
    @Test func `the public key follows from the secret one`() throws {
        let pair = try Curve.keyPair()
        #expect(try Curve.publicKey(ofSecret: pair.secretKey) == pair.publicKey)
        #expect(Curve.isKey(pair.publicKey))
        #expect(pair.publicKey != pair.secretKey)
    }

    @Test func `the test vector of RFC 32 is encoded and decoded`() {
        let bytes: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
        #expect(Curve.encode(bytes) == "HelloWorld")
        #expect(Curve.decode("HelloWorld") == bytes)
    }

    @Test(arguments: ["", "short", "Hello Worl", "%%%%%", "#####", "Hell\u{e9}"])
    func `what is not Z85 for 32 bytes is no key`(text: String) {
        #expect(!Curve.isKey(text))
    }

    @Test func `printing, dumping and reflecting a side of the handshake never shows its secret key`() throws {
        let (own, server) = (try Curve.keyPair(), try Curve.keyPair())
        let sides: [SocketOptions.CurveRole] = [
            .server(secretKey: own.secretKey),
            .client(publicKey: own.publicKey, secretKey: own.secretKey, serverKey: server.publicKey),
        ]
        for side in sides {
            var dumped = ""
            dump([side], to: &dumped)
            for text in ["\(side)", String(reflecting: side), dumped] { #expect(!text.contains(own.secretKey), "\(text)") }
        }
        #expect("\(sides[1])".contains(own.publicKey))
    }

    @Test func `a secret key of the wrong form is refused`() {
        #expect(throws: ZeroMQError.self) { _ = try Curve.publicKey(ofSecret: "abc") }
    }

    @Test func `this build of libzmq has CURVE and ipc`() {
        #expect(Library.has("curve"))
        #expect(Library.has("ipc"))
        #expect(!Library.has("warp"))
        #expect(Library.version.split(separator: ".").count == 3)
    }
}
