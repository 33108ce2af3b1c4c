import Testing

@testable import LiveGates

@Suite struct SecretTests {
    private let phrase = "I UNDERSTAND THE RISKS"

    @Test func `blanks and underscores of the phrase are the same and nothing else is`() {
        for good in [phrase, "I_UNDERSTAND_THE_RISKS", "I UNDERSTAND_THE RISKS"] {
            #expect(SafetyPhrase.confirmationMatches(good))
        }
        let bad = [
            "", " ", phrase.lowercased(), phrase + " ", " " + phrase, phrase + ".", "I-UNDERSTAND-THE-RISKS",
            "I  UNDERSTAND THE RISKS",
            "IUNDERSTANDTHERISKS", "I UNDERSTAND THE RISK", "I UNDERSTAND THE RISKSS", "I UNDERSTAND THIS USES REAL MONEY",
            "I\tUNDERSTAND\tTHE\tRISKS", "I UNDERSTAND THE RISKS\0", "I\u{A0}UNDERSTAND THE RISKS", "Ⅰ UNDERSTAND THE RISKS",
        ]
        for text in bad { #expect(!SafetyPhrase.confirmationMatches(text), "\(text)") }
        // Every single byte counts.
        for index in phrase.utf8.indices {
            var bytes = Array(phrase.utf8)
            bytes[phrase.utf8.distance(from: phrase.utf8.startIndex, to: index)] ^= 1
            #expect(!SafetyPhrase.confirmationMatches(String(decoding: bytes, as: UTF8.self)))
        }
        #expect(SafetyPhrase.fact(nil) == .absent && SafetyPhrase.fact("") == .absent)
        #expect(SafetyPhrase.fact("no") == .wrong && SafetyPhrase.fact(phrase) == .right)
    }

    @Test func `PRAGMA_ALLOW_LIVE is true, 1 or yes in any case`() {
        for text in ["true", "TRUE", "True", "1", "yes", "YES", "yEs"] { #expect(LiveEnvironment.allows(text)) }
        for text in [nil, "", "false", "0", "no", "on", "y", "t", " true", "true ", "11", "live", "truetrue"] {
            #expect(!LiveEnvironment.allows(text))
        }
        var facts = LiveFacts()
        LiveEnvironment.read([:], into: &facts)
        #expect(facts.allowedByEnvironment == false && facts.environmentPhrase == .absent)
        LiveEnvironment.read(["PRAGMA_ALLOW_LIVE": "Yes", "PRAGMA_LIVE_CONFIRMATION": "I_UNDERSTAND_THE RISKS"], into: &facts)
        #expect(facts.allowedByEnvironment == true && facts.environmentPhrase == .right)
    }

    @Test func `placeholders and test keys in credential fields are found`() {
        let bad = [
            "YOUR_API_KEY", "your-api-key", "yourApiKey", "YOUR_LIVE_API_KEY", "example", "test_key", "TEST-KEY-123",
            "my_secret_key_here",
            "<your secret>", "<api-key-of-the-account>", "{{ API_KEY }}", "$BINANCE_KEY", "${KRAKEN_API_SECRET}", "%KEY%",
            "changeme",
            "replace me with your real api key", "insertYourKrakenApiSecretHere", "dummysecret", "foobar", "TODO", "null", "none",
            "testtesttesttest", "placeholder_placeholder", "putYourBinanceKeyHere", "paste your own secret here please",
            "password1234",
        ]
        let real = "Zk3vQx8LmN2pRt7WcY5bHd9JsFg4TuVa"
        for text in bad {
            let found = CredentialCheck.problem(key: text, secret: real, venue: "binance")
            #expect(found?.field == .key && found?.gate == .realCredentials, "\(text): \(String(describing: found))")
            #expect(CredentialCheck.problem(key: real, secret: text, venue: "binance")?.field == .secret, "\(text)")
        }
        for text in ["", "  ", "\t\n"] {
            #expect(CredentialCheck.problem(key: text, secret: real, venue: "binance")?.kind == .empty)
        }
        for text in [
            "xxxxxxxxxxxxxxxxxxxxxxxx", "0000000000000000", "abababababababababab", "12345678901234567890",
            "abcdefghijklmnopqrstuv",
            "------------------", "0123456789abcdef",
        ] {
            #expect(CredentialCheck.problem(key: text, secret: real, venue: "binance")?.kind == .pattern, "\(text)")
        }
        #expect(CredentialCheck.problem(key: "Zk3vQx8LmN2pRt7", secret: real, venue: "binance")?.kind == .tooShort)
    }

    @Test(arguments: [1, 2, 3]) func `real keys pass, whatever letters they happen to hold`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for count in [32, 56, 64, 88] {
            for _ in 0..<500 {
                let (key, secret) = (random.secret(count), random.secret(count))
                let found = CredentialCheck.problem(key: key, secret: secret, venue: "kraken")
                if found != nil, !key.hasPrefix("paper") { Issue.record("seed \(seed): \(key)") }
                // Words inside of a key do not make it a test key.
                let latest = String(key.prefix(count / 2)) + "latesttestdemo" + String(key.suffix(count / 2))
                if CredentialCheck.problem(key: latest, secret: secret, venue: "kraken") != nil {
                    Issue.record("seed \(seed): \(latest)")
                }
            }
        }
    }

    @Test func `paper keys go to paper venues only and no other keys go there`() {
        let real = "Zk3vQx8LmN2pRt7WcY5bHd9JsFg4TuVa"
        #expect(CredentialCheck.problem(key: "paper-binance-demo", secret: "demo-secret-of-paper", venue: "paper-binance") == nil)
        #expect(CredentialCheck.problem(key: "paper-" + real, secret: real, venue: "binance")?.kind == .paperKeyElsewhere)
        #expect(CredentialCheck.problem(key: real, secret: real, venue: "paper-binance")?.kind == .otherKeyAtPaper)
        #expect(CredentialCheck.problem(key: "Paper-" + real, secret: real, venue: "paper-binance")?.gate == .keyOfVenue)
    }

    @Test(arguments: [21, 22]) func `no message holds a phrase or a secret`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var messages = 0
        for _ in 0..<100 {
            let (key, secret, wrongPhrase) = (random.secret(40), random.secret(64), random.secret(22))
            for way in waysToMiss {
                var facts = completeFacts()
                LiveEnvironment.read(["PRAGMA_ALLOW_LIVE": secret, "PRAGMA_LIVE_CONFIRMATION": wrongPhrase], into: &facts)
                if Bool.random(using: &random) { (facts.allowedByEnvironment, facts.environmentPhrase) = (true, .right) }
                facts.filePhrase = SafetyPhrase.fact(Bool.random(using: &random) ? phrase : wrongPhrase)
                let venue = Bool.random(using: &random) ? "binance" : "paper-binance"
                facts.credentials = .present(CredentialCheck.problem(key: key, secret: secret, venue: venue))
                way.change(&facts)
                for side in LiveSide.allCases {
                    guard let refusal = LiveCheck.firstMissing(facts, at: side) else { continue }
                    messages += 1
                    let text = refusal.description.lowercased()
                    for hidden in [key, secret, wrongPhrase, phrase, "I_UNDERSTAND_THE_RISKS", "understand"] {
                        if text.contains(hidden.lowercased()) { Issue.record("seed \(seed): \(text)") }
                    }
                }
            }
        }
        print("messages looked through: \(messages)")
        #expect(messages > 3_000)
    }

    @Test func `every message of every gate is free of the phrase, known or not`() {
        for gate in LiveGate.allCases {
            for text in [gate.subject, gate.remedy(completeFacts()), gate.remedy(LiveFacts())] {
                #expect(!text.isEmpty && !text.lowercased().contains("understand"))
            }
        }
    }
}
