internal import Configuration
internal import Coordination
internal import FleetProtocol

/// A dry-run or live job as its orders, trades and profit are shown: where it trades, with what, in which currency.
struct TradingJob: Hashable, Sendable {
    /// Dry-run and live are never in one table, sum or list.
    enum Kind: String, Sendable, CaseIterable {
        case dryRun = "dry-run"
        case live
    }

    /// Why a job's submission cannot be read.
    struct Problem: Error, Equatable, CustomStringConvertible {
        var description: String
    }

    var id: JobID
    var kind: Kind
    var state: JobState
    /// What lists call it.
    var group: String
    var exchange: String
    var strategy: String
    var stakeCurrency: String

    init(
        id: JobID, kind: Kind, state: JobState, group: String, exchange: String, strategy: String, stakeCurrency: String
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.group = group
        self.exchange = exchange
        self.strategy = strategy
        self.stakeCurrency = stakeCurrency
    }

    /// Reads what was submitted. The strategy need not be one of this executable: another build may have submitted the job.
    init(_ answer: JobAnswer) throws(Problem) {
        let specification: JobSpecification
        do { specification = try JobSpecification(decoding: answer.payload) } catch {
            throw Problem(description: "what was submitted cannot be read: \(error)")
        }
        let value: ConfigValue
        do throws(JSONReader.SyntaxError) {
            value = try JSONReader.read(specification.configuration, origin: .none, options: .strict).value
        } catch {
            throw Problem(description: "its configuration cannot be read: \(error.problem)")
        }
        guard let kind = Kind(rawValue: answer.line.kind.name) else {
            throw Problem(description: "it is a \(answer.line.kindName) and has no orders")
        }
        let mode = value["execution", "mode"]?.string ?? ""
        // A job that calls itself two things is shown as neither: simulated money must never stand in a table of real money.
        guard specification.kind == kind.rawValue, mode == kind.rawValue else {
            throw Problem(
                description:
                    "it is queued as \(kind.rawValue), was submitted as '\(specification.kind)', and its mode is '\(mode)'")
        }
        guard let exchange = value["exchange", "name"]?.string, let strategy = value["strategy"]?.string,
            let currency = value["stake_currency"]?.string
        else { throw Problem(description: "its configuration names no exchange, strategy or stake_currency") }
        self.init(
            id: answer.line.id, kind: kind, state: answer.line.state, group: answer.line.group, exchange: exchange,
            strategy: strategy, stakeCurrency: currency)
    }
}

/// A job that cannot be shown, and why.
struct JobProblem: Error, Encodable, Equatable {
    var job: Int64
    var problem: String
}

/// Rows of dry-run and of live jobs, apart from each other.
struct ByKind<Value> {
    var dryRun: Value
    var live: Value

    init(_ value: Value) {
        dryRun = value
        live = value
    }

    subscript(_ kind: TradingJob.Kind) -> Value {
        get { kind == .dryRun ? dryRun : live }
        set { if kind == .dryRun { dryRun = newValue } else { live = newValue } }
    }

    /// Changes one of them in place.
    mutating func change(_ kind: TradingJob.Kind, _ body: (inout Value) -> Void) {
        switch kind {
        case .dryRun: body(&dryRun)
        case .live: body(&live)
        }
    }
}

extension ByKind: Sendable where Value: Sendable {}
