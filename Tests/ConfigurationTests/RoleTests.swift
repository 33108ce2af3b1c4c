import Foundation
import Testing

@testable import Configuration

/// A good portfolio with one part of its text replaced.
private func portfolio(_ part: String, _ replacement: String) -> String {
    let good = """
        portfolio:
          currency: USDT
          max_exposure: 10000.5
          max_open_orders: 20
          max_daily_loss: 500
          accounts: {main: 2, side: 1}
        """
    return part.isEmpty ? good : good.replacingOccurrences(of: part, with: replacement)
}

@Suite struct RoleTests {
    func problems(_ role: String, _ text: String, environment: [String: String] = [:]) -> [String] {
        let source = FileSource.memory(["role.yaml": text])
        do throws(ConfigurationError) {
            switch role {
            case "coordinator": _ = try CoordinatorConfiguration.load(path: "role.yaml", environment: environment, source: source)
            case "worker": _ = try WorkerConfiguration.load(path: "role.yaml", environment: environment, source: source)
            default: _ = try MonitorConfiguration.load(path: "role.yaml", environment: environment, source: source)
            }
            return []
        } catch {
            return error.problems.map { "\($0.location.line) \($0.code) \($0.key)" }
        }
    }

    @Test(
        arguments: [
            ("worker", "class: backtests", "1 value.notAllowed class"),
            ("worker", "clas: backtest", "1 key.unknown clas"),
            ("worker", "capacity: 0", "1 value.outOfRange capacity"),
            ("worker", "capacity: two", "1 value.type capacity"),
            ("worker", "transport: {max_message: 2 apples}", "1 bytes.invalid transport.max_message"),
            ("worker", "halt_after: soon", "1 duration.invalid halt_after"),
            ("worker", "shutdown_grace: 2h", "1 value.outOfRange shutdown_grace"),
            ("worker", "class: live", "1 value.conflict class"),
            ("worker", "live:\n  enabled: yes", "2 value.type live.enabled"),
            ("worker", "endpoints:\n  jobs: inproc://x", "2 endpoint.invalid endpoints.jobs"),
            ("worker", "endpoints: {jobs: 'tcp://host'}", "1 endpoint.invalid endpoints.jobs"),
            ("worker", "endpoints: {jobs: 'tcp://host:0'}", "1 endpoint.invalid endpoints.jobs"),
            ("worker", "endpoints: {jobs: 'tcp://host:99999'}", "1 endpoint.invalid endpoints.jobs"),
            ("worker", "endpoints: {jobs: 'ipc://relative'}", "1 endpoint.invalid endpoints.jobs"),
            ("worker", "encryption: off\nendpoints:\n  jobs: tcp://10.0.0.1:5601", "3 endpoint.unencrypted endpoints.jobs"),
            (
                "worker", "encryption: off\nmonitors:\n  - {name: a, guard: 'tcp://h:1'}",
                "3 endpoint.unencrypted monitors[0].guard"
            ),
            ("worker", "monitors:\n  - {guard: 'tcp://h:1'}", "2 key.missing monitors[0].name"),
            ("worker", "monitors:\n  - {name: a}\n  - {name: a}", "3 value.conflict monitors[1].name"),
            ("coordinator", "store: {durability: half}", "1 value.notAllowed store.durability"),
            ("coordinator", "store: {durability: volatile}\nlive: {enabled: true}", "1 value.conflict store.durability"),
            ("coordinator", "encryption: off\nlive: {enabled: true}", "1 endpoint.unencrypted encryption"),
            ("coordinator", "leases: {heartbeat: 5s}", "1 value.conflict leases.worker"),
            ("coordinator", "jobs: {back_off: 10s, max_back_off: 1s}", "1 value.conflict jobs.max_back_off"),
            ("coordinator", "transport: {max_message: 1}", "1 value.outOfRange transport.max_message"),
            ("coordinator", "log: {level: loud}", "1 value.notAllowed log.level"),
            ("coordinator", "store: full", "1 value.type store"),
            ("coordinator", portfolio("currency: USDT", ""), "3 key.missing portfolio.currency"),
            ("coordinator", portfolio("currency: USDT", "currency: ''"), "2 value.outOfRange portfolio.currency"),
            ("coordinator", portfolio("max_exposure: 10000.5", ""), "2 key.missing portfolio.max_exposure"),
            ("coordinator", portfolio("max_exposure: 10000.5", "max_exposure: 0"), "3 value.outOfRange portfolio.max_exposure"),
            ("coordinator", portfolio("max_exposure: 10000.5", "max_exposure: 80%"), "3 value.type portfolio.max_exposure"),
            ("coordinator", portfolio("max_open_orders: 20", ""), "2 key.missing portfolio.max_open_orders"),
            (
                "coordinator", portfolio("max_open_orders: 20", "max_open_orders: 0"),
                "4 value.outOfRange portfolio.max_open_orders"
            ),
            ("coordinator", portfolio("max_daily_loss: 500", ""), "2 key.missing portfolio.max_daily_loss"),
            (
                "coordinator", portfolio("max_daily_loss: 500", "max_loss: 500"),
                "2 key.missing portfolio.max_daily_loss|5 key.unknown portfolio.max_loss"
            ),
            ("coordinator", portfolio("accounts: {main: 2, side: 1}", ""), "2 key.missing portfolio.accounts"),
            ("coordinator", portfolio("accounts: {main: 2, side: 1}", "accounts: {}"), "6 value.outOfRange portfolio.accounts"),
            ("coordinator", portfolio("accounts: {main: 2, side: 1}", "accounts: [main]"), "6 value.type portfolio.accounts"),
            ("coordinator", portfolio("main: 2", "main: 0"), "6 value.outOfRange portfolio.accounts.main"),
            ("coordinator", portfolio("main: 2", "main: 1.5"), "6 value.type portfolio.accounts.main"),
            ("coordinator", portfolio("main: 2", "main: null"), "6 key.missing portfolio.accounts.main"),
            ("monitor", "trading_lease: {duration: 300ms}", "1 value.outOfRange trading_lease.duration"),
            ("monitor", "trading_lease: {duration: 6s}", "1 value.outOfRange trading_lease.duration"),
            ("monitor", "halt: {repeat: 2s}", "1 value.outOfRange halt.repeat"),
            ("monitor", "beacon: {intervall: 1s}", "1 key.unknown beacon.intervall"),
            ("monitor", "a: [", "2 file.syntax "),
            ("monitor", "- 1", "1 file.notAnObject "),
            ("monitor", "name: a\nname: b", "1 file.syntax "),
        ])
    func `a wrong role file gives its one problem with its line`(role: String, text: String, expected: String) {
        #expect(problems(role, text).sorted() == expected.split(separator: "|").map(String.init))
    }

