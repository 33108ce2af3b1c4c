package import Exchange
import Market
import Money
import Orders
package import Risk
import TradingLoop

/// How the venue's dead-man timer is used: it cancels every order of the account unless it is renewed in time.
package struct DeadManSettings: Hashable, Sendable {
    /// What a worker that died leaves at the venue for no longer than the timer.
    package enum Cover: Hashable, Sendable, CaseIterable {
        /// Entries and exits. The timer is off while positions have their stops at the venue: those are to outlive the worker.
        case entries
        /// Everything, protective stops included.
        case all
    }

    package var cover: Cover
    /// What the timer is set to.
    package var timeout = Duration.seconds(60)
    /// How long after a renewal the next one is sent.
    package var renewEvery = Duration.seconds(20)
    /// No entries where less than this is left of it.
    package var margin = Duration.seconds(15)
    /// The wait after a failure; it doubles with each further one.
    package var firstRetry = Duration.seconds(1)
    package var longestRetry = Duration.seconds(10)
    /// A request that nobody answered counts as failed after this.
    package var answerTimeout = Duration.seconds(30)
    /// Failures in a row of which a person is told, once the timer is not as it should be.
    package var patience = 3

    package init(_ cover: Cover) { self.cover = cover }

    /// With the machine's times in those of a clock of this pace.
    package func paced(_ pace: Double) -> DeadManSettings {
        var result = self
        for path in [
            \Self.timeout, \.renewEvery, \.margin, \.firstRetry, \.longestRetry, \.answerTimeout,
        ] as [WritableKeyPath<Self, Duration>] {
            result[keyPath: path] = self[keyPath: path] * pace
        }
        return result
    }
}

/// What is known of the timer, and what is under way.
struct DeadManState: Sendable {
    enum Goal: Hashable, Sendable {
        /// It is to run, and is renewed.
        case run
        /// It must not run: stops rest at the venue, or the job ends and leaves orders there.
        case off
        /// It may run out, or was never set.
        case leave
    }

    struct Request: Sendable {
        var number: Int
        var isArming: Bool
        var sentAt: Timestamp
    }

    /// One at a time, so that no older one can overtake a newer one (what comes late the venue refuses by its nonce).
    var request: Request?
    var number = 0
    /// It runs at least until then; nil: it may not be running.
    var keptUntil: Timestamp?
    /// If it runs, it runs out by then at the latest; nil: it is off. What an earlier life left is over after one timeout.
    var endsBy: Timestamp?
    /// It may have run out since it was last known to run.
    var isUncertain = false
    var nextAt: Timestamp?
    var failures = 0
    var lastError = ""
    var isPaused = false
    var isTold = false

    var mayRun: Bool { endsBy != nil }
}

/// The venue's dead-man timer.
extension LiveInstance {
    static let deadManPause = "dead_man_timer"

    /// The venue's answer to `LiveDirective.deadMan`; `error` nil: it did what was asked.
    package mutating func deadManResult(_ number: Int, _ error: VenueError?, now instant: RiskInstant) -> Output {
        begin(instant)
        guard let request = deadMan.request, request.number == number else { return end() }
        deadMan.request = nil
        if let error { failDeadMan(request, error) } else { takeDeadMan(request) }
        return end()
    }

    private mutating func takeDeadMan(_ request: DeadManState.Request) {
        guard let settings = settings.deadMan else { return }
        (deadMan.failures, deadMan.lastError, deadMan.nextAt) = (0, "", nil)
        guard request.isArming else {
            (deadMan.keptUntil, deadMan.endsBy, deadMan.isUncertain) = (nil, nil, false)
            return
        }
        // It may have run out right before it was renewed: only what is read from here on says what the venue did.
        if deadMan.isUncertain || deadMan.keptUntil.map({ $0 <= now.time }) ?? false {
            deadManLapsed(isExpected: deadMan.isUncertain)
        }
        deadMan.isUncertain = false
        deadMan.keptUntil = request.sentAt.later(settings.timeout)
        deadMan.endsBy = now.time.later(settings.timeout)
        deadMan.nextAt = request.sentAt.later(settings.renewEvery)
    }

