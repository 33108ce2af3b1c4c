import Alerts
import Configuration
import Coordination
import Exchange
import Synchronization
import Testing
import Web

@testable import AlertChannels

/// A webhook of this machine: answers as it is told, and keeps what was sent.
private final class Hook: WebHandler {
    struct Heard: Sendable {
        var request: WebRequest
        var body: JSONValue?
    }

    let heard = Mutex<[Heard]>([])
    private let answers: [Int]

    /// `answers`: the status of each answer; the last one for all that follow. 0: the connection is cut.
    init(_ answers: [Int]) { self.answers = answers }

    func respond(to request: WebRequest, peer: String) async -> WebReply {
        let number = heard.withLock { heard in
            heard.append(Heard(request: request, body: try? JSONValue(parsing: request.body)))
            return heard.count - 1
        }
        let status = answers[min(number, answers.count - 1)]
        return status == 0 ? .cut : .response(WebResponse(status: status))
    }

    func refuseWebSocket(_ request: WebRequest, peer: String) -> WebResponse? { WebResponse(status: 403) }
    func serve(_ socket: any WebSocketConnection, request: WebRequest, peer: String) async {}
}

@Suite struct SenderTests {
    private static let path = "/services/T000/SECRETPART"
    private static let query = "token=ALSOSECRET"

