import Exchange
import Testing

@testable import Alerts

@Suite struct OutboxTests {
    private func told(_ text: String = "a", _ severity: AlertSeverity = .error) -> AlertFilter.Told {
        AlertFilter.Told(alert: alert(severity, text), repeated: 0, leftOut: 0)
    }

    private func expectNext(
        _ outbox: inout AlertOutbox, _ now: Int64, _ expected: AlertOutbox.Directive,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let next = outbox.next(now: now)
        #expect(next == expected, sourceLocation: location)
    }

    @Test func `one at a time is delivered, in order`() {
        var outbox = AlertOutbox()
        expectNext(&outbox, 0, .idle)
        outbox.add(told("a"), now: 0)
        outbox.add(told("b"), now: 0)
        expectNext(&outbox, 0, .deliver(told("a"), lost: 0))
        expectNext(&outbox, 0, .idle)
        let isLost = outbox.finished(.delivered, now: 5)
        #expect(!isLost)
        expectNext(&outbox, 5, .deliver(told("b"), lost: 0))
        _ = outbox.finished(.delivered, now: 6)
        #expect(outbox.isEmpty)
        let isOdd = outbox.finished(.delivered, now: 7)
        #expect(!isOdd)
    }

    @Test func `what fails is tried again with growing pauses, and given up`() {
        var settings = AlertOutbox.Settings()
        settings.attempts = 4
        settings.longestPause = 3000
        var outbox = AlertOutbox(settings)
        outbox.add(told(), now: 0)
        var (now, pauses): (Int64, [Int64]) = (0, [])
        for attempt in 1...4 {
            expectNext(&outbox, now, .deliver(told(), lost: 0))
            let isLost = outbox.finished(.failed, now: now)
            #expect(isLost == (attempt == 4))
            guard case .wait(let until) = outbox.next(now: now) else { continue }
            pauses.append(until - now)
            now = until
        }
        #expect(pauses == [1000, 2000, 3000] && outbox.isEmpty && outbox.lost == 1)
        outbox.add(told("b"), now: now)
        expectNext(&outbox, now, .deliver(told("b"), lost: 1))
        _ = outbox.finished(.delivered, now: now)
        #expect(outbox.lost == 0)
    }

    @Test func `what is refused is not tried again`() {
        var outbox = AlertOutbox()
        outbox.add(told(), now: 0)
        _ = outbox.next(now: 0)
        let isLost = outbox.finished(.refused, now: 0)
        #expect(isLost && outbox.isEmpty && outbox.lost == 1)
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func `a random life never holds more than its bound, and loses nothing uncounted`(
        _ seed: UInt64
    ) {
        var generator = Generator(state: seed)
        var settings = AlertOutbox.Settings()
        settings.capacity = 1 + generator.below(8)
        settings.attempts = 1 + generator.below(3)
        settings.firstPause = 10
        var outbox = AlertOutbox(settings)
        var now: Int64 = 0
        var (added, delivered, lost, underWay) = (0, 0, 0, false)
        var lostBefore = 0
        for _ in 0..<1000 {
            now += Int64(generator.below(30))
            if generator.below(2) == 0 {
                added += 1
                lostBefore = outbox.lost
                outbox.add(told("n", AlertSeverity.allCases[generator.below(4)]), now: now)
                lost += outbox.lost - lostBefore
                #expect(outbox.count <= max(settings.capacity, 1), "seed \(seed)")
            }
            if underWay {
                let outcome = [AlertOutbox.Outcome.delivered, .failed, .refused][generator.below(3)]
                if outcome == .delivered { delivered += 1 }
                if outbox.finished(outcome, now: now) { lost += 1 }
                underWay = false
            }
            if case .deliver = outbox.next(now: now) { underWay = true }
        }
        #expect(added == delivered + lost + outbox.count, "seed \(seed)")
    }

    @Test func `beyond the bound the oldest of the least urgent goes, never what is under way`() {
        var settings = AlertOutbox.Settings()
        settings.capacity = 3
        var outbox = AlertOutbox(settings)
        outbox.add(told("first", .info), now: 0)
        _ = outbox.next(now: 0)
        for (text, severity) in [("b", .critical), ("c", .warning), ("d", .error), ("e", .critical)] as [(String, AlertSeverity)]
        {
            outbox.add(told(text, severity), now: 0)
        }
        var texts: [String] = ["first"]
        _ = outbox.finished(.delivered, now: 0)
        while case .deliver(let news, _) = outbox.next(now: 0) {
            texts.append(news.alert.text)
            _ = outbox.finished(.delivered, now: 0)
        }
        #expect(texts == ["first", "b", "e"])
    }

    @Test func `an alert about an account names it and its venue`() throws {
        let news = AlertFilter.Told(
            alert: Alert(
                .error, .account, source: "live-worker-1", job: "7", account: "main", venue: "paper-kraken", text: "look",
                time: 0), repeated: 0, leftOut: 0)
        let value = try JSONValue(parsing: news.webhookBody(lost: 0))
        #expect(value["kind"]?.text == "account" && value["account"]?.text == "main" && value["venue"]?.text == "paper-kraken")
        #expect(value["text"]?.text == "[error] live-worker-1: job 7: account main at paper-kraken: look")
        let other = AlertFilter.Told(alert: alert(.error, "x"), repeated: 0, leftOut: 0)
        #expect(try JSONValue(parsing: other.webhookBody(lost: 0))["account"]?.isNull == true)
    }

    @Test func `the body of a webhook is JSON with its sentence, whatever the text holds`() throws {
        let news = AlertFilter.Told(alert: alert(.critical, "a \"quote\", a\nline and 100 %"), repeated: 2, leftOut: 3)
        let value = try JSONValue(parsing: news.webhookBody(lost: 4))
        #expect(value["severity"]?.text == "critical" && value["kind"]?.text == "job_failed" && value["job"]?.text == "7")
        #expect(
            value["message"]?.text == "a \"quote\", a\nline and 100 %"
                && value["time"]?.text?.hasPrefix("2023-11-14T22:13:20") == true)
        #expect(value["repeated"]?.integer == 2 && value["left_out"]?.integer == 3 && value["lost"]?.integer == 4)
        #expect(
            value["text"]?.text
                == "[critical] dry-worker-1: job 7: a \"quote\", a\nline and 100 %; it is begun again (heard 2 more times since it was last told) (3 other alerts were left out)"
        )
    }
}
