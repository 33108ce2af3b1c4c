package import Exchange
import Market
import Money
import Synchronization

/// The venue itself: books, orders and streams in memory, and faults on demand.
package final class FakeExchange: WebHandler {
    package enum Fault: Sendable {
        /// The request is carried out, its answer lost.
        case answerLost
        /// The connection is cut before anything is done.
        case cut
        case refuse(status: Int, kind: VenueError.Kind)
        /// The answer is damaged.
        case garbage
    }

    struct Order {
        var number: Int
        var client: String
        var side: OrderSide
        var price: Price
        var quantity: Quantity
        var isOpen = true
        var isFilled = false

        var words: String {
            let status: OrderReport.Status = isFilled ? .filled : isOpen ? .open : .canceled
            return "\(number) \(client) \(status.rawValue) \(side.rawValue) \(price) \(quantity) \(isFilled ? quantity : .zero)"
        }
    }

    struct Subscriber {
        let socket: any WebSocketConnection
        var topics: Set<String> = []
    }

    struct State {
        var now: Int64 = 1_700_000_000_000
        var nonce: UInt64 = 0
        var trades: [String] = []
        var candles: [(time: Int64, close: Int64)] = []
        var book: OrderBook
        var bookID: Int64 = 100
        var orders: [Order] = []
        var fills: [String] = []
        var faults: [String: [Fault]] = [:]
        var subscribers: [Int: Subscriber] = [:]
        var nextSubscriber = 0
        var losing = 0
        var damaging = 0
        var doubling = 0
        var requests = 0
    }

    let bookRule: BookRule
    let state: Mutex<State>

    package init(bookRule: BookRule) {
        self.bookRule = bookRule
        var book = OrderBook(depth: bookRule == .checksum ? 10 : 1000)
        book.load(
            bids: (1...10).map { BookLevel(Price(units: 10_000 - $0, decimals: 2), Quantity(units: 1, decimals: 0)) },
            asks: (1...10).map { BookLevel(Price(units: 10_000 + $0, decimals: 2), Quantity(units: 1, decimals: 0)) })
        state = Mutex(State(book: book))
    }

    /// The next requests of this path meet these faults, in order.
    package func plan(_ faults: [Fault], for path: String) { state.withLock { $0.faults[path, default: []] += faults } }
    package func loseMessages(_ count: Int) { state.withLock { $0.losing += count } }
    package func damageMessages(_ count: Int) { state.withLock { $0.damaging += count } }
    package func doubleMessages(_ count: Int) { state.withLock { $0.doubling += count } }
    package func breakStreams() {
        for subscriber in state.withLock({ state in
            defer { state.subscribers = [:] }
            return Array(state.subscribers.values)
        }) { subscriber.socket.abort() }
    }

    package var tradeCount: Int { state.withLock { $0.trades.count } }
    package var book: OrderBook { state.withLock { $0.book } }
    package var orderCount: Int { state.withLock { $0.orders.count } }

    // MARK: - Market

    /// One trade, a candle that changes and a book that changes; every third time a new minute begins.
    package func trade() async {
        await publish { state in
            state.now += 20_000
            let id = Int64(state.trades.count + 1)
            let trade = "\(id) 100.\(id % 10) 0.5 \(state.now)"
            state.trades.append(trade)
            var messages = [("trades", "trade " + trade)]
            let minute = state.now / 60_000 * 60_000
            if let last = state.candles.last, last.time == minute {
                state.candles[state.candles.count - 1].close = id
            } else {
                if let last = state.candles.last { messages.append(("candles", "candle closed \(last.time) \(last.close)")) }
                state.candles.append((minute, id))
            }
            messages.append(("candles", "candle open \(minute) \(id)"))
            messages.append(("book", changeBook(&state, id)))
            return messages
        }
    }

    private func changeBook(_ state: inout State, _ id: Int64) -> String {
        let level = BookLevel(Price(units: 10_001 + id * 7 % 9, decimals: 2), Quantity(units: 1 + id % 5, decimals: 0))
        state.book.apply(bids: [], asks: [level])
        let previous = state.bookID
        state.bookID += 1 + id % 3
        let first = previous + 1
        return "book \(first) \(state.bookID) \(previous) \(sum(state)) a \(level.price) \(level.quantity)"
    }

    private func sum(_ state: State) -> UInt32 {
        Fake.checksum(Array(state.book.bids.prefix(10)), Array(state.book.asks.prefix(10)))
    }

    func bookWords(_ state: State) -> String {
        let levels =
            state.book.bids.map { "b \($0.price) \($0.quantity)" } + state.book.asks.map { "a \($0.price) \($0.quantity)" }
        return "\(state.bookID) \(state.bookID) 0 \(sum(state)) " + levels.joined(separator: " ")
    }

    /// Sends messages to those who subscribed to their topics, with the faults of the wire.
    func publish(_ make: (inout State) -> [(topic: String, text: String)]) async {
        let sends = state.withLock { state -> [(any WebSocketConnection, String)] in
            var sends: [(any WebSocketConnection, String)] = []
            for (topic, text) in make(&state) {
                for subscriber in state.subscribers.values where subscriber.topics.contains(topic) {
                    if state.losing > 0 {
                        state.losing -= 1
                        continue
                    }
                    let isDamaged = state.damaging > 0
                    if isDamaged { state.damaging -= 1 }
                    sends.append((subscriber.socket, isDamaged ? "\u{1}{[" + text : text))
                    if state.doubling > 0 {
                        state.doubling -= 1
                        sends.append((subscriber.socket, text))
                    }
                }
            }
            return sends
        }
        for (socket, text) in sends { try? await socket.send(.text(Array(text.utf8))) }
    }

    // MARK: - Streams

    package func refuseWebSocket(_ request: WebRequest, peer: String) -> WebResponse? {
        if request.path == "/market" { return nil }
        return request.path == "/account" && request.query == "token=secret-token" ? nil : WebResponse(status: 401)
    }

    package func serve(_ socket: any WebSocketConnection, request: WebRequest, peer: String) async {
        let id = state.withLock { state in
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = Subscriber(socket: socket)
            return state.nextSubscriber
        }
        defer { state.withLock { $0.subscribers[id] = nil } }
        while case .text(let bytes)? = try? await socket.receive() {
            let words = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
            guard words.count >= 2 else { return }
            let answers = state.withLock { state -> [String] in
                for topic in words.dropFirst(2) {
                    if words[0] == "sub" {
                        state.subscribers[id]?.topics.insert(topic)
                    } else {
                        state.subscribers[id]?.topics.remove(topic)
                    }
                }
                let wantsBook = words[0] == "sub" && words.contains("book") && bookRule == .checksum
                return ["ack \(words[1])"] + (wantsBook ? ["snapshot " + bookWords(state)] : [])
            }
            for answer in answers { try? await socket.send(.text(Array(answer.utf8))) }
        }
    }
}
