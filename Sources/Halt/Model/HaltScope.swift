/// What a stop covers. From wide to narrow: fleet, exchange, account, strategy, job.
package enum HaltScope: Hashable, Sendable {
    case fleet
    case exchange(String)
    case account(String)
    case strategy(String)
    case job(String)

    /// Whether everything in `other` is surely in this scope: true for the fleet and for the same scope.
    ///
    /// Which account is on which exchange is not known here, so an exchange is not said to contain an account; see `covers`.
    package func contains(_ other: HaltScope) -> Bool { self == .fleet || self == other }

    /// Whether the subject is in this scope. An attribute that is unknown counts as a match: in doubt, stopped.
    package func covers(_ subject: HaltSubject) -> Bool {
        switch self {
        case .fleet: true
        case .exchange(let name): subject.exchange.matches(name)
        case .account(let name): subject.account.matches(name)
        case .strategy(let name): subject.strategy.matches(name)
        case .job(let id): subject.job.matches(id)
        }
    }
}

/// Something that can be stopped: a job with its place in the scopes, or the process that waits for one.
package struct HaltSubject: Hashable, Sendable {
    /// One attribute of a subject.
    package enum Attribute: Hashable, Sendable {
        /// It has none: a backtest has no account.
        case absent
        /// It has or may have one that is not known: matches every name.
        case unknown
        case named(String)

        package func matches(_ name: String) -> Bool {
            switch self {
            case .absent: false
            case .unknown: true
            case .named(let own): own == name
            }
        }
    }

    package var exchange: Attribute
    package var account: Attribute
    package var strategy: Attribute
    package var job: Attribute

    package init(exchange: Attribute, account: Attribute, strategy: Attribute, job: Attribute) {
        self.exchange = exchange
        self.account = account
        self.strategy = strategy
        self.job = job
    }

    /// A process without work: only a stop of the fleet covers it.
    package static let idle = HaltSubject(exchange: .absent, account: .absent, strategy: .absent, job: .absent)

    /// Nothing is known: every stop covers it.
    package static let unknown = HaltSubject(exchange: .unknown, account: .unknown, strategy: .unknown, job: .unknown)
}
