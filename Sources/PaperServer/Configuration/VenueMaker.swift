import Market
import MarketData
import Matching
import Money
import PaperExchange
import SyntheticMarket

/// Why a paper exchange cannot run.
package struct PaperServerError: Error, Hashable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The file or the candles are at fault.
        case input
        /// The machine is: an address in use, for example.
        case system
    }

    package let kind: Kind
    /// What is wrong, where, and what to do.
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// Makes paper venues of a role file's lines.
struct VenueMaker {
    /// The role file, for messages.
    let path: String
    /// The venue's time at its start, in milliseconds.
    let start: Int64

    func venue(_ venue: PaperExchangeConfiguration.Venue) throws(PaperServerError) -> PaperVenue {
        let settings = try settings(venue)
        do { return try PaperVenue(settings) } catch { throw PaperServerError(.input, "\(path): \(error.description)") }
    }

    private func settings(_ venue: PaperExchangeConfiguration.Venue) throws(PaperServerError) -> PaperVenueSettings {
        let feeds = try feeds(venue)
        var instruments: [PaperVenueSettings.Instrument] = []
        for instrument in venue.instruments {
            guard let feed = feeds.feeds[instrument.pair], let rules = feeds.rules[instrument.pair] else { continue }
            instruments.append(try self.instrument(instrument, venue, rules, feed))
        }
        let accounts = venue.accounts.map { account in
            var result = PaperVenueSettings.Account(
                name: account.name, key: account.key, secret: account.secret, balances: account.balances)
            result.canTrade = account.canTrade
            result.canWithdraw = account.canWithdraw
            return result
        }
        var settings = PaperVenueSettings(
            name: venue.name, instruments: instruments, accounts: accounts, start: Timestamp(milliseconds: start),
            seed: venue.seed)
        settings.base = feeds.base
        settings.speed = venue.speed
        settings.enforcesRateLimits = venue.enforcesRateLimits
        settings.feesPaidIn = venue.dialect == .kraken ? .quote : .received
        return settings
    }

    private func instrument(
        _ written: PaperExchangeConfiguration.Instrument, _ venue: PaperExchangeConfiguration.Venue, _ rules: Instrument,
        _ feed: CandleFeed
    ) throws(PaperServerError) -> PaperVenueSettings.Instrument {
        let mode = rules.precisionMode
        guard let tick = written.tick ?? Self.step(rules.pricePrecision, mode),
            let lot = written.lot ?? Self.step(rules.amountPrecision, mode)
        else {
            throw PaperServerError(
                .input,
                "\(path): \(written.key): neither the file nor the market tells the steps of \(written.pair); write tick and lot")
        }
        let minimum = rules.amountLimits.minimum.flatMap { Quantity("\($0)") }
        return PaperVenueSettings.Instrument(
            pair: written.pair, tick: tick, lot: lot, minimumQuantity: written.minimumQuantity ?? minimum ?? lot,
            minimumNotional: written.minimumNotional ?? rules.costLimits.minimum.flatMap { Amount("\($0)") } ?? .zero,
            makerFee: venue.makerFee, takerFee: venue.takerFee, feed: feed)
    }

    /// A step as the instrument's mode means it; nil where it is none above zero.
    private static func step<Kind>(_ value: Double?, _ mode: Instrument.PrecisionMode) -> FixedPoint<Kind>? {
        guard let value else { return nil }
        switch mode {
        case .tickSize: return FixedPoint<Kind>("\(value)").flatMap { $0.isPositive ? $0.trimmed : nil }
        case .decimalPlaces: return (0...18).contains(value) ? FixedPoint(units: 1, decimals: Int(value)) : nil
        case .significantDigits: return nil
        }
    }

    // MARK: - Feeds

    private struct Feeds {
        var base: Timeframe
        var feeds: [Pair: CandleFeed] = [:]
        var rules: [Pair: Instrument] = [:]
    }

