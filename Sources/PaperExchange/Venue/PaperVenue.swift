import Market
package import Matching
import Money
import SyntheticMarket

/// A venue that is none: matching engine, accounts, a market that moves, and faults. Its protocols are put over it by a dialect.
///
/// Pure: time is passed in, all chance follows from a seed.
package struct PaperVenue: Sendable {
    /// An account of the venue.
    package struct Account: Sendable {
        package let settings: PaperVenueSettings.Account
        package let id: AccountID
        /// Kraken: the highest nonce seen.
        package var lastNonce: UInt64?
    }

    package let settings: PaperVenueSettings
    package private(set) var instruments: [PaperInstrument] = []
    package private(set) var assets: [PaperAsset] = []
    package internal(set) var accounts: [Account] = []
    package internal(set) var engine: MatchingEngine
    package internal(set) var histories: [PaperCandleHistory] = []
    package var faults: FaultPlan
    /// The venue's time without skew, in milliseconds.
    package private(set) var now: Int64
    /// What happened and was not published yet.
    var events: [PaperEvent] = []
    var drivers: [MarketDriver] = []
    /// Instruments whose recording is over.
    package internal(set) var ended: Set<Int> = []
    let house: AccountID
    var random: SplitMix64

    package init(_ settings: PaperVenueSettings) throws(PaperSetupError) {
        self.settings = settings
        now = settings.start.milliseconds
        faults = FaultPlan(seed: SplitMix64.mixed(settings.seed ^ 0xFA17))
        random = SplitMix64(seed: SplitMix64.mixed(settings.seed ^ 0x5EED))
        assets = try PaperVenueBuilder.assets(settings)
        do {
            engine = try MatchingEngine(.init(assetCount: assets.count))
            house = try engine.addAccount(.house, history: 0, fills: 0, isReported: false)
            for (index, instrument) in settings.instruments.enumerated() {
                let built = try PaperVenueBuilder.instrument(instrument, assets, InstrumentID(Int32(index)), settings.feesPaidIn)
                _ = try engine.addInstrument(built.rules)
                instruments.append(built)
            }
            for account in settings.accounts {
                let id = try engine.addAccount(.ordinary, history: 10_000, fills: 10_000)
                accounts.append(Account(settings: account, id: id))
            }
        } catch let error as MatchingEngine.SetupError {
            throw PaperSetupError("\(settings.name): \(error)")
        } catch let error as PaperSetupError {
            throw error
        } catch {
            throw PaperSetupError("\(settings.name): \(error)")
        }
        try fund()
        startMarkets()
    }

    /// Deposits what the accounts begin with.
    private mutating func fund() throws(PaperSetupError) {
        for account in accounts {
            for (name, amount) in account.settings.balances.sorted(by: { $0.key < $1.key }) {
                guard let asset = assets.first(where: { $0.name == name }) else {
                    throw PaperSetupError(
                        "\(settings.name), account \(account.settings.name): no instrument has the currency \(name)")
                }
                guard let units = asset.units(amount), units >= 0 else {
                    throw PaperSetupError("\(settings.name), account \(account.settings.name): \(amount) \(name) cannot be held")
                }
                do { if units > 0 { try engine.deposit(units, asset.id, to: account.id) } } catch {
                    throw PaperSetupError("\(settings.name), account \(account.settings.name): \(amount) \(name): \(error)")
                }
            }
        }
        engine.removeEvents()
    }

    package func asset(named name: String) -> PaperAsset? { assets.first { $0.name == name } }
    package func asset(_ id: AssetID) -> PaperAsset { assets[Int(id.rawValue)] }
    package func instrument(_ id: InstrumentID) -> PaperInstrument { instruments[Int(id.rawValue)] }
    package func history(_ id: InstrumentID) -> PaperCandleHistory { histories[Int(id.rawValue)] }
    package func accountIndex(key: String) -> Int? { accounts.firstIndex { $0.settings.key == key } }
    package func account(_ id: AccountID) -> Account? { accounts.first { $0.id == id } }

    /// The time that the venue tells, skew included.
    package var clock: Int64 { now + faults.clockSkew(at: now) }

    /// Lets the venue's time go on: the market moves, orders expire. Time never goes back.
    package mutating func advance(to time: Int64) {
        guard time > now else { return }
        moveMarkets(upTo: time)
        now = time
        engine.advance(to: time)
        collect()
    }

    /// Everything that happened since it was asked last; the books' changes with it where `depth` says so.
    package mutating func drainEvents(depth: Bool) -> [PaperEvent] {
        if depth {
            for instrument in instruments {
                let changes = engine.drainDepthChanges(instrument.id)
                if !changes.isEmpty { events.append(.depth(instrument.id, changes)) }
            }
        }
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// Makes events of what the engine reported.
    mutating func collect() {
        var touched: [AccountID: Set<AssetID>] = [:]
        for trade in engine.trades {
            histories[Int(trade.instrument.rawValue)].add(trade)
            events.append(.trade(trade))
        }
        for update in engine.updates {
            events.append(.order(update))
            let rules = instrument(update.order.instrument).rules
            touched[update.order.account, default: []].formUnion([rules.base, rules.quote])
        }
        for list in engine.listUpdates { events.append(.list(list)) }
        for (account, assets) in touched.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            events.append(.balances(account, assets.sorted { $0.rawValue < $1.rawValue }))
        }
        engine.removeEvents()
    }
}

/// Something that streams tell.
package enum PaperEvent: Sendable {
    case trade(Trade)
    case order(OrderUpdate)
    case list(OrderList)
    /// These balances of the account may have changed.
    case balances(AccountID, [AssetID])
    case depth(InstrumentID, DepthChanges)
}
