import Market
import Matching
import Money
import SyntheticMarket
import Testing

@testable import PaperExchange

struct MarketTests {
    static func settings(start: Timestamp = Timestamp(milliseconds: 1_750_000_000_000)) throws -> PaperVenueSettings {
        let pair = try #require(Pair("BTC/USDT"))
        let market = try SyntheticMarket(seed: 7, pairs: [pair], start: start.advanced(byMilliseconds: -2 * 86_400_000), days: 5)
        let instrument = PaperVenueSettings.Instrument(
            pair: pair, tick: Price(units: 1, decimals: 2), lot: Quantity(units: 1, decimals: 5),
            minimumQuantity: Quantity(units: 1, decimals: 5), minimumNotional: Amount(units: 5, decimals: 0), makerFee: 100_000,
            takerFee: 100_000, feed: .synthetic(market.stream(pair)))
        let account = PaperVenueSettings.Account(
            name: "a", key: "paper-key", secret: "secret",
            balances: ["USDT": Amount(units: 10_000, decimals: 0), "BTC": Amount(units: 1, decimals: 0)])
        return PaperVenueSettings(name: "paper-test", instruments: [instrument], accounts: [account], start: start, seed: 1)
    }

    @Test func `the market has a history, a book around the price, and moves`() throws {
        var venue = try PaperVenue(Self.settings())
        let instrument = venue.instruments[0]
        #expect(venue.histories[0].candles.count > 2000)
        let bid = try #require(venue.engine.bestBid(instrument.id))
        let ask = try #require(venue.engine.bestAsk(instrument.id))
        let last = try #require(venue.engine.lastTrade(instrument.id))
        #expect(bid.price < last.price && last.price < ask.price)
        let before = venue.now
        venue.advance(to: before + 60_000)
        let events = venue.drainEvents(depth: true)
        #expect(events.filter { if case .trade = $0 { true } else { false } }.count >= 59)
        #expect(events.contains { if case .depth = $0 { true } else { false } })
    }

    @Test func `candles that the market prints are those of its feed`() throws {
        let settings = try Self.settings()
        var venue = try PaperVenue(settings)
        let first = settings.base.floor(settings.start).milliseconds
        venue.advance(to: first + 600_000)
        guard case .synthetic(let stream) = settings.instruments[0].feed else { return }
        let instrument = venue.instruments[0]
        var expected: [PaperCandle] = []
        for candle in stream where candle.time.milliseconds >= first {
            expected.append(PaperCandle(candle, instrument))
            if expected.count == 10 { break }
        }
        let seen = venue.history(InstrumentID(0)).candles(.oneMinute, from: first, to: nil, limit: 10)
        #expect(seen.count == 10)
        for (candle, original) in zip(seen, expected) {
            #expect(candle.time == original.time)
            #expect(candle.open == original.open)
            #expect(candle.high == original.high)
            #expect(candle.low == original.low)
            #expect(candle.close == original.close)
        }
    }

    @Test func `an order that rests is filled when the market comes by, and money is conserved`() throws {
        let settings = try Self.settings()
        var venue = try PaperVenue(settings)
        let account = venue.accounts[0].id
        guard case .synthetic(let stream) = settings.instruments[0].feed else { return }
        // The highest price of the next hour, seen beforehand in the feed.
        let instrument = venue.instruments[0]
        let hour = settings.start.milliseconds + 60_000..<settings.start.milliseconds + 3_660_000
        var high = Int64.min
        for candle in stream where candle.time.milliseconds >= hour.lowerBound {
            guard candle.time.milliseconds < hour.upperBound else { break }
            high = max(high, PaperCandle(candle, instrument).high)
        }
        guard case .success(let placed) = venue.place(.limit(account, InstrumentID(0), .sell, price: high, quantity: 1000)) else {
            Issue.record("not placed")
            return
        }
        #expect(placed.fills.isEmpty)
        venue.advance(to: hour.upperBound)
        #expect(venue.engine.order(.id(placed.order.id), of: account)?.status == .filled)
        for asset in venue.assets { #expect(venue.engine.total(asset.id) == venue.engine.deposited(asset.id)) }
    }
}
