package import Exchange
import Market
import Money

/// Order management of one live job on one account, as a value: takes what the loop wants, what the venue says and the time, and
/// returns directives (see `OrderDirective` for the one rule that its shell must keep).
///
/// `now` is the venue's time as we know it: deadlines and the proof that an order was never placed are in that time.
package struct OrderManager: Sendable {
    package struct Settings: Hashable, Sendable {
        /// How long after its deadline an order may still come to effect at the venue (`TradingVenue.backendTimeout`).
        package var backendTimeout = Duration.seconds(10)
        /// How wrong our idea of the venue's time may be.
        package var clockMargin = Duration.seconds(2)
        /// Waits between look-ups, and between attempts to cancel: the first, then doubled up to the last.
        package var firstWait = Duration.milliseconds(250)
        package var longestWait = Duration.seconds(5)
        /// An accepted cancel is looked up where nothing is heard of it for so long.
        package var cancelConfirmation = Duration.seconds(2)
        /// A call that the shell never reported on is made again after this.
        package var answerTimeout = Duration.seconds(60)
        /// How long fills may lag behind the order's report before they are asked for.
        package var fillGrace = Duration.seconds(1)
        package var reconcileEvery = Duration.seconds(60)
        package var reconcileRetry = Duration.seconds(1)
        package var longestReconcileRetry = Duration.seconds(30)
        /// Fills that are asked for by time are asked for from so long before the order.
        package var fillMargin = Duration.seconds(60)
        /// Fills are asked for as long after an order's end.
        package var fillTail = Duration.seconds(600)
        /// Fruitless look-ups of an order that the venue had, until a person is told.
        package var patience = 5

        package init() {}
    }

    package let identity: OrderIdentity
    package let settings: Settings
    package internal(set) var ledger = OrderLedger()
    /// What is under way for orders that are not settled.
    var work: [OrderTicket: OrderWork] = [:]
    /// Names of instruments, in all of the venue's spellings.
    var pairs: [String: Pair] = [:]
    /// Fills whose order we do not know (yet), by the venue's id of the order.
    var orphans: [OrderLedger.VenueKey: [Fill]] = [:]
    var orphanCount = 0
    var identified: Set<OrderLedger.VenueKey> = []
    var shown: Set<VenueOrderID> = []
    var reconciliation = ReconciliationState()
    /// Set where records may be missing.
    var recovery: OrderRecovery?
    /// The newest that the venue said, by currency.
    var newestBalances: [String: Balance] = [:]
    var hasSecondOwner = false
    var hasContradiction = false
    package internal(set) var blocked: Set<BlockReason> = [.notReconciled]

    /// Fills of others that are kept in case they turn out to be ours.
    static let orphanLimit = 10_000

    /// A journal that cannot be replayed. The job must not trade: a person has to look at the journal.
    package struct ReplayError: Error, Hashable, Sendable, CustomStringConvertible {
        package var record: Int
        package var fault: OrderLedger.Fault
        package var description: String { "record \(record) of the order journal contradicts those before it: \(fault)" }
    }

    /// After a start, with all records of the journal; call `start` next. `instruments`: at least those of the orders that are not settled.
    package init(
        _ identity: OrderIdentity, settings: Settings = Settings(), instruments: [TradedInstrument] = [],
        replaying records: some Sequence<JournalRecord> = []
    ) throws(ReplayError) {
        var ledger = OrderLedger()
        for (index, record) in records.enumerated() {
            do { try ledger.apply(record) } catch { throw ReplayError(record: index + 1, fault: error) }
        }
        self.init(identity, settings: settings, instruments: instruments, ledger: ledger)
    }

    /// As the other one, with the journal's records added up already.
    package init(
        _ identity: OrderIdentity, settings: Settings = Settings(), instruments: [TradedInstrument], ledger: OrderLedger
    ) {
        self.identity = identity
        self.settings = settings
        self.ledger = ledger
        for instrument in instruments { know(instrument) }
        note(ledger.balances)
        for (ticket, order) in ledger.orders where !order.isQuiet || order.mayBeStray {
            work[ticket] = OrderWork()
            work[ticket]?.isStray = order.mayBeStray
        }
    }

    mutating func note(_ balances: [Balance]) {
        for balance in balances { newestBalances[balance.asset] = balance }
    }

    /// Learns how the venue calls an instrument.
    package mutating func know(_ instrument: TradedInstrument) {
        for name in [instrument.symbol, instrument.streamSymbol] + instrument.aliases { pairs[name] = instrument.pair }
    }

    /// The lowest ticket that the loop may use.
    package var nextTicket: OrderTicket { ledger.nextTicket }
    package func order(_ ticket: OrderTicket) -> OrderState? { ledger.orders[ticket] }
    /// Orders that may still change at the venue, as far as we know, by ticket.
    package var unsettledOrders: [OrderState] { work.keys.sorted().compactMap { ledger.orders[$0] } }
    /// The account's balances as they were told last, sorted by currency.
    package var balances: [Balance] { newestBalances.values.sorted { $0.asset < $1.asset } }
    /// The venue's state was read, and nothing is open between it and us.
    package var isReconciled: Bool { blocked.isEmpty }
}

/// What is under way for an order in this life of the process.
struct OrderWork: Hashable, Sendable {
    /// Handed to the shell in this life; no answer yet.
    var awaitsAnswer = false
    var lookUp: Attempt?
    var cancel: Attempt?
    /// Not among the open orders although it should be, or its end was told without saying how much was filled.
    var isMissing = false
    /// It turned up at the venue after we had given it up: it is to be canceled.
    var isStray = false
    /// When missing fills are asked for.
    var fillsDue: Timestamp?
    /// Fruitless look-ups.
    var absences = 0
    var isAlarmed = false
}

/// Something that is tried until it works.
struct Attempt: Hashable, Sendable {
    /// The wait before the next one.
    var wait: Duration
    /// When it is made (again): the end of the wait, or of the time that an answer may take.
    var nextAt: Timestamp
    var isUnderWay: Bool
}

struct ReconciliationState: Hashable, Sendable {
    var number = 0
    var isUnderWay = false
    /// Whether the venue's state was read since the start and the last loss of the stream.
    var isDone = false
    var nextAt: Timestamp?
    var requestedAt: Timestamp?
    var asked: [ReconciliationRequest.Fills] = []
    var failures = 0
    /// Whether all pairs with orders are asked for, not only those with new ones.
    var isWide = true
}

extension OrderState {
    /// Ended, with all its fills.
    var isQuiet: Bool { status.isFinal && !lacksFills && heldEnd == nil }

    /// We gave it up, then it was seen at the venue, and its end was not seen since.
    var mayBeStray: Bool {
        (status == .denied || status == .notPlaced || status == .rejected) && venueOrderID != nil && wantsCancel
    }
}

extension Timestamp {
    /// So much later, at most the end of time.
    func later(_ wait: Duration) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(wait.wholeMilliseconds)
        return Timestamp(milliseconds: overflow ? .max : sum)
    }

    func earlier(_ wait: Duration) -> Timestamp {
        let (rest, overflow) = milliseconds.subtractingReportingOverflow(wait.wholeMilliseconds)
        return Timestamp(milliseconds: overflow ? .min : rest)
    }
}
