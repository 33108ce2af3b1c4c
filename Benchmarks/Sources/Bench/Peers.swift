import Foundation

/// Other systems that did the same in the same run: the scripts in `Benchmarks/Peers`.
enum Peers {
    /// After this a script is ended with all that it started.
    private static let seconds = 900

    /// What stands beside a benchmark; each row has the ratio of ours to it.
    static func rows(_ options: Options, _ benchmark: String, beside ours: [Row]) throws -> [Row] {
        guard let python = options.peerPython else { return [] }
        var rows: [Row] = []
        for command in commands(benchmark, rounds: options.rounds) {
            let arguments = ["\(options.peerScripts)/supervise.py", "\(seconds)"] + command
            let lines = try Command.output(python, arguments).split(separator: "\n")
            rows += try lines.map { try row(JSONDecoder().decode(Line.self, from: Data($0.utf8)), ours) }
        }
        return rows
    }

    private static func row(_ line: Line, _ ours: [Row]) throws -> Row {
        let same = ours.first { $0.what == line.what }
        guard same != nil || line.value == nil else { throw BenchError("\(line.peer): no row of ours is '\(line.what)'") }
        return Row(peer: line, ours: same)
    }

    private static func commands(_ benchmark: String, rounds: Int) -> [[String]] {
        switch benchmark {
        case "durable": [["celery_jobs.py", "jobs", "\(rounds)"]]
        case "volatile": [["ray_jobs.py", "jobs", "\(rounds)"], ["dask_jobs.py", "jobs", "\(rounds)"]]
        case "latency": [["ray_jobs.py", "latency"], ["dask_jobs.py", "latency"]]
        case "memory": [["celery_jobs.py", "memory"], ["dask_jobs.py", "memory"]]
        case "engine": [["freqtrade_loop.py", "\(rounds)"]]
        case "trading-disk": [["freqtrade_trading.py", "latency"]]
        case "dry-run-memory": [["freqtrade_trading.py", "memory"]]
        case "dry-run-feed": [["nautilus_feed.py", "\(rounds)"]]
        default: []
        }
    }

    /// What a script prints, one a line.
    struct Line: Decodable {
        var what: String
        var peer: String
        /// Nil: it could not be measured, `note` says why.
        var value: Double?
        var unit: String
        var note: String
    }
}
