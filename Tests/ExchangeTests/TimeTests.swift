import Exchange
import Market
import Testing

struct TimeTests {
    @Test(arguments: [1, 2, 3, 4])
    func `the venue's time is known within the uncertainty, whatever the wall clock does`(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var clock = VenueClock()
        let venueAtZero: Int64 = 1_700_000_000_000
        var uptime = Duration.seconds(100)
        for _ in 0..<200 {
            let sent = uptime
            let there = Duration.milliseconds(1 + random.below(200))
            let back = Duration.milliseconds(1 + random.below(200))
            let venue = Timestamp(milliseconds: venueAtZero + (sent + there).wholeMilliseconds)
            clock.add(venue, sent: sent, received: sent + there + back)
            uptime = sent + there + back + .milliseconds(random.below(5000))
            let estimate = try #require(clock.now(uptime: uptime))
            let error = abs(estimate.milliseconds - (venueAtZero + uptime.wholeMilliseconds))
            let uncertainty = try #require(clock.uncertainty(uptime: uptime))
            #expect(.milliseconds(error) <= uncertainty + .milliseconds(2))
        }
        #expect(try #require(clock.uncertainty(uptime: uptime)) < .milliseconds(60))
    }

    @Test(arguments: [90_000, -90_000, 300])
    func `one answer is enough where the venue has set its clock, however good those before were`(step: Int64) {
        var clock = VenueClock()
        for second in 0..<20 {
            let sent = Duration.seconds(second)
            clock.add(
                Timestamp(milliseconds: 1_700_000_000_000 + Int64(second) * 1000), sent: sent, received: sent + .milliseconds(1))
        }
        // A slower round trip, so that it would weigh less.
        clock.add(
            Timestamp(milliseconds: 1_700_000_020_050 + step), sent: .seconds(20), received: .seconds(20) + .milliseconds(100))
        #expect(clock.now(uptime: .seconds(30)) == Timestamp(milliseconds: 1_700_000_030_000 + step))
        #expect(clock.uncertainty(uptime: .seconds(20)).map { $0 > .milliseconds(50) } == true)
    }

    @Test func `an answer that took long and rules nothing out does not spoil the estimate`() {
        var clock = VenueClock()
        clock.add(Timestamp(milliseconds: 1_700_000_000_000), sent: .zero, received: .milliseconds(1))
        clock.add(Timestamp(milliseconds: 1_700_000_001_400), sent: .seconds(1), received: .seconds(2))
        #expect(clock.now(uptime: .seconds(3)) == Timestamp(milliseconds: 1_700_000_003_000))
    }

    @Test func `a wall clock that is off is an error that names both times`() throws {
        var clock = VenueClock()
        #expect(clock.skew(ClockReading(uptime: .zero, wall: Timestamp(milliseconds: 0)), limit: .seconds(1)) == nil)
        clock.add(Timestamp(seconds: 1_700_000_000), sent: .seconds(5), received: .seconds(5.1))
        let near = ClockReading(uptime: .seconds(5), wall: Timestamp(seconds: 1_700_000_000))
        #expect(clock.skew(near, limit: .seconds(1)) == nil)
        let far = ClockReading(uptime: .seconds(5), wall: Timestamp(seconds: 1_700_003_600))
        let skew = try #require(clock.skew(far, limit: .seconds(1)))
        #expect(skew.description.contains("2023-11-14T22:13:"))
        #expect(skew.description.contains("2023-11-14T23:13:20"))
    }

    @Test func `nothing that a venue calls its time traps`() {
        var clock = VenueClock()
        for value in [Int64.min, -1, 0, 1, .max] {
            clock.add(Timestamp(milliseconds: value), sent: .seconds(1), received: .seconds(Int64.max / 4))
            clock.add(Timestamp(milliseconds: value), sent: .seconds(2), received: .seconds(1))
            _ = clock.now(uptime: .seconds(3))
        }
        #expect(clock.isKnown)
    }

    @Test(arguments: [1, 2, 3])
    func `nonces rise through restarts and steps of the wall clock, and the stored mark is never below one`(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var stored: UInt64 = 0
        var source = NonceSource(stored: 0)
        var last: UInt64 = 0
        var stores = 0
        var wall: UInt64 = 1_700_000_000_000_000
        for _ in 0..<10_000 {
            wall = random.chance(2) ? wall - 3_000_000_000 : wall + UInt64(random.below(100_000))
            let next = source.next(wallMicroseconds: wall)
            let (nonce, store) = try #require(next)
            if let store {
                stored = store
                stores += 1
            }
            #expect(nonce > last && nonce <= stored)
            last = nonce
            if random.chance(1) { source = NonceSource(stored: stored) }
        }
        #expect(stores < 1000)
        var mad = NonceSource(stored: 5)
        let highest = mad.next(wallMicroseconds: .max)
        #expect(try #require(highest).nonce < UInt64(Int64.max))
        var used = NonceSource(stored: UInt64(Int64.max))
        let none = used.next(wallMicroseconds: 0)
        #expect(none == nil)
    }

    @Test func `waits double with jitter up to the cap and begin again after a healthy time`() {
        var policy = ReconnectPolicy()
        #expect(policy.attempt(now: .zero, random: 7) == .zero)
        var now = Duration.zero
        for expected in [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000] {
            policy.failed(now: now)
            let wait = policy.attempt(now: now, random: UInt64.random(in: 0...UInt64.max))
            #expect(wait >= .milliseconds(expected / 2) && wait <= .milliseconds(expected))
            now += wait
        }
        policy.connected(now: now)
        policy.failed(now: now + .seconds(59))
        #expect(policy.attempt(now: now + .seconds(59), random: 0) == .seconds(30))
        policy.connected(now: now + .seconds(100))
        policy.failed(now: now + .seconds(161))
        #expect(policy.attempt(now: now + .seconds(161), random: 0) == .milliseconds(250))
    }

    @Test(arguments: [1, 2, 3])
    func `never more attempts than allowed in any window`(seed: UInt64) {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var settings = ReconnectPolicy.Settings()
        settings.attempts = 10
        settings.longest = .milliseconds(100)
        settings.first = .milliseconds(10)
        var policy = ReconnectPolicy(settings)
        var now = Duration.zero
        var attempts: [Duration] = []
        for _ in 0..<500 {
            now += policy.attempt(now: now, random: random.next())
            attempts.append(now)
            if random.chance(50) { policy.connected(now: now) }
            now += .milliseconds(random.below(2000))
            policy.failed(now: now)
        }
        for (place, at) in attempts.enumerated() where place >= 10 { #expect(at - attempts[place - 10] >= settings.window) }
    }
}