    private mutating func failDeadMan(_ request: DeadManState.Request, _ error: VenueError) {
        guard let settings = settings.deadMan else { return }
        deadMan.failures += 1
        deadMan.lastError = "\(error)"
        var wait = settings.longestRetry
        switch error.handling {
        case .permanent, .fatal: deadMan.failures = max(deadMan.failures, settings.patience)
        case .retryable, .outcomeUnknown:
            wait = min(settings.firstRetry * (1 << min(deadMan.failures - 1, 20)), settings.longestRetry)
        }
        deadMan.nextAt = now.time.later(wait)
        // It may have arrived all the same.
        if request.isArming, error.handling == .outcomeUnknown { deadMan.endsBy = now.time.later(settings.timeout) }
    }

    // MARK: - What it should be

    /// Positions whose stops are, or are about to be, at the venue.
    private var isProtectedAtVenue: Bool {
        if orders.unsettledOrders.contains(where: { $0.request.purpose == .stopLoss && !$0.status.isFinal }) { return true }
        return trading.orderTypes.stoplossOnExchange && holdsPosition
    }

    private var holdsPosition: Bool { loop.openTradeCount > 0 && loop.openTrades.contains { !$0.held.isZero } }

    private func deadManGoal(_ settings: DeadManSettings) -> DeadManState.Goal {
        // A stop of the fleet cancels everything: that the timer does so once more can only help.
        if isCanceling { return .leave }
        if stopping != nil, loop.hasFinished { return .off }
        if isProtectedAtVenue { return settings.cover == .all ? .run : .off }
        switch gate {
        case .active: return .run
        case .reducing: return holdsPosition ? .run : .leave
        case .halted: return .leave
        }
    }

    private func isKept(_ settings: DeadManSettings) -> Bool {
        deadMan.keptUntil.map { now.time.later(settings.margin) < $0 } ?? false
    }

    /// Why an order that adds risk may not go now; nil: it may.
    var deadManRefusal: String? {
        guard let settings = settings.deadMan, deadManGoal(settings) == .run, !isKept(settings) else { return nil }
        return "\(Self.deadManPause): the venue's dead-man timer does not run, or not for long enough"
    }

    /// The trade of this order may end with what is told of it, and the timer has to run before the next one begins.
    mutating func pauseBeforeTradeEnds(_ order: OrderState) {
        guard let settings = settings.deadMan, isStarted, order.request.purpose != .entry, !deadMan.isPaused,
            deadManGoal(settings) == .off, !isKept(settings)
        else { return }
        deadMan.isPaused = true
        ask { $0.pauseEntries(Self.deadManPause, now: $1) }
    }

    // MARK: - Keeping it

    /// At the start nothing is known: an earlier life may have left it running.
    mutating func beginDeadMan() {
        guard let settings = settings.deadMan else { return }
        deadMan.endsBy = now.time.later(settings.timeout)
        deadMan.isPaused = true
        ask { $0.pauseEntries(Self.deadManPause, now: $1) }
    }

    /// At the end of every input.
    mutating func keepDeadMan() {
        guard let settings = settings.deadMan, isStarted, out.refusal == nil else { return }
        let goal = deadManGoal(settings)
        if let request = deadMan.request, request.sentAt.later(settings.answerTimeout) <= now.time {
            deadMan.request = nil
            failDeadMan(request, VenueError(WebFailure.outcomeUnknown("no answer came"), changesState: true))
        }
        noteLapse(goal)
        sendDeadMan(goal, settings)
        pauseForDeadMan(goal, settings)
    }

