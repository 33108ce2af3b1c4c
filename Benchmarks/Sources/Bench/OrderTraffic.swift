import Binance
import Exchange
import Foundation

/// Signed requests of an account, made before the clock runs: of each three the first places a limit order that rests, the second cancels it, the third
/// places one that is filled at once (limit, immediate or cancel), to buy and to sell in turn.
struct OrderTraffic {
    enum Step: Int { case rest, cancel, fill }
    struct Request {
        var step: Step
        var bytes: [UInt8]
    }

    private let credentials = Credentials(key: PaperExchangeProcess.account.key, secret: PaperExchangeProcess.account.secret)
    /// In whole dollars.
    private let price: Int
    private var orders = 0

    init(price: Int) { self.price = price }

    mutating func requests(cycles: Int) throws -> [Request] {
        try (0..<cycles).flatMap { _ in try [request(.rest), request(.cancel), request(.fill)] }
    }

    private mutating func request(_ step: Step) throws -> Request {
        if step != .cancel { orders += 1 }
        var parameters: [RequestDraft.Parameter] = [.init("symbol", "BTCUSDT")]
        if step == .cancel {
            parameters.append(.init("origClientOrderId", "bench-\(orders)"))
        } else {
            let isSale = step == .fill && orders % 4 == 0
            let limit = step == .rest ? price / 2 : isSale ? price * 9 / 10 : price * 11 / 10
            parameters += [
                .init("side", isSale ? "SELL" : "BUY"), .init("type", "LIMIT"),
                .init("timeInForce", step == .rest ? "GTC" : "IOC"),
                .init("quantity", "0.001"), .init("price", "\(limit)"), .init("newClientOrderId", "bench-\(orders)"),
            ]
        }
        // The longest window: these are made some seconds ahead.
        parameters += [.init("recvWindow", "60000"), .init("timestamp", "\(Int64(Date().timeIntervalSince1970 * 1000))")]
        let request = try BinanceRequests.signed(
            step == .cancel ? .delete : .post, "/api/v3/order", parameters, with: credentials)
        return Request(step: step, bytes: Self.bytes(request))
    }

    /// As HTTP/1.1 has it.
    static func bytes(_ request: WebRequest) -> [UInt8] {
        let target = request.path + (request.query.isEmpty ? "" : "?" + request.query)
        var head = "\(request.method.rawValue) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for header in request.headers { head += "\(header.name): \(header.value)\r\n" }
        if !request.body.isEmpty { head += "Content-Length: \(request.body.count)\r\n" }
        return Array((head + "\r\n").utf8) + request.body
    }

    /// What came of sending requests.
    struct Measured {
        var seconds = 0.0
        var requests = 0
        var orders = 0
        /// Of the requests that place, in seconds.
        var trips: [Double] = []
        var bodyBytes = 0
        /// Processor seconds of the server.
        var processor = 0.0
    }

    /// Sends the requests of each list over a connection of its own, the next one as soon as the last is answered, from one thread. `isVenue`: answers
    /// must say what the requests ask for.
    static func run(_ lists: [[Request]], on server: PaperExchangeProcess, isVenue: Bool) throws -> Measured {
        let connections = try lists.map { _ in try OrderConnection(port: server.port) }
        var polls = connections.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
        var next = lists.map { _ in 0 }
        var sent = lists.map { _ in 0.0 }
        var measured = Measured()
        var open = lists.reduce(0) { $0 + $1.count }
        let processor = Machine.processorTime(server.id)
        let start = Machine.now
        for index in lists.indices {
            sent[index] = Machine.now
            try connections[index].send(lists[index][0].bytes)
        }
        while open > 0 {
            guard poll(&polls, nfds_t(polls.count), 10_000) > 0 else { throw BenchError("no answer for ten seconds") }
            for index in polls.indices where polls[index].revents != 0 {
                guard let answer = try connections[index].receive() else { continue }
                measured.add(try checked(answer, lists[index][next[index]].step, isVenue), Machine.now - sent[index], answer)
                open -= 1
                next[index] += 1
                guard next[index] < lists[index].count else { continue }
                sent[index] = Machine.now
                try connections[index].send(lists[index][next[index]].bytes)
            }
        }
        measured.seconds = Machine.now - start
        measured.processor = Machine.processorTime(server.id) - processor
        return measured
    }

    private static func checked(_ answer: Answer, _ step: Step, _ isVenue: Bool) throws -> Step {
        guard isVenue else { return step }
        let isRight =
            switch step {
            case .rest: answer.contains("\"status\":\"NEW\"")
            case .cancel: answer.contains("\"status\":\"CANCELED\"")
            case .fill: answer.contains("\"status\":\"FILLED\"")
            }
        guard answer.status == 200, isRight else {
            throw BenchError(
                "the paper exchange answered \(step): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return step
    }
}

extension OrderTraffic.Measured {
    fileprivate mutating func add(_ step: OrderTraffic.Step, _ trip: Double, _ answer: Answer) {
        requests += 1
        bodyBytes += answer.body.count
        guard step != .cancel else { return }
        orders += 1
        trips.append(trip)
    }
}
