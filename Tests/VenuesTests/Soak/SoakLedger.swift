import Connectors
import Exchange
import Market
import Money

/// What our side came to know of its orders, fills and balances: by answers, by the user stream, by what is read after its reconnects.
///
/// A value without judgement: contradictions are kept, to be told when the round is over.
struct SoakLedger: Sendable {
    enum Outcome: Hashable, Sendable { case underWay, placed, notPlaced, unknown }

    struct Entry: Sendable {
        let pair: Pair
        var outcome = Outcome.underWay
        var venueID: VenueOrderID?
        var status: OrderReport.Status?
        var filled = Quantity.zero
        /// Whether a final state was told by the user stream, not only asked for.
        var isFinalByStream = false
    }

    let instruments: [TradedInstrument]
    private(set) var orders: [ClientOrderID: Entry] = [:]
    /// By pair and trade id.
    private(set) var fills: [String: Fill] = [:]
    private(set) var balances: [String: Amount] = [:]
    private(set) var isReady = false
    private(set) var reconnects = 0
    /// What cannot be: a fill that was told twice, an end that changed.
    private(set) var contradictions: [String] = []
    /// What the user stream told last of itself, to understand why something does not come.
    private(set) var told: [String] = []
    private var names: [VenueOrderID: ClientOrderID] = [:]
    /// Reports that name an order only by an id of the venue that is not known yet.
    private var strays: [VenueOrderID: [(report: OrderReport, isStream: Bool)]] = [:]

    init(_ instruments: [TradedInstrument]) { self.instruments = instruments }

    func pair(_ symbol: String) -> Pair? {
        instruments.first { $0.symbol == symbol || $0.streamSymbol == symbol || $0.aliases.contains(symbol) }?.pair
    }

    func instrument(_ pair: Pair) -> TradedInstrument? { instruments.first { $0.pair == pair } }

    /// The order that a fill belongs to; nil: an order that nobody knows.
    func order(of fill: Fill) -> ClientOrderID? { fill.clientOrderID ?? fill.venueOrderID.flatMap { names[$0] } }

    /// Orders of these outcomes that are not known to have ended, in an order that does not depend on hashing.
    func open(_ outcomes: Set<Outcome>) -> [ClientOrderID] {
        orders.filter { outcomes.contains($0.value.outcome) && !($0.value.status?.isFinal ?? false) }.keys
            .sorted { $0.text < $1.text }
    }

    var strayOrders: [VenueOrderID] { strays.keys.sorted { $0.text < $1.text } }

    // MARK: - Changes

    mutating func begin(_ id: ClientOrderID, _ pair: Pair) { orders[id] = Entry(pair: pair) }

    /// The stream may know more than those who were asked: what it told of is there.
    mutating func settle(_ id: ClientOrderID, _ outcome: Outcome) {
        let isThere = orders[id]?.status != nil
        orders[id]?.outcome = outcome == .unknown && isThere ? .placed : outcome
    }

    mutating func take(_ update: AccountUpdate) {
        switch update {
        case .stream(.account(.order(let report, let fill))):
            take(report, isStream: true)
            if let fill { add(fill, "the stream") }
        case .stream(.account(.balances(let list))): take(list)
        case .stream(.ready):
            isReady = true
            note("ready")
        case .stream(.lost(let reason)):
            note("lost: \(reason)")
            isReady = false
            reconnects += 1
        case .reconciled(let snapshot):
            for report in snapshot.openOrders { take(report, isStream: false) }
            for fill in snapshot.fills { add(fill, "a reconnect") }
            take(snapshot.balances)
        case .overflow(let dropped): contradictions.append("\(dropped) updates were dropped although somebody read them")
        case .stream(.account(.ended(let reason))): note("ended: \(reason)")
        case .stream(.refused(let error)), .stream(.unreadable(let error)): note("\(error)")
        }
    }

    private mutating func note(_ text: String) { told = told.suffix(19) + [text] }

    private mutating func take(_ list: [Balance]) {
        for balance in list { balances[balance.asset] = balance.free.adding(balance.locked) }
    }

    /// Fills are counted by the updates alone: answers to orders tell some of them, too.
    private mutating func add(_ fill: Fill, _ source: String) {
        guard let pair = pair(fill.symbol) else {
            contradictions.append("a fill of \(fill.symbol), which is not traded here")
            return
        }
        if fills.updateValue(fill, forKey: "\(pair) \(fill.tradeID)") != nil {
            contradictions.append("\(source) told the fill \(fill.tradeID) of \(pair) again")
        }
    }

    /// Reports come out of order where messages do: an order's end is kept, and the most that was filled.
    mutating func take(_ report: OrderReport, isStream: Bool) {
        guard let id = report.clientOrderID ?? names[report.venueOrderID] else {
            strays[report.venueOrderID, default: []].append((report, isStream))
            return
        }
        guard var entry = orders[id] else {
            contradictions.append("the venue tells of an order \(id), which nobody placed")
            return
        }
        if entry.venueID == nil {
            entry.venueID = report.venueOrderID
            names[report.venueOrderID] = id
        } else if entry.venueID != report.venueOrderID {
            contradictions.append("\(id) is \(entry.venueID?.text ?? "") and \(report.venueOrderID)")
        }
        if entry.outcome == .unknown { entry.outcome = .placed }
        merge(report, isStream, into: &entry, id)
        orders[id] = entry
        for (stray, isStream) in strays.removeValue(forKey: report.venueOrderID) ?? [] { take(stray, isStream: isStream) }
    }

    private mutating func merge(_ report: OrderReport, _ isStream: Bool, into entry: inout Entry, _ id: ClientOrderID) {
        let wasFinal = entry.status?.isFinal ?? false
        if wasFinal, report.status.isFinal, report.status != entry.status {
            contradictions.append("\(id) ended as \(entry.status.map { "\($0)" } ?? "") and as \(report.status)")
        }
        if !wasFinal { entry.status = report.status }
        if report.status.isFinal, isStream { entry.isFinalByStream = true }
        if let filled = report.filled { entry.filled = max(entry.filled, filled) }
    }
}
