import Connectors
import Exchange
import Market
import Synchronization
import Testing

/// A machine whose clocks a test sets.
private final class Machine: ConnectorClock {
    private let reading = Mutex(ClockReading(uptime: .seconds(100), wall: Timestamp(milliseconds: 1_700_000_000_000)))
    let slept = Mutex<[Duration]>([])

    func now() -> ClockReading { reading.withLock { $0 } }
    func sleep(until uptime: Duration) async { slept.withLock { $0.append(uptime) } }
    func random() -> UInt64 { 7 }

    func pass(_ duration: Duration) {
        reading.withLock { reading in
            reading.uptime += duration
            reading.wall = reading.wall.advanced(byMilliseconds: duration.wholeMilliseconds)
        }
    }
}

struct AcceleratedClockTests {
    @Test func `its uptime passes so many times as fast, its wall clock is the machine's`() {
        let machine = Machine()
        let clock = AcceleratedClock(machine, speed: 60)
        let first = clock.now()
        #expect(first.wall == machine.now().wall && clock.pace == 60 && machine.pace == 1)
        machine.pass(.milliseconds(1500))
        let second = clock.now()
        #expect(second.uptime - first.uptime == .seconds(90))
        #expect(second.wall.milliseconds - first.wall.milliseconds == 1500)
    }

    @Test func `who sleeps by it sleeps so much shorter`() async {
        let machine = Machine()
        let clock = AcceleratedClock(machine, speed: 20)
        await clock.sleep(for: .seconds(40))
        await clock.sleep(for: clock.real(.seconds(3)))
        #expect(machine.slept.withLock { $0 } == [.seconds(102), .seconds(103)])
        #expect(clock.real(.seconds(3)) == .seconds(60) && machine.real(.seconds(3)) == .seconds(3))
    }

    @Test(arguments: [0.5, 20, 60, 10_000]) func `the venue's time is known between its answers, whatever the speed`(
        speed: Double
    ) throws {
        let machine = Machine()
        let clock = AcceleratedClock(machine, speed: speed)
        // The venue began elsewhere, and long ago.
        let begin: Int64 = 1_900_000_000_000
        let start = machine.now().uptime
        func venueTime() -> Timestamp {
            Timestamp(milliseconds: begin + ((machine.now().uptime - start) * speed).wholeMilliseconds)
        }
        machine.pass(.seconds(5))
        var known = VenueClock()
        let sent = clock.now().uptime
        machine.pass(.milliseconds(1))
        let told = venueTime()
        machine.pass(.milliseconds(1))
        known.add(told, sent: sent, received: clock.now().uptime)
        machine.pass(.seconds(60))
        let uptime = clock.now().uptime
        let error = abs(try #require(known.now(uptime: uptime)).milliseconds - venueTime().milliseconds)
        // Half the round trip, in the venue's time.
        #expect(Double(error) <= speed + 2)
        #expect(error <= (try #require(known.uncertainty(uptime: uptime))).wholeMilliseconds)
    }

    @Test func `nonces rise from one process to the next, also where no mark was kept`() async throws {
        let machine = Machine()
        var last: UInt64 = 0
        for _ in 0..<3 {
            let clock = AcceleratedClock(machine, speed: 10_000)
            let keeper = NonceKeeper(stored: 0) { _ in }
            for _ in 0..<5 {
                machine.pass(.milliseconds(10))
                let nonce = try await keeper.next(wallMicroseconds: UInt64(clock.now().wall.milliseconds) * 1000)
                #expect(nonce > last)
                last = nonce
            }
            machine.pass(.seconds(1))
        }
    }

    @Test func `connections have two real seconds for a sign of life`() {
        var market = StreamSession.Settings()
        market.stretch(toPace: 1)
        #expect(market == StreamSession.Settings())
        market.stretch(toPace: 1000)
        #expect(market.silenceLimit == .seconds(2000) && market.answerDeadline == .seconds(2000))
        #expect(market.spacing == .seconds(250) && market.maximumAge == StreamSession.Settings().maximumAge)
        var account = AccountSession.Settings()
        account.stretch(toPace: 10)
        #expect(account.silenceLimit == .seconds(60) && account.connectDeadline == .seconds(20))
    }
}
