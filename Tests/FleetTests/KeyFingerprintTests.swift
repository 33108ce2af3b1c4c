import Synchronization
import Testing
import Transport

@testable import Fleet

@Suite struct KeyFingerprintTests {
    @Test func `is the beginning of the hash of the key's text`() {
        // printf %s abc | sha256sum
        #expect(KeyFingerprint.of(publicKey: "abc") == "ba7816bf8f01cfea")
    }

    @Test func `a refusal names the fingerprint, never the key, and each cause has a line a minute`() throws {
        let lines = Mutex<[String]>([])
        let time = Mutex<Int64>(0)
        let notes = LimitedNotes(clock: { time.withLock { $0 } }) { line in lines.withLock { $0.append(line) } }
        let keys = try (0..<100).map { _ in try KeyPair.generate().publicKey }
        for key in keys { notes.note(Authenticator.Cause.unknownKey(key, address: "10.0.0.9\u{7f}\n").sentence) }
        notes.note(Authenticator.Cause.wrongDomain(keys[0], name: "farm", domain: "fleet").sentence)
        for _ in 0..<9 { notes.note(Authenticator.Cause.malformed.sentence) }
        #expect(lines.withLock { $0.count } == 3)
        time.withLock { $0 = 61_000_000_000 }
        notes.note(Authenticator.Cause.unknownKey(keys[1], address: "").sentence)
        let all = lines.withLock { $0 }
        #expect(all.last?.contains("(and 99 more of this kind since the last line)") == true)
        #expect(all[0].contains(KeyFingerprint.of(publicKey: keys[0].text)))
        for line in all { #expect(!keys.contains { line.contains($0.text) } && !line.contains("\n")) }
    }
}
