import Testing

@testable import LiveGates

@Suite struct PromotionTests {
    private let subject = PromotionSubject(strategy: "EmaCross", parameters: digest(1), executable: digest(2))
    private let week: Int64 = 7 * 86_400_000
    private let now: Int64 = 1_800_000_000_000

    private func evidence(_ job: UInt8, _ subject: PromotionSubject? = nil, for milliseconds: Int64 = 0) -> PromotionEvidence {
        PromotionEvidence(job: digest(job), subject: subject ?? self.subject, milliseconds: milliseconds)
    }

    private func refusal(
        backtest: PromotionEvidence?, dryRun: PromotionEvidence?, override: PromotionOverride? = nil, by: String = "ann"
    ) -> PromotionRefusal? {
        do throws(PromotionRefusal) {
            _ = try PromotionRecord.issue(
                for: subject, backtest: backtest, dryRun: dryRun, override: override, by: by, rules: PromotionRules(), at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a record is issued on a backtest and a dry-run that ran long enough`() throws {
        let record = try PromotionRecord.issue(
            for: subject, backtest: evidence(3), dryRun: evidence(4, for: week), by: "ann", rules: PromotionRules(), at: now)
        #expect(record.refusal(for: subject, rules: PromotionRules(), at: now) == nil)
        #expect(record.backtest == digest(3) && record.dryRun == digest(4) && record.expiresAt == now + 30 * 86_400_000)
    }

    @Test func `each thing that is missing or another is a reason of its own`() {
        let (backtest, dryRun) = (evidence(3), evidence(4, for: week))
        #expect(refusal(backtest: nil, dryRun: dryRun) == .noBacktest)
        #expect(refusal(backtest: backtest, dryRun: nil) == .noDryRun)
        #expect(
            refusal(backtest: backtest, dryRun: evidence(4, for: week - 1))
                == .dryRunTooShort(milliseconds: week - 1, needed: week))
        #expect(refusal(backtest: backtest, dryRun: dryRun, by: "") == .nobodyNamed)
        let others: [(PromotionSubject, PromotionRefusal)] = [
            (PromotionSubject(strategy: "Other", parameters: digest(1), executable: digest(2)), .otherStrategy(found: "Other")),
            (PromotionSubject(strategy: "EmaCross", parameters: digest(9), executable: digest(2)), .otherParameters),
            (PromotionSubject(strategy: "EmaCross", parameters: digest(1), executable: digest(9)), .otherExecutable),
        ]
        for (other, expected) in others {
            #expect(refusal(backtest: evidence(3, other), dryRun: dryRun) == expected)
            #expect(refusal(backtest: backtest, dryRun: evidence(4, other, for: week)) == expected)
            // No override makes evidence of something else count.
            let override = PromotionOverride(reason: "trust me", by: "ann")
            #expect(refusal(backtest: evidence(3, other), dryRun: nil, override: override) == expected)
        }
    }

    @Test func `a dry-run that was too short is told with what is missing`() {
        for (ran, text) in [(0, "0s"), (59_999, "59s"), (61_000, "1m 1s"), (7_200_000, "2h 0m 0s"), (week - 1, "6d 23h 59m")] {
            #expect(
                PromotionRefusal.dryRunTooShort(milliseconds: ran, needed: week).description
                    == "the dry-run ran for \(text), and promotion.min_dry_run is 7d 0h 0m")
        }
    }

    @Test func `an override needs a reason and a name and stands for missing evidence only`() {
        #expect(refusal(backtest: nil, dryRun: nil, override: PromotionOverride(reason: "a drill on paper", by: "ann")) == nil)
        #expect(
            refusal(backtest: nil, dryRun: nil, override: PromotionOverride(reason: " \n", by: "ann")) == .overrideWithoutReason)
        #expect(refusal(backtest: nil, dryRun: nil, override: PromotionOverride(reason: "x", by: "")) == .nobodyNamed)
        #expect(refusal(backtest: nil, dryRun: evidence(4, for: 1), override: PromotionOverride(reason: "short", by: "b")) == nil)
    }

    @Test func `a record ends and does not begin before it is issued`() throws {
        let record = try PromotionRecord.issue(
            for: subject, backtest: evidence(3), dryRun: evidence(4, for: week), by: "ann", rules: PromotionRules(), at: now)
        let rules = PromotionRules()
        #expect(record.refusal(for: subject, rules: rules, at: record.expiresAt - 1) == nil)
        #expect(record.refusal(for: subject, rules: rules, at: record.expiresAt) == .expired)
        #expect(record.refusal(for: subject, rules: rules, at: now - 5_000) == nil)
        #expect(record.refusal(for: subject, rules: rules, at: now - 5_001) == .notYetValid)
        #expect(record.refusal(for: subject, rules: rules, at: .max) == .expired)
        #expect(record.refusal(for: subject, rules: rules, at: .min) == .notYetValid)
        var stricter = rules
        stricter.minDryRun = week + 1
        #expect(record.refusal(for: subject, rules: stricter, at: now) != nil)
    }

    @Test func `the bytes read back and no cut or changed byte traps`() throws {
        var random = SplitMix64(seed: 31)
        let override = PromotionOverride(reason: "ein Grund: ü €", by: "ann")
        for backtest in [nil, digest(3)] {
            for override in [nil, override] {
                let record = PromotionRecord(
                    subject: subject, backtest: backtest, dryRun: digest(7), dryRunMilliseconds: 5, issuedAt: -1, expiresAt: .max,
                    issuedBy: "bob", override: override)
                let bytes = record.encoded
                #expect(try PromotionRecord(decoding: bytes) == record)
                for count in bytes.indices {
                    #expect(throws: PromotionDecodingError.self) { try PromotionRecord(decoding: Array(bytes.prefix(count))) }
                }
                #expect(throws: PromotionDecodingError.trailingBytes(1)) { try PromotionRecord(decoding: bytes + [0]) }
                for _ in 0..<1000 {
                    var bad = bytes
                    for _ in 0..<3 {
                        bad[Int.random(in: bad.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                    }
                    // What reads is what would be written again: one encoding for one record.
                    if let other = try? PromotionRecord(decoding: bad), other.encoded != bad { Issue.record("\(bad)") }
                }
            }
        }
    }

    @Test func `texts that are too long are cut between characters`() throws {
        for filler in ["a", "€", "🙂", "x\u{301}"] {
            let record = PromotionRecord(
                subject: subject, backtest: nil, dryRun: nil, dryRunMilliseconds: 0, issuedAt: 0, expiresAt: 1,
                issuedBy: "y" + String(repeating: filler, count: 2000), override: nil)
            let read = try PromotionRecord(decoding: record.encoded)
            #expect(record.issuedBy.utf8.starts(with: read.issuedBy.utf8) && (1020...1024).contains(read.issuedBy.utf8.count))
        }
    }
}
