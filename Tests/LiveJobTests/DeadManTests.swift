import Exchange
import LiveGates
import Market
import Money
import Orders
import Risk
import Testing
import TradingJournal
import TradingLoop

@testable import LiveJob

extension LiveBench {
    init(_ cover: DeadManSettings.Cover, stopsAtVenue: Bool = false) throws {
        try self.init {
            $0.deadMan = DeadManSettings(cover)
            $0.trading.orderTypes.stoplossOnExchange = stopsAtVenue
            $0.trading.cancelOpenOrdersOnExit = false
        }
    }

    /// What is asked of the venue's timer.
    var timers: [Duration] {
        last.directives.compactMap { if case .deadMan(_, let timeout) = $0 { timeout } else { nil } }
    }

    mutating func answerTimer(_ error: VenueError? = nil) {
        guard let number = instance.deadMan.request?.number else { return }
        feed { $0.deadManResult(number, error, now: $1) }
    }

    /// With the timer running and the first entry out.
    mutating func entered() throws -> OrderSending {
        try ready()
        answerTimer()
        return try #require(sent.first ?? tick().first)
    }

    mutating func tickAfter(_ milliseconds: Int64) {
        pass(milliseconds)
        feed { $0.tick(now: $1) }
    }
}

@Suite struct DeadManTests {
    private let away = VenueError(WebFailure.notSent("refused"), changesState: true)

    @Test(arguments: DeadManSettings.Cover.allCases)
    func `no entry is made before the venue has confirmed the timer`(_ cover: DeadManSettings.Cover) throws {
        var bench = try LiveBench(cover)
        try bench.start()
        #expect(bench.timers.isEmpty)
        bench.read()
        bench.feed { $0.streamReady(now: $1) }
        bench.read()
        bench.feed { $0.gate(.active, now: $1) }
        #expect(bench.timers == [.seconds(60)])
        for _ in 0..<4 {
            bench.tickAfter(5000)
            #expect(bench.sent.isEmpty && bench.timers.isEmpty)
        }
        bench.answerTimer()
        _ = try #require(bench.sent.first ?? bench.tick().first)
    }

    @Test func `it is renewed every 20 s, counted from when the last one was sent`() throws {
        var bench = try LiveBench(.entries)
        let entry = try bench.entered()
        let open = bench.report(entry, .open)
        bench.feed { $0.sendResult(entry.ticket, .success(open), now: $1) }
        let wake = try #require(bench.last.wakeAt)
        #expect(wake <= bench.now.advanced(byMilliseconds: 20_000))
        var renewals: [Timestamp] = []
        for _ in 0..<130 {
            bench.tickAfter(1000)
            if bench.timers == [.seconds(60)] {
                renewals.append(bench.now)
                bench.answerTimer()
            }
            #expect(bench.last.alarms.isEmpty)
        }
        let gaps = zip(renewals, renewals.dropFirst()).map { $1.milliseconds - $0.milliseconds }
        #expect(gaps.count >= 4 && gaps.allSatisfy { $0 == 20_000 }, "\(gaps)")
    }

    @Test func `a venue that has no timer, or an account that is shared, needs none`() throws {
        var bench = try LiveBench()
        try bench.ready()
        #expect(bench.tick().count == 1 && bench.timers.isEmpty)
    }

    @Test func `a renewal that fails is tried again; when the timer cannot be kept entries pause and a person hears of it`()
        throws
    {
        var bench = try LiveBench(.entries)
        let entry = try bench.entered()
        let open = bench.report(entry, .open)
        bench.feed { $0.sendResult(entry.ticket, .success(open), now: $1) }
        var (alarms, attempts, readings) = ([String](), 0, 0)
        for _ in 0..<80 {
            bench.tickAfter(1000)
            alarms += bench.last.alarms
            if !bench.timers.isEmpty {
                attempts += 1
                bench.answerTimer(away)
                alarms += bench.last.alarms
            }
            readings += bench.readings.count
        }
        #expect(attempts >= 6)
        #expect(bench.instance.deadMan.isPaused)
        // First that it cannot be kept, then that it has run out; each once.
        #expect(alarms.count == 2, "\(alarms)")
        #expect(alarms.first?.contains("cannot be kept, and no entries are made without it") == true)
        #expect(alarms.last?.contains("was not renewed in time") == true)
        #expect(readings >= 1)
        // Once the venue takes it again all goes on.
        var armed = false
        for _ in 0..<15 where !armed {
            bench.tickAfter(1000)
            guard !bench.timers.isEmpty else { continue }
            bench.answerTimer()
            armed = true
        }
        #expect(armed && !bench.instance.deadMan.isPaused)
        #expect(bench.last.alarms == ["the dead-man timer of paper-binance/main is as it should be again"])
    }

