import Configuration
import Connectors
import Exchange
import Foundation
import Testing
import Web

@testable import Venues

struct VenueFileTests {
    private static let real = """
        id: binance
        protocol: binance
        rest: https://api.binance.com
        market_stream: wss://stream.binance.com:9443
        account_stream: wss://ws-api.binance.com:443
        """
    private static let paper = """
        id: paper-binance
        protocol: binance
        rest: http://127.0.0.1:18080
        market_stream: ws://[::1]:18080/base/
        account_stream: ws://localhost:18080
        """

    private func load(_ text: String, _ name: String) throws -> VenueFile {
        let path = "venues/\(name).yaml"
        return try VenueFile.load(path: path, source: .memory([path: text]))
    }

    private func problem(_ text: String, _ name: String) throws -> String {
        let error = #expect(throws: ConfigurationError.self) { _ = try load(text, name) }
        return try #require(error).description
    }

    @Test func `the files that come with the program can be read`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../configs/venues").path
        let folders = VenueFolders(flag: folder, environment: [:], home: nil)
        #expect(folders.list() == ["binance", "binance-usdm", "kraken", "paper-binance", "paper-kraken"])
        for name in folders.list() {
            let file = try folders.load(name)
            #expect(file.id.name == name)
            #expect(file.warnings.isEmpty)
            #expect(file.id.isPaper == file.address.rest.isLoopback)
        }
    }

    @Test func `everything that a file says is read`() throws {
        var file = try load(
            Self.real + "\nreceive_window: 2500ms\nroots: ca.pem\npublic_data: https://data.binance.vision", "binance")
        #expect(file.protocolName == .binance)
        #expect(file.address.marketStream == WebOrigin(scheme: .wss, host: "stream.binance.com", port: 9443))
        #expect(file.receiveWindow == 2500)
        #expect(file.roots == .file("venues/ca.pem"))
        #expect(file.publicData?.host == "data.binance.vision")
        file = try load(Self.paper + "\nspeed: 60", "paper-binance")
        #expect(file.speed == 60)
        #expect(file.address.marketStream == WebOrigin(scheme: .ws, host: "::1", port: 18080, basePath: "/base"))
    }

    @Test(arguments: [
        ("api.binance.com", "api.binance.com.evil.org", "rest"), ("https://api", "http://api", "rest"),
        ("https://api.binance.com", "https://127.0.0.1:8443", "rest"), ("https://api.", "https://user:pass@api.", "rest"),
        ("https://api.binance.com", "https://api.binance.com?x=1", "rest"), ("wss://stream", "https://stream", "market_stream"),
        (":9443", ":99999", "market_stream"), ("id: binance", "id: kraken", "id"), ("id: binance", "id: Binance!", "id"),
        ("protocol: binance", "protocol: bitmex", "protocol"), ("id: binance", "id: binance\ntier: pro", "tier"),
        ("id: binance", "id: binance\nspeed: 2", "speed"), ("id: binance", "id: binance\nreceive_window: 2m", "receive_window"),
        ("id: binance", "id: binance\nrset: x", "rset"), ("rest: https://api.binance.com\n", "", "rest"),
        ("id: binance", "id: binance\nallow_remote: true", "allow_remote"),
        ("id: binance", "id: binance\npublic_data: https://evil.example.org", "public_data"),
    ])
    func `a wrong line of a real venue is an error that names it`(old: String, new: String, key: String) throws {
        let text = Self.real.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.real)
        #expect(try problem(text, "binance").contains("error: \(key)"))
    }

    @Test(arguments: [
        ("http://127.0.0.1:18080", "https://api.binance.com", "real venue"),
        ("http://127.0.0.1:18080", "https://paper.example.org", "another machine"),
        ("http://127.0.0.1:18080", "http://10.0.0.1:8080", "not encrypted"),
        ("id: paper-binance", "id: paper-binance\nallow_foreign_hosts: true", "for real venues only"),
    ])
    func `a paper venue is on this machine, and never a real one`(old: String, new: String, problem words: String) throws {
        let text = Self.paper.replacing(old, with: new, maxReplacements: 1)
        #expect(try problem(text, "paper-binance").contains(words))
    }

    @Test func `files with candles are known of Binance only`() throws {
        let text = Self.paper.replacing("binance", with: "kraken") + "\npublic_data: http://127.0.0.1:1"
        #expect(try problem(text, "paper-kraken").contains("error: public_data"))
        #expect(try load(Self.paper + "\npublic_data: http://127.0.0.1:1", "paper-binance").publicData?.port == 1)
        #expect(VenueProtocol.allCases.map(\.exchangeName) == ["binance", "binanceusdm", "kraken"])
    }

    @Test func `remote paper venues and proxies of one's own have to be asked for, the latter with a warning`() throws {
        let remote = Self.paper.replacing("http://127.0.0.1:18080", with: "https://paper.example.org") + "\nallow_remote: true"
        #expect(try load(remote, "paper-binance").address.rest.host == "paper.example.org")
        let proxy = Self.real.replacing("https://api.binance.com", with: "http://127.0.0.1:1") + "\nallow_foreign_hosts: true"
        #expect(try load(proxy, "binance").warnings.map(\.key) == ["rest"])
    }

    @Test(arguments: [
        "", "https:", "https://", "https:///x", "https://a:b", "https://a:0", "https://a:65536", "https://[::1", "https://[]",
        "ftp://a",
        "https://a b", "https://a\u{e9}", "https://a#b", "https://[g::1]", "https://a/%2e", "//a", "https://a:1:2",
        "https://" + String(repeating: "a", count: 400),
    ])
    func `what is no address is refused`(text: String) { #expect(WebOrigin(url: text) == nil) }

    @Test func `the folder of the option comes first, then that of the environment, then home and working folder`() throws {
        let all = { (flag: String?, environment: [String: String], home: String?) in
            VenueFolders(flag: flag, environment: environment, home: home).folders
        }
        #expect(all("a", ["PRAGMA_VENUES": "b"], "h") == ["a"])
        #expect(all(nil, ["PRAGMA_VENUES": "b"], "h") == ["b"])
        #expect(all(nil, ["PRAGMA_VENUES": ""], "h") == ["h/venues", "configs/venues"])
        let folders = VenueFolders(flag: nil, environment: [:], home: "h") {
            $0 == "configs/venues/x.yaml" || $0.hasSuffix("y.yaml")
        }
        #expect(try folders.path(of: "x") == "configs/venues/x.yaml")
        #expect(try folders.path(of: "y") == "h/venues/y.yaml")
        #expect(throws: VenueSetupError.self) { try folders.path(of: "z") }
        #expect(throws: VenueSetupError.self) { try folders.path(of: "../x") }
    }
}
