import Foundation

/// The benchmarks of the fleet, the engine and the exchanges. Started by `deploy/bench`, which builds what is measured.
@main
enum Bench {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
            let table = Table(isJSON: options.isJSON)
            table.begin()
            for name in options.names {
                guard let benchmark = all.first(where: { $0.name == name }) else { continue }
                do {
                    let rows = try benchmark.run(options)
                    for row in rows { table.print(row) }
                    for row in try Peers.rows(options, name, beside: rows) { table.print(row) }
                } catch {
                    table.print(Row(name, failure: "\(error)"))
                }
            }
            table.end()
            exit(table.hasFailed ? 1 : 0)
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(2)
        }
    }

    /// One benchmark: its name on the command line and what measures its rows.
    struct Benchmark: Sendable {
        var name: String
        var run: @Sendable (Options) throws -> [Row]
    }

    static let all = [
        Benchmark(name: "durable") { try Throughput.rows($0, durable: true) },
        Benchmark(name: "volatile") { try Throughput.rows($0, durable: false) },
        Benchmark(name: "latency") { try Latency.rows($0) },
        Benchmark(name: "memory") { try Memory.rows($0) },
        Benchmark(name: "restart") { try Restart.rows($0) },
        Benchmark(name: "idle") { try Idle.rows($0) },
        Benchmark(name: "engine") { try Engine.rows($0) },
        Benchmark(name: "matching") { try OrderMatching.rows($0) },
        Benchmark(name: "decode") { try Decoding.rows($0) },
        Benchmark(name: "paper-exchange") { try PaperOrders.rows($0) },
        Benchmark(name: "trading") { try CandleToOrder.inMemory($0) },
        Benchmark(name: "trading-disk") { try CandleToOrder.onDisk($0) },
        Benchmark(name: "orders") { try OrderDecoding.rows($0) },
        Benchmark(name: "dry-run-feed") { try DryRunFeed.rows($0) },
        Benchmark(name: "dry-run-memory") { try DryRunMemory.rows($0) },
    ]
}

/// What went wrong, for people.
struct BenchError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// What the command line and the environment say.
struct Options {
    var names: [String]
    var isJSON: Bool
    /// The `pragma` executable that is measured.
    var pragma: String
    /// The folder with the C references.
    var reference: String
    /// The folder of the corpus; nil: none is there.
    var corpus: String?
    /// The Python that has the peers; nil: they are not asked for.
    var peerPython: String?
    /// The folder with the peers' scripts.
    var peerScripts: String
    /// How often each measurement of a rate is taken; the median counts.
    var rounds: Int

    init(_ arguments: [String], _ environment: [String: String]) throws {
        let known = Bench.all.map(\.name)
        isJSON = arguments.contains("--json")
        let asked = arguments.filter { $0 != "--json" && $0 != "--peers" }
        if let wrong = asked.first(where: { !known.contains($0) }) {
            throw BenchError("there is no benchmark '\(wrong)'; there are \(known.joined(separator: ", ")), and --json, --peers")
        }
        names = asked.isEmpty ? known : asked
        guard let pragma = environment["PRAGMA_BIN"], let reference = environment["BENCH_REFERENCE"] else {
            throw BenchError("PRAGMA_BIN and BENCH_REFERENCE are not set; start the benchmarks with deploy/bench")
        }
        peerScripts = environment["BENCH_PEER_SCRIPTS"] ?? ""
        if arguments.contains("--peers") {
            guard let python = environment["BENCH_PEER_PYTHON"], !peerScripts.isEmpty else {
                throw BenchError("BENCH_PEER_PYTHON and BENCH_PEER_SCRIPTS are not set; start the benchmarks with deploy/bench")
            }
            peerPython = python
        }
        self.pragma = pragma
        self.reference = reference
        corpus = environment["PRAGMA_CORPUS"].flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
        rounds = max(1, environment["BENCH_ROUNDS"].flatMap { Int($0) } ?? 3)
    }
}