    private func feeds(_ venue: PaperExchangeConfiguration.Venue) throws(PaperServerError) -> Feeds {
        switch venue.feed {
        case .synthetic(let seed): return try synthetic(venue, seed: seed)
        case .recorded(let folder, let exchange, let timeframe, let from):
            do throws(MarketDataError) {
                let store = try CandleStore(folder: folder, exchange: exchange)
                return try recorded(venue, store, timeframe, from: from)
            } catch {
                throw PaperServerError(error.kind == .inputOutput ? .system : .input, "\(path): \(venue.name): \(error)")
            }
        }
    }

    private func market(
        _ venue: PaperExchangeConfiguration.Venue, seed: UInt64
    ) throws(PaperServerError) -> SyntheticMarket {
        let first = start - Int64(venue.history.inMilliseconds)
        do throws(SyntheticMarket.Failure) {
            var market = try SyntheticMarket(
                seed: seed, pairs: venue.instruments.map(\.pair), start: Timestamp(milliseconds: first), days: 1)
            market.makerFee = Double(venue.makerFee) / 1e8
            market.takerFee = Double(venue.takerFee) / 1e8
            return market
        } catch {
            throw PaperServerError(.input, "\(path): \(venue.name): \(error)")
        }
    }

    private func synthetic(_ venue: PaperExchangeConfiguration.Venue, seed: UInt64) throws(PaperServerError) -> Feeds {
        let market = try market(venue, seed: seed)
        var result = Feeds(base: market.base)
        for pair in market.pairs {
            result.feeds[pair] = .synthetic(market.stream(pair))
            result.rules[pair] = market.instrument(pair)
        }
        return result
    }

    /// The recording's candles with their times moved so that the one of `from` opens when the venue starts. All instruments are moved
    /// by the same time, a multiple of the timeframe.
    private func recorded(
        _ venue: PaperExchangeConfiguration.Venue, _ store: CandleStore, _ timeframe: Timeframe, from: Timestamp?
    ) throws(MarketDataError) -> Feeds {
        var all: [Pair: Candles] = [:]
        for pair in venue.instruments.map(\.pair) { all[pair] = try store.prepared(CandleKey(pair, timeframe)) }
        let history = Int64(venue.history.inMilliseconds)
        let firsts = all.values.compactMap(\.times.first)
        guard let earliest = firsts.max() else {
            throw MarketDataError(.content, file: store.folder, "holds no candle of the venue's instruments", remedy: "Get some")
        }
        let begin = timeframe.floor(Timestamp(milliseconds: from?.milliseconds ?? (earliest + history))).milliseconds
        let shift = timeframe.floor(Timestamp(milliseconds: start)).milliseconds - begin
        let known = try? store.instruments()
        var result = Feeds(base: timeframe)
        for (pair, candles) in all {
            guard let last = candles.times.last, let first = candles.times.first, (first...last).contains(begin) else {
                throw MarketDataError(
                    .content, file: store.path(CandleKey(pair, timeframe)),
                    "has no candle at \(Timestamp(milliseconds: begin)), where the recording is to begin",
                    remedy: "Write another from, or a shorter history")
            }
            var shifted: [Candle] = []
            for row in 0..<candles.count where candles.times[row] >= begin - history {
                var candle = candles.candle(at: row)
                candle.time = candle.time.advanced(byMilliseconds: shift)
                shifted.append(candle)
            }
            result.feeds[pair] = .recorded(shifted)
            result.rules[pair] = known?.instruments[pair]
        }
        try addSyntheticRules(venue, &result)
        return result
    }

    /// Rules for those that the folder tells nothing about.
    private func addSyntheticRules(_ venue: PaperExchangeConfiguration.Venue, _ result: inout Feeds) throws(MarketDataError) {
        guard let market = try? market(venue, seed: 1) else { return }
        for pair in market.pairs where result.rules[pair] == nil { result.rules[pair] = market.instrument(pair) }
    }
}
