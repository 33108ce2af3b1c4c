import LiveGates
import Testing

@testable import Configuration

/// Secrets at every place where people put them; none may appear in a message, in canonical bytes or in what is shown.
@Suite struct RedactionTests {
    static let paths =
        SecretKeys.credentialFields.map { "exchange.\($0)" } + [
            "exchange.ccxt_config.apiKey", "exchange.ccxt_config.headers.X-Auth", "exchange.ccxt_async_config.password",
            "telegram.token", "telegram.chat_id", "discord.webhook_url", "webhook.url", "api_server.username",
            "api_server.password",
            "api_server.jwt_secret_key", "api_server.ws_token", "coingecko.api_key", "db_url", "alerts.telegram.token",
            "external_message_consumer.producers", "my_section.secret", "my_section.api-key", "my_section.inner.Access_Token",
            "password", "exchange.mnemonic",
        ]

    func leaks(_ secret: String, _ text: String) -> Bool { text.contains(secret) }

    @Test(arguments: paths)
    func `a secret is in no message and in nothing that leaves`(path: String) throws {
        let secret = "Zq7hUnlikely42"
        // As a text, as a number where a text belongs, as a list, as a section, and in place of the section around it.
        let number = 8_371_648_193_725
        let shapes = ["\"\(secret)\"", "\(number)", "[\"\(secret)\"]", "{\"x\": \"\(secret)\"}"]
        for base in [minimal, minimalLive] {
            for shape in shapes {
                var texts = [try changed(base, path, shape)]
                if let dot = path.lastIndex(of: ".") { texts.append(try changed(base, String(path[..<dot]), shape)) }
                for text in texts {
                    let (result, problems) = try check(text)
                    let shown = problems.map(\.description).joined(separator: "\n")
                    #expect(!leaks(secret, shown) && !leaks(String(number), shown), "\(shown)")
                    guard let result, text == texts[0] else { continue }
                    let canonical = String(decoding: result.canonicalBytes, as: UTF8.self) + result.canonical.prettyJSON
                    #expect(!leaks(secret, canonical) && !leaks(String(number), canonical))
                }
            }
        }
    }

    @Test func `printing, dumping and reflecting a value of a configuration never shows it`() throws {
        let text = "{\"exchange\": {\"key\": \"Zq7hUnlikely42\", \"uid\": 8371648193725, \"list\": [\"Zq7hUnlikely42\"]}}"
        let value = try JSONReader.read(Array(text.utf8), origin: .file("c.json")).value
        let inner = try #require(value["exchange", "key"])
        for any in [value, value.kind, inner, inner.kind, [value], ["a": inner], Optional(value) as Any] as [Any] {
            var dumped = ""
            dump(any, to: &dumped)
            for shown in ["\(any)", String(reflecting: any), dumped] {
                #expect(!shown.contains("Zq7h") && !shown.contains("8371648193725"), "\(shown)")
            }
        }
        #expect("\(inner)" == "a text" && inner.string == "Zq7hUnlikely42")
    }

    @Test func `a secret in a variable is in no message`() throws {
        let environment = [
            "FREQTRADE__EXCHANGE__KEY": "Zq7hUnlikely42", "FREQTRADE__EXCHANGE": "Zq7hUnlikely42",
            "FREQTRADE__TELEGRAM": "Zq7hUnlikely42",
        ]
        let (result, problems) = try check(minimal, environment: environment)
        #expect(result == nil)
        #expect(!problems.map(\.description).joined().contains("Zq7hUnlikely42"))
    }

    @Test func `a file with a syntax error is not quoted`() throws {
        let text = "{\"exchange\": {\"key\": \"Zq7hUnlikely42\" \"secret\": \"Zq7hUnlikely42\"}}"
        #expect(!(try check(text).problems.map(\.description).joined().contains("Zq7h")))
        let yaml = "keys: {own: Zq7hUnlikely42\nlive: [}"
        let source = FileSource.memory(["w.yaml": yaml, "d.yaml": "a: Zq7hUnlikely42\na: 2\n"])
        for path in ["w.yaml", "d.yaml"] {
            do throws(ConfigurationError) {
                _ = try WorkerConfiguration.load(path: path, source: source)
                Issue.record("loaded")
            } catch { #expect(!error.description.contains("Zq7h"), "\(error)") }
        }
    }

    @Test func `the safety phrase is never printed`() throws {
        for phrase in ["\"wrong\"", "\"\"", "7"] {
            let problems = try check(try changed(minimalLive, "execution.safety_phrase", phrase)).problems
            let shown = problems.map(\.description).joined(separator: "\n").uppercased()
            #expect(!problems.isEmpty)
            #expect(!shown.contains("UNDERSTAND"))
        }
    }

    @Test func `control characters and long values are tamed in messages`() throws {
        let problems = try check(try changed(minimal, "timeframe", "\"\\u001b[31m" + String(repeating: "x", count: 500) + "\""))
            .problems
        let shown = try #require(problems.first).description
        #expect(!shown.unicodeScalars.contains { $0.value < 0x20 })
        #expect(shown.count < 300)
    }

    @Test func `placeholders are whole texts, not parts of real keys`() {
        for text in [
            "YOUR_API_KEY", "YOUR_SECRET", "YOUR_LIVE_API_KEY", "YOUR_LIVE_SECRET", "test_key", "test_secret", "Test-Key",
            "changeme",
            "CHANGE_ME", "<api key>", "${API_KEY}", "xxxxxxxx", "0000", "insert key here", "", "your_exchange_key", "placeholder",
        ] { #expect(CredentialCheck.isPlaceholder(text), "\(text)") }
        for text in [
            "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A", "latest", "contest_winner_9f2",
            "paper8s7d6f5g4h3j2k1l", "yourXk29dkf93jfkslq0293jfkd0293jf", "demo8s7d6f5g",
        ] { #expect(!CredentialCheck.isPlaceholder(text), "\(text)") }
    }
}