    @Test func `a portfolio is read, and there is none where nothing is said`() throws {
        let text = portfolio("", "")
        let found = try CoordinatorConfiguration.load(path: "c.yaml", source: .memory(["c.yaml": text])).portfolio
        let portfolio = try #require(found)
        #expect(portfolio.currency == "USDT" && portfolio.maxExposure == 10_000.5 && portfolio.maxOpenOrders == 20)
        #expect(portfolio.maxDailyLoss == 500 && portfolio.weights == ["main": 2, "side": 1])
        #expect(try CoordinatorConfiguration.load(path: nil).portfolio == nil)
    }

    @Test func `values are read with their units`() throws {
        let text = """
            class: dry-run
            name: w-1
            capacity: 1_0
            transport: {max_message: 1GiB}
            halt_after: 1.5m
            shutdown_grace: 250ms
            data: ../data
            endpoints: {jobs: 'tcp://127.0.0.1:5601'}
            monitors:
              - {name: a, guard: 'tcp://[::1]:1', beacon: 'ipc:///run/b.sock'}
              - name: b
            """
        let worker = try WorkerConfiguration.load(path: "conf/w.yaml", source: .memory(["conf/w.yaml": text]))
        #expect(worker.workerClass == .dryRun)
        #expect(worker.capacity == 10)
        #expect(worker.settings.maxMessageBytes == 1 << 30)
        #expect(worker.haltAfter == .seconds(90))
        #expect(worker.shutdownGrace == .milliseconds(250))
        #expect(worker.dataFolder == "conf/../data")
        #expect(worker.jobs?.isLocal == true)
        #expect(worker.monitors.map(\.name) == ["a", "b"])
        #expect(worker.monitors.first?.guardEndpoint?.isLocal == true)
    }

