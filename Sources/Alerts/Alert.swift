/// How bad it is; the order is that of urgency.
package enum AlertSeverity: String, Hashable, Sendable, CaseIterable, Comparable {
    case info, warning, error, critical

    package static func < (a: AlertSeverity, b: AlertSeverity) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Something that a person should hear of.
package struct Alert: Hashable, Sendable {
    /// What happened; the raw values are what webhooks read.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A job ended, or an attempt at one, because of a failure.
        case jobFailed = "job_failed"
        /// A configuration or a venue file cannot be used and is read again.
        case configuration
        /// Something that must not be: a job that is not the one that was submitted, an order that no gate let through.
        case safetyViolation = "safety_violation"
        /// Nobody knows what went wrong, so that everything of it stops.
        case emergencyStop = "emergency_stop"
        /// A stop reached a worker that trades.
        case haltReceived = "halt_received"
        /// The order gate lets less through than before.
        case gateClosed = "gate_closed"
        case gateOpened = "gate_opened"
        /// A live job needs a person to look at its account: breaker, orders, money, what the venue does not answer.
        case account
        case workerLost = "worker_lost"
        /// The coordinator hands no work out.
        case dispatchHeld = "dispatch_held"
    }

    package var severity: AlertSeverity
    package var kind: Kind
    /// The process that tells: a worker's name, `coordinator`.
    package var source: String
    /// The job it is about.
    package var job: String?
    /// Of a live job.
    package var account: String?
    package var venue: String?
    /// One sentence for people. No secret is ever in it.
    package var text: String
    /// What is being done about it, and by whom.
    package var action: String
    /// Wall time in milliseconds.
    package var time: Int64

    package init(
        _ severity: AlertSeverity, _ kind: Kind, source: String, job: String? = nil, account: String? = nil, venue: String? = nil,
        text: String, action: String = "", time: Int64
    ) {
        self.severity = severity
        self.kind = kind
        self.source = source
        self.job = job
        self.account = account
        self.venue = venue
        self.text = text
        self.action = action
        self.time = time
    }

    /// Alerts with the same topic are the same news. Numbers in a text (attempts, times) do not make it another.
    var topic: Topic {
        Topic(
            kind: kind, source: source, job: job,
            text: String(decoding: text.utf8.filter { !(0x30...0x39).contains($0) }, as: UTF8.self))
    }

    struct Topic: Hashable, Sendable {
        var kind: Kind
        var source: String
        var job: String?
        var text: String
    }
}