    @Test func `a refusal for good is told at once, and no entry is made`() throws {
        var bench = try LiveBench(.all)
        try bench.ready()
        bench.answerTimer(VenueError(.permissionDenied, .permanent, code: "EGeneral:Permission denied", message: "no"))
        #expect(bench.last.alarms.count == 1 && bench.last.alarms[0].contains("EGeneral:Permission denied"))
        #expect(bench.tick().isEmpty)
    }

    @Test func `a process that slept through the timer reads the account before anything new`() throws {
        var bench = try LiveBench(.entries)
        _ = try bench.entered()
        bench.tickAfter(120_000)
        #expect(bench.last.alarms.contains { $0.contains("was not renewed in time") })
        #expect(!bench.readings.isEmpty && bench.instance.deadMan.isPaused)
        #expect(bench.timers == [.seconds(60)])
    }

    @Test func `the timer is off while a stop rests at the venue, and runs before the next entry`() throws {
        var bench = try LiveBench(.entries, stopsAtVenue: true)
        let entry = try bench.entered()
        bench.fill(entry, "20000.01")
        #expect(bench.timers == [.zero])
        let stop = try #require(bench.sent.first)
        #expect(stop.effect == .reduces)
        bench.answerTimer()
        #expect(!bench.instance.deadMan.mayRun && !bench.instance.deadMan.isPaused)
        let open = bench.report(stop, .open)
        bench.feed { $0.sendResult(stop.ticket, .success(open), now: $1) }
        for _ in 0..<40 {
            bench.tickAfter(1000)
            #expect(bench.timers.isEmpty)
        }
        bench.fill(stop, "19920")
        #expect(bench.timers == [.seconds(60)] && bench.instance.deadMan.isPaused)
        bench.answerTimer()
        #expect(!bench.instance.deadMan.isPaused)
    }

    @Test func `a timer that may run from an earlier life is switched off where stops rest`() throws {
        var bench = try LiveBench(.entries, stopsAtVenue: true)
        let entry = try bench.entered()
        bench.fill(entry, "20000.01")
        let stop = try #require(bench.sent.first)
        let open = bench.report(stop, .open)
        bench.feed { $0.sendResult(stop.ticket, .success(open), now: $1) }
        // The process dies before the venue has switched it off.
        bench.instance = try LiveBench.make(bench.setup, bench.pair)
        try bench.start()
        #expect(bench.timers == [.zero])
        // Without a stop, a gate that is halted leaves it alone.
        var other = try LiveBench(.entries)
        _ = try other.entered()
        other.instance = try LiveBench.make(other.setup, other.pair)
        try other.start()
        #expect(other.timers.isEmpty)
    }

    @Test func `where it covers everything it is pushed on for positions while the gate is reducing, and left alone without`()
        throws
    {
        var bench = try LiveBench(.all, stopsAtVenue: true)
        let entry = try bench.entered()
        bench.fill(entry, "20000.01")
        let stop = try #require(bench.sent.first)
        let open = bench.report(stop, .open)
        bench.feed { $0.sendResult(stop.ticket, .success(open), now: $1) }
        // By silence halted, too: stops rest at the venue, and nobody asked for their cancels.
        for mode in [GateMode.reducing, .halted] {
            bench.feed { $0.gate(mode, now: $1) }
            var renewals = 0
            for _ in 0..<60 {
                bench.tickAfter(1000)
                #expect(!bench.timers.contains(.zero))
                if !bench.timers.isEmpty { renewals += 1 }
                bench.answerTimer()
            }
            #expect(renewals >= 2, "\(mode)")
        }
        bench.feed { $0.cancelOrders(now: $1) }
        for _ in 0..<70 {
            bench.tickAfter(1000)
            #expect(bench.timers.isEmpty)
        }
        #expect(!bench.instance.deadMan.mayRun)
        var idle = try LiveBench(.all)
        try idle.ready()
        idle.answerTimer()
        idle.feed { $0.gate(.reducing, now: $1) }
        for _ in 0..<70 {
            idle.tickAfter(1000)
            #expect(idle.timers.isEmpty && idle.last.alarms.isEmpty)
        }
        #expect(!idle.instance.deadMan.mayRun)
        // Opened again it runs before anything is entered.
        idle.feed { $0.gate(.active, now: $1) }
        #expect(idle.timers == [.seconds(60)] && idle.sent.isEmpty)
    }