    /// Runs a sender against a hook until everything is delivered or given up.
    private func run(
        _ answers: [Int], _ settings: String = "", _ body: @Sendable (AlertSender) -> Void
    ) async throws -> (heard: [Hook.Heard], log: [String], pauses: [Int64]) {
        let hook = Hook(answers)
        let server = try await WebServer.start(ServerConfiguration(), handler: hook)
        let client = try HTTPWebClient(HTTPWebClient.Configuration(version: "test"))
        let (log, clock) = (LogLines(), ManualClock())
        let sender = AlertSender(
            try Self.configuration("webhook: 'http://127.0.0.1:\(server.port)\(Self.path)?\(Self.query)'\(settings)"),
            source: "dry-worker-1", client: client, log: log.logger, clock: clock.clock, wallClock: { 1_700_000_000_000 })
        body(sender)
        sender.finish()
        await sender.run()
        await client.shutdown()
        await server.shutdown()
        for line in log.lines { #expect(!line.contains("SECRET"), "\(line)") }
        return (hook.heard.withLock { $0 }, log.lines, clock.pauses.withLock { $0 })
    }

    private static func configuration(_ alerts: String) throws -> AlertConfiguration {
        try WorkerConfiguration.load(path: "w.yaml", source: .memory(["w.yaml": "alerts: {\(alerts)}"])).alerts
    }

    @Test func `an alert is posted as JSON to path and query, and written to the log`() async throws {
        let (heard, log, _) = try await run([204]) { $0.send(.error, .jobFailed, job: "5", "the disk is full", action: "later") }
        let first = try #require(heard.first)
        #expect(heard.count == 1 && first.request.method == .post)
        #expect(first.request.path == Self.path && first.request.query == Self.query)
        #expect(first.request.header("content-type") == "application/json")
        #expect(first.body?["source"]?.text == "dry-worker-1" && first.body?["message"]?.text == "the disk is full")
        #expect(log == ["error alert: the disk is full action=later job=5 kind=job_failed"])
    }

    @Test func `what the hook cannot take now is tried again with growing pauses`() async throws {
        let (heard, log, pauses) = try await run([503, 429, 0, 200]) { sender in
            sender.send(.critical, .safetyViolation, "first")
            sender.send(.warning, .gateClosed, "second")
        }
        #expect(heard.map { $0.body?["message"]?.text } == ["first", "first", "first", "first", "second"])
        #expect(pauses == [1000, 2000, 4000])
        #expect(log.count { $0.contains("trying again") } == 3)
    }

    @Test(arguments: [301, 400, 401, 404, 410]) func `what the hook refuses is given up, and counted in the next one`(
        _ status: Int
    ) async throws {
        let (heard, log, pauses) = try await run([status, 200]) { sender in
            sender.send(.error, .jobFailed, "first")
            sender.send(.error, .workerLost, "second")
        }
        #expect(heard.map { $0.body?["lost"]?.integer } == [0, 1] && pauses.isEmpty)
        #expect(log.contains { $0.contains("given up") && $0.contains("status \(status)") })
    }

    @Test func `a hook that never answers well is given up after eight attempts`() async throws {
        let (heard, log, pauses) = try await run([500]) { $0.send(.error, .jobFailed, "first") }
        #expect(heard.count == 8 && pauses.count == 7 && pauses == pauses.sorted())
        #expect(log.count { $0.contains("given up") } == 1)
    }

    @Test func `the same news goes out once, and what is not urgent enough does not`() async throws {
        let (heard, log, _) = try await run([200], ", level: error") { sender in
            for _ in 0..<50 { sender.send(.error, .jobFailed, job: "1", "again") }
            sender.send(.warning, .gateClosed, "not so bad")
        }
        #expect(heard.count == 1 && log.count == 1)
    }

    @Test func `without a webhook there is the log, and run returns`() async throws {
        let log = LogLines()
        let sender = AlertSender(
            try Self.configuration("level: info"), source: "w", client: nil, log: log.logger, wallClock: { 0 })
        sender.send(.info, .gateOpened, "open")
        await sender.run()
        #expect(log.lines == ["notice alert: open kind=gate_opened"])
    }

    @Test func `a hook that is not there delays nothing and names no secret`() async throws {
        let server = try await WebServer.start(ServerConfiguration(), handler: Hook([200]))
        let port = server.port
        await server.shutdown()
        let client = try HTTPWebClient(HTTPWebClient.Configuration(version: "test"))
        let (log, clock) = (LogLines(), ManualClock())
        let sender = AlertSender(
            try Self.configuration("webhook: 'http://127.0.0.1:\(port)/SECRET'"), source: "w", client: client, log: log.logger,
            clock: clock.clock, wallClock: { 0 })
        sender.send(.error, .jobFailed, "first")
        sender.finish()
        await sender.run()
        await client.shutdown()
        #expect(log.lines.count == 9 && log.lines.allSatisfy { !$0.contains("SECRET") }, "\(log.lines)")
    }

    @Test func `what is sent while a process runs is delivered before it ends, whether it ends well or not`() async throws {
        struct Fault: Error {}
        for fails in [false, true] {
            let hook = Hook([200])
            let server = try await WebServer.start(ServerConfiguration(), handler: hook)
            let client = try HTTPWebClient(HTTPWebClient.Configuration(version: "test"))
            let sender = AlertSender(
                try Self.configuration("webhook: 'http://127.0.0.1:\(server.port)/x'"), source: "w", client: client,
                log: LogLines().logger, wallClock: { 0 })
            do {
                try await sender.running(patience: .seconds(60)) {
                    sender.send(.error, .jobFailed, "one")
                    sender.send(.error, .workerLost, "two")
                    if fails { throw Fault() }
                }
                #expect(!fails)
            } catch { #expect(fails && error is Fault) }
            #expect(hook.heard.withLock { $0.count } == 2)
            await client.shutdown()
            await server.shutdown()
        }
    }

    // MARK: - The fleet

    @Test func `every failure code has its class, and a changed payload is a safety violation`() {
        let classes = Dictionary(grouping: FailureCode.allCases) { FailureClass($0) }
        #expect(classes[.configuration] == [.badConfiguration, .unknownStrategy] && classes[.safety] == [.addressMismatch])
        #expect(classes[.unknown] == [.strategyError] && classes[.execution]?.count == 5)
    }

    @Test func `of a coordinator's events those are told that somebody should hear of`() async throws {
        let (heard, _, _) = try await run([200]) { sender in
            func tell(_ body: JobEvent.Body) {
                sender.take(JobEvent(incarnation: 1, sequence: 1, wallMilliseconds: 0, body: body))
            }
            tell(.hold(true, reason: "no monitor has told the halt state yet"))
            tell(.hold(false, reason: ""))
            tell(.job(JobID(3), .running, StateReason(.started)))
            tell(.job(JobID(3), .failed, StateReason(.unitFailed, "the venue is unknown")))
            tell(.job(JobID(4), .failed, StateReason(.attemptsUsedUp)))
            tell(.worker(WorkerID("dry-worker-2"), .joined))
            tell(.worker(WorkerID("dry-worker-2"), .lost))
            tell(.hold(true, reason: "stopped by mary"))
        }
        #expect(
            heard.map { $0.body?["message"]?.text } == [
                "it failed: the venue is unknown", "it failed: attemptsUsedUp", "worker dry-worker-2 is not heard of any more",
                "no work is handed out: stopped by mary",
            ])
        #expect(heard.map { $0.body?["job"]?.text } == ["3", "4", nil, nil])
    }
}
