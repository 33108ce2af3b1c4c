import Connectors
import Exchange
import Foundation
import Testing

@testable import Venues

/// A folder of this test's own, removed at its end.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "venues-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, _ name: String, mode: Int = 0o600) throws {
        try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path + "/" + name)
    }
}

struct CredentialTests {
    private let account = AccountName("main-1")

    private func error(_ source: CredentialSource) throws -> String {
        let account = try #require(account)
        let error = #expect(throws: VenueSetupError.self) { _ = try source.credentials(of: account) }
        return try #require(error).description
    }

    private func source(_ environment: [String: String], _ home: String? = nil) -> CredentialSource {
        CredentialSource(environment: environment, home: home)
    }

    @Test func `the environment of the process is asked first, then systemd's folder, then the home`() throws {
        let (home, system) = (try TemporaryFolder(), try TemporaryFolder())
        try FileManager.default.createDirectory(atPath: home.path + "/credentials", withIntermediateDirectories: true)
        let account = try #require(account)
        try home.write("key: from-home-1\nsecret: s3cretvalue1\n", "credentials/main-1.yaml")
        #expect(try source([:], home.path).credentials(of: account).key == "from-home-1")
        try system.write("key: from-system-2\nsecret: |\n  -----BEGIN X-----\n  abc\n", "main-1")
        var environment = ["CREDENTIALS_DIRECTORY": system.path]
        let found = try source(environment, home.path).credentials(of: account)
        #expect(found.key == "from-system-2")
        #expect(found.secret == "-----BEGIN X-----\nabc")
        environment["PRAGMA_MAIN_1_KEY"] = " from-environment-3\n"
        environment["PRAGMA_MAIN_1_SECRET"] = "s3cretvalue3"
        #expect(try source(environment, home.path).credentials(of: account).key == "from-environment-3")
    }

    @Test func `a file that others can read is refused`() throws {
        let home = try TemporaryFolder()
        for mode in [0o640, 0o604, 0o620, 0o666] {
            try home.write("key: k1\nsecret: topsecret9\n", "main-1", mode: mode)
            let text = try error(source(["CREDENTIALS_DIRECTORY": home.path]))
            #expect(text.contains("chmod 600"))
        }
        try FileManager.default.createDirectory(atPath: home.path + "/main-1.yaml", withIntermediateDirectories: true)
        #expect(try error(source(["CREDENTIALS_DIRECTORY": home.path])).contains("no plain file"))
    }

    @Test(arguments: [
        "key: k1\n", "secret: topsecret9\n", "key: k1\nsecret: topsecret9\nmore: 1\n", "key: [\nsecret: topsecret9", "topsecret9",
        "key: {a: topsecret9}\nsecret: topsecret9", "key: your_api_key\nsecret: topsecret9", "key: k1\nsecret: changeme",
        "key: \"\"\nsecret: topsecret9", "key: \"topsecret9 x\"\nsecret: topsecret9", "key: 'a\nsecret: topsecret9",
        "key: k1\nsecret: 1234",
        "\u{0}\u{1}topsecret9", "",
    ])
    func `a damaged file is refused with its name and never with a value`(text: String) throws {
        let home = try TemporaryFolder()
        try home.write(text, "main-1")
        let message = try error(source(["CREDENTIALS_DIRECTORY": home.path]))
        #expect(message.contains(home.path))
        #expect(!message.contains("topsecret9"))
    }

    @Test func `half of the variables, a placeholder or nothing at all is an error that says what to set`() throws {
        #expect(try error(source(["PRAGMA_MAIN_1_KEY": "topsecret9"])).contains("PRAGMA_MAIN_1_SECRET is set") == false)
        #expect(try error(source(["PRAGMA_MAIN_1_SECRET": "topsecret9"])).contains("PRAGMA_MAIN_1_KEY is not"))
        let both = ["PRAGMA_MAIN_1_KEY": "<api key>", "PRAGMA_MAIN_1_SECRET": "topsecret9"]
        #expect(try error(source(both)).contains("PRAGMA_MAIN_1_KEY is a placeholder"))
        #expect(try error(source([:], "/nowhere")).contains("/nowhere/credentials/main-1.yaml"))
    }

    @Test(arguments: ["", "1a", "a b", "a/b", "../a", "a\n", "é", String(repeating: "a", count: 65)])
    func `what is no name of an account is refused`(text: String) { #expect(AccountName(text) == nil) }

    @Test func `nonces go on above those of the last run, and a key is used by one at a time`() async throws {
        let folder = try TemporaryFolder()
        let credentials = Credentials(key: "paper-nonce-key", secret: "x")
        let last: UInt64
        do {
            let file = try NonceFile(folder: folder.path + "/nonces", credentials: credentials)
            #expect(file.stored == 0)
            last = try await NonceKeeper(file).next(wallMicroseconds: 1_000_000)
            let second = #expect(throws: VenueSetupError.self) {
                _ = try NonceFile(folder: folder.path + "/nonces", credentials: credentials)
            }
            #expect(second?.description.contains("another process") == true)
        }
        let again = try NonceFile(folder: folder.path + "/nonces", credentials: credentials)
        #expect(try await NonceKeeper(again).next(wallMicroseconds: 0) > last)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/nonces")
        #expect(names.count == 2)
        #expect(names.allSatisfy { !$0.contains("paper") })
    }

    @Test func `a damaged mark of nonces is an error and no zero`() throws {
        let folder = try TemporaryFolder()
        let credentials = Credentials(key: "paper-nonce-key", secret: "x")
        _ = try NonceFile(folder: folder.path, credentials: credentials)
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0.hasSuffix(".lock") })
        try folder.write("12", String(name.dropLast(5)))
        #expect(throws: VenueSetupError.self) { _ = try NonceFile(folder: folder.path, credentials: credentials) }
    }
}
