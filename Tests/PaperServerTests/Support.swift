import Configuration
import Exchange
import Market
import Matching
import Money
import PaperExchange
import Synchronization
import Testing
import Web

@testable import PaperServer

/// A clock that stands still until a test moves it; who sleeps by it can be waited for.
final class ManualClock: Sendable {
    private struct Sleeper {
        let end: ContinuousClock.Instant
        let length: Duration
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now = ContinuousClock.now
        var sleepers: [UInt64: Sleeper] = [:]
        var canceled: Set<UInt64> = []
        var last: UInt64 = 0
        var waiting: [(length: Duration, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var clock: ServerClock {
        ServerClock(now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0) })
    }

    private func sleep(_ length: Duration) async throws {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { add($0, number, length) }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.canceled.insert(number)
                return state.sleepers.removeValue(forKey: number)
            }
            sleeper?.continuation.resume(returning: false)
        }
        if !isOver { throw CancellationError() }
    }

    private func add(_ continuation: CheckedContinuation<Bool, Never>, _ number: UInt64, _ length: Duration) {
        let (isCanceled, woken) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            if state.canceled.remove(number) != nil { return (true, []) }
            state.sleepers[number] = Sleeper(end: state.now + length, length: length, continuation: continuation)
            let woken = state.waiting.filter { $0.length == length }.map(\.continuation)
            state.waiting.removeAll { $0.length == length }
            return (false, woken)
        }
        if isCanceled { continuation.resume(returning: false) }
        for waiter in woken { waiter.resume() }
    }

    /// Returns once somebody sleeps for exactly so long.
    func waitForSleeper(_ length: Duration) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.values.contains(where: { $0.length == length }) { return true }
                state.waiting.append((length, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Moves the time on and wakes who is due.
    func advance(_ length: Duration) {
        let due = state.withLock { state in
            state.now += length
            let due = state.sleepers.filter { $0.value.end <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume(returning: true) }
    }

    /// One tick of the venues, so much later: waits until the ticker sleeps, and wakes it.
    func tick(after length: Duration = .milliseconds(100)) async {
        await waitForSleeper(.milliseconds(100))
        advance(length)
        // It sleeps again when the tick is carried out.
        await waitForSleeper(.milliseconds(100))
    }
}

/// A protocol of a few words.
struct TestDialect: PaperDialect {
    private var sessions: [SessionID] = []

    func target(of request: WebRequest) -> PaperFault.Target { request.path == "/order" ? .placing : .publicData }

    mutating func respond(to request: WebRequest, peer: String, venue: inout PaperVenue) -> WebResponse {
        switch request.path {
        case "/time": return answer(200, ["time": .integer(venue.clock)])
        case "/order": return buy(&venue)
        default: return answer(404, ["error": "no such path"])
        }
    }

    /// Buys a hundred lots at the market.
    private func buy(_ venue: inout PaperVenue) -> WebResponse {
        guard let account = venue.accounts.first else { return answer(401, [:]) }
        switch venue.place(.market(account.id, venue.instruments[0].id, .buy, quantity: 100)) {
        case .success(let placed): return answer(200, ["order": .integer(placed.order.id.rawValue)])
        case .failure(let rejection): return answer(400, ["error": .string("\(rejection)")])
        }
    }

    func failure(_ failure: PaperFailure, venue: PaperVenue) -> WebResponse {
        switch failure {
        case .rateLimited(let seconds): answer(429, ["failure": "rateLimited"], [WebHeader("Retry-After", "\(seconds)")])
        case .banned(let seconds): answer(418, ["failure": "banned"], [WebHeader("Retry-After", "\(seconds)")])
        case .outage: answer(503, ["failure": "outage"])
        case .backendTimeout: answer(504, ["failure": "backendTimeout"])
        case .orderRejected: answer(400, ["failure": "orderRejected"])
        }
    }

    private func answer(_ status: Int, _ json: JSONValue, _ headers: [WebHeader] = []) -> WebResponse {
        WebResponse(status: status, headers: headers, body: json.bytes)
    }

    mutating func open(_ session: SessionID, _ request: WebRequest, peer: String, venue: inout PaperVenue) -> [StreamMessage]? {
        guard request.path == "/stream" else { return nil }
        sessions.append(session)
        return [StreamMessage(session, ["hello": .integer(Int64(session.rawValue))], isData: false)]
    }

    mutating func receive(_ message: [UInt8], from session: SessionID, venue: inout PaperVenue) -> [StreamMessage] {
        let text = String(decoding: message, as: UTF8.self)
        if text == "bye" { return [StreamMessage(session, "bye", isData: false, closeCode: 4001)] }
        if text == "flood" {
            let big = JSONValue.string(String(repeating: "x", count: 1 << 16))
            return (0..<400).map { _ in StreamMessage(session, big, isData: false) }
        }
        return [StreamMessage(session, .string(text), isData: true)]
    }

    mutating func close(_ session: SessionID) { sessions.removeAll { $0 == session } }

    mutating func publish(_ events: [PaperEvent], venue: inout PaperVenue) -> [StreamMessage] {
        events.flatMap { event -> [StreamMessage] in
            guard case .depth(_, let changes) = event else { return [] }
            return sessions.map {
                StreamMessage($0, ["first": .integer(changes.first), "last": .integer(changes.last)], isData: false)
            }
        }
    }

    mutating func tick(venue: inout PaperVenue) -> [StreamMessage] { [] }
}

/// A paper exchange on a clock of the test, with clients.
final class Rig: Sendable {
    static let start: Int64 = 1_750_000_012_345
    static let account = """
            accounts:
              - name: demo
                key: paper-demo-key
                secret: very-secret
                balances: {USDT: 100000, BTC: 1.5}
        """

    let clock: ManualClock
    let server: PaperExchangeServer
    let client: HTTPWebClient
    let control: PaperControl

    static func configuration(_ more: String = "", listen: String = "127.0.0.1:0") throws -> PaperExchangeConfiguration {
        let text = """
            venues:
              - name: paper-test
                protocol: binance
                listen: \(listen)
                market: {synthetic: {seed: 7}}
                history: 1h
                instruments: [{pair: BTC/USDT, tick: 0.01, lot: 0.00001}]
            \(account)
            \(more)
            """
        return try .load(path: "paper.yaml", source: .memory(["paper.yaml": text]))
    }

    static func surroundings(_ clock: ServerClock) -> PaperExchangeServer.Surroundings {
        var result = PaperExchangeServer.Surroundings(wallClock: { start }, pid: 1) { (_, _) throws(PaperServerError) in
            TestDialect()
        }
        result.clock = clock
        return result
    }

    private init(_ more: String) async throws {
        clock = ManualClock()
        var surroundings = Self.surroundings(clock.clock)
        surroundings.limits.outboxBytes = 1 << 20
        server = try await PaperExchangeServer.start(try Self.configuration(more), surroundings)
        client = try HTTPWebClient(HTTPWebClient.Configuration(version: "0"))
        control = try #require(PaperControl(readyFile: server.ready.json(isPublic: false).bytes))
    }

    /// Runs a test with a paper exchange and ends it afterwards.
    static func run(_ more: String = "", _ body: (Rig) async throws -> Void) async throws {
        let rig = try await Rig(more)
        do { try await body(rig) } catch {
            await rig.end()
            throw error
        }
        await rig.end()
    }

    private func end() async {
        await client.shutdown()
        await server.shutdown(grace: .zero)
    }

    func origin(_ scheme: WebOrigin.Scheme = .http, _ index: Int = 0) -> WebOrigin {
        WebOrigin(scheme: scheme, host: "127.0.0.1", port: server.ready.venues[index].port)
    }

    func send(_ path: String, _ index: Int = 0) async throws(WebFailure) -> WebResponse {
        try await client.send(WebRequest(.get, path), to: origin(.http, index), timeout: .seconds(60))
    }

    func json(_ path: String, _ index: Int = 0) async throws -> JSONValue {
        try JSONValue(parsing: try await send(path, index).body)
    }

    func fault(_ kind: PaperFault.Kind, target: PaperFault.Target = .any, count: Int? = 1) async throws {
        let order = FaultOrder(kind, target: target, count: count)
        let answer = try await client.send(control.add(order, to: "paper-test"), to: control.origin, timeout: .seconds(60))
        #expect(answer.status == 200)
    }

    func books() async throws -> JSONValue {
        let answer = try await client.send(control.books("paper-test"), to: control.origin, timeout: .seconds(60))
        return try JSONValue(parsing: answer.body)
    }

    /// How many fills the account has.
    func fillCount() async throws -> Int64? { try await books()["accounts"]?[0]?["fills"]?["count"]?.integer }

    func time(_ index: Int = 0) async throws -> Int64? { try await json("/time", index)["time"]?.integer }
    func count(_ name: String) async throws -> Int64? { try await books()[name]?.integer }
    func struck(_ kind: String) async throws -> Int64? { try await books()["faults"]?["struck"]?[kind]?.integer }
    func isConserved() async throws -> Bool { try await books()["is_conserved"]?.bool == true }

    /// A stream, its greeting read.
    func stream(limits: WebSocketLimits = WebSocketLimits()) async throws -> any WebSocketConnection {
        let dialer = try NIOWebSocketDialer(version: "0", limits: limits)
        let socket = try await dialer.connect(to: origin(.ws), path: "/stream", headers: [], timeout: .seconds(60))
        let greeting = try await socket.json()
        #expect(greeting["hello"]?.integer != nil)
        return socket
    }
}

extension WebSocketConnection {
    func say(_ text: String) async throws { try await send(.text(Array(text.utf8))) }

    func json() async throws -> JSONValue {
        guard case .text(let bytes) = try await receive() else { throw WebFailure.closed(code: 0, reason: "no text") }
        return try JSONValue(parsing: bytes)
    }

    /// Reads until the stream ends, and answers the code.
    func endCode() async -> UInt16? {
        while true {
            do throws(WebFailure) { _ = try await receive() } catch {
                if case .closed(let code, _) = error { return code }
                return nil
            }
        }
    }
}

extension WebFailure {
    var isUnknown: Bool { if case .outcomeUnknown = self { true } else { false } }
    var isNotSent: Bool { if case .notSent = self { true } else { false } }
}

/// The failure of what must fail.
func failure<Value>(of body: () async throws(WebFailure) -> Value) async -> WebFailure? {
    do {
        _ = try await body()
        return nil
    } catch { return error }
}