    @Test(arguments: [
        ("worker", "parallelism: 1"), ("worker", "memory: 2GiB"), ("worker", "credentials: c.yaml"),
        ("worker", "endpoints: {events: 'tcp://127.0.0.1:1'}"),
        ("monitor", "trading_lease: {renewal: 200ms}"), ("monitor", "endpoints: {telemetry: 'tcp://127.0.0.1:1'}"),
        ("monitor", "endpoints: {events: 'tcp://127.0.0.1:1'}"),
        ("coordinator", "monitors: [{name: a, telemetry: 'tcp://127.0.0.1:1'}]"),
    ])
    func `a key without an effect is not accepted`(role: String, text: String) {
        let found = problems(role, text)
        #expect(found.count == 1 && found[0].contains("key.unknown"), "\(found)")
    }

    @Test func `variables win over the file, and their problems name them`() throws {
        let source = FileSource.memory(["c.yaml": "store: {durability: full}\nworkers: {max: 5}"])
        let good = try CoordinatorConfiguration.load(
            path: "c.yaml",
            environment: ["PRAGMA__STORE__DURABILITY": "volatile", "PRAGMA__LEASES__WORKER": "20s", "PRAGMA_HOME": "/x"],
            source: source)
        #expect(good.durability == .volatile)
        #expect(good.workerLease == .seconds(20))
        #expect(good.maxWorkers == 5)
        do throws(ConfigurationError) {
            _ = try CoordinatorConfiguration.load(path: "c.yaml", environment: ["PRAGMA__WORKERS__MAX": "many"], source: source)
            Issue.record("loaded")
        } catch {
            #expect(error.problems.map(\.location.description) == ["environment PRAGMA__WORKERS__MAX"])
        }
    }

    @Test func `every problem of a role file is found at once`() {
        let text = "class: none\ncapacity: -1\nendpoints:\n  jobs: x\nlog:\n  level: 5\n"
        #expect(
            problems("worker", text) == [
                "1 value.notAllowed class", "2 value.outOfRange capacity", "4 endpoint.invalid endpoints.jobs",
                "6 value.type log.level",
            ])
    }

    @Test func `a YAML file cannot grow without bound`() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<20 {
            let alias = "*a\(level - 1)"
            bomb += "a\(level): &a\(level) [" + Array(repeating: alias, count: 10).joined(separator: ", ") + "]\n"
        }
        let texts = [
            bomb, String(repeating: "[", count: 50_000), String(repeating: "- ", count: 50_000),
            String(repeating: "{a: ", count: 2000),
            "? [a, b]\n: c", "a: *nowhere", "\0", String(repeating: "a", count: 2 << 20),
        ]
        for text in texts {
            #expect(throws: JSONReader.SyntaxError.self) { try YAMLReader.read(Array(text.utf8), origin: .none) }
        }
    }

    @Test func `words of YAML stay texts`() throws {
        let value = try YAMLReader.read(
            Array("a: yes\nb: on\nc: 0x10\nd: 1_000\ne: '5'\nf: ~\ng: 20240101-20240201\nh: .5\n".utf8), origin: .none)
        #expect(["a", "b", "c", "e", "g", "h"].allSatisfy { value[$0]?.string != nil })
        #expect(value["d"]?.number?.integer == 1000)
        #expect(value["f"]?.isNull == true)
    }

    @Test func `mutated role files give a configuration or problems, never a trap`() throws {
        let seed: UInt64 = 31
        var generator = SeededGenerator(seed: seed)
        var good = 0
        for name in ["coordinator", "worker", "monitor"] {
            let start = try FileSource.disk.read(Place.configs + "/\(name).yaml", 1 << 20)
            for _ in 0..<400 {
                var bytes = start
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[place] = .random(in: 0...255, using: &generator)
                    case 1: bytes.removeSubrange(place..<min(bytes.count, place + 12))
                    default:
                        bytes.insert(
                            contentsOf: Array("&a *a : - [ ] { } | > ! % @".utf8.shuffled(using: &generator).prefix(3)), at: place
                        )
                    }
                }
                let copy = bytes
                let source = FileSource { (_, _) throws(FileSource.ReadError) in copy }
                good += problemsOrNone(name, source) ? 1 : 0
            }
        }
        print("role file mutation: \(good) of 1200 were good")
        #expect(good > 100)
    }

    private func problemsOrNone(_ role: String, _ source: FileSource) -> Bool {
        switch role {
        case "coordinator": (try? CoordinatorConfiguration.load(path: "r", source: source)) != nil
        case "worker": (try? WorkerConfiguration.load(path: "r", source: source)) != nil
        default: (try? MonitorConfiguration.load(path: "r", source: source)) != nil
        }
    }
}

