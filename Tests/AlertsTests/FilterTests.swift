import Testing

@testable import Alerts

struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(count, 1))) }
}

func alert(
    _ severity: AlertSeverity = .error, _ kind: Alert.Kind = .jobFailed, job: String? = "7", _ text: String = "the disk is full"
) -> Alert {
    Alert(severity, kind, source: "dry-worker-1", job: job, text: text, action: "it is begun again", time: 1_700_000_000_000)
}

@Suite struct FilterTests {
    @Test func `the same news is told once an interval, with the number of those in between`() {
        var filter = AlertFilter()
        expect(&filter, alert(), 0) { $0?.repeated == 0 }
        for time in 1...5 { expect(&filter, alert(), Int64(time) * 50_000) { $0 == nil } }
        expect(&filter, alert(), 300_000) { $0?.repeated == 5 }
        expect(&filter, alert(), 599_999) { $0 == nil }
        expect(&filter, alert(), 600_000) { $0?.repeated == 1 }
    }

    @Test func `numbers do not make it other news; another job, kind, process or cause does`() {
        var filter = AlertFilter()
        expect(&filter, alert(.error, "attempt 1 of 3"), 0) { $0 != nil }
        expect(&filter, alert(.error, "attempt 2 of 3"), 1) { $0 == nil }
        expect(&filter, alert(job: "8", "attempt 3 of 3"), 2) { $0 != nil }
        expect(&filter, alert(.error, .configuration, "attempt 3 of 3"), 3) { $0 != nil }
        expect(&filter, alert(.error, "the venue is away"), 4) { $0 != nil }
        var other = alert(.error, "the venue is away")
        other.source = "dry-worker-2"
        expect(&filter, other, 5) { $0 != nil }
    }

    @Test func `what is louder than before is told at once`() {
        var filter = AlertFilter()
        expect(&filter, alert(.warning), 0) { $0 != nil }
        expect(&filter, alert(.error), 1) { $0 != nil }
        expect(&filter, alert(.warning), 2) { $0 == nil }
        expect(&filter, alert(.critical), 3) { $0 != nil }
    }

    @Test(arguments: AlertSeverity.allCases) func `what is less urgent than the level is not told`(_ level: AlertSeverity) {
        var settings = AlertFilter.Settings()
        settings.level = level
        for severity in AlertSeverity.allCases {
            var filter = AlertFilter(settings)
            let isTold = filter.take(alert(severity), now: 0) != nil
            #expect(isTold == (severity >= level))
        }
    }

    @Test func `more than so many a minute are counted, critical ones are told all the same`() {
        var settings = AlertFilter.Settings()
        settings.perMinute = 3
        var filter = AlertFilter(settings)
        let told = (0..<10).filter {
            filter.take(alert(job: "job \($0 % 2)", String(repeating: "x", count: $0 + 1)), now: Int64($0)) != nil
        }
        #expect(told == [0, 1, 2])
        expect(&filter, alert(.critical, "the end"), 20) { $0?.leftOut == 7 }
        expect(&filter, alert(.error, .workerLost, "away"), 59_999) { $0 == nil }
        expect(&filter, alert(.error, .workerLost, "gone"), 60_020) { $0?.leftOut == 1 }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `of random alerts each is told, counted as a repetition, or counted as left out`(_ seed: UInt64) {
        var generator = Generator(state: seed)
        var settings = AlertFilter.Settings()
        settings.level = .info
        settings.interval = 10_000
        settings.perMinute = 1 + generator.below(10)
        var filter = AlertFilter(settings)
        var now: Int64 = 0
        var recent: [Int64] = []
        var (told, taken) = (0, 0)
        for _ in 0..<2000 {
            now += Int64(generator.below(4000))
            let severity = AlertSeverity.allCases[generator.below(3)]
            taken += 1
            guard let news = filter.take(alert(severity, "cause " + String(repeating: "y", count: generator.below(30))), now: now)
            else { continue }
            told += 1 + news.repeated + news.leftOut
            recent = recent.filter { now - $0 < 60_000 } + [now]
            #expect(recent.count <= settings.perMinute, "seed \(seed)")
        }
        #expect(told <= taken && told > taken / 4, "seed \(seed): \(told) of \(taken)")
    }

}

private func expect(
    _ filter: inout AlertFilter, _ alert: Alert, _ now: Int64, _ location: SourceLocation = #_sourceLocation,
    _ holds: (AlertFilter.Told?) -> Bool
) {
    let told = filter.take(alert, now: now)
    #expect(holds(told), "\(String(describing: told))", sourceLocation: location)
}

func alert(_ severity: AlertSeverity, _ text: String) -> Alert { alert(severity, .jobFailed, text) }
