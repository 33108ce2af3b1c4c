import Exchange
import Market
import Money
import Testing

@testable import Kraken

struct StreamTests {
    private func market(_ text: String) throws -> StreamInput { try KrakenMarketData().decode(Array(text.utf8)) }
    private func account(_ text: String) throws -> AccountInput { try KrakenTrading().decodeAccount(Array(text.utf8)) }

    @Test func `trades keep their digits`() throws {
        guard case .events(let events) = try market(Messages.trade), case .trade(let trade) = events.first,
            case .trade(let small) = events.last
        else { return #expect(Bool(false), "no trades") }
        #expect(trade.symbol == "BTC/USD" && trade.takerSide == .sell && trade.tradeID == 4_665_906)
        #expect(trade.quantity.fullText == "0.00100000" && trade.time.milliseconds == 1_750_000_000_708)
        #expect(small.quantity.description == "0.00000001")
    }

    @Test func `candles, quotes and books`() throws {
        guard case .events(let candles) = try market(Messages.candle), case .candle(let candle) = candles.first else {
            return #expect(Bool(false), "no candle")
        }
        #expect(candle.timeframe == .fiveMinutes && candle.isClosed == nil && candle.candle.close == 105_005)
        #expect(candle.candle.time.milliseconds == 1_749_999_900_000)
        guard case .events(let quotes) = try market(Messages.quote), case .quote(let quote) = quotes.first else {
            return #expect(Bool(false), "no quote")
        }
        #expect(quote.bid.price.description == "105000" && quote.ask.quantity.description == "1.25")
        guard case .events(let books) = try market(Messages.book), case .bookUpdate(let book) = books.first else {
            return #expect(Bool(false), "no book")
        }
        #expect(!book.isSnapshot && book.checksum == .max && book.bids.first?.quantity.isZero == true && book.asks.count == 1)
    }

    @Test(arguments: [
        #"{"data":DATA,"type":"snapshot","channel":"book"}"#, #"{"channel":"book","data":DATA,"type":"snapshot"}"#,
        #"{"channel":"status","type":"update","data":DATA,"type":"snapshot","channel":"book"}"#,
        #"{"channel":"book","type":"snapshot","data":[{"symbol":"A/B","bids":[],"asks":[]}],"data":DATA}"#,
    ])
    func `members may come in any order, and the last of a name counts`(shape: String) throws {
        let data = #"[{"checksum":1,"asks":[],"bids":[{"qty":2,"price":1}],"symbol":"A/B"}]"#
        let text = shape.split(separator: "DATA", omittingEmptySubsequences: false).joined(separator: data)
        guard case .events(let events) = try market(text), case .bookUpdate(let book) = events.first else {
            return #expect(Bool(false), "no book")
        }
        #expect(events.count == 1 && book.isSnapshot && book.bids.count == 1)
    }

    @Test func `answers, heartbeats and the state of the system`() throws {
        #expect(try market(Messages.accepted) == .acknowledged(id: 7, error: nil))
        guard case .acknowledged(let id, let error) = try market(Messages.refused) else {
            return #expect(Bool(false), "no answer")
        }
        #expect(id == 8 && error?.kind == .badSymbol)
        #expect(try market(Messages.heartbeat) == .heartbeat)
        #expect(try market(Messages.pong) == .heartbeat)
        #expect(try market(Messages.online) == .ignored)
        guard case .acknowledged(nil, let down) = try market(Messages.maintenance) else {
            return #expect(Bool(false), "no state")
        }
        #expect(down?.kind == .onMaintenance)
        #expect(try market(#"{"channel":"instrument","type":"snapshot","data":{}}"#) == .ignored)
    }

    @Test func `orders of the user stream go from pending to their end`() throws {
        guard case .events(let first) = try account(Messages.pendingNew), case .order(let pending, nil) = first.first else {
            return #expect(Bool(false), "no order")
        }
        #expect(
            pending.status == .pending && pending.price?.description == "59000" && pending.triggerPrice?.description == "59500")
        guard case .events(let second) = try account(Messages.new), case .order(let new, nil) = second.first else {
            return #expect(Bool(false), "no order")
        }
        // What did not change is not told again.
        #expect(new.status == .open && new.symbol.isEmpty && new.side == nil && new.quantity == nil)
        guard case .events(let third) = try account(Messages.execution), case .order(let report, let fill?) = third.first else {
            return #expect(Bool(false), "no fill")
        }
        #expect(report.status == .partiallyFilled && report.filledCost?.description == "52.50005")
        #expect(
            fill.tradeID == "TBBBBB-AAAAA-222222" && fill.fee.description == "0.13125" && fill.feeAsset == "USD"
                && fill.isMaker == true)
        guard case .events(let last) = try account(Messages.canceled), case .order(let end, nil) = last.first else {
            return #expect(Bool(false), "no order")
        }
        #expect(end.status == .canceled && end.reason == "User requested" && end.filled?.description == "0.0005")
    }

    @Test func `balances of the user stream are totals of the spot wallet`() throws {
        guard case .events(let events) = try account(Messages.balances), case .balances(let snapshot) = events.first else {
            return #expect(Bool(false), "no balances")
        }
        #expect(snapshot.map(\.free.description) == ["1.2"] && snapshot.allSatisfy { !$0.lockedIsKnown })
        guard case .events(let changes) = try account(Messages.balance), case .balances(let update) = changes.first else {
            return #expect(Bool(false), "no balances")
        }
        #expect(update.map(\.asset) == ["USD"] && update.map(\.free.description) == ["947.5"])
    }

    @Test func `each subscription has a number of its own`() throws {
        let instrument = try Sample.instrument
        let messages = KrakenMarketData().subscribe([.trades(instrument), .book(instrument, depth: 60)], id: 41)
        #expect(
            messages == [
                #"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"]},"req_id":41}"#,
                #"{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":100},"req_id":42}"#,
            ])
        let end = KrakenMarketData().unsubscribe([.candles(instrument, .oneHour)], id: .max)
        #expect(
            end == [
                #"{"method":"unsubscribe","params":{"channel":"ohlc","symbol":["BTC/USD"],"interval":60},"req_id":9223372036854775807}"#
            ])
    }

    @Test func `without a token there is no user stream`() {
        let error = venueError {
            _ = try KrakenTrading().subscribeToAccount(
                token: nil, credentials: Credentials(key: "", secret: ""), at: SigningMoment(now: Sample.now, nonce: 1), id: 1)
        }
        #expect(error?.code == "no-token")
    }

    @Test(arguments: [
        ("2023-09-25T07:49:37.708706Z", 1_695_628_177_708), ("1970-01-01T00:00:00Z", 0),
        ("2024-02-29T23:59:59.9Z", 1_709_251_199_900),
        ("2023-10-04T16:25:00.000000000Z", 1_696_436_700_000),
    ])
    func `times of streams`(text: String, milliseconds: Int64) {
        #expect(KrakenTime.rfc3339(Array(text.utf8)[...])?.milliseconds == milliseconds)
        let short = KrakenTime.text(Timestamp(milliseconds: milliseconds)) ?? ""
        #expect(KrakenTime.rfc3339(Array(short.utf8)[...])?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2023-09-25", "2023-02-30T00:00:00Z", "2023-09-25T07:49:37", "2023-09-25T07:49:37.Z", "2023-09-25T07:49:37.1x2Z",
    ])
    func `what is no time is none`(text: String) { #expect(KrakenTime.rfc3339(Array(text.utf8)[...]) == nil) }
}