@Suite struct AlertConfigurationTests {
    private func problem(_ url: String) -> String? {
        do throws(WebhookAddress.Problem) { _ = try WebhookAddress(url) } catch { return error.problem }
        return nil
    }

    @Test(arguments: [
        ("https://hooks.example.com/services/T0/B0?x=1&y=%20", "hooks.example.com", 443, "/services/T0/B0", "x=1&y=%20"),
        ("https://hooks.example.com", "hooks.example.com", 443, "/", ""),
        ("https://h.example:8443?a", "h.example", 8443, "/", "a"),
        ("http://127.0.0.1:9000/a#part", "127.0.0.1", 9000, "/a", ""),
        ("http://[::1]:9000/a", "::1", 9000, "/a", ""),
        ("http://localhost/a", "localhost", 80, "/a", ""),
    ])
    func `a webhook's address is read into its parts`(_ url: String, _ host: String, _ port: Int, _ path: String, _ query: String)
        throws
    {
        let address = try WebhookAddress(url)
        #expect(address.host == host && address.port == port && address.path == path && address.query == query)
    }

    @Test(arguments: [
        "", "ftp://h/x", "https://", "https:///x", "https://user:word@h/x", "https://h:0/x", "https://h:99999/x",
        "https://a:b:c/x",
        "https://h/a b", "https://h/\u{e9}", "http://hooks.example.com/x", "http://127.0.0.1.evil.com/x", "http://127.1/x",
        "https://h/" + String(repeating: "x", count: 2048),
    ])
    func `what is no address of a webhook is refused without being shown`(_ url: String) {
        let found = problem(url)
        #expect(found != nil && (url.count < 9 || found?.contains(url) == false))
    }

    @Test func `path and query are shown nowhere`() throws {
        let address = try WebhookAddress("https://hooks.example.com/SECRET?token=SECRET")
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), dumped, "\(Optional(address) as Any)"] {
            #expect(!text.contains("SECRET"), "\(text)")
        }
        var whole = ""
        let worker = try WorkerConfiguration.load(
            path: "w.yaml",
            source: .memory(["w.yaml": "alerts: {webhook: 'https://h.example/SECRET', level: error, repeat: 1m, per_minute: 3}"]))
        dump(worker, to: &whole)
        #expect(!whole.contains("SECRET"))
        #expect(worker.alerts.level == .error && worker.alerts.interval == .seconds(60) && worker.alerts.perMinute == 3)
    }

    @Test func `a wrong section gives its problems, without the secret`() {
        let source = FileSource.memory([
            "c.yaml": "alerts: {webhook: 'http://h.example/SECRET', level: loud, repeat: 0s, mail: x}"
        ])
        do throws(ConfigurationError) {
            _ = try CoordinatorConfiguration.load(path: "c.yaml", source: source)
            Issue.record("loaded")
        } catch {
            #expect(error.problems.map(\.key).sorted() == ["alerts.level", "alerts.mail", "alerts.repeat", "alerts.webhook"])
            #expect(!"\(error)".contains("SECRET"))
        }
    }

    @Test func `a variable names the webhook, so that no file needs to`() throws {
        let worker = try WorkerConfiguration.load(path: nil, environment: ["PRAGMA__ALERTS__WEBHOOK": "https://h.example/x"])
        #expect(worker.alerts.webhook?.host == "h.example")
        #expect(throws: ConfigurationError.self) {
            try MonitorConfiguration.load(path: nil, environment: ["PRAGMA__ALERTS__WEBHOOK": "https://h.example/x"])
        }
    }
}
