import Exchange
import Testing

@testable import Binance

struct SignerTests {
    @Test func `all three kinds of keys sign as OpenSSL does`() throws {
        #expect(try BinanceSigner(secret: TestKeys.hmac).signature(of: TestKeys.message) == TestKeys.hmacSignature)
        #expect(try BinanceSigner(secret: TestKeys.ed25519).signature(of: TestKeys.message) == TestKeys.ed25519Signature)
        #expect(try BinanceSigner(secret: TestKeys.rsa).signature(of: TestKeys.message) == TestKeys.rsaSignature)
    }

    @Test func `a signature in Base64 is percent-encoded in the request`() throws {
        let credentials = Credentials(key: "k", secret: TestKeys.rsa)
        let text = TestKeys.message.split(separator: "&").map { part in
            let sides = part.split(separator: "=")
            return RequestDraft.Parameter(String(sides[0]), String(sides[1]))
        }
        let request = try BinanceRequests.signed(.get, "/api/v3/order", text, with: credentials)
        let encoded = TestKeys.rsaSignature.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
        #expect(request.query == TestKeys.message + "&signature=" + encoded)
        #expect(request.header("x-mbx-apikey") == "k")
        #expect(request.body.isEmpty)
    }

    @Test(arguments: [
        "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n????\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "x-----BEGIN", "",
        "two words", "line\nbreak",
    ])
    func `a secret that is no key is refused without being shown`(secret: String) throws {
        let problem = try #require(BinanceSpotTrading().problem(of: Credentials(key: "k", secret: secret)))
        #expect(secret.isEmpty || !problem.contains(secret))
        #expect(BinanceUSDMTrading().problem(of: Credentials(key: "k", secret: secret)) == problem)
    }

    @Test func `keys of all kinds are no problem, an empty or odd key is`() {
        for secret in [TestKeys.hmac, TestKeys.ed25519, TestKeys.rsa] {
            #expect(BinanceSpotTrading().problem(of: Credentials(key: "k", secret: secret)) == nil)
        }
        #expect(BinanceSpotTrading().problem(of: Credentials(key: "", secret: "s")) != nil)
        #expect(BinanceSpotTrading().problem(of: Credentials(key: "k\r\nX-Other: 1", secret: "s")) != nil)
    }

    @Test func `text is encoded as RFC 3986 says`() {
        #expect(
            BinanceEncoding.form([.init("a b", "+c/d=é&~"), .init("x", "-._09azAZ")])
                == "a%20b=%2Bc%2Fd%3D%C3%A9%26~&x=-._09azAZ")
        #expect(BinanceEncoding.form([]) == "")
    }

    @Test func `Base64 goes both ways for all lengths and refuses what is none`() {
        // RFC 4648, section 10.
        for (plain, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            #expect(Base64.encode(Array(plain.utf8)) == encoded)
            #expect(Base64.decode(encoded) == Array(plain.utf8))
        }
        for bad in ["Z", "Zg", "Zg=", "Z===", "Zg==Zg==", "Zm9$", "===="] { #expect(Base64.decode(bad) == nil, "\(bad)") }
    }

    @Test func `the receive window stays within what the venue takes`() {
        #expect(BinanceSpotTrading().receiveWindow == 5000)
        #expect(BinanceSpotTrading(receiveWindow: -1).receiveWindow == 1)
        #expect(BinanceUSDMTrading(receiveWindow: .max).receiveWindow == 60_000)
    }

    @Test func `a listen key is asked for with the key alone`() throws {
        let venue = BinanceUSDMTrading()
        let draft = try #require(venue.renewStreamToken("t")).call.draft
        let request = try venue.sign(draft, with: Given.credentials, at: Given.moment)
        #expect(request.method == .put)
        #expect(request.query.isEmpty && request.body.isEmpty)
        #expect(request.header("X-MBX-APIKEY") == "theKey")
    }
}
