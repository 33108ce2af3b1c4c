import Configuration
import Coordination
import Halt
import Logging
import Synchronization
import Testing
import Transport

@testable import Fleet

@Suite struct TradingGuardTests {
    private final class Heard<Element: Sendable>: Sendable {
        private let list = Mutex<[Element]>([])
        var all: [Element] { list.withLock { $0 } }
        func add(_ element: Element) { list.withLock { $0.append(element) } }
    }

    private let subject = HaltSubject(
        exchange: .named("paper-binance"), account: .absent, strategy: .named("EmaCross"), job: .named("7"))

    @Test func `before a monitor has answered nothing passes, and past its deadline a gate is closed by itself`() {
        let trading = TradingGuard()
        #expect(trading.mode == .halted)
        trading.set(OrderGate(activeUntil: .distantFuture, reducingUntil: .distantFuture))
        #expect(trading.mode == .active)
        let past = BootInstant(nanoseconds: MonotonicClock.now() - 1)
        trading.set(OrderGate(activeUntil: past, reducingUntil: .distantFuture))
        #expect(trading.mode == .reducing)
        trading.set(OrderGate(activeUntil: past, reducingUntil: past))
        #expect(trading.mode == .halted)
    }

    @Test func `a job is told of the gate and of cancels, and the guard what runs and what is left`() {
        let trading = TradingGuard()
        let reports = Heard<TradingGuard.Report>()
        let orders = Heard<TradingGuard.Order>()
        trading.connect { reports.add($0) }
        trading.set(.halted)
        trading.begin(subject) { orders.add($0) }
        trading.set(.halted)
        trading.cancelOrders(.cancel)
        #expect(orders.all == [.gate, .cancelOrders(.cancel)])
        #expect(reports.all == [.subject(subject)])
        trading.exchangeRead(.ordersCanceled(remaining: []))
        trading.end()
        trading.set(.halted)
        #expect(orders.all.count == 2)
        #expect(reports.all == [.subject(subject), .exchangeRead(.ordersCanceled(remaining: [])), .subject(.idle)])
    }

    @Test func `without a job there is nothing to cancel or to close`() {
        let trading = TradingGuard()
        let reports = Heard<TradingGuard.Report>()
        trading.connect { reports.add($0) }
        trading.cancelOrders(.flatten)
        #expect(reports.all == [.exchangeRead(.flat(remaining: []))])
    }

    @Test func `a worker of class live starts only where its role file enables live`() async throws {
        struct Idle: UnitRunner {
            func run(_ assignment: Assignment, payload: [UInt8], control: UnitControl) -> (UnitOutcome, [UInt8]) {
                (.canceled, [])
            }
        }
        var configuration = try WorkerConfiguration.load(path: nil)
        configuration.workerClass = .live
        let folder = try TemporaryFolder()
        let error = await #expect(throws: FleetError.self) {
            try await WorkerProcess.run(
                home: Home(path: folder.path, fleet: "test"), name: "live-worker-1", configuration: configuration,
                environment: [:],
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, runner: Idle())
        }
        #expect(error?.message.contains("live: {enabled: true}") == true)
    }
}