    /// From the first to the last moment at which the venue may have canceled everything.
    private mutating func noteLapse(_ goal: DeadManState.Goal) {
        if let kept = deadMan.keptUntil, kept <= now.time {
            deadMan.keptUntil = nil
            deadMan.isUncertain = goal == .run
            deadManLapsed(isExpected: goal == .leave)
        }
        if let end = deadMan.endsBy, end <= now.time {
            deadMan.endsBy = nil
            deadManLapsed(isExpected: goal != .off || deadMan.number == 0)
        }
    }

    private mutating func sendDeadMan(_ goal: DeadManState.Goal, _ settings: DeadManSettings) {
        guard deadMan.request == nil else { return }
        let isArming = goal == .run
        switch goal {
        case .leave: return
        case .off:
            // The next renewal is no reason to wait, a failure is.
            guard deadMan.mayRun, deadMan.failures == 0 || deadMan.nextAt.map({ $0 <= now.time }) ?? true else { return }
            deadMan.keptUntil = nil
        case .run: guard deadMan.nextAt.map({ $0 <= now.time }) ?? true else { return }
        }
        deadMan.number += 1
        deadMan.request = DeadManState.Request(number: deadMan.number, isArming: isArming, sentAt: now.time)
        out.directives.append(.deadMan(number: deadMan.number, isArming ? settings.timeout : .zero))
    }

    private mutating func pauseForDeadMan(_ goal: DeadManState.Goal, _ settings: DeadManSettings) {
        let isKept = isKept(settings)
        let mayEnter = isKept || goal == .off && stopping == nil
        if mayEnter == deadMan.isPaused {
            deadMan.isPaused = !mayEnter
            ask { mayEnter ? $0.resumeEntries(Self.deadManPause, now: $1) : $0.pauseEntries(Self.deadManPause, now: $1) }
        }
        let isMet =
            switch goal {
            case .run: isKept
            case .off: !deadMan.mayRun
            case .leave: true
            }
        if isMet, deadMan.isTold {
            deadMan.isTold = false
            if goal != .leave { out.alarms.append("the dead-man timer of \(risk.account) is as it should be again") }
        } else if !isMet, !deadMan.isTold, deadMan.failures >= settings.patience {
            deadMan.isTold = true
            tellUnkept(goal)
        }
    }

    private mutating func tellUnkept(_ goal: DeadManState.Goal) {
        let end = deadMan.endsBy.map { "; if it runs, the venue cancels every order at \($0)" } ?? ""
        let what =
            goal == .off
            ? "cannot be switched off while orders are to stay" : "cannot be kept, and no entries are made without it"
        out.alarms.append("the dead-man timer of \(risk.account) \(what) (\(deadMan.lastError))\(end)")
    }

    /// The venue has, or may have, canceled what worked there: it is read.
    private mutating func deadManLapsed(isExpected: Bool) {
        if deadMan.failures == 0 { deadMan.nextAt = nil }
        if !isExpected {
            out.alarms.append(
                "the dead-man timer of \(risk.account) was not renewed in time: the venue cancels every order then; the account is read"
            )
        }
        if !orders.unsettledOrders.isEmpty { manage { $0.refresh(now: $1) } }
    }

    var nextDeadManStep: Timestamp? {
        guard let settings = settings.deadMan, isStarted, !out.isFinished else { return nil }
        let answer = deadMan.request.map { $0.sentAt.later(settings.answerTimeout) }
        // What is due was sent by now; a time in the past would wake for nothing.
        let next = deadMan.request == nil && deadManGoal(settings) != .leave ? deadMan.nextAt : nil
        let pause = deadMan.keptUntil.map { $0.later(.zero - settings.margin) }
        return [answer, next, pause, deadMan.keptUntil, deadMan.endsBy].compactMap { $0 }.filter { $0 > now.time }.min()
    }

    /// Whether the job may end as far as the timer goes.
    var isDeadManSettled: Bool {
        guard let settings = settings.deadMan, isStarted else { return true }
        // One that is on its way to the venue may start the timer after the job's end.
        return deadManGoal(settings) != .off || !deadMan.mayRun && deadMan.request?.isArming != true
    }
}
