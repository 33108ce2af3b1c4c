package import Alerts
package import Configuration
package import Exchange
package import Logging
internal import Synchronization

/// Tells people what they should hear of: the log always, a webhook where one is configured.
///
/// `send` may be called from any thread and returns at once. Deliveries are one after the other in a task of their own; what they do is
/// decided by `AlertFilter` and `AlertOutbox`. Nothing here ever delays or stops trading.
package final class AlertSender: Sendable {
    /// Time and waiting, so that tests need neither.
    package struct Clock: Sendable {
        /// Milliseconds of a clock that never goes back.
        package var now: @Sendable () -> Int64
        /// Returns after so many milliseconds, or when the task is canceled.
        package var sleep: @Sendable (Int64) async -> Void

        package init(now: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (Int64) async -> Void) {
            self.now = now
            self.sleep = sleep
        }

        package static let system = Clock(
            now: { [start = ContinuousClock.now] in
                let (seconds, attoseconds) = (ContinuousClock.now - start).components
                return seconds * 1000 + attoseconds / 1_000_000_000_000_000
            },
            sleep: { try? await Task.sleep(for: .milliseconds($0)) })
    }

    private struct State {
        var filter: AlertFilter
        var outbox: AlertOutbox
        /// Resumed when something was added, or the end is near.
        var waiter: CheckedContinuation<Void, Never>?
        var isWoken = false
        var isEnding = false
        /// Whether the coordinator has handed work out since its start: it begins with a hold.
        var wasReleased = false
    }

    private let source: String
    private let log: Logger
    private let webhook: Webhook?
    private let clock: Clock
    private let wallClock: @Sendable () -> Int64
    private let state: Mutex<State>

    /// - Parameters:
    ///   - source: who tells: the process's name.
    ///   - client: carries the webhook's requests; nil: there is only the log.
    package init(
        _ configuration: AlertConfiguration, source: String, client: (any WebClient)?, log: Logger,
        outbox: AlertOutbox.Settings = AlertOutbox.Settings(), clock: Clock = .system, wallClock: @escaping @Sendable () -> Int64
    ) {
        self.source = source
        self.log = log
        self.clock = clock
        self.wallClock = wallClock
        webhook = client.flatMap { client in configuration.webhook.map { Webhook($0, client) } }
        var settings = AlertFilter.Settings()
        settings.level = AlertSeverity(configuration.level)
        settings.interval = configuration.interval.wholeAlertMilliseconds
        settings.perMinute = configuration.perMinute
        state = Mutex(State(filter: AlertFilter(settings), outbox: AlertOutbox(outbox)))
    }

    /// Tells an alert; returns at once.
    package func send(
        _ severity: AlertSeverity, _ kind: Alert.Kind, job: String? = nil, account: String? = nil, venue: String? = nil,
        _ text: String, action: String = ""
    ) {
        let alert = Alert(
            severity, kind, source: source, job: job, account: account, venue: venue, text: text, action: action,
            time: wallClock())
        let now = clock.now()
        let told = state.withLock { state -> AlertFilter.Told? in
            let told = state.filter.take(alert, now: now)
            if let told, webhook != nil, !state.isEnding { state.outbox.add(told, now: now) }
            return told
        }
        guard let told else { return }
        write(told)
        if webhook != nil { wake() }
    }

    private func write(_ told: AlertFilter.Told) {
        let alert = told.alert
        var metadata: Logger.Metadata = ["kind": "\(alert.kind.rawValue)"]
        if let job = alert.job { metadata["job"] = "\(job)" }
        if let account = alert.account { metadata["account"] = "\(account)" }
        if let venue = alert.venue { metadata["venue"] = "\(venue)" }
        if !alert.action.isEmpty { metadata["action"] = "\(alert.action)" }
        if told.repeated > 0 { metadata["repeated"] = "\(told.repeated)" }
        if told.leftOut > 0 { metadata["left_out"] = "\(told.leftOut)" }
        log.log(level: alert.severity.logLevel, "alert: \(alert.text)", metadata: metadata)
    }

    /// Whether a hold of the coordinator is news.
    func noteHold(_ isHeld: Bool) -> Bool {
        state.withLock { state in
            if !isHeld { state.wasReleased = true }
            return isHeld && state.wasReleased
        }
    }

    // MARK: - Delivery

    /// Delivers to the webhook until `finish`, or until the task is canceled; returns at once where there is none.
    package func run() async {
        guard let webhook else { return }
        while !Task.isCancelled {
            let (directive, isEnding) = state.withLock { ($0.outbox.next(now: clock.now()), $0.isEnding) }
            switch directive {
            case .deliver(let told, let lost): await deliver(told, lost, webhook)
            case .wait(let time): await pause(until: time)
            case .idle:
                if isEnding { return }
                await waitForNews()
            }
        }
    }

    private func deliver(_ told: AlertFilter.Told, _ lost: Int, _ webhook: Webhook) async {
        let (outcome, problem) = await webhook.post(told.webhookBody(lost: lost))
        let isLost = state.withLock { $0.outbox.finished(outcome, now: clock.now()) }
        guard let problem else { return }
        log.warning(
            isLost ? "an alert could not be delivered and is given up" : "an alert could not be delivered, trying again",
            metadata: ["webhook": "\(webhook)", "cause": "\(problem)", "kind": "\(told.alert.kind.rawValue)"])
    }

    /// News do not cut the pause: what failed a moment ago is not tried again for them.
    private func pause(until time: Int64) async { await clock.sleep(max(time - clock.now(), 1)) }

    private func waitForNews() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWoken = state.withLock { state in
                    if state.isWoken || Task.isCancelled {
                        state.isWoken = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isWoken { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
    }

    private func wake() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.isWoken = true }
            return state.waiter
        }
        waiter?.resume()
    }

    /// `run` returns once what waits is delivered or given up. Nothing more is taken for the webhook.
    package func finish() {
        state.withLock { $0.isEnding = true }
        wake()
    }

    /// Runs `body` with deliveries beside it; at its end they get `patience` to be done.
    package func running<Result: Sendable>(
        patience: Duration = .seconds(3), _ body: () async throws -> Result
    ) async throws -> Result {
        let delivery = Task { await run() }
        defer { delivery.cancel() }
        let result: Result
        do { result = try await body() } catch {
            await end(delivery, patience)
            throw error
        }
        await end(delivery, patience)
        return result
    }

    private func end(_ delivery: Task<Void, Never>, _ patience: Duration) async {
        finish()
        let limit = Task { [clock] in
            await clock.sleep(patience.wholeAlertMilliseconds)
            delivery.cancel()
        }
        await delivery.value
        limit.cancel()
    }
}

extension AlertSeverity {
    init(_ level: AlertConfiguration.Level) {
        self =
            switch level {
            case .info: .info
            case .warning: .warning
            case .error: .error
            case .critical: .critical
            }
    }

    var logLevel: Logger.Level {
        switch self {
        case .info: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}

extension Duration {
    var wholeAlertMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max / 4 : product + attoseconds / 1_000_000_000_000_000
    }
}