    @Test func `a job that ends switches it off and waits for that; where it cannot, a person hears until when`() throws {
        var bench = try LiveBench(.all)
        let entry = try bench.entered()
        let open = bench.report(entry, .open)
        bench.feed { $0.sendResult(entry.ticket, .success(open), now: $1) }
        // The one whose timer is off, and about to be started.
        var starting = bench
        starting.instance.deadMan.request = DeadManState.Request(
            number: starting.instance.deadMan.number, isArming: true, sentAt: starting.instance.now.time)
        (starting.instance.deadMan.keptUntil, starting.instance.deadMan.endsBy) = (nil, nil)
        starting.feed { $0.stop(now: $1) }
        #expect(starting.timers.isEmpty && !starting.last.isFinished)
        starting.answerTimer()
        #expect(starting.timers == [.zero] && !starting.last.isFinished)
        starting.answerTimer()
        #expect(starting.last.isFinished && starting.last.alarms.isEmpty)
        bench.feed { $0.stop(now: $1) }
        #expect(bench.timers == [.zero] && !bench.last.isFinished)
        var failing = bench
        bench.answerTimer()
        #expect(bench.last.isFinished && bench.last.alarms.isEmpty)
        var alarms: [String] = []
        for _ in 0..<30 where !failing.last.isFinished {
            failing.answerTimer(away)
            alarms += failing.last.alarms
            failing.tickAfter(1000)
            alarms += failing.last.alarms
        }
        #expect(failing.last.isFinished)
        #expect(alarms.contains { $0.contains("could not switch the dead-man timer") }, "\(alarms)")
    }

    @Test func `answers to older requests change nothing`() throws {
        var bench = try LiveBench(.entries)
        try bench.ready()
        bench.feed { $0.deadManResult(7, nil, now: $1) }
        #expect(bench.instance.deadMan.keptUntil == nil && bench.instance.deadMan.isPaused)
        // One that is never answered is sent again.
        var sent = 0
        for _ in 0..<40 {
            bench.tickAfter(1000)
            sent += bench.timers.count
        }
        #expect(sent >= 1 && bench.sent.isEmpty)
    }

    @Test func `the balances of the first reading are recorded once, and not of a job that had orders before`() throws {
        var bench = try LiveBench()
        try bench.ready("750.5")
        #expect(try bench.books().startBalance(of: "USDT") == Amount("750.5"))
        #expect(try bench.books().startBalance(of: "BTC") == .zero)
        bench.pass(61_000)
        bench.feed { $0.tick(now: $1) }
        bench.read("10")
        bench.instance = try LiveBench.make(bench.setup, bench.pair)
        try bench.start()
        bench.read("20")
        #expect(try bench.books().startBalance(of: "USDT") == Amount("750.5"))
        // An earlier build began it without the record: what it had then nobody knows.
        var old = try LiveBench()
        try old.ready("1000")
        _ = try #require(old.tick().first)
        old.journal = try old.journal.filter {
            guard case .note(let kind, let bytes) = try JournalRecord(decoding: $0) else { return true }
            if case .startBalances? = try JournalNote(kind: kind, bytes) { return false }
            return true
        }
        old.instance = try LiveBench.make(old.setup, old.pair)
        try old.start()
        old.read("850")
        #expect(try old.books().startBalance(of: "USDT") == nil)
    }
}
